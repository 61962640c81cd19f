"""Parquet for pandas, DuckDB and Hugging Face `datasets`: a configuration a language pair, a file a split.

`translation` is the feature that `datasets` calls Translation: a struct of the two texts by language. Times
are timestamps, flags a list. Needs the extra `parquet`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from typing import Any

from archiver.errors import MissingExtra
from archiver.exports._pairs import COLUMNS, Pair
from archiver.exports._parts import Add, Key, Part, Shape

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError:
    raise MissingExtra("parquet needs pyarrow: install bilingual-archiver[parquet]") from None

SHAPE = Shape(a_language=True, folder=True)
_ROWS = 2_000  # in memory at once
_FACTS = tuple(name for name in COLUMNS if name not in ("source", "target"))
_VALUES = attrgetter("source", "target", *_FACTS)
_TYPES = {
    "revision": ("int32", pa.int32()),
    "segment": ("int32", pa.int32()),
    "confidence": ("float64", pa.float64()),
    "score": ("float64", pa.float64()),
    "published_at": ("timestamp[us, tz=UTC]", pa.timestamp("us", tz="UTC")),
    "translated_at": ("timestamp[us, tz=UTC]", pa.timestamp("us", tz="UTC")),
}


@contextmanager
def writing(part: Part) -> Iterator[Add]:
    assert part.languages
    file = part.open(f"{part.pair}/{part.split or 'train'}.parquet")
    schema = _schema(part.languages)
    rows: list[tuple[Any, ...]] = []

    def flush() -> None:
        source, target, *rest = (
            [_storable(value, part) for value in column] for column in zip(*rows, strict=True)
        )
        texts = dict(zip(part.languages or (), (source, target), strict=True))
        said = [pa.array(texts[tag], pa.string()) for tag in sorted(texts)]
        translation = pa.StructArray.from_arrays(said, fields=list(schema.field("translation").type))
        facts = zip(rest, list(schema)[1:], strict=True)
        columns = [translation, *(pa.array(values, field.type) for values, field in facts)]
        writer.write_table(pa.Table.from_arrays(columns, schema=schema))
        rows.clear()

    def add(pair: Pair) -> None:
        rows.append(_VALUES(pair))
        if len(rows) == _ROWS:
            flush()

    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        yield add
        if rows:
            flush()


def head(parts: list[Key]) -> str:
    """YAML for the hub: what is in which file, in which languages, and that machines made it."""
    pairs = sorted({languages for _, languages in parts if languages})
    lines = [
        "---",
        "language:",
        *(f"- {tag}" for tag in sorted({tag.split("-")[0] for p in pairs for tag in p})),
    ]
    lines += ["task_categories:", "- translation", "annotations_creators:", "- machine-generated"]
    lines += ["license: other", "license_name: texts-belong-to-their-authors", "configs:"]
    for languages in pairs:
        name = "-".join(languages)
        lines += [f"- config_name: {name}", "  data_files:"]
        for split in [split or "train" for split, of in parts if of == languages]:
            lines += [f"  - split: {split}", f"    path: {name}/{split}.parquet"]
    return "\n".join((*lines, "---", "", ""))


def _storable(value: Any, part: Part) -> Any:
    if type(value) is not str:
        return value
    try:
        value.encode()
    except UnicodeEncodeError:  # a lone surrogate, which Parquet's UTF-8 cannot hold
        part.counted["texts with a character replaced"] += 1
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _schema(languages: tuple[str, str]) -> Any:
    # Sorted, as `datasets` lays a Translation out: otherwise it takes it for any struct.
    fields = [pa.field("translation", pa.struct([pa.field(tag, pa.string()) for tag in sorted(languages)]))]
    features: dict[str, Any] = {"translation": {"languages": list(languages), "_type": "Translation"}}
    for name in _FACTS:
        if name == "flags":
            fields.append(pa.field(name, pa.list_(pa.string())))
            features[name] = {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"}
        else:
            dtype, kind = _TYPES.get(name, ("string", pa.string()))
            fields.append(pa.field(name, kind))
            features[name] = {"dtype": dtype, "_type": "Value"}
    # `datasets` reads its features from here.
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})
