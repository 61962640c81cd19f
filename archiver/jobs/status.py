"""What an archive holds, and what is owed."""

from archiver.config import Config
from archiver.store import totals
from archiver.store.database import Database
from archiver.store.totals import Totals


def status(config: Config) -> Totals:
    database = Database.open(config.database_url)
    try:
        with database.read() as connection:
            return totals.totals(connection, config.crawl.media)
    finally:
        database.close()
