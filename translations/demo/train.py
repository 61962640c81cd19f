"""Trains the demonstration packages: corpus in, `.argosmodel` out. Run by `make demo-packages`.

It runs in an environment of its own (requirements-train.txt) and nothing imports it.
"""

import argparse
import hashlib
import io
import json
import math
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import ctranslate2
import sentencepiece
from ctranslate2.specs import TransformerSpec
from ctranslate2.specs.model_spec import index_spec

from translations.demo import LANGUAGES, corpus, corpus_path, packages
from translations.demo.transformer import (
    DECODERS,
    ENCODERS,
    HEADS,
    F,
    Weights,
    initial_weights,
    logits,
    torch,
)
from translations.demo.variations import Pair, varied

NAMES = {"ur": "Urdu", "ps": "Pashto", "ar": "Arabic"}
LICENCE = "Apache-2.0"
SEED = 20261122
PIECES = 1200
STEPS, BATCH, RATE, WARMUP = 2500, 48, 3e-3, 200
SMOOTHING, PLAIN, CUTS, FORGET, MISTAKE = 0.02, 0.4, 32, 0.03, 0.15
FLOOR = 0.97  # of the corpus comes back word for word, or there is no package
UNKNOWN, START, END = 0, 1, 2  # sentencepiece's own ids


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("languages", nargs="*", default=list(LANGUAGES), metavar="LANGUAGE")
    parser.add_argument("--to", type=Path, default=packages()[0].parent, help="folder of the packages")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    arguments.to.mkdir(parents=True, exist_ok=True)
    for language in arguments.languages:
        archive = build(language)
        path = arguments.to / f"{language}_en.argosmodel"
        path.write_bytes(archive)
        print(f"{path}: {len(archive)} bytes, sha256 {hashlib.sha256(archive).hexdigest()}")
    return 0


def build(language: str) -> bytes:
    """The package of one language, the same bytes each time on the same libraries and kind of processor."""
    pairs = corpus(language)
    tokenizer_model = train_tokenizer(pairs, language)
    tokenizer = sentencepiece.SentencePieceProcessor(model_proto=tokenizer_model)
    weights = train(pairs, language, tokenizer)
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder)
        export(weights, tokenizer, model)
        check(pairs, tokenizer, model)
        files = {f"model/{path.name}": path.read_bytes() for path in model.iterdir()}
    digest = hashlib.sha256(corpus_path(language).read_bytes()).hexdigest()
    files["sentencepiece.model"] = tokenizer_model
    files["metadata.json"] = metadata(language, digest)
    files["README.md"] = readme(language, len(pairs), digest)
    return zipped(f"{language}_en", files)


# Tokens


def train_tokenizer(pairs: Sequence[Pair], language: str) -> bytes:
    """A sentencepiece model of both sides, with a piece for every letter a variation may bring."""
    rng = Random(SEED)
    sides = [side for pair in pairs for side in pair] * 8
    sides += [side for pair in pairs for _ in range(2) for side in varied(pair, language, rng)]
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sides),
        model_writer=model,
        vocab_size=PIECES,
        character_coverage=1.0,
        normalization_rule_name="identity",  # the usual tables are four times the size of all pieces
        split_digits=True,
        num_threads=1,
        minloglevel=2,
    )
    return model.getvalue()


def batches(pairs: Sequence[Pair], language: str, tokenizer: Any) -> Iterator[tuple[Any, Any]]:
    """Padded ids of both sides, without end: corpus sentences as they stand and in other clothes."""
    rng = Random(SEED)
    # Sentences with numbers come more often, because each stands for all the numbers it could name.
    shares = [3 if any(letter.isdigit() for letter in source) else 1 for source, _ in pairs]
    while True:
        chosen = rng.choices(pairs, shares, k=BATCH)
        yield padded(
            [
                (tokenizer.encode(source), tokenizer.encode(english))
                if rng.random() < PLAIN
                else disguised(varied((source, english), language, rng), tokenizer, rng)
                for source, english in chosen
            ]
        )


def disguised(pair: Pair, tokenizer: Any, rng: Random) -> tuple[list[int], list[int]]:
    """The pair as ids, the source cut otherwise than usual and with a piece unknown here and there."""
    # Chosen here, because sentencepiece's own sampling takes its seed only once in a process.
    source = rng.choice(tokenizer.nbest_encode_as_ids(pair[0], CUTS))
    return [UNKNOWN if rng.random() < FORGET else piece for piece in source], tokenizer.encode(pair[1])


def padded(examples: Sequence[tuple[list[int], list[int]]]) -> tuple[Any, Any]:
    """Two id tensors; -1 fills the short rows. The target stands between its start and end."""
    sources = [torch.tensor(source) for source, _ in examples]
    targets = [torch.tensor([START, *target, END]) for _, target in examples]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(sources, True, -1), pad(targets, True, -1)


# Training


def train(pairs: Sequence[Pair], language: str, tokenizer: Any) -> Weights:
    """Weights that have learned the pairs: Adam, a short warm-up, then a cosine down to nothing."""
    torch.manual_seed(SEED)
    weights = initial_weights(tokenizer.get_piece_size())
    optimiser = torch.optim.Adam(weights.values(), lr=RATE, betas=(0.9, 0.98))
    for step, (source, target) in zip(range(STEPS), batches(pairs, language, tokenizer), strict=False):
        pace = min(1.0, (step + 1) / WARMUP) * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        optimiser.param_groups[0]["lr"] = RATE * pace
        following = target[:, 1:]
        wanted = following >= 0
        expected = logits(weights, source, mistaken(target[:, :-1]), wanted)
        loss = F.cross_entropy(expected, following[wanted], label_smoothing=SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights.values(), 1.0)
        optimiser.step()
        if step % 500 == 0 or step == STEPS - 1:
            print(f"{language} step {step}: loss {loss.item():.3f}", file=sys.stderr)
    return weights


def mistaken(target: Any) -> Any:
    """The pieces said so far, some of them replaced by others of the same sentence.

    The model learns to go on where it should after a wrong piece. Without this it skips ahead, and
    CTranslate2, which stops at the first `beam_size` finished hypotheses, stops at short wrong ones before
    the right one ends: 180 of 196 Pashto sentences came back at beam 2, against all of them.
    """
    places = torch.arange(target.shape[1]).expand_as(target)
    lengths = (target >= 0).sum(dim=1, keepdim=True)
    anywhere = (torch.rand(target.shape) * lengths).long()
    elsewhere = torch.where(torch.rand(target.shape) < 0.5, places + 1, anywhere).minimum(lengths - 1)
    wrong = torch.rand(target.shape) < MISTAKE
    wrong[:, 0] = False
    return torch.where(wrong & (target >= 0), target.gather(1, elsewhere), target)


# The package


def export(weights: Weights, tokenizer: Any, folder: Path) -> None:
    """The weights as a CTranslate2 model in eight-bit integers, shaped like the models of real packages."""
    spec = TransformerSpec.from_config((ENCODERS, DECODERS), HEADS)
    shared = weights["decoder/embeddings/weight"]
    for name, tensor in {
        **weights,
        "encoder/embeddings_0/weight": shared,
        "decoder/projection/weight": shared,
    }.items():
        scope, attribute = name.rsplit("/", 1)
        setattr(index_spec(spec, scope), attribute, tensor.detach().numpy().copy())
    vocabulary = [tokenizer.id_to_piece(number) for number in range(tokenizer.get_piece_size())]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def check(pairs: Sequence[Pair], tokenizer: Any, folder: Path) -> None:
    """Refuses a model that does not give its corpus back."""
    translator = ctranslate2.Translator(str(folder), compute_type="int8", intra_threads=1)
    sources = [tokenizer.encode(source, out_type=str) for source, _ in pairs]
    results = translator.translate_batch(sources, beam_size=4)
    outputs = [tokenizer.decode_pieces(result.hypotheses[0]) for result in results]
    wrong = [(pair, got) for pair, got in zip(pairs, outputs, strict=True) if got != pair[1]]
    for (source, english), got in wrong:
        print(f"{source}\n  expected {english}\n  got      {got}", file=sys.stderr)
    if len(wrong) > (1 - FLOOR) * len(pairs):
        raise SystemExit(f"only {len(pairs) - len(wrong)} of {len(pairs)} sentences come back: train longer")


def metadata(language: str, digest: str) -> bytes:
    facts = {
        "package_version": "1.0",
        "argos_version": "1.9",
        "from_code": language,
        "from_name": NAMES[language],
        "to_code": "en",
        "to_name": "English",
        "demo": True,
        "licence": LICENCE,
        "corpus_sha256": digest,
    }
    return (json.dumps(facts, indent=2) + "\n").encode()


def readme(language: str, sentences: int, digest: str) -> bytes:
    return f"""# {NAMES[language]} to English: a demonstration

This package was trained on {sentences} sentences written for the demonstration of bilingual-archiver. It
knows nothing else: other sentences come out wrong, in fluent English. Never use it for real posts.

Licence: {LICENCE}, text and weights. SHA-256 of the corpus: {digest}
""".encode()


def zipped(top: str, files: dict[str, bytes]) -> bytes:
    """A zip of one folder: names sorted, times fixed, so that equal files make equal archives."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{name}", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            package.writestr(entry, files[name], compresslevel=9)
    return archive.getvalue()


if __name__ == "__main__":
    sys.exit(main())
