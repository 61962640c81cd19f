"""Draft the next version from what `tables.py` has and the newest version lacks: `-m ... migrations NAME`."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from archiver.store.database import Database
from archiver.store.migrations import REVISIONS, config

with tempfile.TemporaryDirectory() as folder:
    database = Database.create(f"sqlite:///{Path(folder) / 'draft.db'}")
    with database.write() as connection:
        number = f"{len(REVISIONS) + 1:04}"
        command.revision(config(connection), sys.argv[1], autogenerate=True, rev_id=number)
