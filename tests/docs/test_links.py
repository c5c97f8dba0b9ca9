"""What the documentation points at exists, and what it says can be typed can be typed."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from sandwich.cli.program import program

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"`((?:flows|tasks|models|sandwich|playbooks|forms|templates|tests|docs|benchmarks)/[\w./-]*)`")


def _named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        assert (page.parent / path).exists() if path else anchor, f"{target} leads nowhere"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_files_that_are_named_exist(page: Path) -> None:
    for name in FILE.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), f"{name} does not exist"


def _commands() -> dict[str, object]:
    """Every command by the words that are typed, with its options."""
    found: dict[str, object] = {}

    def walk(words: tuple[str, ...], command: object) -> None:
        inner = getattr(command, "commands", None)
        if inner is None or (getattr(command, "invoke_without_command", False) and words):
            found[" ".join(words)] = command
        for name, one in (inner or {}).items():
            walk((*words, name), one)

    walk((), get_command(program))
    return found


def test_every_command_is_in_the_documentation() -> None:
    text = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    for words in _commands():
        assert re.search(rf"`sandwich {words}\b", text), f"docs/running.md does not name `sandwich {words}`"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_commands_that_are_named_exist(page: Path) -> None:
    known = _commands()
    groups = {words.split()[0] for words in known if " " in words}
    typed = re.findall(
        r"`(?:\.venv/bin/)?sandwich((?: --(?:demo|debug))* [a-z][^`…\n]*)`", page.read_text(encoding="utf-8")
    )
    for line in typed:
        words = [word for word in shlex.split(line.replace("|", " ")) if word not in {"--demo", "--debug"}]
        both = " ".join(words[:2])
        name = both if words[0] in groups and both in known else words[0]
        assert name in known, f"`sandwich{line}`: there is no such command"
        options = {option for parameter in known[name].params for option in parameter.opts}  # type: ignore[attr-defined]
        for word in re.findall(r"--[a-z-]+", " ".join(words)):
            assert word in options, f"`sandwich{line}`: there is no {word}"


def test_targets_that_are_named_exist() -> None:
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert target in made, f"{page.name}: there is no `make {target}`"
