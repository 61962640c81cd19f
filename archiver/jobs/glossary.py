"""The archive's glossary: `glossary.tsv` beside archiver.toml."""

from archiver.config import Config
from archiver.errors import ArchiverError
from translations.glossary import Fault, Glossary, read

FILE = "glossary.tsv"
LONGEST = 32 * 2**20  # bytes of the file


def load(config: Config) -> tuple[Glossary, tuple[Fault, ...]]:
    """The terms, and the rows that cannot be used. No file: no terms."""
    path = config.folder / FILE
    if not path.exists():
        return Glossary(), ()
    if path.stat().st_size > LONGEST:
        raise ArchiverError(f"{path} has more than {LONGEST} bytes: a glossary is smaller")
    with path.open("rb") as file:
        return read(file)
