"""argostranslate.package, and nothing else of argostranslate, kept inside the folders we name.

Imported as it is, argostranslate makes three folders in the user's home, reads settings from there and logs
the text of posts. Imported through here it does none of that.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from translations.errors import BadPackage

_importing = Lock()


def _module() -> Any:
    with _importing:
        if "argostranslate.package" not in sys.modules:
            with tempfile.TemporaryDirectory(prefix="argos-") as scratch, _environment(Path(scratch)):
                import argostranslate.package
                import argostranslate.utils
            # At INFO it writes whole posts; a warning from it is still welcome.
            argostranslate.utils.logger.setLevel(logging.WARNING)
        return sys.modules["argostranslate.package"]


@contextlib.contextmanager
def _environment(scratch: Path) -> Iterator[None]:
    """The environment that argostranslate.settings reads when it is first imported."""
    ours: dict[str, str | None] = {name: None for name in os.environ if name.startswith("ARGOS_")}
    ours |= {"SNAP": None, "KMP_DUPLICATE_LIB_OK": os.environ.get("KMP_DUPLICATE_LIB_OK")}
    ours |= {name: str(scratch / name) for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    ours["ARGOS_PACKAGES_DIR"] = str(scratch / "packages")
    before = {name: os.environ.get(name) for name in ours}
    _set(ours)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def package(folder: Path) -> Any:
    """The argostranslate.package.Package in `folder`."""
    try:
        return _module().Package(folder)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadPackage(f"{folder} is no Argos package: {error}") from error


def package_name(listed: Any) -> str:
    """The name argospm knows a package by: "translate-ur_en"."""
    name: str = _module().argospm_package_name(listed)
    return name


def index(file: Path) -> list[Any]:
    """The packages in an Argos index that lies in `file`."""
    module = _module()
    settings = module.settings
    with tempfile.TemporaryDirectory(prefix="argos-") as scratch:
        settings.remote_package_index = file.absolute().as_uri()
        settings.local_package_index = Path(scratch) / "index.json"
        module.update_package_index()
        found: list[Any] = module.get_available_packages()
    return found
