"""Packages made of published models: fetched, converted to CTranslate2 with 8-bit weights, packed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from translations.errors import BadPackage, LicenceNotAccepted, MissingExtra, NoPackage
from translations.packages.catalogue import Known
from translations.packages.fetching import AvailablePackage, download
from translations.packages.installing import MOST_BYTES, install
from translations.packages.package import Package

# Which files the tokenizer may be called where a model comes from, and what it is called in a package.
_ONE = ("source.spm", "sentencepiece.bpe.model", "spiece.model", "sentencepiece.model")
_TOKENIZERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "marian": {"source.spm": ("source.spm",), "target.spm": ("target.spm",)},
    "m2m100": {"source.spm": _ONE},
    "nllb": {"source.spm": _ONE},
    "madlad": {"source.spm": _ONE},
}
_COPIED = {
    "m2m100": ["sentencepiece.bpe.model"],
    "nllb": ["sentencepiece.bpe.model"],
    "madlad": ["spiece.model"],
}


def install_known(
    model: Known,
    language: str,
    target: str,
    directory: Path,
    *,
    folder: Path | None = None,
    accept_licence: bool = False,
) -> Package:
    """Install a model of the catalogue for one language: from `folder`, or fetched and converted.

    `folder` holds the converted model with its tokenizer, or the model as it was published.
    """
    source = model.source_for(language)
    if source is None or target != model.target:
        raise NoPackage(
            language, target, f"{model.name} translates {', '.join(model.sources)} to {model.target}"
        )
    if model.agreement and not accept_licence:
        raise LicenceNotAccepted(
            f"{model.name} is under {model.licence}, which forbids commercial use; read {model.origin} and, "
            "if you agree, say --accept-licence"
        )
    with tempfile.TemporaryDirectory(prefix="archiver-model-") as scratch:
        converted = _converted(model, folder or _fetched(model, Path(scratch)), Path(scratch))
        return install(
            _packed(model, source, converted, Path(scratch) / f"{model.name}.argosmodel"), directory
        )


def _fetched(model: Known, scratch: Path) -> Path | None:
    """Where the published model lies unpacked; None when the converter itself fetches it."""
    if model.engine != "marian":
        return None
    _need(model, "yaml")
    offer = AvailablePackage(
        name=model.name, source=model.sources[0], target=model.target, version="", links=(model.address,)
    )
    file, folder = download(offer, scratch), scratch / "published"
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
                raise BadPackage(f"{model.address} would unpack to more than {MOST_BYTES:,} bytes")
            archive.extractall(folder)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadPackage(f"{model.address} is damaged: {error}") from error
    return folder


def _converted(model: Known, folder: Path | None, scratch: Path) -> Path:
    if folder is not None and (folder / "model.bin").is_file():
        return folder
    if folder is not None and not folder.is_dir():
        raise BadPackage(f"there is no folder {folder}")
    to = scratch / "converted"
    _need(model, *(("yaml",) if model.engine == "marian" else ("torch", "transformers")))
    try:
        _convert(model, folder, to)
    except (OSError, ValueError, RuntimeError, KeyError, NotImplementedError) as error:
        raise BadPackage(f"{folder or model.address} cannot be converted: {error}") from error
    return to


def _convert(model: Known, folder: Path | None, to: Path) -> None:
    from ctranslate2 import converters

    if model.engine == "marian":
        assert folder is not None
        converters.OpusMTConverter(str(folder)).convert(str(to), quantization="int8")
        for name in ("source.spm", "target.spm"):
            shutil.copy(folder / name, to / name)
        return
    converter = converters.TransformersConverter(
        str(folder or model.address), copy_files=_COPIED[model.engine], low_cpu_mem_usage=True
    )
    converter.convert(str(to), quantization="int8")


def _need(model: Known, *modules: str) -> None:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"converting {model.name} needs {', '.join(missing)}: pip install 'bilingual-archiver[convert]', "
            "or name a folder with the converted model: --from DIR"
        )


def _packed(model: Known, source: str, converted: Path, to: Path) -> Path:
    """The converted model as an .argosmodel file with the facts of the catalogue."""
    top = f"{source}_{model.target}"
    with zipfile.ZipFile(to, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(converted.iterdir()):
            if file.name in ("model.bin", "config.json") or file.name.endswith(
                ("vocabulary.json", "vocabulary.txt")
            ):
                archive.write(file, f"{top}/model/{file.name}")
        for ours, names in _TOKENIZERS[model.engine].items():
            found = next((converted / name for name in names if (converted / name).is_file()), None)
            if found is None:
                raise BadPackage(
                    f"{converted} holds no {' or '.join(names)}, which {model.engine} models need"
                )
            archive.write(found, f"{top}/{ours}")
        archive.writestr(f"{top}/metadata.json", json.dumps(_metadata(model, source), indent=1))
    return to


def _metadata(model: Known, source: str) -> dict[str, Any]:
    return {
        # The part after + tells models for the same pair apart.
        "package_version": "1.0+" + model.name.replace("-", "."),
        "argos_version": "1.9",
        "from_code": source,
        "from_name": source,
        "to_code": model.target,
        "to_name": model.target,
        "engine": model.engine,
        "licence": model.licence,
        "origin": model.origin,
        "gist": True,
        **({"bleu": model.bleu[source]} if source in model.bleu else {}),
    }
