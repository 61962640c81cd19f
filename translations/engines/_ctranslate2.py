"""What the engines share: CTranslate2 running a package's model, with the marks that its family wants."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from translations.engines import Output, Search
from translations.errors import BadPackage, EngineFailed
from translations.packages.package import Package, read_metadata

logger = logging.getLogger(__name__)

# Models are trained on sentences of up to 150-200 pieces; beyond that one invents or stops early.
_WINDOW = 160


class Tokenizer(Protocol):
    """Text to pieces and back."""

    def encode(self, text: str) -> list[str]: ...

    def starts(self, text: str) -> list[int]: ...

    def decode(self, pieces: list[str]) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The marks around the pieces: before and behind those of a source, and before those of a target.

    `length_penalty` is the one its authors search with (0.2 is Argos's).
    """

    before: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    length_penalty: float = 0.2


class PieceEngine:
    """One package's model. `pieces` are those of the text; the frame around them is put on and off here."""

    def __init__(
        self, package: Package, translator: Any, tokenizer: Tokenizer, frame: Frame | None = None
    ) -> None:
        window = read_metadata(package.path / "metadata.json").get("window")
        self.window = min(window, _WINDOW) if isinstance(window, int) and window > 0 else _WINDOW
        self.frame = frame or Frame()
        self._package = package
        self._translator = translator
        self._tokenizer = tokenizer

    def pieces(self, text: str) -> list[str]:
        return self._tokenizer.encode(text)

    def starts(self, text: str) -> list[int]:
        return self._tokenizer.starts(text)

    def text(self, pieces: Sequence[str]) -> str:
        return self._tokenizer.decode(list(pieces)).removeprefix(" ")

    def framed(self, pieces: Sequence[str]) -> list[str]:
        """The tokens that the model is given for `pieces`."""
        return [*self.frame.before, *pieces, *self.frame.behind]

    def translate(
        self, inputs: Sequence[list[str]], search: Search, *, attention: bool = False
    ) -> list[Output]:
        batches = list(batched(inputs, search))
        outputs: dict[int, Output] = {}
        try:
            # All are asked for before the first is waited for: CTranslate2 gives every core its batch.
            asked = [
                self._asked([inputs[index] for index in batch], search, attention=attention)
                for batch in batches
            ]
            for batch, answers in zip(batches, asked, strict=True):
                for index, answer in zip(batch, answers, strict=True):
                    outputs[index] = self._output(answer.result(), len(inputs[index]), search)
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"{self._package.name} {self._package.version} failed: {error}") from error
        return [outputs[index] for index in range(len(inputs))]

    def _asked(self, batch: Sequence[list[str]], search: Search, *, attention: bool) -> Sequence[Any]:
        answers: Sequence[Any] = self._translator.translate_batch(
            [self.framed(pieces) for pieces in batch],
            target_prefix=[list(self.frame.target)] * len(batch) if self.frame.target else None,
            replace_unknowns=True,
            beam_size=search.beam,
            length_penalty=self.frame.length_penalty,
            no_repeat_ngram_size=search.no_repeat,
            use_vmap=search.vocabulary_map,
            max_decoding_length=search.max_target_tokens,
            return_scores=True,
            return_attention=attention,
            asynchronous=True,
        )
        return answers

    def _output(self, result: Any, read: int, search: Search) -> Output:
        pieces = tuple(result.hypotheses[0])
        skipped = len(self.frame.target) if pieces[: len(self.frame.target)] == self.frame.target else 0
        # CTranslate2 divides the sum of log-probabilities by length ** length_penalty.
        length = max(1, len(pieces)) ** (1 - self.frame.length_penalty)
        score = result.scores[0] / length if result.scores else 0.0
        first = len(self.frame.before)
        attention = result.attention[0][skipped:] if result.attention else ()
        return Output(
            pieces=pieces[skipped:],
            text=self.text(pieces[skipped:]),
            score=score,
            cut=len(pieces) >= search.max_target_tokens,
            attention=[row[first : first + read] for row in attention],
        )


def batched(inputs: Sequence[Sequence[str]], search: Search) -> Iterator[list[int]]:
    """The inputs' indices, batch by batch: neighbours in length, in no more rows than `search` allows.

    A batch holds `max_batch_tokens`, each counted once for every hypothesis of the beam. Where the search is
    `unpadded`, all inputs of a batch have one length: filling up a shorter one changes the order in which
    floats are added, and with it, for near ties, the translation.
    """
    batch: list[int] = []
    for index in sorted(range(len(inputs)), key=lambda index: len(inputs[index])):
        length = len(inputs[index])
        full = (len(batch) + 1) * max(1, length) * search.beam > search.max_batch_tokens
        if batch and (full or (search.unpadded and length != len(inputs[batch[0]]))):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def translator(package: Package, *, device: str, threads: int | None) -> Any:
    """The package's model on `device` ("cpu", "cuda", or "auto"); raises BadPackage when it does not load."""
    import ctranslate2

    if device == "auto":
        if ctranslate2.get_cuda_device_count():
            try:
                return _load(package, "cuda", threads)
            except BadPackage as error:
                # A driver without CTranslate2's libraries, or a card too small: the processor always can.
                logger.warning("the graphics card is not used: %s", error)
        device = "cpu"
    return _load(package, device, threads)


def _load(package: Package, device: str, threads: int | None) -> Any:
    import ctranslate2

    try:
        loaded = ctranslate2.Translator(
            str(package.path / "model"),
            device=device,
            compute_type="auto",
            # One core a batch: CTranslate2 gains more from two batches at once than from two threads on one.
            inter_threads=(threads or _cores()) if device == "cpu" else 1,
            intra_threads=1,
            max_queued_batches=-1,
        )
        if device != "cpu":
            # CUDA's libraries are only looked for when something is computed.
            loaded.translate_batch([["▁"]], beam_size=1, max_decoding_length=2)
    except (RuntimeError, ValueError) as error:
        raise BadPackage(f"{package.path / 'model'} does not load: {error}") from error
    return loaded


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def adds_end(package: Package) -> bool:
    """Whether CTranslate2 itself puts the end mark behind a source, as this model's converter decided."""
    file = package.path / "model" / "config.json"
    try:
        config = json.loads(file.read_bytes()) if file.is_file() else {}
    except (OSError, ValueError) as error:
        raise BadPackage(f"{file} cannot be read: {error}") from error
    return isinstance(config, dict) and config.get("add_source_eos") is True
