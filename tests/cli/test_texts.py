"""Own texts on the command line, as they are typed."""

from pathlib import Path

from tests.cli.conftest import Run


def test_a_text_is_set_seen_listed_and_reset(small_installation: dict[str, str], here: Run, tmp_path: Path) -> None:
    possible = here(small_installation, "texts", "list", "--possible")
    assert "goals: school; {activity} {reader} {company}" in possible.out
    before = here(small_installation, "texts", "preview", "goals")
    assert (before.code, "Onderwerp: …: wat wil jij leren?" in before.out) == (0, True), before.err

    said = here(small_installation, "texts", "set", "goals", "ask", "jouw doel voor {date}")
    assert said.code == 0, said.err
    (tmp_path / "slot.txt").write_text("Tot dan!\nGroet van {coordinator}", encoding="utf-8")
    assert here(small_installation, "texts", "set", "goals", "closing", "--file", "slot.txt").code == 0
    listed = here(small_installation, "texts", "list").out
    assert "goals  nl  school  ask: jouw doel voor {date}" in listed
    assert "Tot dan! / Groet van {coordinator}" in listed
    seen = here(small_installation, "texts", "preview", "goals").out
    assert "Onderwerp: …: jouw doel voor donderdag 5 november" in seen
    assert "Tot dan!" in seen
    assert "Met de langste namen" in seen

    assert here(small_installation, "texts", "reset", "goals").code == 0
    assert here(small_installation, "texts", "preview", "goals").out == before.out
    assert here(small_installation, "audit", "verify").code == 0


def test_what_cannot_be_is_told_and_changes_nothing(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    for arguments, told in (
        (("goals", "ask", "voor {datum}"), "{datum}: zo heet niets in de mail goals. Er zijn: {activity}"),
        (("goals", "ask", "x" * 121), "121 tekens, en 120 is het meeste"),
        (("goals", "ask", "  "), "staan geen woorden"),
        (("goals", "ask", "x", "--to", "hosts"), "gaat niet naar deze lezers"),
        (("goal", "ask", "x"), "Er is geen mail goal "),
        (("goals", "ask", "x", "--of", "nergens"), "Zeg van wie deze woorden zijn"),
        (("goals", "closing", "--file", "latin.txt"), "niet in UTF-8"),
    ):
        said = here(small_installation, "texts", "set", *arguments)
        assert (said.code, told in said.err) == (1, True), said.err
    assert "verwoordt niets zelf" in here(small_installation, "texts", "list").out
