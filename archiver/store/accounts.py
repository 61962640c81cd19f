"""Accounts as pages showed them: the newest facts on `account`, every change as a snapshot."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from archiver.posts import Account
from archiver.store import ledger, tables
from archiver.store.facts import ACCOUNT
from archiver.store.seen import Seen, changed
from archiver.store.shapes import account_facts
from archiver.store.types import storable_id, stored_form

AccountKey = tuple[str, str]  # platform and native id, as the spider wrote them
# Avatar addresses expire and change without anybody having changed anything.
SNAPSHOT = ("handle", "name", "description", "verified", "metrics")

_account, _snapshot = tables.account, tables.account_snapshot


def store(
    connection: Connection, accounts: Iterable[Account], seen: Seen, *, watch_account: int | None = None
) -> Mapping[AccountKey, int]:
    """The ids of `accounts`, stored or brought up to date; the first mention on a page counts.

    An account known only as `@handle` takes on its own id as soon as a page tells it, and keeps what was
    stored under `@handle`. `watch_account` is what the page's watch pointed at so far.
    """
    named: dict[AccountKey, Account] = {}
    for account in accounts:
        named.setdefault((account.platform, account.native_id), account)
    rows = _known(connection, named)
    if watch_account is not None and named:
        _take_over(connection, next(iter(named.values())), rows, watch_account)
    ids: dict[AccountKey, int] = {}
    for key, account in named.items():
        row = rows.get((key[0], storable_id(key[1]))) or _under_other_name(connection, account)
        ids[key] = _update(connection, row, account, seen) if row else _insert(connection, account, seen)
    return ids


def _known(connection: Connection, named: Iterable[AccountKey]) -> dict[AccountKey, Row[Any]]:
    keys = list(named)
    if not keys:
        return {}
    wanted = select(_account).where(
        _account.c.platform.in_({platform for platform, _ in keys}),
        _account.c.native_id.in_({native_id for _, native_id in keys}),
    )
    return {(row.platform, row.native_id): row for row in connection.execute(wanted)}


def _is_fallback(native_id: str) -> bool:
    return native_id.startswith("@")


def _under_other_name(connection: Connection, account: Account) -> Row[Any] | None:
    """The row that holds this account under its handle: `@handle` for its id, or its id for `@handle`."""
    if _is_fallback(account.native_id):
        same_handle = func.lower(_account.c.handle) == account.native_id.removeprefix("@").lower()
        other = select(_account).where(same_handle, ~_account.c.native_id.startswith("@"))
    else:
        other = select(_account).where(func.lower(_account.c.native_id) == f"@{account.handle}".lower())
    here = other.where(_account.c.platform == account.platform)
    row = connection.execute(here.order_by(_account.c.last_seen_at.desc()).limit(1)).one_or_none()
    if row is not None and not _is_fallback(account.native_id):
        _rename(connection, row.id, account.native_id)
    return row


def _take_over(
    connection: Connection, account: Account, rows: Mapping[AccountKey, Row[Any]], watch_account: int
) -> None:
    """When the watch pointed at `@handle` and the page tells the account's id, they are one account."""
    old = connection.execute(select(_account).where(_account.c.id == watch_account)).one_or_none()
    if old is None or not _is_fallback(old.native_id) or _is_fallback(account.native_id):
        return
    if old.native_id.lower() != f"@{account.handle}".lower():
        return
    if into := rows.get((account.platform, storable_id(account.native_id))):
        _merge(connection, old.id, into.id)


def _rename(connection: Connection, account_id: int, native_id: str) -> None:
    connection.execute(update(_account).where(_account.c.id == account_id).values(native_id=native_id))
    _posts_changed(connection, account_id)


def _posts_changed(connection: Connection, account_id: int) -> None:
    posts = select(tables.post.c.id).where(tables.post.c.account_id == account_id)
    ledger.changed(connection, connection.scalars(posts))


def _merge(connection: Connection, old: int, into: int) -> None:
    """Give everything of one account to another and drop the empty row."""
    _posts_changed(connection, old)
    for table in (tables.post, tables.watch, tables.availability):
        connection.execute(update(table).where(table.c.account_id == old).values(account_id=into))
    rule = tables.language_rule
    if connection.execute(select(rule.c.id).where(rule.c.account_id == into)).first() is None:
        connection.execute(update(rule).where(rule.c.account_id == old).values(account_id=into))
    connection.execute(delete(rule).where(rule.c.account_id == old))
    taken = select(_snapshot.c.capture_id).where(_snapshot.c.account_id == into)
    mine = _snapshot.c.account_id == old
    double = (mine, _snapshot.c.capture_id.in_(taken))
    places = list(connection.scalars(select(_snapshot.c.capture_id).where(*double)))
    ledger.withdraw(connection, list(ACCOUNT.facts(connection, *double)))
    connection.execute(delete(_snapshot).where(*double))
    kept = (_snapshot.c.account_id == into, _snapshot.c.capture_id.in_(places))
    ledger.again(connection, list(ACCOUNT.facts(connection, *kept)))
    connection.execute(update(_snapshot).where(mine).values(account_id=into))
    connection.execute(delete(_account).where(_account.c.id == old))


def _insert(connection: Connection, account: Account, seen: Seen) -> int:
    facts = account_facts(account)
    row = {
        "platform": account.platform,
        "native_id": account.native_id,
        "first_seen_at": seen.at,
        "last_seen_at": seen.at,
        **facts,
    }
    account_id = int(connection.execute(insert(_account).returning(_account.c.id), row).scalar_one())
    _add_snapshot(connection, account_id, facts, seen)
    return account_id


def _update(connection: Connection, row: Row[Any], account: Account, seen: Seen) -> int:
    told = {name: fact for name, fact in stored_form(account_facts(account)).items() if fact is not None}
    if seen.at < row.last_seen_at:
        _add_history(connection, row, told, seen)
        return int(row.id)
    values = changed(_facts(row), told)
    if any(name in values for name in SNAPSHOT):
        now = {name: values.get(name, row._mapping[name]) for name in (*SNAPSHOT, "avatar_url")}
        _add_snapshot(connection, row.id, now, seen)
    if seen.at > row.last_seen_at:
        values["last_seen_at"] = seen.at
    if values:
        connection.execute(update(_account).where(_account.c.id == row.id).values(**values))
    return int(row.id)


def _add_history(connection: Connection, row: Row[Any], told: Mapping[str, Any], seen: Seen) -> None:
    """What an older capture tells: a snapshot in its place, and facts that were unknown until now."""
    earlier = select(_snapshot).where(_snapshot.c.account_id == row.id, _snapshot.c.at <= seen.at)
    before = connection.execute(
        earlier.order_by(_snapshot.c.at.desc(), _snapshot.c.id.desc()).limit(1)
    ).first()
    then = {name: told[name] for name in SNAPSHOT if name in told}
    if before is None or changed(_facts(before), then):
        known = _facts(before) if before else {}
        facts = {name: told.get(name, known.get(name)) for name in (*SNAPSHOT, "avatar_url")}
        _add_snapshot(connection, row.id, facts, seen)
    values = {name: fact for name, fact in told.items() if row._mapping[name] is None}
    if seen.at < row.first_seen_at:
        values["first_seen_at"] = seen.at
    if values:
        connection.execute(update(_account).where(_account.c.id == row.id).values(**values))


def _add_snapshot(connection: Connection, account_id: int, facts: Mapping[str, Any], seen: Seen) -> None:
    same = (_snapshot.c.account_id == account_id) & (_snapshot.c.capture_id == seen.capture_id)
    if connection.execute(select(_snapshot.c.id).where(same)).first() is None:
        row = {name: facts.get(name) for name in (*SNAPSHOT, "avatar_url")}
        place = {"account_id": account_id, "capture_id": seen.capture_id, "at": seen.at}
        connection.execute(insert(_snapshot), {**place, **row})


def _facts(row: Row[Any]) -> dict[str, Any]:
    return dict(row._mapping)
