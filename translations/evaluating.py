"""How good a package is on somebody's own sentences: chrF and BLEU, by sacrebleu."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from translations.errors import BadPairs, MissingExtra, TranslationsError
from translations.packages.package import Package
from translations.translator import Options, Translator


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Scores of one package on one file. `flags` counts texts; `signatures` say how a score was computed."""

    package: Package
    options: Options
    texts: int
    chrf: float
    bleu: float
    signatures: Mapping[str, str]
    seconds: float
    flags: Mapping[str, int]


def evaluate(package: Package, file: Path, options: Options, *, device: str = "auto") -> Evaluation:
    """Translate the sources of `file` (source TAB reference) and compare them with the references."""
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ImportError:
        raise MissingExtra("evaluating needs sacrebleu: pip install 'bilingual-archiver[evaluate]'") from None
    rows = list(pairs(file))
    # Whoever names a demonstration package may have its scores; its flag is counted with the others.
    translator = Translator([package], options=options, allow_demo=True, device=device)
    translator.translate(rows[0][0], package.source, package.target)  # the clock starts with the model loaded
    start = time.perf_counter()
    outputs, flags = [], Counter[str]()
    items = ((number, source, package.source) for number, (source, _) in enumerate(rows))
    for _, done in translator.translate_all(items, package.target):
        if isinstance(done, TranslationsError):
            raise done
        outputs.append(done.translation)
        flags.update(done.flags)
    seconds = time.perf_counter() - start
    references = [[reference for _, reference in rows]]
    metrics = {"chrF": CHRF(), "BLEU": BLEU()}
    scores = {name: metric.corpus_score(outputs, references).score for name, metric in metrics.items()}
    return Evaluation(
        package=package,
        options=options.on(package),
        texts=len(rows),
        chrf=scores["chrF"],
        bleu=scores["BLEU"],
        signatures={name: str(metric.get_signature()) for name, metric in metrics.items()},
        seconds=seconds,
        flags=dict(sorted(flags.items())),
    )


def pairs(file: Path) -> Iterator[tuple[str, str]]:
    """(source, reference) of every line that is not empty; raises BadPairs naming the line that is none."""
    found = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for number, line in enumerate(lines, 1):
                source, tab, reference = line.rstrip("\r\n").partition("\t")
                if not line.strip():
                    continue
                if not tab or "\t" in reference or not source.strip() or not reference.strip():
                    raise BadPairs(f"{file}, line {number}: not `source TAB reference`")
                found += 1
                yield source, reference
    except (OSError, UnicodeDecodeError) as error:
        raise BadPairs(f"{file} cannot be read: {error}") from error
    if not found:
        raise BadPairs(f"{file} holds no line of `source TAB reference`")
