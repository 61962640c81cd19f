"""Judge detection on lines that it was not built from: `python -m translations.profiles.evaluation FOLDER`.

Two sets: all held-out lines, some of which set how sure answers are; and the third of them that set nothing
(the last test). Lines of sources that may only be used for tuning are among both; no n-gram of theirs ships.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from translations.detect import Detection, detect_all
from translations.profiles.rivals import Answer, detectors
from translations.profiles.training import Example, cut, drawn

SERVED = ("ps", "ur", "ar", "fa", "en")
NEIGHBOURS = ("sd", "ckb", "ug", "pnb", "ks", "azb")
LATIN = ("tr", "fr", "de", "es", "id", "it", "pt", "so", "sw", "uz")
DISTRACTORS = (*NEIGHBOURS, *LATIN)
LINES = dict.fromkeys(SERVED, 1_500) | dict.fromkeys(NEIGHBOURS, 900) | dict.fromkeys(LATIN, 300)
SIZES = (20, 40, 80, 140, 100_000)
OTHERS = ("ur-Latn", "ar-Latn", *LATIN, "az")
COMPARED = 1_000  # lines that all libraries are asked about


def main(arguments: Sequence[str]) -> int:
    from translations.profiles.build import MISLABELLED, last_test, read

    folder = Path(arguments[0])
    if not (folder / "dev.tsv.gz").is_file():
        print(f"no dev.tsv.gz in {folder}: name the folder that holds it, make eval-languages LANGID=FOLDER")
        return 1
    held_out = [
        line.example
        for line in read(folder)
        if (line.held_out or not line.ships) and line.source not in MISLABELLED and line.text.strip()
    ]
    unseen = [line for line in held_out if last_test(line.text)]
    for title, lines in (("all held-out lines", held_out), ("the last test", unseen)):
        print("\n".join([f"== {title}", *accuracy(some(lines))]), flush=True)
    if find_spec("pycld2"):
        print("\n".join(["== the last test, with the extra cld2", *accuracy(some(unseen), cld2=True)]))
    else:
        print("== the extra cld2 is not installed here (pycld2)")
    print("\n".join(["== other languages, and what they were taken for", *others(held_out)]))
    print("\n".join([f"== libraries, {COMPARED} held-out lines as they are", *speeds(some(unseen))]))
    return 0


def some(lines: Sequence[Example]) -> list[Example]:
    """So many lines of each language, drawn by digest."""
    chosen: dict[str, list[Example]] = {language: [] for language in LINES}
    for line in sorted(lines, key=lambda line: (drawn(line.text, "judge"), line.text)):
        if line.language in chosen and len(chosen[line.language]) < LINES[line.language]:
            chosen[line.language].append(line)
    return [line for language in LINES for line in chosen[language]]


def accuracy(lines: Sequence[Example], *, cld2: bool = False) -> Iterator[str]:
    """Macro-F1 by length with and without distractors, F1 by language, confusions, reliability."""
    counts = Counter(line.language for line in lines)
    distractors = sum(counts[language] for language in DISTRACTORS)
    yield (
        f"{len(lines)} lines, {distractors / len(lines):.0%} in other languages: "
        + ", ".join(f"{language} {count}" for language, count in counts.items())
    )
    gold = [line.language for line in lines]
    for size in SIZES:
        answers = detect_all([cut(line.text, size) for line in lines], cld2=cld2)
        said = [answer.language for answer in answers]
        f1 = {language: f1_of(gold, said, language) for language in SERVED}
        alone = [(g, s) for g, s in zip(gold, said, strict=True) if g in SERVED]
        without = [f1_of([g for g, _ in alone], [s for _, s in alone], language) for language in SERVED]
        yield (
            f"{'full' if size > 1000 else f'<= {size}':<6} macro-F1 {sum(f1.values()) / 5:.4f} "
            f"(without the others {sum(without) / 5:.4f})  "
            + "  ".join(f"{language} {score:.4f}" for language, score in f1.items())
            + f"  und {said.count('und') / len(said):.4f}"
        )
        wrong = Counter(pair for pair in zip(gold, said, strict=True) if pair[0] != pair[1])
        yield "       taken for: " + ", ".join(f"{g}>{s} {count}" for (g, s), count in wrong.most_common(10))
        yield "       sure: right " + ", ".join(reliability(gold, answers))


def reliability(gold: Sequence[str], answers: Sequence[Detection]) -> Iterator[str]:
    """Confidence against how often it was right, in tenths; `und` is no answer."""
    told = [(answer, g) for answer, g in zip(answers, gold, strict=True) if answer.language != "und"]
    for tenth in range(10):
        held = [answer.language == g for answer, g in told if min(9, int(answer.confidence * 10)) == tenth]
        if held:
            yield f"0.{tenth}: {sum(held) / len(held):.3f} of {len(held)}"


def others(lines: Sequence[Example]) -> Iterator[str]:
    for language in ("en", *OTHERS):
        held = [line.text for line in lines if line.language == language]
        said = Counter(answer.language for answer in detect_all(held))
        named = ", ".join(f"{tag} {count / max(1, len(held)):.3f}" for tag, count in said.most_common(5))
        yield f"{language} ({len(held)}): {named}"


def speeds(lines: Sequence[Example]) -> Iterator[str]:
    """Texts a second on one core, best of three rounds, and macro-F1 of the five, of each library."""
    chosen = sorted(lines, key=lambda line: drawn(line.text, "compare"))[:COMPARED]
    texts, gold = [line.text for line in chosen], [line.language for line in chosen]
    speed: dict[str, float] = {}
    for name, ask in detectors():
        if ask is None:
            yield f"{name:<16} not installed here (it is no dependency of this project)"
            continue
        said = [tag.partition("-")[0] for tag in ask(texts)]
        speed[name] = len(texts) / min(seconds(ask, texts) for _ in range(3))
        f1 = sum(f1_of(gold, said, language) for language in SERVED) / 5
        yield f"{name:<16} {speed[name]:>9,.0f} texts/s   macro-F1 {f1:.4f}"
    yield f"ours is {speed['ours'] / speed['langdetect']:.0f} times as fast as langdetect"


def seconds(ask: Answer, texts: Sequence[str]) -> float:
    """CPU seconds of this process, all its threads: what one core would need."""
    start = time.process_time()
    ask(texts)
    return time.process_time() - start


def f1_of(gold: Sequence[str], said: Sequence[str], language: str) -> float:
    """Harmonic mean of precision and recall of one language."""
    right = sum(g == s == language for g, s in zip(gold, said, strict=True))
    return 2 * right / max(1, gold.count(language) + said.count(language))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
