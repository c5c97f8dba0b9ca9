"""The database's own refusal to change the audit log. Alembic does not see triggers, so they are written by hand.

A later step that makes ``audit_entry`` anew (on SQLite any change of a column does) must call this again.
"""

from alembic import op

_SQLITE = (
    """
    CREATE TRIGGER audit_entry_is_never_updated BEFORE UPDATE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END
    """,
    """
    CREATE TRIGGER audit_entry_is_never_deleted BEFORE DELETE ON audit_entry
    BEGIN SELECT RAISE(ABORT, 'audit entries are never deleted'); END
    """,
    # INSERT OR REPLACE deletes without asking the trigger above.
    """
    CREATE TRIGGER audit_entry_is_never_replaced BEFORE INSERT ON audit_entry
    WHEN EXISTS (SELECT 1 FROM audit_entry AS old WHERE old.id = NEW.id
                 OR (old.stream = NEW.stream AND old.number = NEW.number))
    BEGIN SELECT RAISE(ABORT, 'audit entries are never replaced'); END
    """,
)

_POSTGRESQL = (
    """
    CREATE FUNCTION audit_entry_refuses() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$
    """,
    """
    CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuses()
    """,
    # Also where triggers are switched off for replication.
    "ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER audit_entry_is_never_changed",
    "REVOKE UPDATE, DELETE, TRUNCATE ON audit_entry FROM PUBLIC, CURRENT_USER",
)


def protect_audit_log() -> None:
    """Make the database refuse every UPDATE, DELETE and TRUNCATE of audit entries."""
    for statement in _SQLITE if op.get_context().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
