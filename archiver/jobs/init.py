"""A new archive: archiver.toml, database, folders."""

from pathlib import Path

from archiver import config
from archiver.errors import Usage
from archiver.store.database import Database

TEMPLATE = """\
# An archive of public posts beside their translation. Every key is optional; these are the defaults.
# Take the # away from a key and from the [section] above it to change it.

database = "{database}"  # or postgresql://USER@HOST/NAME; the variable ARCHIVER_DATABASE outranks this line
packages = "packages"                # translation packages; may be shared between archives

# [crawl]
# contact = "you@example.org"        # told to the servers, so that their owners can write to you
# timeout = 30.0                     # seconds for one response
# retries = 4                        # further tries of a request that failed
# max_wait = 300.0                   # seconds; a server that asks for a longer pause gets it: next run
# revisit = "14d"                    # posts of so long ago are looked at again, once a day; "0": none
# respect_robots = true              # robots.txt, for pages; documented APIs follow their own limits
# media = "none"                     # pictures and films as well: "images", "all"; or per watch
# quiet_hours = "22:00-06:00"        # no server is asked for anything then; default: none
# time_zone = "Asia/Kabul"           # of the quiet hours; default: this machine's

# [media]
# max_file = 104857600               # bytes of one file; also max_run and max_archive
# delay = 0.5                        # seconds between two requests to one host

# [detect]
# cld2 = false                       # ask pycld2 about near-ties: pip install 'bilingual-archiver[cld2]'

# [translate]
# to = "en"
# languages = ["ur", "ps", "ar", "fa"]
# quality = "balanced"               # "exact" (beam 4), "balanced" (beam 2), "fast" (beam 1)
# vocabulary = "auto"                # "whole", "mapped" (faster), "auto" (where nothing changes)
# device = "auto"                    # "cpu", "cuda", "auto" (a graphics card where there is one)

# [evidence]
# tsa = ["https://freetsa.org/tsr"]  # who stamps the ledger (`archiver stamp`); tried in turn
# roots = ["freetsa.pem"]            # their root certificates, where this machine does not trust them anyway

# Every platform can be asked elsewhere (a proxy, a test server) or more slowly:
# [platforms.telegram]
# base_url = "https://t.me"
# delay = 2.0                        # seconds between two requests
# revisit = "7d"                     # as in [crawl], for one platform
# [platforms.bluesky]
# source = "appview"                 # or "pds": the account's own server, all posts of it, without counts
# [platforms.x]
# token_env = "X_BEARER_TOKEN"       # the variable that holds the token; never the token itself
# spelling = "tweet"                 # or "post": how the server wants its parameters named
"""


def init(folder: Path, database: str = "sqlite:///archive.db") -> config.Config:
    """Make `folder` an archive and return its settings. Raises Usage when it is one already.

    An archive whose database file is gone gets an empty one, by the archiver.toml it has.
    """
    path = folder / config.FILE
    if path.exists():
        known = config.load(folder)
        if not Database.is_missing(known.database_url):
            raise Usage(f"{folder} is an archive already; name another folder or remove {path}")
        Database.create(known.database_url).close()
        return known
    if '"' in database or "\n" in database:
        raise Usage(f"a database URL cannot hold quotes or line breaks: {database!r}")
    folder.mkdir(parents=True, exist_ok=True)
    made = config.Config(folder=folder.resolve(), database=database)
    Database.create(made.database_url).close()
    made.captures_dir.mkdir(exist_ok=True)
    made.packages_dir.mkdir(exist_ok=True)
    # Last, because this file is what makes the folder an archive: a failure above leaves none behind.
    path.write_text(TEMPLATE.format(database=database), encoding="utf-8")
    return config.load(folder)
