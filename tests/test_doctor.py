"""What `doctor` notices."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from archiver import cli, config
from archiver.jobs import doctor
from archiver.store.database import Database


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "archiver.toml").touch()
    (tmp_path / "captures").mkdir()
    Database.create(config.load(tmp_path).database_url).close()
    return tmp_path


def problems(folder: Path | None) -> dict[str, str]:
    return {check.name: check.said for check in doctor.doctor(folder) if not check.ok}


def test_a_fit_machine_has_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVER_DIR", raising=False)
    assert cli.run(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "PROBLEM" not in out
    for name in ("Python: ", "SQLite: ", "scrapy: ", "module archiver: ours", "without torch"):
        assert name in out


def test_a_fit_archive_has_no_problem(archive: Path, capsysbinary: Any) -> None:
    assert cli.run(["doctor", "--archive", str(archive), "--json"]) == 0
    checks = {row["check"]: row for row in map(json.loads, capsysbinary.readouterr().out.splitlines())}
    assert checks["database"]["ok"] and "(newest)" in checks["database"]["said"]
    assert checks["captures"]["ok"] and checks["packages"]["ok"]


def test_a_damaged_database_is_a_problem_with_a_remedy(archive: Path, capsys: Any) -> None:
    (archive / "archive.db").write_bytes(b"no database at all" * 500)
    assert cli.run(["doctor", "--archive", str(archive)]) == 1
    shown = capsys.readouterr().out
    assert "PROBLEM  database" in shown and "->" in shown


def test_a_missing_folder_of_captures_is_a_problem(archive: Path) -> None:
    (archive / "captures").rmdir()
    assert list(problems(archive)) == ["captures"]


def test_a_key_that_nobody_knows_is_a_problem(archive: Path) -> None:
    (archive / "archiver.toml").write_text("databse = 'x'")
    assert "nearest" in problems(archive)["archive"]


def test_an_archive_that_was_named_and_is_none_is_an_error(tmp_path: Path, capsys: Any) -> None:
    assert cli.run(["doctor", "--archive", str(tmp_path)]) == 4
    assert "archiver init" in capsys.readouterr().err


def test_a_missing_or_old_distribution_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["no-such-distribution>=1", "click>=999", "rich>=1", "psycopg>=99; extra == 'postgres'"]
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: wanted)
    found = {check.name: check for check in doctor.requirements()}
    assert (found["no-such-distribution"].said, found["rich"].ok) == ("is missing", True)
    assert found["click"].remedy == "needs >=999: pip install 'click>=999'"
    assert "psycopg" not in found


def test_a_module_that_is_not_ours_is_named(tmp_path: Path) -> None:
    """Another distribution's `spiders` in front of ours on the path."""
    (tmp_path / "spiders").mkdir()
    (tmp_path / "spiders" / "__init__.py").touch()
    program = (
        "from archiver.jobs import doctor\n"
        "print([c.said for c in doctor.modules() if c.name == 'module spiders' and not c.ok])"
    )
    root = str(Path(doctor.__file__).parents[2])
    path = os.pathsep.join((str(tmp_path), root))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"comes from {tmp_path}" in done.stdout


def test_torch_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", object())
    check = doctor.heavy()
    assert (check.said, check.remedy) == ("torch got imported", "pip uninstall torch")


def test_a_changed_package_is_a_problem(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from translations import packages
    from translations.errors import BadPackage

    class Installed:
        name, version, demo = "translate-ur_en", "1.9", False

    def verify(package: Any) -> None:
        raise BadPackage("translate-ur_en: model/model.bin differs from what was installed")

    monkeypatch.setattr(packages, "installed", lambda folder: (Installed(),))
    monkeypatch.setattr(packages, "verify", verify)
    assert "model.bin differs" in problems(archive)["package translate-ur_en"]


COMMANDS = ("search", "show", "export", "status", "doctor")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_ends_in_an_example(name: str, capsys: Any) -> None:
    assert cli.run([name, "--help"]) == 0
    last = capsys.readouterr().out.strip().rpartition("\n\n")[2]
    assert last.strip().startswith(f"Example:  archiver {name}")


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys\nfrom archiver import cli\n"
        f"for name in {COMMANDS}: cli.run([name, '--help'])\n"
        "heavy = {'sqlalchemy', 'scrapy', 'rich', 'lxml', 'ctranslate2'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
