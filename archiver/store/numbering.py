"""What becomes of the numbers of an account that numbers its posts one by one: CHANNEL/1, CHANNEL/2 ..."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Text, case, cast, func, select

from archiver.store import tables
from archiver.store.types import original

_post = tables.post.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """From the first to the newest stored post: numbers that belong to an album's other pictures, to service
    messages, to posts that are gone or were never shown while their neighbours were (`deleted`: taken away
    before they were seen, or shown to nobody), and numbers that no page was asked for yet."""

    first: int
    newest: int
    album: int
    service: int
    deleted: int
    not_fetched: int


def numbers(connection: Connection, account_id: int, not_fetched: int) -> Numbers | None:
    """None where the account has no numbered posts. `not_fetched` is what the crawl knows of its gaps."""
    mine = (_post.account_id == account_id) & _post.native_id.contains("/")
    ends = [_at_the_end(connection, mine, order) for order in (_post.published_at, _post.published_at.desc())]
    if None in ends:
        return None
    first, newest = sorted(end for end in ends if end is not None)
    counts = connection.execute(
        select(
            func.count().label("stored"),
            func.sum(case((_post.kind == "service", 1), else_=0)).label("service"),
            func.sum(case((_post.state == "gone", 1), else_=0)).label("gone"),
        ).where(mine)
    ).one()
    groups = connection.scalars(select(_post.group_ids).where(mine, cast(_post.group_ids, Text) != "[]"))
    inside = {number for ids in groups for number in map(_number, ids) if number is not None}
    album = sum(first <= number <= newest for number in inside)
    unseen = newest - first + 1 - counts.stored - album - not_fetched
    return Numbers(
        first=first,
        newest=newest,
        album=album,
        service=counts.service or 0,
        deleted=max(0, unseen) + (counts.gone or 0),
        not_fetched=not_fetched,
    )


def _at_the_end(
    connection: Connection, mine: ColumnElement[bool], order: ColumnElement[object]
) -> int | None:
    query = select(_post.native_id).where(mine, _post.published_at.is_not(None)).order_by(order).limit(1)
    found = connection.scalar(query)
    return None if found is None else _number(original(found))


def _number(native_id: str) -> int | None:
    number = native_id.rpartition("/")[2]
    return int(number) if number.isdecimal() else None
