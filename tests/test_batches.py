"""Segments go to the model in batches of neighbours in length; at Argos's own search nothing is filled up."""

from pathlib import Path

import pytest

from translations import demo
from translations.engines import Search, load
from translations.engines._ctranslate2 import batched
from translations.packages import install

INPUTS = [["x"] * length for length in (3, 9, 3, 1, 9, 9, 4, 3, 200)]


def test_a_batch_holds_neighbours_in_length_and_no_more_than_it_may() -> None:
    batches = list(batched(INPUTS, Search(beam=2, max_batch_tokens=24)))
    assert sorted(index for batch in batches for index in batch) == list(range(len(INPUTS)))
    lengths = [[len(INPUTS[index]) for index in batch] for batch in batches]
    assert lengths == [[1, 3, 3, 3], [4], [9], [9], [9], [200]]


def test_unpadded_a_batch_has_one_length() -> None:
    batches = list(batched(INPUTS, Search(unpadded=True)))
    assert [[len(INPUTS[index]) for index in batch] for batch in batches] == [
        [1], [3, 3, 3], [4], [9, 9, 9], [200],
    ]  # fmt: skip


@pytest.mark.parametrize("beam", [1, 4])
def test_unpadded_an_input_is_translated_as_if_alone_to_the_last_bit(tmp_path: Path, beam: int) -> None:
    package = install(demo.packages()[0], tmp_path / "packages")
    engine = load(package, device="cpu", threads=1)
    inputs = [engine.pieces(source) for source, _ in demo.corpus(package.source)[:120]]
    search = Search(beam=beam, unpadded=True)
    alone = [engine.translate([pieces], search)[0] for pieces in inputs]
    assert engine.translate(inputs, search) == alone
