"""Rounds and school visits with forms of another name: what follows from an answer goes by its question."""

from dataclasses import replace
from pathlib import Path

import pytest

from sandwich.definitions.library import Library
from sandwich.definitions.playbooks import load_playbooks
from sandwich.runtime import Runtime
from tests.services.test_kinds import EVENING, PEOPLE, SCHOOL_VISIT, TEACHERS
from tests.support.cast import Cast
from tests.support.driver import Play
from tests.support.living import Living

pytestmark = [pytest.mark.asyncio, pytest.mark.story]
ROOT = Path(__file__).parents[2]


def renamed(runtime: Runtime, folder: Path, kind: str, **names: str) -> Runtime:
    """Return an installation with a copy of a kind, ``own``, whose forms are copies with these other names."""
    forms = folder / "forms"
    forms.mkdir()
    playbook = (
        (ROOT / "playbooks" / f"{kind}.yaml").read_text(encoding="utf-8").replace(f"key: {kind}\n", "key: own\n", 1)
    )
    for name, other in names.items():
        name = name.replace("_", "-")
        form = (ROOT / "forms" / f"{name}.yaml").read_text(encoding="utf-8")
        form = form.replace(f"key: {name}\n", f"key: {other}\n", 1).replace("\ncode: F", "\ncode: E", 1)
        (forms / f"{other}.yaml").write_text(form, encoding="utf-8")
        assert f"form: {name}" in playbook
        playbook = playbook.replace(f"form: {name}", f"form: {other}")
    (folder / "own.yaml").write_text(playbook, encoding="utf-8")
    library = Library.load([forms])
    return replace(runtime, library=replace(library, playbooks=load_playbooks(library, [folder])))


async def test_who_wants_to_go_on_talking_is_matched(runtime: Runtime, cast: Cast, tmp_path: Path) -> None:
    play = await Play.begin(
        renamed(runtime, tmp_path, "speeddates", round_card="table-card"),
        cast,
        kind="own",
        title="Tafels",
        purpose="relation",
        company=None,
        hosts=["L1"],
        deputy=None,
        teachers=TEACHERS,
        trip_leader="T1",
        others=PEOPLE,
        place="Aula",
        dates=EVENING,
    )
    await Living(play).to("2027-03-01 12:00")
    asked = {item.form for item in await play.invitations("T1")}
    assert "table-card" in asked
    assert "round-card" not in asked
    assert len((await play.loaded()).pairs) == 36


async def test_what_visitors_saw_comes_together(runtime: Runtime, cast: Cast, tmp_path: Path) -> None:
    own = renamed(runtime, tmp_path, "school-visit", visit_question="house-question", viewing_framework="looking-glass")
    play = await Play.begin(
        own, cast, words=True, deputy=None, trip_leader=None, **{**SCHOOL_VISIT, "kind": "own", "variant": "visitation"}
    )
    says = {
        "house-question": {"question_1": "Hoe houden wij leerlingen aan het werk?"},
        "looking-glass": {"my_question": "question_1", "see": "Iedereen was na vijf minuten bezig."},
    }
    await Living(play, says).to("2026-12-20 12:00")
    asked = {item.form for item in await play.invitations("T1")}
    assert "looking-glass" in asked
    assert "viewing-framework" not in asked
    [written] = [
        text for mail, to, text in play.letters if to == "L3" and "Iedereen was na vijf minuten bezig." in text
    ]
    assert "Hoe houden wij leerlingen aan het werk?" in written
