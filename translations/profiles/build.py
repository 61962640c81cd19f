"""Build the language profiles from text: `python -m translations.profiles.build ../shared/langid`.

n-grams are counted by langdetect's own `LangProfile`, from lines whose source may ship (SOURCES.tsv says
which), and from word lists of our own (own.tsv) for the two languages that have next to no licensed text.
One line in ten, drawn by its digest, is held out; sources that may only be used for tuning set the
certainty and judge the result (`evaluation`), but no n-gram of theirs ships. The same inputs give the same
files, byte for byte.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from langdetect.utils.lang_profile import LangProfile
from numpy.typing import ArrayLike

from translations import profiles
from translations.cleaning import clean, clean_all
from translations.profiles.azerbaijani import in_arabic_script
from translations.profiles.counting import count_words
from translations.profiles.training import Example, certainty, curve, cut, drawn, learn
from translations.romanised import read as read_words
from translations.scoring import Scorer, compiled, weigh

NGRAMS = 4_000  # a language, the most frequent ones
OWN_COPIES = 8  # a line of own.tsv stands for so many lines of text
MISLABELLED = ("scriptnorm-clean",)  # Kurdish and Sindhi lines under every name: it judges nothing here
NAMED = {"prs": "fa"}  # Dari is Persian as far as its n-grams go


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of dev.tsv.gz, cleaned."""

    language: str
    genre: str
    source: str
    text: str
    ships: bool  # its source's licence lets its statistics ship
    held_out: bool  # never trained on

    @property
    def example(self) -> Example:
        return Example(language=NAMED.get(self.language, self.language), text=self.text)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="holds dev.tsv.gz and SOURCES.tsv")
    asked = parser.parse_args(arguments)
    missing = [name for name in ("dev.tsv.gz", "SOURCES.tsv") if not (asked.folder / name).is_file()]
    if missing:
        print(
            f"no {' and no '.join(missing)} in {asked.folder}: profiles are built from them", file=sys.stderr
        )
        return 1
    build(list(read(asked.folder)), asked.folder)
    return 0


def read(folder: Path) -> Iterator[Line]:
    """Every line. A source ships in a language only if SOURCES.tsv says so throughout."""
    verdicts: dict[tuple[str, str], set[str]] = {}
    with (folder / "SOURCES.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["split"] == "dev":
                verdicts.setdefault((row["id"], row["lang"]), set()).add(row["ship_profile_ok"])
    with gzip.open(folder / "dev.tsv.gz", "rt", encoding="utf-8", newline="\n") as file:
        next(file)
        for record in file:
            language, genre, source, text = record.rstrip("\n").split("\t")
            yield Line(
                language=language,
                genre=genre,
                source=source,
                text=clean(text),
                ships=verdicts.get((source, language)) == {"yes"},
                held_out=drawn(text, "held out") % 10 == 0,
            )


def build(lines: Sequence[Line], folder: Path) -> None:
    """Write every profile, the correction, and the manifest."""
    trained = list(training_lines(lines))
    for language in (*profiles.ARABIC_SCRIPT, *profiles.LATIN_SCRIPT):
        count_ngrams(language, (line.text for line in trained if line.language == language))
    weights = weigh(profiles.profiles("Arab"), "Arab")
    arabic = [line for line in trained if line.language in profiles.ARABIC_SCRIPT]
    save("words-Arab.npz", asdict(count_words(weights, arabic, profiles.ARABIC_SCRIPT)))
    words = profiles.arabic_words()
    correction = learn(weights, words, arabic)
    save("correction.npz", asdict(correction))
    corrected = weights.corrected(correction.scale, (correction.steps * correction.sizes).astype(np.float32))
    latin = weigh(profiles.profiles("Latn"), "Latn")
    heard = [line for line in trained if line.language in profiles.HEARD]
    save("words-Latn.npz", asdict(count_words(latin, heard, profiles.HEARD)))
    latin_scorer = compiled(latin, profiles.latin_words(latin.languages))
    held_out = [line for line in lines if (line.held_out or not line.ships) and not last_test(line.text)]
    counts: dict[str, int] = {}
    for line in trained:
        counts[line.language] = counts.get(line.language, 0) + 1
    manifest: dict[str, object] = {
        "version": profiles.VERSION,
        "langdetect": version("langdetect"),
        "numpy": version("numpy"),
        "python": ".".join(map(str, sys.version_info[:2])),
        "inputs": {path.name: digest(path) for path in inputs(folder)},
        "lines": dict(sorted(counts.items())),
        "ngrams_sha256": profiles.digest_of(weights.ngrams),
        "certainty": {
            "Arab": sure(compiled(corrected, words), held_out),
            "Latn": sure(latin_scorer, held_out),
        },
        "outputs": {path.name: digest(path) for path in outputs()},
    }
    write_manifest(manifest)
    manifest["curves"] = {
        "Arab": curves(profiles.load_arabic(), held_out),
        "Latn": curves(profiles.load_latin(), held_out),
    }
    write_manifest(manifest)


def write_manifest(manifest: dict[str, object]) -> None:
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (profiles.HERE / "MANIFEST.json").write_text(text + "\n", "utf-8", newline="\n")
    profiles.read_manifest.cache_clear()


def training_lines(lines: Iterable[Line]) -> Iterator[Example]:
    """What may be learnt from: lines that ship and are not held out, and our own words."""
    for line in lines:
        if line.ships and not line.held_out and len(line.text.strip()) > 8:
            if line.example.language in (*profiles.ARABIC_SCRIPT, *profiles.HEARD):
                yield line.example
            if line.language == "az":
                for rounded in (False, True):
                    yield Example(language="azb", text=in_arabic_script(line.text, rounded=rounded))
    for record in (profiles.HERE / "own.tsv").read_text("utf-8").splitlines():
        language, text = record.split("\t")
        yield from [Example(language=language, text=clean(text))] * OWN_COPIES


def count_ngrams(language: str, texts: Iterable[str]) -> None:
    """A profile in langdetect's JSON, counted by langdetect."""
    profile = LangProfile(language)
    for text in texts:
        profile.update(text)
    profile.omit_less_freq()
    frequent = sorted(profile.freq.items(), key=lambda pair: (-pair[1], pair[0]))[:NGRAMS]
    found = {"freq": dict(frequent), "n_words": profile.n_words, "name": language}
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    (profiles.HERE / f"{language}.json").write_text(text + "\n", "utf-8", newline="\n")


def save(name: str, arrays: Mapping[str, ArrayLike]) -> None:
    """numpy's own format, but without the time of day that `np.savez` writes into it."""
    with zipfile.ZipFile(profiles.HERE / name, "w") as file:
        for field, array in arrays.items():
            held = io.BytesIO()
            np.lib.format.write_array(held, np.asarray(array))
            entry = zipfile.ZipInfo(f"{field}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, held.getvalue(), compresslevel=9)


def sure(scorer: Scorer, held_out: Sequence[Line]) -> dict[str, float]:
    """How sure the scores of full and of cut lines are, learnt from lines that nothing was trained on."""
    some = judges(scorer.languages, held_out)
    texts = [cut(example.text, size) for size in (10_000, 40, 20) for example in some]
    scores, lengths = scorer.score(clean_all(texts))
    gold = [scorer.languages.index(example.language) for example in some] * 3
    flat, short = certainty(scores, lengths, gold)
    return {"flat": flat, "short": short}


def judges(languages: Sequence[str], held_out: Sequence[Line]) -> list[Example]:
    """Some lines of each language, drawn by digest."""
    by_language: dict[str, list[Example]] = {}
    for line in sorted(held_out, key=lambda line: (drawn(line.text, "sure"), line.text)):
        if line.example.language in languages and line.source not in MISLABELLED and line.text.strip():
            by_language.setdefault(line.example.language, []).append(line.example)
    return [
        example
        for language in sorted(by_language)
        for example in by_language[language][: 100 if language in profiles.NEIGHBOURS else 800]
    ]


def curves(model: profiles.Model, held_out: Sequence[Line]) -> list[list[tuple[float, float]]]:
    """For each class of lengths how often answers of a chance are right,."""
    from translations.detect import chances_of

    some = judges(model.scorer.languages, held_out)
    texts = clean_all([cut(example.text, size) for size in (10_000, 40, 20) for example in some])
    latin = "en" in model.scorer.languages
    english = [read_words(texts.text(index)).english for index in range(3 * len(some))] if latin else []
    chances, lengths = chances_of(model, texts, np.arange(3 * len(some)), english)
    gold = np.array([model.scorer.languages.index(example.language) for example in some] * 3)
    right = chances.argmax(axis=1) == gold
    bucket = np.searchsorted(profiles.LENGTHS, lengths)
    return [
        curve(chances.max(axis=1)[bucket == number].tolist(), right[bucket == number].tolist())
        for number in range(len(profiles.LENGTHS) + 1)
    ]


def last_test(text: str) -> bool:
    """One held-out line in three sets nothing at all: the last measurement is taken there."""
    return drawn(text, "last test") % 3 == 0


def inputs(folder: Path) -> list[Path]:
    return [folder / "SOURCES.tsv", folder / "dev.tsv.gz", profiles.HERE / "own.tsv"]


def outputs() -> list[Path]:
    found = [*profiles.HERE.glob("*.json"), *profiles.HERE.glob("*.npz")]
    return sorted(path for path in found if path.name != "MANIFEST.json")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
