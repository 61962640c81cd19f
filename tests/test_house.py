"""What holds for the whole house: light, offline, self-contained, documented."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from archiver.cli import COMMANDS, cli

ROOT = Path(__file__).parents[1]
NAMES = sorted(p.stem for p in COMMANDS.glob("*.py") if not p.stem.startswith("_"))


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def every_command() -> list[tuple[str, click.Command]]:
    found = []
    context = click.Context(cli)
    for name in NAMES:
        command = cli.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", c) for sub, c in sorted(command.commands.items())]
    return found


def test_every_command_of_the_plan_is_there() -> None:
    promised = [
        "init",
        "watch",
        "crawl",
        "translate",
        "run",
        "search",
        "show",
        "export",
        "packages",
        "text",
        "status",
        "doctor",
        "demo",
    ]
    assert set(promised) <= set(NAMES)


@pytest.mark.parametrize("name", [name for name, _ in every_command()])
def test_help_ends_in_an_example(name: str) -> None:
    command = dict(every_command())[name]
    assert (command.epilog or "").startswith("Example:"), name
    assert command.help, f"{name} does not say what it does"


@pytest.mark.parametrize("name", NAMES)
def test_help_imports_nothing_heavy(name: str) -> None:
    """Help answers in a third of a second: it loads neither Scrapy nor SQLAlchemy nor a model's runtime."""
    code = (
        "import sys; from archiver.cli import run\n"
        f"run(['{name}', '--help'])\n"
        "heavy = {'scrapy', 'twisted', 'sqlalchemy', 'numpy', 'ctranslate2', 'sentencepiece',"
        " 'argostranslate', 'langdetect', 'lxml', 'rich'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    assert python(code).splitlines()[-1] == "[]"


def test_torch_stanza_and_spacy_are_neither_locked_nor_imported() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"^(torch|stanza|spacy)\b", lock, re.MULTILINE)
    code = (
        "import sys, archiver.jobs.crawl, archiver.jobs.translate, translations.translator\n"
        "import translations.packages, translations.engines.argos, argostranslate.package\n"
        "print({'torch', 'stanza', 'spacy', 'argostranslate.translate'} & set(sys.modules) or 'none')"
    )
    assert python(code) == "none"


def test_the_lock_pins_every_direct_dependency_by_hash_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["postgres"],
        *project["dependency-groups"]["dev"],
    ]
    locked = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", lock, re.MULTILINE))
    assert {re.split(r"[\[<>=]", need)[0] for need in wanted} <= locked
    assert "://" not in lock and "--index" not in lock
    assert lock.count("--hash=sha256:") > len(locked)


def test_versions_with_known_holes_are_below_the_floors() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    floors = {"scrapy": (2, 19), "lxml": (6, 1), "ctranslate2": (4, 8, 5), "sentencepiece": (0, 2, 3)}
    for need in project["project"]["dependencies"]:
        name, _, version = need.partition(">=")
        if name in floors:
            assert tuple(int(n) for n in version.split(".")) >= floors[name], need


def test_the_readme_names_every_command() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in NAMES if f"archiver {name}" not in readme and f"`{name}`" not in readme]
    assert not missing


def test_the_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_an_error_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "archiver", "watch", "list"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 4
    assert done.stdout == ""
    assert "archiver init" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_wrong_usage_says_what_there_is() -> None:
    done = subprocess.run([sys.executable, "-m", "archiver", "serch"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "search" in done.stderr
