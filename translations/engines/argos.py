"""Argos packages, run by CTranslate2 directly: Argos's own search, in batches as large as they should be."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from translations.engines import Output, Search
from translations.errors import BadPackage, EngineFailed
from translations.packages import argos
from translations.packages.package import Package, read_metadata

# Argos trains on sentences of up to 150-200 pieces; beyond that a model invents or stops early.
_WINDOW = 160


def load(package: Package, *, device: str = "cpu", threads: int | None = None) -> ArgosEngine:
    """The package's model and tokenizer; raises BadPackage when one of them does not load."""
    import ctranslate2

    if device == "auto":
        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    try:
        translator = ctranslate2.Translator(
            str(package.path / "model"),
            device=device,
            compute_type="auto",
            # One core a batch: CTranslate2 gains more from two batches at once than from two threads on one.
            inter_threads=(threads or _cores()) if device == "cpu" else 1,
            intra_threads=1,
        )
    except (RuntimeError, ValueError) as error:
        raise BadPackage(f"{package.path / 'model'} does not load: {error}") from error
    return ArgosEngine(package, translator, _tokenizer(package.path))


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ArgosEngine:
    """One Argos package's model."""

    def __init__(self, package: Package, translator: Any, tokenizer: Tokenizer) -> None:
        metadata = read_metadata(package.path / "metadata.json")
        window, prefix = metadata.get("window"), metadata.get("target_prefix")
        self.window = min(window, _WINDOW) if isinstance(window, int) and window > 0 else _WINDOW
        self._prefix = prefix if isinstance(prefix, str) else ""
        self._package = package
        self._translator = translator
        self._tokenizer = tokenizer

    def pieces(self, text: str) -> list[str]:
        return self._tokenizer.encode(text)

    def starts(self, text: str) -> list[int]:
        return self._tokenizer.starts(text)

    def text(self, pieces: Sequence[str]) -> str:
        text = self._tokenizer.decode(list(pieces))
        return text.removeprefix(self._prefix).removeprefix(" ") if self._prefix else text.removeprefix(" ")

    def translate(
        self, inputs: Sequence[list[str]], search: Search, *, attention: bool = False
    ) -> list[Output]:
        try:
            results = self._translator.translate_batch(
                inputs,
                target_prefix=[[self._prefix]] * len(inputs) if self._prefix else None,
                replace_unknowns=True,
                max_batch_size=search.max_batch_tokens,
                batch_type="tokens",
                beam_size=search.beam,
                length_penalty=search.length_penalty,
                max_decoding_length=search.max_target_tokens,
                return_scores=True,
                return_attention=attention,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self._package.name} {self._package.version} failed: {error}") from error
        return [self._output(result, search) for result in results]

    def _output(self, result: Any, search: Search) -> Output:
        pieces = tuple(result.hypotheses[0])
        # CTranslate2 divides the sum of log-probabilities by length ** length_penalty.
        score = (
            result.scores[0] / max(1, len(pieces)) ** (1 - search.length_penalty) if result.scores else 0.0
        )
        return Output(
            pieces=pieces,
            text=self.text(pieces),
            score=score,
            cut=len(pieces) >= search.max_target_tokens,
            attention=result.attention[0] if result.attention else (),
        )


class Tokenizer(Protocol):
    """Text to pieces and back."""

    def encode(self, text: str) -> list[str]: ...

    def starts(self, text: str) -> list[int]: ...

    def decode(self, pieces: list[str]) -> str: ...


def _tokenizer(folder: Path) -> Tokenizer:
    if (folder / "sentencepiece.model").is_file():
        return SentencePiece(folder / "sentencepiece.model")
    if (folder / "bpe.model").is_file():
        return MosesBPE(folder)
    raise BadPackage(f"{folder} holds neither sentencepiece.model nor bpe.model")


class SentencePiece:
    """The tokenizer of every package since 2021."""

    def __init__(self, model: Path) -> None:
        import sentencepiece

        try:
            self._processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
        except (OSError, RuntimeError, ValueError) as error:
            raise BadPackage(f"{model} does not load: {error}") from error

    def encode(self, text: str) -> list[str]:
        pieces: list[str] = self._processor.encode(text, return_type=str)
        return pieces

    def starts(self, text: str) -> list[int]:
        # The proto counts bytes; each character begins at one that is no continuation (10xxxxxx).
        begins = [at for at, byte in enumerate(text.encode()) if byte & 0xC0 != 0x80]
        proto = self._processor.encode(text, return_type="proto")
        return [min(bisect_left(begins, piece.begin), len(text)) for piece in proto.pieces]

    def decode(self, pieces: list[str]) -> str:
        # Argos also turns every "_" into a space; a post's underscores are its own.
        text: str = self._processor.decode_pieces(pieces)
        return text.replace("▁", " ")


class MosesBPE:
    """The tokenizer of the oldest packages, by argostranslate itself."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = argos.package(folder).tokenizer

    def encode(self, text: str) -> list[str]:
        pieces: list[str] = self._tokenizer.encode(text)
        return pieces

    def starts(self, text: str) -> list[int]:
        # Moses rewrites the text; the words' order is all that can be told.
        found, at = [], 0
        for piece in self.encode(text):
            place = text.find(piece.removesuffix("@@"), at)
            found.append(max(place, at))
            at = max(at, place + 1)
        return found

    def decode(self, pieces: list[str]) -> str:
        text: str = self._tokenizer.decode(pieces)
        return text
