"""whose rows of tokens, codes and terms a transaction may see"""

from collections.abc import Iterator

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step. There is no way back but a backup."""
    if op.get_context().dialect.name == "postgresql":
        for statement in _policies():
            op.execute(statement)


_REGIONS = "(SELECT current_setting('sandwich.regions', true))"


def _there_is(table: str, condition: str) -> str:
    """What can be seen of ``table`` says its own policy."""
    return f"EXISTS (SELECT 1 FROM {table} AS seen WHERE {condition})"  # noqa: S608 - of our own tables


_SEEN = {
    "confirmation": _there_is("person", "seen.id = confirmation.person_id"),
    "api_token": _there_is("person", "seen.id = api_token.person_id"),
    "api_secret": _there_is("api_token", "seen.id = api_secret.token_id"),
    "api_once": _there_is("api_token", "seen.id = api_once.token_id"),
    "retention": f"retention.region_id = ANY (string_to_array({_REGIONS}, ','))",
    "hook": f"hook.region_id = ANY (string_to_array({_REGIONS}, ','))",
    "notice": _there_is("hook", "seen.id = notice.hook_id"),
}
"""Which rows of each table may be seen, and written."""


def _policies() -> Iterator[str]:
    for table, seen in _SEEN.items():
        whose = f"{_REGIONS} = '*' OR {seen}"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY whose ON {table} USING ({whose}) WITH CHECK ({whose})"
