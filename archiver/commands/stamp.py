"""archiver stamp"""

from pathlib import Path

import click

from archiver.commands._shared import archive_option, json_option, open_config, say, visible, write_json


@click.command(epilog="Example:  archiver stamp --tsa https://freetsa.org/tsr --roots freetsa.pem")
@click.option(
    "--tsa", multiple=True, metavar="URL", help="An authority (RFC 3161); several are tried in turn."
)
@click.option(
    "--roots",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Root certificates (PEM) to trust; otherwise those of this machine.",
)
@click.option("--again", is_flag=True, help="Also when nothing was stored since the last stamp.")
@archive_option
@json_option
@click.pass_context
def command(
    ctx: click.Context, tsa: tuple[str, ...], roots: tuple[Path, ...], again: bool, as_json: bool
) -> None:
    """Have an authority sign that the ledger, and so all that is stored, was there today.

    Only the 32 bytes of the ledger's newest hash and a random number leave the machine. The answer is
    verified at once and kept with its certificates; `archiver verify` checks it again, `archiver evidence`
    hands it out.
    """
    from archiver.jobs.stamp import stamp

    found = stamp(open_config(ctx), tsa, roots, again=again)
    made = found.stamp
    for line in found.failed:
        say(f"not stamped by {line}")
    if as_json:
        write_json(
            {
                "seq": made.seq,
                "hash": made.hash,
                "at": made.at,
                "authority": made.authority,
                "signer": made.signer,
                "root": made.root,
                "new": found.new,
            }
        )
        return
    if not found.new:
        say("nothing was stored since this stamp (--again asks for another one):")
    at = made.at.strftime("%Y-%m-%d %H:%M:%S UTC")
    print(visible(f"ledger row {made.seq}, hash {made.hash}"))
    print(visible(f"stamped {at} by {made.signer}, {made.authority}"))
    print(visible(f"trusted through {made.root}"))
