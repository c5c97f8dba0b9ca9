"""The database: sessions, the audit log that follows every change, migrations."""

from sandwich.store.store import Store

__all__ = ["Store"]
