"""Arguments that several commands take."""

from typing import Annotated

import typer

Id = Annotated[str, typer.Argument(metavar="ID", help="The activity's id, or the beginning of it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON, for a script to read.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
Who = Annotated[str, typer.Argument(metavar="PERSON", help="Code, mail address or id.")]
Although = Annotated[str, typer.Option("--although", help="Why a company is asked although it rests.")]
OwnerAgrees = Annotated[
    bool, typer.Option("--owner-agrees", help="Whoever keeps the contact with that company said yes.")
]
