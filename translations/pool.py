"""Segments of many texts through one model: protected, cut to its window, pooled, put together, doubted."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from translations.cutting import cut
from translations.doubt import doubts, has_arabic, in_order, loops, written_in_arabic
from translations.engines import Engine, Output, Search
from translations.errors import EngineFailed
from translations.glossary import Glossary, Use
from translations.numbers import missing_numbers
from translations.packages.package import Package
from translations.placing import place
from translations.protect import Inner, Shielded, items, shield


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """What became of a segment. `score` is the mean log-probability a token; None when no model was asked."""

    target: str
    score: float | None
    flags: tuple[str, ...]
    glossary: tuple[tuple[str, str], ...] = ()
    """The terms of the glossary in it, each with its translation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A piece of work for the model: all of a segment, or as much as fits its window."""

    segment: int
    core: str
    inner: tuple[Inner, ...]
    pieces: list[str]
    uses: tuple[Use, ...] = ()


def terms_in(segment: str, glossary: Glossary, language: str) -> tuple[Use, ...]:
    """The terms in what the model is shown of a segment, links, handles and hashtags aside."""
    shielded = shield(segment, language) if glossary else None
    if shielded is None:
        return ()
    taken = [(item.start, item.end) for item in shielded.inner]
    found = glossary.find(shielded.core, language)
    return tuple(use for use in found if not any(s < use.end and use.start < e for s, e in taken))


# Three pieces twice are common ("in the city of ... in the city of"); a model asked again may not say them.
NO_REPEAT = 3


def translate(
    segments: Sequence[str],
    package: Package,
    engine: Engine,
    search: Search,
    terms: Sequence[tuple[Use, ...]] | None = None,
) -> list[Translated | EngineFailed]:
    """The segments' translations, in order; one that breaks the model does not take the others with it.

    `terms` are `terms_in` of each: their translations stand in it, said by the model or after it.
    """
    shields = [_shield(segment, package) for segment in segments]
    wanted: Sequence[tuple[Use, ...]] = terms or [()] * len(segments)
    parts = [
        part
        for index, shielded in enumerate(shields)
        if shielded
        for part in _parts(index, shielded, engine, wanted[index])
    ]
    outputs = _run(parts, engine, search)
    retried = _retried(parts, outputs, engine, search)
    outputs = _with_terms(parts, outputs, package, engine, search)
    of_segment: dict[int, list[tuple[_Part, Output | EngineFailed]]] = {}
    for part, output in zip(parts, outputs, strict=True):
        of_segment.setdefault(part.segment, []).append((part, output))
    return [
        _restored(shielded, of_segment[index], package, engine, retried=index in retried)
        if shielded
        else _as_it_is(segments[index])
        for index, shielded in enumerate(shields)
    ]


def _as_it_is(segment: str) -> Translated:
    return Translated(target=segment, score=None, flags=("untranslatable",))


def _shield(segment: str, package: Package) -> Shielded | None:
    shielded = shield(segment, package.source)
    if shielded and written_in_arabic(package.source) and not has_arabic(shielded.core):
        return None  # an English line in an Urdu post is not in the language that the model reads
    return shielded


def _parts(segment: int, shielded: Shielded, engine: Engine, terms: tuple[Use, ...]) -> list[_Part]:
    keep = [(item.start, item.end) for item in shielded.inner] + [(use.start, use.end) for use in terms]
    spans = cut(shielded.core, engine, keep=keep)
    starts = [start for start, _ in spans]
    inner: list[list[Inner]] = [[] for _ in spans]
    for item in shielded.inner:
        part = max(0, bisect_right(starts, item.start) - 1)
        start, end = spans[part]
        # An item in the space between two parts stands at the end of the first.
        inner[part].append(replace(item, start=min(item.start, end) - start, end=min(item.end, end) - start))
    cores = [shielded.core[start:end] for start, end in spans]
    return [
        _Part(
            segment=segment,
            core=core,
            inner=tuple(items_of),
            pieces=engine.pieces(core),
            uses=tuple(
                replace(use, start=use.start - start, end=use.end - start)
                for use in terms
                # A term longer than the window cannot be kept whole: it counts where it begins.
                if start <= use.start < end
            ),
        )
        for core, items_of, (start, end) in zip(cores, inner, spans, strict=True)
    ]


def _with_terms(
    parts: Sequence[_Part],
    outputs: Sequence[Output | EngineFailed],
    package: Package,
    engine: Engine,
    search: Search,
) -> list[Output | EngineFailed]:
    """The outputs, those with terms from a source that says the terms' translations, where the model copied
    each exactly as often as it stood there and nothing else looks worse for it."""
    chosen = list(outputs)
    tried = [
        index
        for index, (part, output) in enumerate(zip(parts, outputs, strict=True))
        if part.uses and not part.inner and isinstance(output, Output) and missing(output.text, part.uses)
    ]
    said = [tuple(engine.pieces(_said(parts[index]))) for index in tried]
    fresh = [pieces for pieces in dict.fromkeys(said) if len(pieces) <= engine.window]
    found = dict(zip(fresh, _robust(fresh, engine, search, False), strict=True))
    for index, pieces in zip(tried, said, strict=True):
        output, part, plain = found.get(pieces), parts[index], outputs[index]
        if not isinstance(output, Output) or not isinstance(plain, Output):
            continue
        doubted = {*doubts(part.core, output.text, package.source, package.target)}
        usual = {*doubts(part.core, plain.text, package.source, package.target)}
        if not output.cut and copied(output.text, part.uses) and doubted <= usual:
            chosen[index] = output
    return chosen


def _said(part: _Part) -> str:
    """The part's source with the terms' translations in the terms' places."""
    core = part.core
    for use in reversed(part.uses):
        core = core[: use.start] + use.translation + core[use.end :]
    return core


def _counts(text: str, uses: Sequence[Use]) -> list[tuple[str, int, int]]:
    """Every translation that `text` has to say, how often it should, and how often it does."""
    wanted = Counter(use.translation for use in uses)
    return [
        (name, count, len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE)))
        for name, count in wanted.items()
    ]


def missing(text: str, uses: Sequence[Use]) -> list[str]:
    """The translations that `text` does not say; one that it says once is not missed a second time."""
    return [name for name, _, there in _counts(text, uses) if not there]


def copied(text: str, uses: Sequence[Use]) -> bool:
    """Whether `text` says each translation exactly as often as its term stands in the source."""
    return all(count == there for _, count, there in _counts(text, uses))


def _run(parts: Sequence[_Part], engine: Engine, search: Search) -> list[Output | EngineFailed]:
    """The parts' outputs. Attention costs time and is asked for only where something must be placed by it."""
    outputs: list[Output | EngineFailed | None] = [None] * len(parts)
    for attention in (False, True):
        chosen = [index for index, part in enumerate(parts) if bool(part.inner) is attention]
        # The same words around different links are one input.
        inputs = list({tuple(parts[index].pieces): None for index in chosen})
        found = dict(zip(inputs, _robust(inputs, engine, search, attention), strict=True))
        for index in chosen:
            outputs[index] = found[tuple(parts[index].pieces)]
    return [output for output in outputs if output is not None]


def _retried(
    parts: Sequence[_Part], outputs: list[Output | EngineFailed], engine: Engine, search: Search
) -> set[int]:
    """Ask once more, with repetitions forbidden, where the model loops; what is better replaces `outputs`.

    Returns the segments that were asked about again.
    """
    looping = [
        index
        for index, (part, output) in enumerate(zip(parts, outputs, strict=True))
        if isinstance(output, Output) and loops(part.core, output.text)
    ]
    again = _run([parts[index] for index in looping], engine, replace(search, no_repeat=NO_REPEAT))
    for index, output in zip(looping, again, strict=True):
        if isinstance(output, Output) and output.text and not loops(parts[index].core, output.text):
            outputs[index] = output
    return {parts[index].segment for index in looping}


def _robust(
    inputs: Sequence[tuple[str, ...]], engine: Engine, search: Search, attention: bool
) -> list[Output | EngineFailed]:
    """All outputs; when the model breaks on a batch, the half without the culprit is still translated."""
    if not inputs:
        return []
    try:
        return list(engine.translate([list(pieces) for pieces in inputs], search, attention=attention))
    except EngineFailed as error:
        if len(inputs) == 1:
            return [error]
        half = len(inputs) // 2
        return [
            *_robust(inputs[:half], engine, search, attention),
            *_robust(inputs[half:], engine, search, attention),
        ]


def _restored(
    shielded: Shielded,
    done: Sequence[tuple[_Part, Output | EngineFailed]],
    package: Package,
    engine: Engine,
    *,
    retried: bool = False,
) -> Translated | EngineFailed:
    """A segment put together again: its parts joined, its items back in their places."""
    flags = {"cut_by_window"} if len(done) > 1 else set()
    flags |= {"retried"} if retried else set()
    texts: list[str] = []
    total, count = 0.0, 0
    left_over: list[str] = []
    for part, output in done:
        if isinstance(output, EngineFailed):
            return output
        flags |= set(doubts(part.core, output.text, package.source, package.target))
        flags |= {"cut_by_window"} if output.cut else set()
        placed = place(part.core, part.inner, _without_doubles(output, shielded, engine), engine)
        flags |= {"protected_moved"} if placed.moved else set()
        texts.append(placed.text)
        unsaid = missing(placed.text, part.uses)
        left_over += [name for name in unsaid if name not in left_over]
        total, count = total + output.score * len(output.pieces), count + len(output.pieces)
    flags |= {"demo_package"} if package.demo else set()
    flags |= {"gist_only"} if package.gist else set()
    target = _around(" ".join(filter(None, texts)), shielded, latin=not written_in_arabic(package.target))
    if left_over := [name for name in left_over if missing(target, [_use(name)])]:
        flags.add("glossary_added")
        target = " ".join([target, *(f"[{name}]" for name in left_over)]).strip()
    flags.discard("number_changed")
    said = _without_spans(target, [(item.start, item.end) for item in items(target, package.source)])
    cores = [_without_spans(part.core, [(item.start, item.end) for item in part.inner]) for part, _ in done]
    if numbers := missing_numbers(cores, said):
        flags.add("number_changed")
        target = " ".join([target, *(f"[{number}]" for number in numbers)]).strip()
    uses = [use for part, _ in done for use in part.uses]
    return Translated(
        target=target,
        score=total / count if count else None,
        flags=in_order(flags),
        glossary=tuple(dict.fromkeys((use.term, use.translation) for use in uses)),
    )


def _without_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """What a text says besides its items, whose numbers are their own."""
    for start, end in reversed(spans):
        text = text[:start] + " " + text[end:]
    return text


def _use(translation: str) -> Use:
    return Use(start=0, end=0, term="", translation=translation)


def _without_doubles(output: Output, shielded: Shielded, engine: Engine) -> Output:
    """The output without an item that the model invented although it was never shown one."""
    text = output.text
    for item in reversed(items(text)):
        text = (text[: item.start].rstrip() + " " + text[item.end :].lstrip()).strip()
    # The pieces no longer tell where the words are: what was to be placed goes to the end.
    return output if text == output.text else replace(output, text=text, pieces=(), attention=())


_MARKS = str.maketrans("۔؟،؛٪", ".?,;%")
_CLOSING = re.compile(r"\s*[.!?؟۔…]+$")


def _around(text: str, shielded: Shielded, *, latin: bool) -> str:
    """The items at the segment's edges back around its translation."""
    before, after, closing = shielded.before, shielded.after, shielded.closing
    if latin:
        # The edges hold only items, spaces and punctuation; none of these marks can be part of an item.
        before, after, closing = (edge.translate(_MARKS) for edge in (before, after, closing))
    if closing:
        mark = _CLOSING.search(text)
        text, closing = (text[: mark.start()], mark.group().strip()) if mark else (text, closing)
    if _glued(before, text):
        before += " "
    if _glued(text, after):
        after = " " + after
    return before + text + after + closing


def _glued(left: str, right: str) -> bool:
    """Whether a word and an item would run into each other."""
    return (
        bool(left and right)
        and (left[-1].isalnum() or left[-1] == "_")
        and (right[0].isalnum() or right[0] in "@#_")
    )
