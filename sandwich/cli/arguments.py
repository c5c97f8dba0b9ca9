"""Arguments that several commands take."""

from typing import Annotated

import typer

Id = Annotated[str, typer.Argument(metavar="ID", help="The activity's id, or the beginning of it.")]
Who = Annotated[str, typer.Argument(metavar="PERSON", help="Code, mail address or id.")]
