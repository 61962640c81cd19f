"""archiver correct"""

import sys
from typing import TYPE_CHECKING

import click

from archiver.commands._shared import archive_option, json_option, open_config, say, table, write_json

if TYPE_CHECKING:
    from archiver.jobs.correct import Corrected


@click.command(
    epilog="Example:  archiver correct telegram:NAME/123 --segment 2 --text 'The road is open.' --by Zarmina"
)
@click.argument("post", metavar="POST")
@click.option("--segment", type=int, metavar="N", help="One sentence; otherwise all that the post says.")
@click.option("--text", metavar="TEXT", help="The better translation; - reads it from standard input.")
@click.option("--tsv", metavar="FILE", help="Several: the number, a tab, the translation a line; - is stdin.")
@click.option("--by", metavar="NAME", help="Who says so.")
@click.option("--note", metavar="TEXT", help="Why, or from where.")
@click.option("--to", "target", metavar="en", help="The language of the translation.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    post: str,
    segment: int | None,
    text: str | None,
    tsv: str | None,
    by: str | None,
    note: str | None,
    target: str | None,
    as_json: bool,
) -> None:
    """Correct a translation; without --text or --tsv, number the post's segments.

    The correction is shown at once, before the machine's translation, which stays. The same sentence in other
    posts follows with the next `archiver translate`.
    """
    from archiver.jobs import correct as job

    if text is not None and tsv is not None:
        raise click.UsageError("either --text or --tsv, not both", ctx)
    if tsv is not None and segment is not None:
        raise click.UsageError("--tsv names the segments itself: leave --segment out", ctx)
    config = open_config(ctx)
    if text is None and tsv is None:
        _show(job.segments(config, post, target=target), as_json, segment)
        return
    if tsv is not None:
        lines = sys.stdin.buffer.read().splitlines(keepends=True) if tsv == "-" else job.opened(tsv)
        said = job.read_tsv(lines, "standard input" if tsv == "-" else tsv)
    else:
        assert text is not None
        said = [(segment, job.read_text(sys.stdin.buffer.read(), "--text -") if text == "-" else text)]
    done = job.correct_many(config, post, said, by=by, note=note, target=target)
    _show(done, as_json, None)
    kept = f"{done.new} corrected" + (f", {done.unchanged} said so before" if done.unchanged else "")
    say(f"{done.post}: {kept}; `archiver translate` brings the same sentences of other posts along")


def _show(found: "Corrected", as_json: bool, only: int | None) -> None:
    from archiver.errors import Usage

    chosen = [s for s in found.segments if only in (None, s.number)]
    if not chosen:
        raise Usage(f"{found.post} has {len(found.segments)} segments, and no segment {only}")
    if as_json:
        for s in chosen:
            write_json(
                {
                    "post": found.post,
                    "segment": s.number,
                    "source": s.source,
                    "translation": s.translation,
                    "target": found.target,
                    "flags": s.flags,
                }
            )
        return
    rows = ((str(s.number), s.source, s.translation or "", ", ".join(s.flags)) for s in chosen)
    table(found.post, ("segment", "original", f"translation ({found.target})", "flags"), rows, wide=True)
