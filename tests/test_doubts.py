"""How sure a translation has to be: asked alike of searches, counts, exports and `show`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver import cli
from archiver.errors import Usage
from archiver.store import indexing, queries
from archiver.store.corrections import CorrectionRow, save_corrections
from archiver.store.doubts import Doubts
from archiver.store.filters import Filters, why_nothing
from archiver.store.search import search
from archiver.store.translating import SavedSegment, SavedTranslation, save_translations
from translations.doubt import FLAGS

# (what it says, score, flags, how sure its language is)
POSTS = {
    "good": ("سړک خلاص دی.", -0.1, (), 0.99),
    "loop": ("واوره ورېږي.", -0.9, ("repetition",), 0.95),
    "gist": ("باران دی.", -0.3, ("gist_only", "language_uncertain"), 0.55),
    "fixed": ("ښار آرام دی.", -2.0, ("length_ratio",), 0.9),
    "none": ("بل خبر.", None, (), 0.97),
}
ASKED: list[tuple[dict[str, Any], str]] = [
    ({}, "good loop gist fixed none"),
    ({"flags": ("repetition",)}, "loop"),
    ({"flags": ("any",)}, "loop gist"),
    ({"flags": ("gist_only", "language_uncertain")}, "gist"),
    ({"flags": ("gist_only", "repetition")}, ""),
    ({"flags": ("corrected",)}, "fixed"),
    ({"no_flags": ("any",)}, "good fixed none"),
    ({"no_flags": ("repetition", "corrected")}, "good gist none"),
    ({"corrected": True}, "fixed"),
    ({"corrected": False}, "good loop gist none"),
    ({"min_score": -0.5}, "good gist fixed"),
    ({"min_score": 0.0}, "fixed"),
    ({"min_confidence": 0.9}, "good loop fixed none"),
    ({"min_confidence": 0.5, "no_flags": ("any",), "min_score": -0.2, "corrected": False}, "good"),
]


@pytest.fixture
def archive(tell: Any) -> Any:
    """The POSTS, one of them corrected after it was indexed."""
    return _filled(tell)


def _filled(tell: Any) -> Any:
    for name, (text, score, flags, confidence) in POSTS.items():
        tell.post(name, text, "ps", confidence=confidence)
        if score is not None:
            _translated(tell, name, text, score, flags)
    indexing.catch_up(tell.database)
    with tell.database.write() as connection:
        post = queries.show(connection, "telegram:fixed")
        [segment] = post.revisions[0].translations[0].segments
        row = CorrectionRow(segment_id=segment.id, text="The town is calm.", author="Zarmina")
        assert save_corrections(connection, [row], tell.NOON).new == 1
    return tell


def _translated(tell: Any, name: str, text: str, score: float, flags: tuple[str, ...]) -> None:
    with tell.database.write() as connection:
        _, revision = queries.current_revision(connection, f"telegram:{name}")
        assert revision is not None
        segment = SavedSegment(
            index=0,
            start=0,
            end=len(text),
            source=text,
            target=f"{name} in English",
            score=score,
            flags=flags,
        )
        made = SavedTranslation(
            revision_id=revision,
            target="en",
            engine="argos",
            package_name="translate-ps_en",
            package_version="1.0",
            package_sha256="1" * 64,
            options="beam=2",
            flags=flags,
            segments=(segment,),
        )
        save_translations(connection, [made], tell.NOON)


@pytest.mark.parametrize("query", ["", "lang:ps"])
def test_searches_and_exports_of_posts_mean_the_same(archive: Any, query: str) -> None:
    indexing.catch_up(archive.database)
    for asked, expected in ASKED:
        filters = Filters(query=query, **asked)
        with archive.database.read() as connection:
            for sort in ("newest", "best"):
                answer = search(connection, filters, sort=sort, limit=50)  # type: ignore[arg-type]
                assert {hit.post for hit in answer.hits} == {f"telegram:{n}" for n in expected.split()}, asked
                assert answer.total == len(expected.split()), asked
        exported = {record.native_id for record in queries.records(archive.database, filters)}
        assert exported == set(expected.split()), asked
        assert queries.count(archive.database, filters) == len(exported), asked


def test_a_correction_is_found_in_posts_that_were_indexed_before(archive: Any) -> None:
    """Corrected in the post itself or by a memory: each brings its posts back into the index."""
    from datetime import timedelta

    from archiver.jobs.translate import follow_corrections

    archive.post("same", POSTS["good"][0], "ps")
    _translated(archive, "same", POSTS["good"][0], -0.1, ())
    indexing.catch_up(archive.database)
    with archive.database.write() as connection:
        sentence = CorrectionRow(source=POSTS["good"][0], language="ps", text="The road is open again.")
        save_corrections(connection, [sentence], archive.NOON + timedelta(days=1))
    assert follow_corrections(archive.database, "en", None, lambda count: None) == 2
    indexing.catch_up(archive.database)
    with archive.database.read() as connection:
        for filters in (
            Filters(query="has:correction"),
            Filters(corrected=True),
            Filters(query="flag:corrected"),
        ):
            found = {hit.post for hit in search(connection, filters, limit=50).hits}
            assert found == {"telegram:good", "telegram:same", "telegram:fixed"}
        found = {hit.post for hit in search(connection, Filters(query="again"), limit=50).hits}
        assert found == {"telegram:good", "telegram:same"}


def test_a_filter_that_nothing_meets_says_so(archive: Any) -> None:
    with archive.database.read() as connection:
        assert why_nothing(connection, Filters(flags=("empty",))) == "nothing is flagged 'empty'"
        assert why_nothing(connection, Filters(query="flag:empty lang:ps")) == "nothing is flagged 'empty'"
        assert why_nothing(connection, Filters(corrected=True)) is None


def test_a_flag_that_is_none_names_the_nearest(archive: Any) -> None:
    with archive.database.read() as connection, pytest.raises(Usage, match=r"character 14: .*'repetition'"):
        search(connection, Filters(query="lang:ps flag:repitition"))


# -- as it is typed -----------------------------------------------------------------------------------


@pytest.fixture
def run(sqlite_tell: Any, tmp_path: Path, capsys: Any) -> Iterator[Any]:
    """A command in an archive with the POSTS: exit code, stdout as rows of JSON, stderr."""
    (tmp_path / "archiver.toml").write_text("", encoding="utf-8")
    _filled(sqlite_tell)

    def ran(*words: str) -> tuple[int, list[Any], str]:
        capsys.readouterr()
        code = cli.run(["--archive", str(tmp_path), *words])
        said = capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines() if line.startswith("{")], said.err

    yield ran


def test_every_command_that_chooses_posts_takes_them(run: Any) -> None:
    assert {row["post"] for row in run("search", "", "--no-flag", "any", "--json")[1]} == {
        "telegram:good",
        "telegram:fixed",
        "telegram:none",
    }
    assert [row["post"] for row in run("search", "lang:ps", "--only-corrected", "--json")[1]] == [
        "telegram:fixed"
    ]
    assert [row["posts"] for row in run("trends", "lang:ps", "--min-score", "-0.5", "--json")[1]] == [3]
    words = {row["word"] for row in run("words", "--flag", "repetition", "--side", "original", "--json")[1]}
    assert words == {"واوره", "ورېږي"}
    code, rows, _ = run("collocates", "واوره", "--not-corrected", "--at-least", "1", "--json")
    assert code == 0 and {row["word"] for row in rows} >= {"ورېږي"}
    facets = run("search", "", "--min-confidence", "0.9", "--facets", "--json")[1]
    assert {(row["value"], row["posts"]) for row in facets if row["facet"] == "flag"} == {
        ("repetition", 1),
        ("corrected", 1),
    }


@pytest.mark.parametrize(("asked", "expected"), ASKED[1:])
def test_an_export_of_pairs_asks_it_of_each_pair(run: Any, asked: dict[str, Any], expected: str) -> None:
    words = [w for flag in asked.get("flags", ()) for w in ("--flag", flag)]
    words += [w for flag in asked.get("no_flags", ()) for w in ("--no-flag", flag)]
    words += [
        f"--{name.replace('_', '-')}={asked[name]}"
        for name in ("min_score", "min_confidence")
        if name in asked
    ]
    if "corrected" in asked:
        words.append("--corrected" if asked["corrected"] else "--not-corrected")
    for level in ("segment", "post"):
        code, rows, _ = run("export", "jsonl", "--by", level, "-o", "-", *words)
        assert code == 0
        assert {row["post"].removeprefix("telegram:") for row in rows} == set(expected.split()) - {"none"}
    code, rows, _ = run("export", "jsonl", "-o", "-", *words)
    assert {row["native_id"] for row in rows} == set(expected.split())


def test_show_has_score_and_flags_of_each_segment_and_can_leave_some_out(run: Any, capsys: Any) -> None:
    _, [whole], _ = run("show", "telegram:fixed", "--json")
    machine, person = whole["revisions"][0]["translations"]
    assert (machine["segments"][0]["score"], machine["segments"][0]["flags"]) == (-2.0, ["length_ratio"])
    assert (person["segments"][0]["score"], person["segments"][0]["flags"]) == (None, ["corrected"])
    _, [shown], said = run("show", "telegram:fixed", "--json", "--corrected")
    assert [t["engine"] for t in shown["revisions"][0]["translations"]] == ["person"]
    assert "1 of 2 segments" in said
    _, [shown], said = run("show", "telegram:fixed", "--json", "--flag", "length_ratio", "--min-score", "-3")
    assert [t["engine"] for t in shown["revisions"][0]["translations"]] == ["argos"]
    _, [shown], said = run("show", "telegram:fixed", "--json", "--flag", "empty")
    assert shown["revisions"][0]["translations"] == [] and "0 of 2 segments" in said


def test_a_saved_search_keeps_what_it_asks_of_translations(run: Any) -> None:
    assert run("search", "lang:ps", "--flag", "repetition", "--min-score", "-1", "--save", "loops")[0] == 0
    [kept] = run("alerts", "--list", "--json")[1]
    assert (kept["flags"], kept["min_score"]) == (["repetition"], -1.0)
    assert run("alerts", "loops", "--json")[1] == []


@pytest.mark.parametrize("command", ["search", "export", "show", "words"])
def test_an_unknown_flag_names_the_nearest_and_is_wrong_usage(run: Any, command: str) -> None:
    more = {"search": ["x"], "export": ["tsv", "-o", "-"], "show": ["telegram:good"], "words": []}[command]
    code, _, said = run(command, *more, "--flag", "repitition")
    assert code == 2 and "the nearest is 'repetition'" in said


def test_doubts_are_those_that_translations_can_have() -> None:
    every = Doubts(no_flags=("any",))
    for flag in FLAGS:
        why = every.why_not(flags=(flag,), corrected=False, score=None, confidence=None)
        assert (why is None) is (flag == "corrected"), flag
