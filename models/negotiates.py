"""What people agree on in versions: who drafts, who answers, and who says yes to the same version after them."""

from typing import Self

from pydantic import model_validator

from models.roles import Role
from models.text import Definition, Key, Misfit


class Negotiates(Definition):
    """An agreement in one form, between the people of some roles.

    ``drafts`` writes the first version and ``answers`` replies to it; once these two want the same, each of ``agrees``
    is asked for a yes to that version. Where several people have a role, one of them speaks for it. Each party has the
    form as the step asks it of that role; what a party cannot fill in stays as it is. ``subject`` tells two agreements
    in the same form apart.
    """

    form: Key
    subject: Key | None = None
    drafts: Role
    answers: Role
    agrees: tuple[Role, ...] = ()

    @model_validator(mode="after")
    def _has_different_parties(self) -> Self:
        if len(set(self.parties)) < len(self.parties):
            raise Misfit(
                "negotiates noemt een rol twee keer; met zichzelf spreekt niemand iets af",
                "negotiates names a role twice; nobody agrees with themselves",
            )
        return self

    @property
    def about(self) -> str:
        """What the agreement is called: its subject, else its form."""
        return self.subject or self.form

    @property
    def parties(self) -> tuple[Role, ...]:
        """Everybody who must say yes to the same version, in the order in which they are asked."""
        return (self.drafts, self.answers, *self.agrees)
