"""Write posts into a dossier that others can check without this program: all of it, or nothing."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.config import Config
from archiver.crawl.settings import how_collected, user_agent
from archiver.errors import Usage
from archiver.exports import _dossier
from archiver.exports._dossier import Made
from archiver.exports._places import place
from archiver.store import dossiers, queries
from archiver.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written: the posts' full names, and what the dossier holds."""

    posts: tuple[str, ...]
    made: Made


def evidence(config: Config, posts: Sequence[str], to: Path, *, machine: bool = False) -> Written:
    """A dossier of these posts in a new folder. `machine`: also say on which machine.

    Raises NotFound, DamagedArchive where a capture or a media file is not what was kept, and Usage for a
    folder that holds something.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Usage(f"{to} is there already and not empty: name a new folder")
    told = _dossier.Collected(
        made_at=datetime.now(UTC),
        user_agent=user_agent(config),
        contact=config.crawl.contact,
        settings=how_collected(config),
        machine=f"{platform.node()}, {platform.platform()}" if machine else None,
    )
    archive = _dossier.Archive(folder=config.folder, captures=config.captures_dir)
    # One read from beginning to end: post, captures and ledger are those of one moment.
    with Database.open(config.database_url) as database, database.read() as connection:
        ids = dict.fromkeys(queries.post_id(connection, named) for named in posts)
        found = [dossiers.dossier(connection, id) for id in ids]
        with place(to, folder=True) as here:
            made = _dossier.write(connection, found, here, archive, told)
    return Written(posts=tuple(each.record.post for each in found), made=made)
