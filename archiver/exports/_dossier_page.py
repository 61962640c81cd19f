"""The readable page of a dossier: each post, every version of it beside its translations, and where all this
comes from. It holds no scripts, fetches nothing, and prints well."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archiver.exports import _dossier_media
from archiver.exports._dossier_pieces import maker, table, things, time
from archiver.exports._markup import NAMES, STYLE, document, is_web, shown, text
from archiver.store.dossiers import Dossier, ProfileRecord, is_elsewhere, is_imported
from archiver.store.records import (
    CaptureRecord,
    ObservationRecord,
    RevisionRecord,
    TranslationRecord,
)
from archiver.store.stamps import Stamp


def page(
    dossiers: Sequence[tuple[str, Dossier]],
    captures: Sequence[CaptureRecord],
    stamps: Sequence[Stamp],
    collected: Mapping[str, Any],
    *,
    unstamped: bool,
) -> str:
    numbers = {(c.warc, c.offset): n for n, c in enumerate(captures, start=1)}
    title = "Dossier" if len(dossiers) > 1 else f"Dossier: {dossiers[0][1].record.post}"
    parts = [
        f"<h1>{shown(title)}</h1>",
        _ABOUT,
        *(part for name, each in dossiers for part in _post(name, each, numbers)),
        "<section><h2>Captures</h2>",
        "<p>What shows all this, byte for byte in captures.warc.gz, as far as it is in this dossier.</p>",
        table(("", "when (UTC)", "what", "address", "SHA-256 of the body"), _captures(captures)),
        "</section>",
        *_ledger([each for _, each in dossiers], stamps, unstamped),
        *_collected(collected),
    ]
    return document(shown(title), "\n".join(parts), STYLE + _STYLE)


# -- a post -------------------------------------------------------------------------------------------------

_Numbers = Mapping[tuple[str, int], int]


def _post(name: str, each: Dossier, numbers: _Numbers) -> Iterator[str]:
    post = each.record
    by = post.account
    who = f"<b><bdi>{shown(by.name or by.handle)}</bdi></b> <bdi>{shown(by.handle)}</bdi>"
    link = f'<a rel="noreferrer nofollow" href="{shown(post.url)}">{shown(post.url)}</a>'
    gone = "" if post.state == "live" else f'<p class="gone">No longer there: {shown(post.state)}</p>'
    facts = [
        ("post", f"<bdi>{shown(post.post)}</bdi>"),
        ("address", link if is_web(post.url) else shown(post.url or "not told")),
        ("account", f"<bdi>{shown(f'{by.platform}:{by.native_id}')}</bdi>"),
        ("kind", shown(post.kind)),
        ("published", f"{time(post.published_at)}, says the platform"),
        ("first seen", time(post.first_seen_at)),
        ("last seen", time(post.last_seen_at)),
        ("files", f'<a href="{shown(name)}/">{shown(name)}/</a>'),
    ]
    yield f'<section class="post"><h2>{who}</h2>{gone}'
    yield from (f'<p class="lacks">{said}.</p>' for said in _lacks(each.captures))
    yield "<dl>"
    yield from (f"<div><dt>{term}</dt><dd>{said}</dd></div>" for term, said in facts)
    yield "</dl>"
    for revision in post.revisions:
        yield from _revision(revision, len(post.revisions), numbers)
    yield "<h3>Seen</h3>"
    yield table(
        ("when (UTC)", "state", "counts", "version", "capture"),
        (_observation(o, numbers) for o in post.observations),
    )
    yield "<h3>The account’s own words</h3>"
    yield table(
        ("since (UTC)", "handle", "name", "description", "counts", "capture"),
        (_profile(p, numbers) for p in each.profiles),
    )
    yield "</section>"


def _revision(revision: RevisionRecord, of: int, numbers: _Numbers) -> Iterator[str]:
    current = ", the current one" if revision.current and of > 1 else ""
    edited = f", edited {time(revision.edited_at)}" if revision.edited_at else ""
    language = revision.detection.language if revision.detection else "und"
    named = NAMES.get(language, language) if language != "und" else "language not known"
    yield f"<h3>Version {revision.seq} of {of}{current}</h3>"
    yield (
        f"<p class=meta>seen {time(revision.seen_at)}{edited} in {_capture(revision.capture, numbers)}; "
        f"{shown(named)}; digest <code>{shown(revision.digest)}</code></p>"
    )
    source = text(revision.body or "(no text)", language, "source")
    if not revision.translations:
        yield f'<div class="pair">{source}<p class="none">not translated</p></div>'
    for number, made in enumerate(reversed(revision.translations)):
        target = text(made.text, made.target, "target") + _maker(made, is_older=number > 0)
        yield f'<div class="pair">{source if not number else ""}<div>{target}</div></div>'
    yield _dossier_media.listed(revision.attachments)
    yield from things("Refers to", (_reference(r) for r in revision.references))
    if revision.poll:
        options = (_option(option) for option in revision.poll["options"])
        yield from things("Poll", options)


def _maker(made: TranslationRecord, *, is_older: bool) -> str:
    flags = {*made.flags, *(flag for segment in made.segments for flag in segment.flags)}
    words = "".join(
        f'<li class="person">a person’s words, {shown(c.author or "not named")}, {time(c.at)}: '
        f"<bdi>{shown(segment.target)}</bdi>{f' ({shown(c.note)})' if c.note else ''}</li>"
        for segment in made.segments
        if (c := segment.correction) is not None
    )
    return maker(made, flags, words, is_older=is_older)


def _option(option: Mapping[str, Any]) -> str:
    votes = "" if option["votes"] is None else f": {option['votes']}"
    return f"<bdi>{shown(option['text'])}</bdi>{votes}"


def _reference(reference: Any) -> str:
    what = reference.url or reference.native_id or "a post that is not named"
    who = reference.author_handle or reference.author_name or "somebody"
    said = f": <bdi>{shown(reference.text)}</bdi>" if reference.text else ""
    return f"{shown(reference.relation)} of <bdi>{shown(what)}</bdi> by <bdi>{shown(who)}</bdi>{said}"


def _observation(seen: ObservationRecord, numbers: _Numbers) -> Sequence[str]:
    version = "" if seen.revision is None else str(seen.revision)
    return time(seen.at), shown(seen.state), _counts(seen.metrics), version, _capture(seen.capture, numbers)


def _profile(profile: ProfileRecord, numbers: _Numbers) -> Sequence[str]:
    told = (profile.handle, profile.name, profile.description)
    words = (f"<bdi>{shown(word)}</bdi>" for word in told)
    return time(profile.at), *words, _counts(profile.metrics), _capture(profile.capture, numbers)


# -- where it comes from ------------------------------------------------------------------------------------


def _captures(captures: Sequence[CaptureRecord]) -> Iterator[Sequence[str]]:
    for number, kept in enumerate(captures, start=1):
        yield (
            f'<a id="capture-{number}">{number}</a>',
            time(kept.fetched_at),
            _what(kept),
            f"<bdi>{shown(kept.url)}</bdi>",
            f"<code>{shown(kept.sha256)}</code>",
        )


def _what(kept: CaptureRecord) -> str:
    what = "piece of an imported file" if is_imported(kept) else f"HTTP {kept.status}"
    return f"<b>not here</b>: {what}, says another archive" if is_elsewhere(kept) else what


def _lacks(captures: Sequence[CaptureRecord]) -> Iterator[str]:
    """What of a post does not rest on answers that this archive had from a server."""
    elsewhere = [c for c in captures if is_elsewhere(c)]
    if elsewhere:
        yield (
            f"Captures that lie in the archive that this post was imported from: {len(elsewhere)} of "
            f"{len(captures)}. Their bytes are not in this dossier: what they show is that archive’s word"
        )
    pieces = [c for c in captures if is_imported(c) and not is_elsewhere(c)]
    if pieces:
        yield (
            f"Captures that are pieces of files that somebody imported: {len(pieces)} of {len(captures)}. "
            "No server was asked: what they show is the file’s word"
        )


def _ledger(dossiers: Sequence[Dossier], stamps: Sequence[Stamp], unstamped: bool) -> Iterator[str]:
    yield "<section><h2>Ledger and stamps</h2>"
    rows = sorted(
        {a.entry.seq: a.entry for each in dossiers for a in each.attested}.values(), key=lambda row: row.seq
    )
    if stamps:
        for stamp in stamps:
            signed = f"{shown(stamp.signer)}, {shown(stamp.authority)}, trusted through {shown(stamp.root)}"
            said = f"Row {stamp.seq} and all before it were there on {time(stamp.at)}"
            yield f"<p><strong>{said}</strong>: {signed}.</p>"
    if unstamped:
        yield "<p class=gone>The newest of these rows have no stamp: nobody else vouches for their time.</p>"
    yield "<p>README.txt says how to check this, and what it does not prove.</p>"
    listed = (
        (
            str(row.seq),
            time(row.at),
            shown(row.kind),
            f"<bdi>{shown(row.ref)}</bdi>",
            f"<code>{row.hash}</code>",
        )
        for row in rows
    )
    yield table(("row", "stored (UTC)", "fact", "its name", "hash"), listed)
    yield "</section>"


def _collected(collected: Mapping[str, Any]) -> Iterator[str]:
    yield "<section><h2>How it was collected</h2><dl>"
    for name, said in collected.items():
        words = said if isinstance(said, str) else ", ".join(f"{k}: {v}" for k, v in said.items())
        yield f"<div><dt>{shown(name.replace('_', ' '))}</dt><dd>{shown(words)}</dd></div>"
    yield "</dl></section>"


# -- pieces -------------------------------------------------------------------------------------------------


def _capture(capture: CaptureRecord, numbers: _Numbers) -> str:
    number = numbers[capture.warc, capture.offset]
    return f'<a href="#capture-{number}">capture {number}</a>'


def _counts(metrics: Any) -> str:
    if metrics is None:
        return "not told"
    about = {name: "~" if count["granularity"] > 1 else "" for name, count in metrics.items()}
    return shown(", ".join(f"{name} {about[name]}{metrics[name]['value']}" for name in sorted(metrics)))


_ABOUT = (
    "<p>Public posts as they were archived, beside their translations. All times are UTC. "
    "<strong>Translations are a machine’s, checked by nobody</strong>, unless they are marked as a person’s: "
    "the original counts.</p>"
)
_STYLE = """
h2{font-size:1.2rem;margin:2rem 0 .4rem}
h3{font-size:1rem;margin:1.4rem 0 .3rem}
h4{font-size:.9rem;margin:.8rem 0 .1rem}
section{border-top:1px solid var(--line)}
.meta,dl,table,ul{font-size:.85rem;color:var(--faint)}
dl{margin:.3rem 0;display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:.1rem 1.5rem}
dl div{display:flex;gap:.6rem;min-width:0}
dt{flex:0 0 6.5rem}
dd{margin:0;color:var(--ink);overflow-wrap:anywhere;min-width:0}
ul{margin:.2rem 0;padding-inline-start:1.2rem}
.flag{border:0;color:var(--mark)}
li.person{color:var(--good)}
code{font-size:.9em;overflow-wrap:anywhere}
.gone,.lacks{color:var(--mark);font-weight:600}
.pair{border-block:1px solid var(--line);padding:.6rem 0;margin:.4rem 0}
li .pair{color:var(--ink)}
.pair+.pair{border-top:0;margin-top:-.4rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:start;vertical-align:top;padding:.25rem .8rem .25rem 0;border-bottom:1px solid var(--line)}
td{overflow-wrap:anywhere;color:var(--ink)}
td:first-child{white-space:nowrap}
th{font-weight:600}
@media (max-width:44rem){
thead{display:none}
tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
td{display:flex;gap:.6rem;border:0;padding:.05rem 0}
td::before{content:attr(data-is);flex:0 0 6.5rem;color:var(--faint)}
td>*{min-width:0}
td:first-child{white-space:normal}
}
@media print{
:root{--page:#fff;--ink:#000;--faint:#444;--line:#bbb}
body{font-size:10.5pt}
main{padding:0;max-width:none}
h2,h3{break-after:avoid}
tr,.pair{break-inside:avoid}
a{text-decoration:none}
}
"""
