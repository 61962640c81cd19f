"""Models of published families are given the tokens that their reference library gives them.

tokens.json holds what transformers made of the texts with the SentencePiece models beside it; see
tests/families/reference.py, which also compares what converted models of the real library say.
"""

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import yaml
from ctranslate2.specs import TransformerSpec

from translations import packages
from translations.engines import Engine, Search, load
from translations.errors import BadPackage, LicenceNotAccepted, MissingExtra, NoPackage, NoSuchPackage
from translations.packages import Package, catalogue, choose, install_known, installed, known, verify
from translations.translator import TextTranslation, Translator

HERE = Path(__file__).parent / "families"
FROZEN: dict[str, Any] = json.loads((HERE / "tokens.json").read_bytes())
TOKENIZERS = {
    "marian": {"source.spm": "source", "target.spm": "target"},
    "m2m100": {"sentencepiece.bpe.model": "both"},
    "nllb": {"sentencepiece.bpe.model": "both"},
    "madlad": {"spiece.model": "t5"},
}
MODELS = {
    "marian": "opus-mt-ira-eng",
    "m2m100": "m2m100-418m",
    "nllb": "nllb-200-distilled-600m",
    "madlad": "madlad400-3b-mt",
}
MARKS = {"marian": [], "m2m100": ["__ps__", "__en__"], "nllb": ["pbt_Arab", "eng_Latn"], "madlad": ["<2en>"]}
FAMILIES = sorted(MODELS)


def pieces(name: str) -> list[str]:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(HERE / f"{name}.spm"))
    return [processor.id_to_piece(index) for index in range(len(processor))]


def vocabulary(family: str) -> list[str]:
    known = [piece for name in TOKENIZERS[family].values() for piece in pieces(name)]
    return list(dict.fromkeys(["<unk>", "<s>", "</s>", *known, *MARKS[family]]))


def weights(rng: np.random.Generator, *shape: int) -> Any:
    return rng.standard_normal(shape).astype(np.float32) / 3


def tiny(folder: Path, words: list[str], *, width: int = 16, adds_end: bool = False) -> Path:
    """A random Transformer over `words`, saved as CTranslate2 saves it."""
    rng = np.random.default_rng(3)
    spec = TransformerSpec.from_config(1, 2)

    def linear(to: Any, rows: int, columns: int) -> None:
        to.weight, to.bias = weights(rng, rows, columns), np.zeros(rows, np.float32)

    def norm(to: Any) -> None:
        to.gamma, to.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def attend(to: Any, inputs: tuple[int, ...]) -> None:
        norm(to.layer_norm)
        for part, rows in zip(to.linear, inputs, strict=True):
            linear(part, rows, width)

    for side in (spec.encoder, spec.decoder):
        embeddings = side.embeddings[0] if isinstance(side.embeddings, list) else side.embeddings
        embeddings.weight = weights(rng, len(words), width)
        norm(side.layer_norm)
        attend(side.layer[0].self_attention, (3 * width, width))
        norm(side.layer[0].ffn.layer_norm)
        linear(side.layer[0].ffn.linear_0, 2 * width, width)
        linear(side.layer[0].ffn.linear_1, width, 2 * width)
    attend(spec.decoder.layer[0].attention, (width, 2 * width, width))
    linear(spec.decoder.projection, len(words), width)
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.config.add_source_eos = adds_end
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True)
    spec.save(str(folder))
    return folder


def converted(family: str, folder: Path, *, adds_end: bool = False) -> Path:
    """What a converter leaves of a model of the family: the model and its tokenizers in one folder."""
    tiny(folder, vocabulary(family), adds_end=adds_end)
    for name, ours in TOKENIZERS[family].items():
        shutil.copy(HERE / f"{ours}.spm", folder / name)
    return folder


def put(family: str, tmp_path: Path, language: str = "ps", **more: bool) -> Package:
    model, folder = known(MODELS[family]), converted(family, tmp_path / f"converted-{family}", **more)
    return install_known(
        model, language, "en", tmp_path / "packages", folder=folder, accept_licence=model.agreement
    )


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def package(family: str, tmp_path: Path) -> Package:
    return put(family, tmp_path)


@pytest.fixture
def engine(package: Package) -> Engine:
    return load(package, device="cpu", threads=1)


def test_the_model_is_given_the_references_tokens(family: str, engine: Any) -> None:
    reference = FROZEN["families"][family]
    words = set(vocabulary(family))
    assert len(reference) == len(FROZEN["texts"]) > 5
    for text, tokens in zip(FROZEN["texts"], reference, strict=True):
        assert [t if t in words else "<unk>" for t in engine.framed(engine.pieces(text))] == tokens


def test_the_end_mark_is_put_once_even_where_the_model_adds_it(family: str, tmp_path: Path) -> None:
    engine: Any = load(put(family, tmp_path, adds_end=True), device="cpu", threads=1)
    assert engine.framed(engine.pieces(FROZEN["texts"][0])) == FROZEN["families"][family][0][:-1]


def test_marks_are_in_neither_the_translation_nor_the_attention(family: str, engine: Any) -> None:
    inputs = [engine.pieces(text) for text in FROZEN["texts"]]
    outputs = engine.translate(inputs, Search(beam=2, max_target_tokens=10), attention=True)
    for read, output in zip(inputs, outputs, strict=True):
        assert not {"__en__", "eng_Latn"} & set(output.pieces)
        assert len(output.attention) >= len(output.pieces) > 0
        assert all(len(row) == len(read) for row in output.attention)


def test_a_package_of_a_family_says_what_it_is(family: str, package: Package) -> None:
    model = known(MODELS[family])
    assert (package.source, package.target, package.engine) == ("ps", "en", family)
    assert (package.licence, package.origin, package.gist) == (model.licence, model.origin, True)
    assert package.bleu == model.bleu.get("ps")
    verify(package)
    assert installed(package.path.parent) == (package,)


def test_a_post_goes_through_it_marked_as_gist(package: Package) -> None:
    text = f"{FROZEN['texts'][0]} https://a.example/b_c @user_1"
    done = Translator([package], device="cpu").translate(text, "pbt")
    assert isinstance(done, TextTranslation)
    assert "gist_only" in done.flags and "demo_package" not in done.flags
    assert done.translation.count("https://a.example/b_c") == done.translation.count("@user_1") == 1


def test_models_of_one_pair_stand_side_by_side_and_the_best_published_is_chosen(tmp_path: Path) -> None:
    for family in FAMILIES:
        put(family, tmp_path)
    found = installed(tmp_path / "packages")
    assert {package.engine for package in found} == set(FAMILIES)
    assert choose(found, "ps").engine == "nllb"
    assert choose([p for p in found if p.engine != "nllb"], "ps").engine == "m2m100"
    real = Package(name="x", source="ps", target="en", version="0.1", sha256="0", path=tmp_path)
    assert choose([*found, real], "ps") == real
    gone = packages.remove(next(p for p in found if p.engine == "nllb").path.name, tmp_path / "packages")
    assert len(gone) == 1 and len(installed(tmp_path / "packages")) == 3


@pytest.mark.parametrize("family", ["m2m100", "nllb"])
def test_a_language_that_the_model_lacks_is_refused(family: str, tmp_path: Path) -> None:
    """The catalogue says that the family reads Urdu; this model has no mark for it."""
    with pytest.raises(BadPackage, match=r"its model has no (__ur__|urd_Arab), so it cannot translate ur"):
        put(family, tmp_path, "ur")
    assert installed(tmp_path / "packages") == ()


def test_what_cannot_be_installed_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "packages"
    nllb, opus = known(MODELS["nllb"]), known(MODELS["marian"])
    with pytest.raises(LicenceNotAccepted, match=r"CC-BY-NC-4\.0.*--accept-licence"):
        install_known(nllb, "ps", "en", directory)
    with pytest.raises(NoPackage, match="opus-mt-ira-eng translates ps, fa to en"):
        install_known(opus, "sd", "en", directory)
    with pytest.raises(NoSuchPackage, match="it has: opus-mt-ira-eng, m2m100-418m"):
        known("nope")
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for model in (nllb, opus):
        with pytest.raises(MissingExtra, match=r"pip install 'bilingual-archiver\[convert\]'.*--from DIR"):
            install_known(model, "ps", "en", directory, folder=empty, accept_licence=True)
    monkeypatch.undo()
    with pytest.raises(BadPackage, match="cannot be converted"):
        install_known(opus, "ps", "en", directory, folder=empty)
    (empty / "model.bin").write_bytes(b"x")
    with pytest.raises(BadPackage, match=r"holds no source\.spm, which marian models need"):
        install_known(opus, "ps", "en", directory, folder=empty)
    assert installed(directory) == ()


def marian_model(folder: Path) -> Path:
    """A model as OPUS-MT publishes it: weights, vocabulary, decoder.yml and two SentencePiece models."""
    folder.mkdir()
    rng = np.random.default_rng(4)
    words = ["</s>", *[word for word in vocabulary("marian") if word not in ("<s>", "</s>")]]
    width = 16
    settings = {
        "type": "transformer", "transformer-decoder-autoreg": "self-attention",
        "transformer-no-projection": False,
        "transformer-ffn-activation": "swish", "transformer-preprocess": "", "transformer-postprocess": "dan",
        "transformer-postprocess-emb": "d", "transformer-postprocess-top": "", "enc-depth": 1, "dec-depth": 1,
        "transformer-guided-alignment-layer": "last", "transformer-heads": 2,
    }  # fmt: skip
    arrays: dict[str, Any] = {"Wemb": weights(rng, len(words), width)}
    arrays["decoder_ff_logit_out_b"] = np.zeros((1, len(words)), np.float32)
    for scope in ("encoder_l1_self", "decoder_l1_self", "decoder_l1_context"):
        for part in "qkvo":
            arrays[f"{scope}_W{part}"] = weights(rng, width, width)
            arrays[f"{scope}_b{part}"] = np.zeros((1, width), np.float32)
        arrays[f"{scope}_Wo_ln_scale"] = np.ones((1, width), np.float32)
        arrays[f"{scope}_Wo_ln_bias"] = np.zeros((1, width), np.float32)
    for scope in ("encoder_l1_ffn", "decoder_l1_ffn"):
        for part, rows, columns in (("1", width, 32), ("2", 32, width)):
            arrays[f"{scope}_W{part}"] = weights(rng, rows, columns)
            arrays[f"{scope}_b{part}"] = np.zeros((1, columns), np.float32)
        arrays[f"{scope}_ffn_ln_scale"] = np.ones((1, width), np.float32)
        arrays[f"{scope}_ffn_ln_bias"] = np.zeros((1, width), np.float32)
    text = yaml.safe_dump(settings).encode() + b"\0"
    arrays["special:model.yml"] = np.array(struct.unpack(f"{len(text)}b", text), np.int8)
    np.savez(folder / "model.npz", **arrays)
    lines = [f"{json.dumps(word, ensure_ascii=False)}: {index}" for index, word in enumerate(words)]
    (folder / "vocab.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    decoder = {"models": ["model.npz"], "vocabs": ["vocab.yml", "vocab.yml"]}
    (folder / "decoder.yml").write_text(yaml.safe_dump(decoder))
    for side in ("source", "target"):
        shutil.copy(HERE / f"{side}.spm", folder / f"{side}.spm")
    return folder


def test_a_published_marian_model_is_converted_by_the_real_converter(tmp_path: Path) -> None:
    folder = marian_model(tmp_path / "published")
    package = install_known(known(MODELS["marian"]), "ps", "en", tmp_path / "packages", folder=folder)
    engine: Any = load(package, device="cpu", threads=1)
    # Marian's converter tells CTranslate2 to add the end mark itself.
    assert [*engine.framed(engine.pieces(FROZEN["texts"][0])), "</s>"] == FROZEN["families"]["marian"][0]
    assert Translator([package], device="cpu").translate(FROZEN["texts"][0], "ps").translation


def test_a_published_marian_model_is_fetched_and_converted(tmp_path: Path) -> None:
    from dataclasses import replace

    marian_model(tmp_path / "published")
    file = Path(shutil.make_archive(str(tmp_path / "model"), "zip", tmp_path / "published"))
    model = replace(known(MODELS["marian"]), address=file.as_uri())
    package = install_known(model, "ps", "en", tmp_path / "packages")
    assert package.engine == "marian"
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(BadPackage, match="is damaged"):
        install_known(model, "fa", "en", tmp_path / "packages")


def test_the_catalogue_names_licence_size_and_published_scores_for_pashto() -> None:
    rows = [row for row in catalogue() if row.source_for("ps")]
    assert {row.engine for row in rows} == set(FAMILIES)
    assert all(row.licence and row.size and row.origin.startswith("https://") for row in rows)
    assert {row.name: row.bleu["ps"] for row in rows if "ps" in row.bleu} == {
        "opus-mt-ira-eng": 12.8,
        "m2m100-418m": 13.0,
        "m2m100-1.2b": 18.4,
        "nllb-200-distilled-600m": 29.0,
    }
    assert {row.name for row in rows if row.agreement} == {row.name for row in rows if "NC" in row.licence}
    assert known("nllb-200-distilled-600m").source_for("pbt") == "ps"
    assert known("m2m100-418m").source_for("prs") == "fa"
