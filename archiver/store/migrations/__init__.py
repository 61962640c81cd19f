"""How the archive's tables came to be, version by version (Alembic), run from code: no alembic.ini.

A new version is a module in `versions/`, named in `REVISIONS` (oldest first);
`python -m archiver.store.migrations NAME` drafts it from what `tables.py` has and the newest version lacks.
"""

from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

# Known without importing Alembic, so that opening an archive that is up to date stays quick.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
HEAD = REVISIONS[-1]


def migrate(connection: Connection, to: str = "head") -> None:
    """Bring the database forward inside the caller's transaction: all of it or nothing."""
    from alembic import command

    command.upgrade(config(connection), to)


def config(connection: Connection | None = None) -> Any:
    """Alembic's settings, made in code: the scripts are this package, the connection is ours."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(files(__name__)).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Whether Alembic may compare this: the full-text index is made by hand in each database's own words."""
    return not (reflected and name is not None and (name.startswith("search_fts") or "_tsv" in name))
