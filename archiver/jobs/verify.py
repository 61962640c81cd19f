"""Does everything that is stored still add up? Reads all of it, changes nothing, names what does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from archiver.config import Config
from archiver.errors import DamagedArchive, Exit
from archiver.jobs.packages import verified
from archiver.store import ledger, stamps, tables
from archiver.store.checks import Finding, Tally, balance, chain, databases, files, texts, warcs
from archiver.store.database import Database

_TOLD = 20  # findings of a check that are kept; the others are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check came to. `findings` are the first of those that are `wrong`.

    `exit` is what a finding of this check means: 1 where something was altered or lost, 10 where counts do
    not balance.
    """

    check: str
    checked: int
    unit: str
    wrong: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    exit: Exit

    @property
    def verdict(self) -> Exit:
        return self.exit if self.wrong else Exit.OK


Progress = Callable[[str, int], None]
_Run = Callable[[Tally], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    name: str
    unit: str
    run: _Run
    exit: Exit = Exit.ERROR
    slow: bool = False  # left out by `quick`


def verify(config: Config, *, quick: bool = False, on_progress: Progress | None = None) -> Iterator[Result]:
    """Check after check, in order. `quick` reads neither the captures' bytes nor every text.

    Raises what opening the archive raises.
    """
    told = on_progress or (lambda check, done: None)
    with Database.open(config.database_url) as database:
        for check in _checks(config, database, quick):
            if not (quick and check.slow):
                yield _result(check, told)


def verdict(results: list[Result]) -> Exit:
    """Of all of them: what is wrong outranks what is owed."""
    found = {result.verdict for result in results}
    return next((each for each in (Exit.ERROR, Exit.OWED) if each in found), Exit.OK)


def _checks(config: Config, database: Database, quick: bool) -> Iterator[_Check]:
    """In the order of what rests on what. A check of another kind of files or facts is one more line here."""
    captured = partial(warcs.check, database, config.captures_dir, quick=quick)
    counted = partial(
        balance.check,
        database,
        target=config.translate.to,
        languages=config.translate.languages,
    )
    yield _Check(name="captures", unit="files" if quick else "captures", run=captured)
    media = partial(files.check, database, config.folder, quick=quick)
    yield _Check(name="media", unit="files", run=media)
    yield _Check(name="ledger", unit="rows and facts", run=partial(chain.check, database))
    yield _Check(name="stamps", unit="stamps", run=partial(_stamps, database))
    yield _Check(name="revisions", unit="texts", run=partial(texts.revisions, database), slow=True)
    yield _Check(name="translations", unit="segments", run=partial(texts.segments, database), slow=True)
    yield _Check(name="packages", unit="packages", run=partial(_packages, config), slow=True)
    yield _Check(name="database", unit="rows", run=partial(databases.check, database, quick=quick))
    yield _Check(name="balance", unit="counts", run=counted, exit=Exit.OWED)


def _result(check: _Check, told: Progress) -> Result:
    tally = Tally(unit=check.unit, on_progress=lambda done: told(check.name, done))
    findings: list[Finding] = []
    wrong = 0
    try:
        for finding in check.run(tally):
            wrong += 1
            if wrong <= _TOLD:
                findings.append(finding)
    except DamagedArchive as error:
        wrong += 1
        findings.append(Finding(where=check.name, what=f"could not be read to its end: {error}"))
    return Result(
        check=check.name,
        checked=tally.checked,
        unit=check.unit,
        wrong=wrong,
        findings=tuple(findings),
        notes=tuple(tally.notes),
        exit=check.exit,
    )


def _stamps(database: Database, tally: Tally) -> Iterator[Finding]:
    with database.read() as connection:
        head = ledger.head(connection)
        known = stamps.stamps(connection)
        for stamp in known:
            where = f"stamp of {stamp.at:%Y-%m-%d %H:%M:%S} by {stamp.authority}"
            row = ledger.entries(connection, tables.ledger.c.seq == stamp.seq)
            if not row:
                yield Finding(where=where, what=f"ledger row {stamp.seq}, which it is over, is gone")
            elif row[0].hash != stamp.hash:
                what = f"ledger row {stamp.seq} is not the one that was stamped: the ledger was made anew"
                yield Finding(where=where, what=what)
            if wrong := stamp.wrong():
                yield Finding(where=where, what=wrong)
            else:
                tally.notes.append(f"{where}: row {stamp.seq}, signed by {stamp.signer}, root {stamp.root}")
            tally.count()
    behind = (head.seq if head else 0) - max((stamp.seq for stamp in known), default=0)
    if behind:
        since = "the newest stamp" if known else "the beginning; nothing is stamped"
        tally.notes.append(f"{behind} rows of the ledger since {since}: `archiver stamp` stamps them")


def _packages(config: Config, tally: Tally) -> Iterator[Finding]:
    for package, wrong in verified(config):
        if wrong:
            yield Finding(where=f"package {package.name}", what=wrong)
        tally.count()
