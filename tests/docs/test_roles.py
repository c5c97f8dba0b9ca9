"""``docs/roles.md`` shows the table of rights as the code has it, and the playbooks ask nobody for more than that."""

import re
from pathlib import Path

from models.rights import RIGHTS, Right
from models.roles import Role
from sandwich.definitions.library import Library

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
ROW = re.compile(r"^\| `([a-z_]+)` ((?:\| [● ] )+)\|$", re.MULTILINE)

ONLY = {
    "approval": Right.APPROVE,
    "card-release": Right.RELEASE,
    "visit-feedback": Right.JOIN_NOTES,
}
"""Forms that nobody is asked who has not this right."""


def test_the_page_has_every_role_and_right() -> None:
    """A column for each right, in the order of the code; a mark where the role has it."""
    rows = {
        name: [cell.strip() == "●" for cell in cells.split("|")[1:]] for name, cells in ROW.findall(PAGE.read_text())
    }
    assert rows == {role.value: [right in rights for right in Right] for role, rights in RIGHTS.items()}


def test_every_role_stands_in_the_table() -> None:
    """A new role has its rights said."""
    assert {role for role in RIGHTS if isinstance(role, Role)} == set(Role)


def test_nobody_is_asked_what_they_have_no_right_to_say(library: Library) -> None:
    """Who leads or employs somebody approves, who receives releases, and the chair joins the notes of a team."""
    asked = {
        (ask.form if ask.variant != "host" else "", ask.to)
        for playbook in library.playbooks.values()
        for step in playbook.steps
        for ask in step.asks
    }
    for form, right in ONLY.items():
        roles = {role for name, role in asked if name == form}
        assert roles, form
        assert all(right in RIGHTS[role] for role in roles), (form, roles)
