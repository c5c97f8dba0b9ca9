"""``docs/security.md`` names all 25 controls, where each is in the code and the tests that show it; and what the source
alone can show.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
SOURCES = ("flows", "tasks", "models", "sandwich")
NAME = re.compile(r"test_control_(\d\d)_\w+")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


def rows() -> dict[int, tuple[str, str, str]]:
    """Return the table: by number what is controlled, where, and how it is shown."""
    return {int(number): rest for number, *rest in ROW.findall(PAGE.read_text(encoding="utf-8"))}  # type: ignore[misc]


def collected() -> Iterator[tuple[str, str]]:
    """Yield the file and name of every test that pytest collects and that is named after a control."""
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_control_"):
                yield path.relative_to(ROOT).as_posix(), node.name


def trees() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of ours, parsed."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_all_25_controls_stand_there_in_their_order() -> None:
    assert list(rows()) == list(range(1, 26))


def test_each_control_has_tests_named_after_it_and_each_such_test_stands_in_its_row() -> None:
    shown = {number: set(CODE.findall(how)) for number, (_, _, how) in rows().items()}
    written: dict[int, set[str]] = {number: set() for number in shown}
    for file, name in collected():
        found = NAME.fullmatch(name)
        assert found is not None, f"{file}: {name} has no number of two figures"
        written[int(found[1])].add(file)
    assert {number for number, files in written.items() if not files} == set(), "controls without a test"
    assert {number: files ^ shown[number] for number, files in written.items() if files != shown[number]} == {}


def test_every_module_that_is_named_exists() -> None:
    for number, (_, where, _) in rows().items():
        named = CODE.findall(where)
        assert named, f"control {number} names no module"
        for module in named:
            is_file = (ROOT / module).is_file() or ("/" not in module and importlib.util.find_spec(module) is not None)
            assert is_file, f"control {number} names {module}, which is not there"


def test_control_02_nothing_is_ever_handed_to_a_waiting_run() -> None:
    """Prefect fills in templates in what a run is resumed with: nothing that anybody typed may get there."""
    given = [
        (path, keyword.arg)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in {"run_input", "wait_for_input"}
    ]
    assert given == []


def test_control_08_nothing_is_taken_for_markup_that_we_did_not_write() -> None:
    marked = [
        path
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Markup"
    ]
    assert sorted(set(marked)) == sorted(MARKED)
    templates = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]
    assert len(templates) > 100
    unescaped = re.compile(
        r"\|\s*safe\b|autoescape\s+false|<script(?![^>]*\bsrc=)|\son[a-z]+=|javascript:", re.IGNORECASE
    )
    assert [path.name for path in templates if unescaped.search(path.read_text(encoding="utf-8"))] == []


MARKED = ("sandwich/mail/render.py",)
"""Where words of ours become markup, each part of a person's in it escaped before."""


def test_control_20_no_address_that_somebody_is_led_to_comes_from_what_they_sent() -> None:
    """Every redirect begins with an address of ours; none is built from a field, a query or a header."""
    led = [
        (path, ast.unparse(node.args[0]))
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RedirectResponse"
    ]
    assert len(led) > 20
    assert [(path, to) for path, to in led if not OURS.match(to)] == []
    taken = re.compile(r"query_params|headers|cookies|posted|\.form\b|referer|next\b")
    assert [(path, to) for path, to in led if taken.search(to)] == []


OURS = re.compile(r"(\w+|pages_of\(request\))\.path\(|(f'\{)?\w+\.(form_)?address\(|f'\{address\}|address$")
"""How an address of ours begins: made by the pages, by a visit, or by what such a function gave."""

FETCHES = frozenset(
    {"httpx", "requests", "urllib.request", "aiohttp", "urllib3", "http.client", "ftplib", "websockets"}
)
OUTBOUND = {
    "sandwich/hooks/deliver.py": "what an administrator listed: nobody else can name an address",
    "sandwich/orchestration/keeping.py": "Prefect",
    "sandwich/orchestration/run_client.py": "Prefect",
    "sandwich/orchestration/server.py": "Prefect",
    "sandwich/orchestration/tokens.py": "Prefect",
    "sandwich/orchestration/watched.py": "Prefect",
    "sandwich/services/oidc.py": "the provider of accounts that an administrator set, and what it names itself",
    "sandwich/running/examine.py": "our own pages and Prefect, asked by the doctor",
    "sandwich/running/front.py": "our own pages, asked by the doctor",
}
"""Who may ask an address over http, and whose: all of them come from the settings."""


def test_control_21_nobody_fetches_an_address_that_somebody_typed() -> None:
    asking = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if FETCHES & {*names, *(name.partition(".")[0] for name in names)}:
                asking.add(path)
    assert asking == set(OUTBOUND)


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_control_25_every_dependency_is_locked_with_its_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    locked = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(locked) > 50
    assert [line[:40] for line in locked if "==" not in line or "--hash=sha256:" not in line] == []
    assert "--require-hashes" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url", text), "no index is named: whose mirror it is, is not ours to say"
