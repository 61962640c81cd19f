"""Everything known of one post."""

from archiver.config import Config
from archiver.store import queries
from archiver.store.database import Database
from archiver.store.records import PostRecord


def show(config: Config, named: str) -> PostRecord:
    """The post called PLATFORM:NATIVE_ID, or found at an address. Raises NotFound."""
    database = Database.open(config.database_url)
    try:
        with database.read() as connection:
            return queries.show(connection, named)
    finally:
        database.close()
