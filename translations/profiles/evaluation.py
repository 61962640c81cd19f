"""Judge the profiles on lines that they were not built from."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from translations.detect import detect_all
from translations.profiles.training import cut, drawn

if TYPE_CHECKING:
    from translations.profiles.build import Line

SERVED = ("ps", "ur", "ar", "fa", "en")
DISTRACTORS = ("sd", "ckb", "ug", "pnb", "ks", "azb")
LINES = dict.fromkeys(SERVED, 1_500) | dict.fromkeys(DISTRACTORS, 500)
NAMED = {"prs": "fa"}


def report(lines: Sequence["Line"]) -> str:
    """Macro-F1 by length with and without distractors, F1 by language, confusions, reliability."""
    from translations.profiles.build import MISLABELLED

    chosen: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: (drawn(line.text, "judge"), line.text)):
        language = NAMED.get(line.language, line.language)
        fresh = (line.held_out or not line.ships) and line.source not in MISLABELLED and line.text.strip()
        if fresh and language in LINES and len(chosen.setdefault(language, [])) < LINES[language]:
            chosen[language].append(line)
    pairs = [(language, line.text) for language in chosen for line in chosen[language]]
    out = [
        f"{len(pairs)} lines: "
        + ", ".join(f"{language} {len(chosen[language])}" for language in sorted(chosen))
    ]
    for size in (20, 40, 80, 100_000):
        gold = [language for language, _ in pairs]
        answers = detect_all([cut(text, size) for _, text in pairs])
        said = [answer.language for answer in answers]
        f1 = {language: f1_of(gold, said, language) for language in SERVED}
        alone = [(g, s) for g, s in zip(gold, said, strict=True) if g in SERVED]
        without = [f1_of([g for g, _ in alone], [s for _, s in alone], language) for language in SERVED]
        out.append(
            f"<= {size}: macro-F1 {sum(f1.values()) / 5:.4f}, without distractors {sum(without) / 5:.4f}; "
            + " ".join(f"{language} {score:.4f}" for language, score in f1.items())
            + f"; und {said.count('und') / len(said):.4f}"
        )
        sure = [(answer.confidence, g == answer.language) for g, answer in zip(gold, answers, strict=True)]
        out.append("   " + reliability(sure, 10))
        wrong = Counter(pair for pair in zip(gold, said, strict=True) if pair[0] != pair[1])
        out.append("   " + ", ".join(f"{g}>{s} {count}" for (g, s), count in wrong.most_common(12)))
    out.append(share(lines, "ur-Latn", lambda line: line.language == "ur-Latn"))
    out.append(share(lines, "ar-Latn", lambda line: line.language == "ar-Latn"))
    for language in ("en", "tr", "fr", "de", "es", "id", "it", "pt", "so", "sw", "uz", "az"):
        held = [line for line in lines if line.language == language and (line.held_out or not line.ships)]
        out.append(share(held, language, lambda line: True))
    return "\n".join(out)


def f1_of(gold: Sequence[str], said: Sequence[str], language: str) -> float:
    """Harmonic mean of precision and recall of one language."""
    right = sum(g == s == language for g, s in zip(gold, said, strict=True))
    return 2 * right / max(1, gold.count(language) + said.count(language))


def reliability(sure: Sequence[tuple[float, bool]], bins: int) -> str:
    """Confidence against how often it was right, in bins."""
    cells = []
    for index in range(bins):
        held = [
            right
            for confidence, right in sure
            if index <= confidence * bins < index + 1 or confidence * bins == bins == index + 1
        ]
        if held:
            cells.append(f"{(index + 0.5) / bins:.2f}: {sum(held) / len(held):.2f} of {len(held)}")
    return "sure: right  " + ", ".join(cells)


def share(lines: Sequence["Line"], name: str, wanted: Callable[["Line"], bool]) -> str:
    """What the lines of one language were answered."""
    held = [line.text for line in lines if wanted(line)]
    said = Counter(answer.language for answer in detect_all(held))
    return f"{name} ({len(held)}): " + ", ".join(
        f"{tag} {count / len(held):.3f}" for tag, count in said.most_common(6)
    )
