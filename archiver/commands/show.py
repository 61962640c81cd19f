"""archiver show"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from archiver.commands._filters import doubt_options
from archiver.commands._shared import (
    archive_option,
    day,
    json_option,
    open_config,
    say,
    table,
    visible,
    write_json,
)

if TYPE_CHECKING:
    from archiver.posts import Reference
    from archiver.store.records import (
        AttachmentRecord,
        CaptureRecord,
        PostRecord,
        RevisionRecord,
        SegmentRecord,
        TranslationRecord,
    )


@click.command(
    epilog="Example:  archiver show telegram:NAME/123    or    archiver show https://t.me/NAME/123"
)
@click.argument("post", metavar="POST")
@doubt_options
@archive_option
@json_option
@click.pass_context
def command(ctx: click.Context, post: str, doubts: Callable[[], Any], as_json: bool) -> None:
    """Show all of a post: its revisions, original beside translation, and where each fact came from.

    With --flag and the like only those segments that fit.
    """
    from archiver.jobs import show
    from archiver.store.doubts import Doubts
    from archiver.store.records import as_json as told

    found = show.show(open_config(ctx), post)
    if (wanted := doubts()) != Doubts():
        there, found = show.segments(found), show.only(found, wanted)
        say(f"{show.segments(found)} of {there} segments of its translations fit")
    if as_json:
        write_json(told(found))
        return
    for line in _post(found):
        print(visible(line))
    for revision in found.revisions:
        _draw_revision(revision, len(found.revisions))
    _tell_flags(found)
    _draw_observations(found)


def _post(post: "PostRecord") -> Iterable[str]:
    name = f" ({post.account.name})" if post.account.name else ""
    yield f"{post.post}  {post.kind}  {'' if post.state == 'live' else post.state.upper()}".rstrip()
    yield f"by {post.account.handle}{name}, account {post.account.native_id}"
    yield f"published {day(post.published_at)}"
    yield f"first seen {day(post.first_seen_at)}, last seen {day(post.last_seen_at)}"
    if post.url:
        yield post.url
    if post.group_ids:
        yield f"also occupies {', '.join(post.group_ids)}"
    for problem in post.problems:
        solved = f" (solved {day(problem.resolved_at)})" if problem.resolved_at else ""
        yield f"problem {day(problem.at)}: {problem.what}{solved}"


def _draw_revision(revision: "RevisionRecord", of: int) -> None:
    print()
    for line in _revision(revision, of):
        print(visible(line))
    if not revision.translations:
        table(None, ("original",), [(revision.body or "(no text)",)])
    for translation in revision.translations:
        _draw_translation(revision, translation)
    for owed in revision.owed:
        help = f"; try: {owed.remedy}" if owed.remedy else ""
        print(visible(f"  translation into {owed.target} owed: {owed.reason}{help}"))
    for reference in revision.references:
        print(visible(f"  {_reference(reference)}"))
    for attachment in revision.attachments:
        for line in _attachment(attachment):
            print(visible(f"  {line}"))
    if revision.poll:
        print(visible(f"  poll: {_poll(revision.poll)}"))


def _revision(revision: "RevisionRecord", of: int) -> Iterable[str]:
    current = " (current)" if revision.current else ""
    edited = f", edited {day(revision.edited_at)}" if revision.edited_at else ""
    yield f"Revision {revision.seq} of {of}{current}, seen {day(revision.seen_at)}{edited}"
    yield f"  {_capture(revision.capture)}"
    for detection in revision.detections:
        old = "" if detection.current else "  (superseded)"
        sure = f"confidence {detection.confidence:.2f}, by {detection.method}"
        yield f"  language {detection.language}, {sure}{old}"


def _draw_translation(revision: "RevisionRecord", made: "TranslationRecord") -> None:
    person = made.engine == "person"
    kind = "translation" if person else "machine translation"
    if person:
        by = f"corrected by {made.package}{', ' if made.options else ''}{made.options}"
    else:
        by = f"by {made.engine}, {made.package} {made.version} ({made.options}), sha256 {made.sha256[:16]}"
    print(visible(f"  {kind} {made.language} -> {made.target} {by}, {day(made.at)}"))
    rows = (
        (s.source, s.target, "" if s.score is None else f"{s.score:.2f}", _remarks(s)) for s in made.segments
    )
    if made.segments:
        table(None, ("original", f"{kind} ({made.target})", "score", "flags"), rows, wide=True)
    else:
        table(None, ("original",), [(revision.body or "(no text)",)])
    for tag, reading in (made.readings or {}).items():
        print(visible(f"  {tag} says: {reading}"))


def _remarks(segment: "SegmentRecord") -> str:
    """The flags, who corrected it and why, the terms of the glossary that are in it."""
    told = [", ".join(segment.flags)]
    if correction := segment.correction:
        told.append(f"by {correction.author or 'somebody'}, {day(correction.at)}")
        told.append(correction.note or "")
    told += [f"glossary: {use['term']} = {use['translation']}" for use in segment.glossary or ()]
    return "\n".join(filter(None, told))


def _tell_flags(post: "PostRecord") -> None:
    """What the flags that stand above mean."""
    from translations.doubt import FLAGS

    made = [translation for revision in post.revisions for translation in revision.translations]
    used = {flag for t in made for flag in (*t.flags, *(f for s in t.segments for f in s.flags))}
    for flag in (*(f for f in FLAGS if f in used), *sorted(used - FLAGS.keys())):
        print(visible(f"  {flag}: {FLAGS.get(flag, 'a flag of another version')}"))


def _draw_observations(post: "PostRecord") -> None:
    rows = [
        (day(o.at), o.state, _counts(o.metrics), str(o.revision or ""), _capture(o.capture))
        for o in post.observations
    ]
    if rows:
        table("Seen", ("when", "state", "counts", "revision", "capture"), rows)


def _counts(metrics: Any) -> str:
    if metrics is None:
        return "not told"
    return ", ".join(
        f"{name} {'~' if count['granularity'] > 1 else ''}{count['value']}"
        for name, count in sorted(metrics.items())
    )


def _capture(capture: "CaptureRecord") -> str:
    return f"{capture.url} sha256 {capture.sha256[:16]} in {capture.warc} at {capture.offset}"


def _reference(reference: "Reference") -> str:
    who = reference.author_handle or reference.author_name or reference.author_native_id or "somebody"
    what = reference.url or reference.native_id or "a post that is not named"
    text = f": {reference.text}" if reference.text else ""
    gone = " (not available)" if reference.available is False else ""
    return f"{reference.relation} of {what} by {who}{gone}{text}"


def _attachment(attachment: "AttachmentRecord") -> Iterable[str]:
    yield f"{attachment.kind} {attachment.url or attachment.key or '(no address)'}"
    if attachment.alt:
        language = f" ({attachment.alt_language})" if attachment.alt_language else ""
        yield f"  described as{language}: {attachment.alt}"
    if made := attachment.alt_translation:
        flags = f" [{', '.join(made.flags)}]" if made.flags else ""
        by = f"{made.engine}, {made.package} {made.version}"
        yield f"  by machine in {made.target}: {made.text}{flags} ({by}, {day(made.at)})"
    if file := attachment.file:
        yield f"  on disk: {file.path}, {file.content_type}, {file.size} bytes, sha256 {file.sha256[:16]}"
    elif attachment.downloads:
        last = attachment.downloads[-1]
        again = f", to be tried again after {day(last.next_at)}" if last.next_at else ""
        yield f"  not on disk: {last.reason} ({day(last.at)}){again}"


def _poll(poll: Any) -> str:
    options = ", ".join(
        option["text"]
        + ("" if option["votes"] is None else f" {option['votes']}")
        + ("" if option["percent"] is None else f" {option['percent']:g} %")
        for option in poll["options"]
    )
    return f"{poll['question'] or ''} [{options}]".strip()
