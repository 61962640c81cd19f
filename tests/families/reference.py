"""Tiny random models of the four families, made by the reference library, converted by the real converters
and run by our engines: `make test-families`; with `--freeze` the reference's tokens go into tokens.json.

This needs transformers and torch, which the project never installs; tests/test_families.py holds our engines
to what is frozen here. The three SentencePiece models are trained on our own demonstration sentences.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctranslate2
import sentencepiece
import torch
import transformers
from ctranslate2.converters import TransformersConverter

from translations import demo
from translations.engines import load
from translations.engines._ctranslate2 import PieceEngine
from translations.packages.package import Package

HERE = Path(__file__).parent
TINY = {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2,
        "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "max_position_embeddings": 256}  # fmt: skip
TEXTS = [source for source, _ in demo.corpus("ps")[:6]]
TEXTS += ["  دوه  تشې  ", "BBC ۱۲ Z€", "«کابل»، ۱۴۰۳/۰۱/۰۲؟"]


def train() -> None:
    """The SentencePiece models that lie beside this file."""
    pashto, english = ([pair[side] for pair in demo.corpus("ps")] for side in (0, 1))
    plain = {
        "hard_vocab_limit": False,
        "minloglevel": 2,
        "num_threads": 1,
        "normalization_rule_name": "identity",
    }
    for name, texts, more in (
        ("source", pashto, {"model_type": "bpe"}),
        ("target", english, {"model_type": "bpe"}),
        ("both", pashto + english, {"model_type": "bpe"}),
        ("t5", pashto + english, {"unk_id": 2, "pad_id": 0, "eos_id": 1, "bos_id": -1,
                                  "user_defined_symbols": ["<2en>", "<2ps>"]}),
    ):  # fmt: skip
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_prefix=str(HERE / name), vocab_size=400, **plain, **more
        )
        (HERE / f"{name}.vocab").unlink()
        (HERE / f"{name}.model").replace(HERE / f"{name}.spm")


def pieces(name: str) -> list[str]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(HERE / f"{name}.spm"))
    return [processor.id_to_piece(index) for index in range(len(processor))]


def copied(name: str, to: Path) -> None:
    to.write_bytes((HERE / f"{name}.spm").read_bytes())


def marian(folder: Path) -> Any:
    both = [p for p in dict.fromkeys([*pieces("source"), *pieces("target")]) if not p.startswith("<")]
    known = ["</s>", "<unk>", *both, "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(known)}))
    copied("source", folder / "source.spm")
    copied("target", folder / "target.spm")
    tokenizer = transformers.MarianTokenizer(
        str(folder / "source.spm"), str(folder / "target.spm"), str(folder / "vocab.json")
    )
    pad = len(known) - 1
    config = transformers.MarianConfig(
        vocab_size=len(known), pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0, bos_token_id=0,
        forced_eos_token_id=0, scale_embedding=True, activation_function="swish", **TINY,
    )  # fmt: skip
    return tokenizer, transformers.MarianMTModel(config)


def m2m100(folder: Path) -> Any:
    known = ["<s>", "<pad>", "</s>", "<unk>", *[p for p in pieces("both") if not p.startswith("<")]]
    (folder / "vocab.json").write_text(json.dumps({token: index for index, token in enumerate(known)}))
    copied("both", folder / "sentencepiece.bpe.model")
    files = str(folder / "vocab.json"), str(folder / "sentencepiece.bpe.model")
    marks = list(transformers.M2M100Tokenizer(*files).lang_token_to_id)
    # As in the special_tokens_map.json that is published beside the models.
    tokenizer = transformers.M2M100Tokenizer(
        *files, src_lang="ps", tgt_lang="en", additional_special_tokens=marks
    )
    size = tokenizer.encoder_size + len(tokenizer.lang_token_to_id) + tokenizer.num_madeup_words
    config = transformers.M2M100Config(vocab_size=size, activation_function="relu", **TINY)
    return tokenizer, transformers.M2M100ForConditionalGeneration(config)


def nllb(folder: Path) -> Any:
    copied("both", folder / "sentencepiece.bpe.model")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "NllbTokenizer"}))
    tokenizer = transformers.NllbTokenizer.from_pretrained(
        str(folder), src_lang="pbt_Arab", tgt_lang="eng_Latn"
    )
    config = transformers.M2M100Config(vocab_size=len(tokenizer), activation_function="relu", **TINY)
    return tokenizer, transformers.M2M100ForConditionalGeneration(config)


def madlad(folder: Path) -> Any:
    copied("t5", folder / "spiece.model")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "legacy": False})
    )
    tokenizer = transformers.T5Tokenizer.from_pretrained(str(folder), extra_ids=0)
    config = transformers.T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu", tie_word_embeddings=False, decoder_start_token_id=0,
    )  # fmt: skip
    return tokenizer, transformers.T5ForConditionalGeneration(config)


FAMILIES: dict[str, tuple[Callable[[Path], Any], str, str | None]] = {
    "marian": (marian, "", None),
    "m2m100": (m2m100, "", "__en__"),
    "nllb": (nllb, "", "eng_Latn"),
    "madlad": (madlad, "<2en> ", None),
}


def reference(family: str, scratch: Path) -> tuple[list[list[str]], list[list[str]], Path]:
    """What the reference library reads and says, and the model as the real converter leaves it."""
    build, before, first = FAMILIES[family]
    folder = scratch / family
    folder.mkdir()
    torch.manual_seed(5)
    tokenizer, model = build(folder)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1 and weight.requires_grad:
                weight.normal_(0, 0.3)  # so that different inputs have different outputs
        if family == "marian":
            model.get_input_embeddings().weight[model.config.pad_token_id] = 0  # as Marian starts to write
    model.eval()
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    read, said = [], []
    for text in TEXTS:
        ids = tokenizer.encode(before + text)
        read.append(tokenizer.convert_ids_to_tokens(ids))
        more = {"forced_bos_token_id": tokenizer.convert_tokens_to_ids(first)} if first else {}
        made = model.generate(torch.tensor([ids]), num_beams=1, do_sample=False, max_new_tokens=12, **more)
        tokens = tokenizer.convert_ids_to_tokens(made[0].tolist())
        said.append([token for token in tokens if token not in ("</s>", "<pad>", "<s>", first)])
    out = scratch / f"{family}-ct2"
    TransformersConverter(str(folder)).convert(str(out))
    return read, said, out


def packed(family: str, converted: Path, to: Path) -> Package:
    """The converted model as a package folder of ours."""
    (to / "model").mkdir(parents=True)
    for file in converted.iterdir():
        (to / "model" / file.name).write_bytes(file.read_bytes())
    for name, ours in {
        "marian": (("source", "source"), ("target", "target")),
        "madlad": (("t5", "source"),),
    }.get(family, (("both", "source"),)):
        copied(name, to / f"{ours}.spm")
    (to / "metadata.json").write_text(json.dumps({"engine": family}))
    return Package(name=family, source="ps", target="en", version="1", sha256="0", path=to, engine=family)


def differing(family: str, scratch: Path, frozen: dict[str, Any]) -> int:
    read, said, out = reference(family, scratch)
    frozen["families"][family] = read
    package = packed(family, out, scratch / f"{family}-package")
    engine = load(package, device="cpu", threads=1)
    assert isinstance(engine, PieceEngine)
    # In full precision, as the reference computes; our own choice of 8-bit weights would now and then differ.
    model = ctranslate2.Translator(str(out), compute_type="float32")
    vocabulary = {token for row in read for token in row}
    wrong = 0
    for text, tokens, words in zip(TEXTS, read, said, strict=True):
        ours = [token if token in vocabulary else "<unk>" for token in engine.framed(engine.pieces(text))]
        (result,) = model.translate_batch(
            [engine.framed(engine.pieces(text))],
            target_prefix=[list(engine.frame.target)],
            beam_size=1,
            max_decoding_length=len(words) + len(engine.frame.target),
        )
        ours_said = [token for token in result.hypotheses[0][len(engine.frame.target) :] if token != "<pad>"]
        same_words = ours_said == words[: len(ours_said)] and len(ours_said) > 5
        wrong += ours != tokens or not same_words
        if ours != tokens:
            print(f"{family}: reads {ours}\n  the reference {tokens}")
        if not same_words:
            print(f"{family}: says {ours_said}\n  the reference {words}")
    print(f"{family}: {len(TEXTS)} texts, {wrong} differ")
    return wrong


def main(options: list[str]) -> int:
    if "--freeze" in options:
        train()
    frozen: dict[str, Any] = {"transformers": transformers.__version__, "texts": TEXTS, "families": {}}
    with tempfile.TemporaryDirectory() as scratch:
        wrong = sum(differing(family, Path(scratch), frozen) for family in FAMILIES)
    file = HERE / "tokens.json"
    if "--freeze" in options:
        file.write_text(json.dumps(frozen, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    elif json.loads(file.read_bytes())["families"] != frozen["families"]:
        print("tokens.json is not what the reference says; look, then: --freeze")
        wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
