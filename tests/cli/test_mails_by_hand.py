"""Single mails of the outbox by the command line: hold, release, edit, send, discard."""

import sqlite3
from pathlib import Path

from tests.cli.conftest import Run


def test_a_mail_is_held_worded_released_and_thrown_away(
    small_installation: dict[str, str], here: Run, tmp_path: Path
) -> None:
    file = Path(small_installation["SANDWICH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
    now = "2026-09-24 08:00:00.000000"
    with sqlite3.connect(file) as database:
        [(person,)] = database.execute("SELECT id FROM person WHERE code = 'C1'")
        database.executemany(
            "INSERT INTO message (id, key, person_id, mail, about, state, queued_at, due_at, attempts)"
            " VALUES (?, ?, ?, 'tell', '{}', 'queued', ?, ?, 0)",
            [(letter * 24, letter, person, now, now) for letter in ("m", "n")] + [("mn" * 12, "mn", person, now, now)],
        )

    def state() -> tuple[str, str | None]:
        with sqlite3.connect(file) as database:
            [found] = database.execute("SELECT state, word FROM message WHERE key = 'n'")
        return found

    held = here(small_installation, "outbox", "hold", "nnnn")
    assert (held.code, held.err) == (0, "")
    assert "Vastgehouden: 1 van 1." in held.out
    assert state() == ("held", None)
    assert here(small_installation, "outbox", "hold", "nnnn").code == 1, "held already"

    word = tmp_path / "word.txt"
    word.write_text("Tot morgen!\n", encoding="utf-8")
    assert here(small_installation, "outbox", "edit", "nnnn", "--word", str(word)).code == 0
    assert state() == ("held", "Tot morgen!")

    assert "Gaan weg" in here(small_installation, "outbox", "release", "nnnn").out
    assert state() == ("queued", "Tot morgen!")
    assert here(small_installation, "outbox", "send", "nnnn", "mmmm").out.strip() == "Gaan weg zodra het mag: 2 van 2."
    assert here(small_installation, "outbox", "discard", "nnnn").code == 0
    assert state() == ("discarded", "Tot morgen!")

    several = here(small_installation, "outbox", "discard", "m")
    assert several.code
    assert "Meer mails beginnen met m" in several.err
    assert here(small_installation, "outbox", "discard", "zzzz").code
