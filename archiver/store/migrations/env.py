"""Alembic's entry: runs the versions on the connection that `migrations.config` was given."""

from alembic import context

from archiver.store.migrations import include_object
from archiver.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=include_object,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,  # SQLite's too: we begin transactions ourselves
    user_module_prefix="types.",
)
with context.begin_transaction():
    context.run_migrations()
