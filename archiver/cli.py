"""The command line's edge: finds the command, turns errors into one line and an exit code."""

import errno
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from archiver import __version__
from archiver.errors import ArchiverError, Exit
from translations.errors import TranslationsError

COMMANDS = Path(__file__).parent / "commands"


class Commands(click.Group):
    """One module a verb in commands/, found by its name, imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(p.stem for p in COMMANDS.glob("*.py") if not p.stem.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"archiver.commands.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            known = ", ".join(self.list_commands(ctx))
            raise click.UsageError(f"no command '{args[0]}'; there are {known}", ctx) from None


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  archiver init afghanistan && cd afghanistan && archiver watch add https://t.me/s/NAME",
)
@click.option("--archive", metavar="DIR", help="The archive; otherwise ARCHIVER_DIR or the nearest above.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(__version__, prog_name="archiver")
@click.pass_context
def cli(ctx: click.Context, archive: str | None, debug: bool) -> None:
    """Archive public posts in Urdu, Pashto, Arabic and Persian beside their English translation, offline."""
    ctx.ensure_object(dict)
    if archive:
        ctx.obj["archive"] = archive
    ctx.obj["debug"] = debug


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its verdict (the codes are in `errors.Exit`)."""
    sys.exit(run(argv))


def run(argv: Sequence[str] | None = None) -> int:
    state: dict[str, Any] = {}
    try:
        verdict = cli.main(args=argv, prog_name="archiver", standalone_mode=False, obj=state)
        sys.stdout.flush()
        return int(verdict) if isinstance(verdict, int) else Exit.OK
    except click.exceptions.Exit as exit:
        return exit.exit_code
    except click.UsageError as error:
        error.show(sys.stderr)
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        return _said("interrupted; what was stored is safe, run it again to go on", Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (head, less) went away: that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:  # noqa: BLE001 - the edge: everything becomes one line and a code
        if state.get("debug"):
            traceback.print_exc()
        return _said(*_line_and_code(error))


def _line_and_code(error: Exception) -> tuple[str, int]:
    match error:
        case ArchiverError():
            return str(error), error.exit
        case TranslationsError() | click.ClickException():
            return str(error), Exit.ERROR
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):  # a quota or limit is as final
            return (
                f"the disk is full ({error.filename or 'writing'}); make room and run it again",
                Exit.DISK_FULL,
            )
        case OSError():
            return f"{error.filename or 'system'}: {error.strerror or error}", Exit.ERROR
        case _:
            name = type(error).__name__
            return f"unexpected {name}: {error}; please report it with `archiver --debug ...`", Exit.ERROR


def _said(line: str, code: int) -> int:
    print(f"archiver: {' '.join(line.split())}", file=sys.stderr)
    return code
