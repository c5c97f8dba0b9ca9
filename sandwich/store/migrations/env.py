"""What Alembic runs: the steps, on the connection that ``sandwich.store.migrate`` has opened."""

from alembic import context

from models.tables import Table
from sandwich.store.migrations.rendering import render_item

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_item=render_item,
    # SQLite changes a column by making its table anew.
    render_as_batch=True,
)
context.run_migrations()
