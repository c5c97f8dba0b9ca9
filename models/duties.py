"""What the rows of a table become once they are agreed: something that somebody does, or comes to, on a day."""

from typing import TYPE_CHECKING

from pydantic import Field

from models.question_types import QuestionType
from models.roles import Role
from models.text import Definition, Key, Misfit, Text

if TYPE_CHECKING:
    from models.question import Column


class Duties(Definition):
    """Who takes a row of a table, and when it is due.

    ``who`` names the column that says who; ``takers`` the roles behind each of its options: everybody in the first of
    them that the activity has. An option without an entry is for all of them together, one with an empty entry for
    nobody. Without ``who`` a row is for every party of the agreement. ``on`` names the column with the day, ``begins``
    and ``ends`` those with the hours. Whoever took a row that has a day gets it in the calendar, and is reminded of it
    unless ``reminds`` is false.
    """

    who: Key | None = None
    takers: dict[Key, tuple[Role, ...]] = Field(default_factory=dict)
    on: Key | None = None
    begins: Key | None = None
    ends: Key | None = None
    reminds: bool = True

    def check(self, what: Text, columns: "tuple[Column, ...]") -> None:
        """Raise ``Misfit`` where a column that is named is none of ``columns``, or of another type."""
        types = {column.key: column.type for column in columns}
        for name, fitting in (
            (self.who, QuestionType.SINGLE),
            (self.on, QuestionType.DATE),
            (self.begins, QuestionType.TIME),
            (self.ends, QuestionType.TIME),
        ):
            # A variant may leave a column out.
            if name is not None and types.get(name, fitting) is not fitting:
                raise Misfit(
                    "{what} noemt bij duties de kolom {name!r}, en die is niet van type {fitting}.",
                    "{what} names the column {name!r} under duties, which is not of type {fitting}.",
                    what=what,
                    name=name,
                    fitting=fitting,
                )
