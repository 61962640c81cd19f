"""A package of Argos's size with random weights: it translates into nonsense at the speed of a real one."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from translations.doubt import has_arabic


def build(
    file: Path,
    sentences: Iterable[str],
    *,
    source: str = "ur",
    target: str = "en",
    layers: int = 6,
    width: int = 512,
    heads: int = 8,
    pieces: int = 8000,
    vocabulary: int = 0,
    latin: int = 0,
) -> Path:
    """Write a .argosmodel file: SentencePiece trained on `sentences`, and random int8 weights.

    Of `vocabulary` pieces, about `latin` are without Arabic letters: those that a vocabulary map keeps.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        known = _sentencepiece(folder / "sentencepiece", sentences, pieces)
        # Few sentences give few pieces; the rest of a real vocabulary costs time though nobody reads it.
        missing = latin - sum(not has_arabic(piece) for piece in known)
        known += [f"▁unused{index}" for index in range(missing)]
        known += [f"▁بیکار{index}" for index in range(vocabulary - len(known))]
        _model(folder / "model", known, layers, width, heads)
        metadata = {
            "package_version": "1.0",
            "argos_version": "1.9",
            "from_code": source,
            "from_name": source,
            "to_code": target,
            "to_name": target,
            "demo": True,
        }
        (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name in ["metadata.json", "sentencepiece.model"]:
                archive.write(folder / name, f"{source}_{target}/{name}")
            for path in sorted((folder / "model").iterdir()):
                archive.write(path, f"{source}_{target}/model/{path.name}")
    return file


def _sentencepiece(prefix: Path, sentences: Iterable[str], pieces: int) -> list[str]:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_prefix=str(prefix),
        vocab_size=pieces,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
    return [processor.id_to_piece(index) for index in range(len(processor))]


def _model(folder: Path, vocabulary: list[str], layers: int, width: int, heads: int) -> None:
    from ctranslate2.specs import TransformerSpec

    spec = TransformerSpec.from_config(layers, heads)
    rng = np.random.default_rng(1)

    def linear(to: object, rows: int, columns: int) -> None:
        to.weight = (rng.standard_normal((rows, columns)) / columns**0.5).astype(np.float32)  # type: ignore[attr-defined]
        to.bias = np.zeros(rows, dtype=np.float32)  # type: ignore[attr-defined]

    def norm(to: object) -> None:
        to.gamma = np.ones(width, dtype=np.float32)  # type: ignore[attr-defined]
        to.beta = np.zeros(width, dtype=np.float32)  # type: ignore[attr-defined]

    def attention(to: object, inputs: tuple[int, ...]) -> None:
        norm(to.layer_norm)  # type: ignore[attr-defined]
        for part, rows in zip(to.linear, inputs, strict=True):  # type: ignore[attr-defined]
            linear(part, rows, width)

    words = ["<unk>", "<s>", "</s>", *[piece for piece in vocabulary if not piece.startswith("<")]]
    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = (rng.standard_normal((len(words), width)) / width**0.5).astype(np.float32)
        norm(side.layer_norm)
        for layer in side.layer:
            attention(layer.self_attention, (3 * width, width))
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * width, width)
            linear(layer.ffn.linear_1, width, 4 * width)
    for layer in spec.decoder.layer:
        attention(layer.attention, (width, 2 * width, width))
    linear(spec.decoder.projection, len(words), width)
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir()
    spec.save(str(folder))
