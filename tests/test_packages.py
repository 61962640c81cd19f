"""A package is installed whole or not at all, is what it was when it was installed, and harms no other."""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from translations import demo
from translations.errors import (
    BadPackage,
    DemoPackageRefused,
    NoEngine,
    NoPackage,
    NoSuchPackage,
    PackageClash,
)
from translations.packages import (
    Package,
    broken,
    choose,
    install,
    installed,
    remove,
    verify,
)

UR, PS, AR = demo.packages()


def contents(directory: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(directory)): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()
    }


def rezipped(to: Path, change: Callable[[dict[str, bytes]], None], package: Path = UR) -> Path:
    """`package` with its entries changed by `change` (a dict of name -> bytes)."""
    with zipfile.ZipFile(package) as archive:
        entries = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    change(entries)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return to


def top(entries: dict[str, bytes]) -> str:
    return next(iter(entries)).split("/")[0]


def with_metadata(to: Path, **changes: object) -> Path:
    def change(entries: dict[str, bytes]) -> None:
        name = f"{top(entries)}/metadata.json"
        entries[name] = json.dumps({**json.loads(entries[name]), **changes}).encode()

    return rezipped(to, change)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "packages"


@pytest.fixture
def two(directory: Path) -> tuple[Package, Package]:
    return install(PS, directory), install(AR, directory)


def test_an_installed_package_is_listed_as_its_metadata_says(directory: Path) -> None:
    package = install(UR, directory)
    assert (package.name, package.source, package.target, package.demo) == (
        "translate-ur_en",
        "ur",
        "en",
        True,
    )
    assert len(package.sha256) == 64
    assert package.licence
    assert installed(directory) == (package,)
    verify(package)


def test_installing_twice_is_installing_once(directory: Path) -> None:
    first = install(UR, directory)
    before = contents(directory)
    assert install(UR, directory) == first
    assert contents(directory) == before


def test_argospm_sees_what_we_install(directory: Path, two: tuple[Package, Package], tmp_path: Path) -> None:
    program = "from argostranslate import package; print(*package.get_installed_packages(), sep='|')"
    env = {**os.environ, "ARGOS_PACKAGES_DIR": str(directory), "HOME": str(tmp_path / "home")}
    env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    listed = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert len(listed.stdout.split("|")) == 2
    assert "→ English" in listed.stdout


def test_nothing_is_made_or_read_in_the_users_home(directory: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".config/argos-translate").mkdir(parents=True)
    (home / ".config/argos-translate/settings.json").write_text("no JSON: reading it would complain")
    program = (
        "import os, sys, logging; logging.basicConfig(level=0, stream=sys.stdout)\n"
        "from pathlib import Path; from translations.packages import install, installed\n"
        "before = dict(os.environ); directory = Path(sys.argv[2])\n"
        "install(Path(sys.argv[1]), directory); assert len(installed(directory)) == 1\n"
        "assert dict(os.environ) == before"
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ARGOS_"))}
    done = subprocess.run(
        [sys.executable, "-c", program, str(UR), str(directory)],
        env={**env, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [p.name for p in home.rglob("*") if p.is_file()] == ["settings.json"]
    assert not (home / ".local").exists()


def no_zip(to: Path) -> Path:
    to.write_bytes(b"PK no zip " * 100)
    return to


def cut_short(to: Path) -> Path:
    to.write_bytes(UR.read_bytes()[: UR.stat().st_size // 2])
    return to


def flipped(to: Path) -> Path:
    content = bytearray(UR.read_bytes())
    with zipfile.ZipFile(UR) as archive:
        info = next(i for i in archive.infolist() if i.filename.endswith("model.bin"))
    content[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 1
    to.write_bytes(content)
    return to


def foreign(to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    return to


def damaged_model(to: Path) -> Path:
    def change(entries: dict[str, bytes]) -> None:
        name = f"{top(entries)}/model/model.bin"
        entries[name] = entries[name][:2000]

    return rezipped(to, change)


def without_tokenizer(to: Path) -> Path:
    return rezipped(to, lambda entries: entries.pop(f"{top(entries)}/sentencepiece.model") and None)


def climbing(to: Path) -> Path:
    return rezipped(
        to, lambda entries: entries.update({f"{top(entries)}/model/../../translate-ps_en-1_0/x": b"x"})
    )


def absolute(to: Path) -> Path:
    return rezipped(to, lambda entries: entries.update({"/etc/x": b"x"}))


def two_folders(to: Path) -> Path:
    return rezipped(to, lambda entries: entries.update({"translate-ps_en-1_0/model/model.bin": b"x"}))


def twice_the_same(to: Path) -> Path:
    return rezipped(to, lambda entries: entries.update({f"{top(entries)}/METADATA.json": b"{}"}))


def bomb(to: Path) -> Path:
    return rezipped(to, lambda entries: entries.update({f"{top(entries)}/model/x.bin": bytes(64 << 20)}))


def link(to: Path) -> Path:
    shutil.copy(UR, to)
    with zipfile.ZipFile(to, "a") as archive:
        info = zipfile.ZipInfo(f"{archive.namelist()[0].split('/')[0]}/model/link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    return to


HOSTILE = [no_zip, cut_short, flipped, foreign, damaged_model, without_tokenizer]
HOSTILE += [climbing, absolute, two_folders, twice_the_same, bomb, link]
METADATA: list[dict[str, object]] = [{"from_code": "../../x"}, {"from_code": None}, {"to_code": ["en"]}]
METADATA += [{"package_version": "../1"}, {"package_version": 1.0}, {"type": "sbd"}]


def name(make: Callable[[Path], Path]) -> str:
    return str(make.keywords) if isinstance(make, functools.partial) else make.__name__


@pytest.mark.parametrize(
    "make", [*HOSTILE, *(functools.partial(with_metadata, **change) for change in METADATA)], ids=name
)
def test_a_damaged_foreign_or_hostile_file_is_refused_and_touches_nothing(
    make: Callable[[Path], Path], directory: Path, two: tuple[Package, Package], tmp_path: Path
) -> None:
    before = contents(directory)
    file = make(tmp_path / "file.argosmodel")
    with pytest.raises(BadPackage) as refused:
        install(file, directory)
    assert "\n" not in str(refused.value)
    assert contents(directory) == before
    assert installed(directory) == tuple(sorted(two, key=lambda package: package.name))
    assert sorted(p.name for p in directory.parent.iterdir()) == ["file.argosmodel", "packages"]


def test_a_missing_file_is_named(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(BadPackage, match=r"nowhere\.argosmodel cannot be read: No such file"):
        install(tmp_path / "nowhere.argosmodel", directory)


def test_another_file_than_the_expected_one_is_refused(directory: Path) -> None:
    with pytest.raises(BadPackage, match="not the expected file"):
        install(UR, directory, sha256="0" * 64)
    assert install(UR, directory, sha256=hashlib.sha256(UR.read_bytes()).hexdigest().upper())


def test_the_same_version_with_other_content_needs_a_removal_first(directory: Path, tmp_path: Path) -> None:
    package = install(UR, directory)
    before = contents(directory)
    with pytest.raises(PackageClash, match="archiver packages remove translate-ur_en"):
        install(with_metadata(tmp_path / "other.argosmodel", from_name="Other"), directory)
    assert contents(directory) == before
    remove(package.name, directory)
    assert install(tmp_path / "other.argosmodel", directory).sha256 != package.sha256


def test_what_only_stanza_would_use_is_left_out(
    directory: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = rezipped(
        tmp_path / "stanza.argosmodel",
        lambda entries: entries.update({f"{top(entries)}/stanza/ur/tokenize.pt": b"pickle"}),
    )
    package = install(file, directory)
    assert not (package.path / "stanza").exists()
    assert "left out stanza/ur/tokenize.pt" in caplog.text
    assert package.sha256 == install(UR, tmp_path / "elsewhere").sha256


def test_an_engine_we_lack_is_named(directory: Path, tmp_path: Path) -> None:
    with pytest.raises(NoEngine, match="needs the engine 'nope'; there are: argos"):
        install(with_metadata(tmp_path / "engine.argosmodel", engine="nope"), directory)
    assert installed(directory) == ()


def test_a_flipped_bit_is_noticed_and_the_file_named(directory: Path) -> None:
    package = install(UR, directory)
    model = package.path / "model" / "model.bin"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 4
    model.write_bytes(content)
    with pytest.raises(BadPackage, match=r"model/model\.bin is not the file that was installed"):
        verify(package)


@pytest.mark.parametrize("harm", ["missing", "added", "linked", "manifest"])
def test_any_other_change_is_noticed_too(directory: Path, harm: str) -> None:
    package = install(UR, directory)
    if harm == "missing":
        (package.path / "sentencepiece.model").unlink()
    elif harm == "added":
        (package.path / "bpe.model").write_text("x")
    elif harm == "linked":
        (package.path / "sentencepiece.model").unlink()
        (package.path / "sentencepiece.model").symlink_to(UR)
    else:
        manifest = json.loads((package.path / "manifest.json").read_text())
        manifest["files"]["model/model.bin"] = "0" * 64
        (package.path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadPackage):
        verify(package)


def test_a_package_that_another_tool_installed_is_used_and_pinned_when_listed(directory: Path) -> None:
    ours = install(UR, directory)
    (ours.path / "manifest.json").unlink()
    shutil.rmtree(ours.path / "minisbd")  # which we have added
    (listed,) = installed(directory)
    assert listed == ours
    verify(listed)
    (listed.path / "metadata.json").write_text((listed.path / "metadata.json").read_text() + " ")
    with pytest.raises(BadPackage):
        verify(listed)


def test_a_broken_folder_hides_no_package(directory: Path, two: tuple[Package, Package]) -> None:
    (directory / "stray").mkdir()
    (directory / "worse").mkdir()
    (directory / "worse" / "metadata.json").write_text("[")
    assert len(installed(directory)) == 2
    assert [folder.name for folder, _ in broken(directory)] == ["stray", "worse"]


def test_removing_removes_one_and_names_what_there_is(directory: Path, two: tuple[Package, Package]) -> None:
    with pytest.raises(NoSuchPackage, match=r"no package translate-xx_en is .*ar_en .*, translate-ps_en"):
        remove("translate-xx_en", directory)
    assert remove("translate-ps_en", directory) == (two[0].path,)
    assert [package.source for package in installed(directory)] == ["ar"]


def test_a_broken_package_can_be_removed(directory: Path, two: tuple[Package, Package]) -> None:
    (two[0].path / "manifest.json").write_text("{}")
    assert remove("translate-ps_en", directory) == (two[0].path,)
    assert broken(directory) == ()


def test_nothing_is_installed_where_nothing_is(tmp_path: Path) -> None:
    assert installed(tmp_path / "nowhere") == ()


def package(source: str, version: str = "1.0", *, demo: bool = False, target: str = "en") -> Package:
    return Package(
        name=f"translate-{source}_{target}",
        source=source,
        target=target,
        version=version,
        sha256=f"{source}{version}",
        path=Path("/nowhere"),
        demo=demo,
    )


def test_the_newest_version_is_chosen() -> None:
    packages = [
        package("ur", "1.9"),
        package("ur", "1.10"),
        package("ur", "1.2"),
        package("ur", "2", demo=True),
    ]
    assert choose(packages, "ur").version == "1.10"
    assert choose(packages, "ur", allow_demo=True).version == "1.10"


@pytest.mark.parametrize(
    ("tag", "source"),
    [
        ("prs", "fa"),
        ("fa-AF", "fa"),
        ("pus", "ps"),
        ("pbt", "ps"),
        ("arz", "ar"),
        ("ur-PK", "ur"),
        ("ur-Arab", "ur"),
    ],
)
def test_a_variety_is_translated_by_its_written_language(tag: str, source: str) -> None:
    assert choose([package("fa"), package("ps"), package("ar"), package("ur")], tag).source == source


def test_a_package_for_the_variety_itself_comes_first() -> None:
    assert choose([package("fa", "9"), package("prs", "1")], "prs").source == "prs"


def test_a_missing_package_is_an_answer_with_a_remedy() -> None:
    with pytest.raises(NoPackage, match="no package translates ps to en; try: archiver packages install ps"):
        choose([package("ur"), package("ps", target="de")], "ps")
    with pytest.raises(NoPackage):
        choose([package("ur")], "ur-Latn")


def test_a_demonstration_package_must_be_allowed() -> None:
    packages = [package("ur", demo=True)]
    with pytest.raises(DemoPackageRefused, match="--demo-packages"):
        choose(packages, "ur")
    assert choose(packages, "ur", allow_demo=True).demo
