"""ONNX files of one shape, written byte by byte: units -> features -> a convolution -> a decision.

An ONNX file is a protobuf message; the few fields that one needs are simpler to write than to depend on a
library for. Field numbers are those of onnx.proto3, IR version 8, operator set 13.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_FLOAT, _INT64 = 1, 7


def convolutions(
    weights: Mapping[str, NDArray[np.float32]], *, left: int, right: int, described: Mapping[str, str]
) -> bytes:
    """A model of the inputs units (int64, batch x time) and features (read by nobody), and the output
    decisions (float, batch x time x choices); `described` becomes its metadata."""
    nodes = [
        _node("Gather", ["embedding", "units"], "seen"),
        _node("Transpose", ["seen"], "turned", perm=[0, 2, 1]),
        _node("Conv", ["turned", "detect", "needed"], "found", pads=[left, right]),
        _node("Relu", ["found"], "patterns"),
        _node("Conv", ["patterns", "decide", "usual"], "decided"),
        _node("Transpose", ["decided"], "decisions", perm=[0, 2, 1]),
    ]
    graph = b"".join(
        [
            *(_bytes(1, node) for node in nodes),
            _text(2, "rules"),
            *(_bytes(5, _tensor(name, values)) for name, values in weights.items()),
            _bytes(11, _value("units", _INT64, ["batch", "time"])),
            _bytes(11, _value("features", _FLOAT, ["batch", "time", "none"])),
            _bytes(12, _value("decisions", _FLOAT, ["batch", "time", "choice"])),
        ]
    )
    return b"".join(
        [
            _number(1, 8),
            _text(2, "bilingual-archiver"),
            _bytes(7, graph),
            _bytes(8, _text(1, "") + _number(2, 13)),
            *(_bytes(14, _text(1, key) + _text(2, value)) for key, value in described.items()),
        ]
    )


def _node(operator: str, inputs: list[str], output: str, **attributes: list[int]) -> bytes:
    kept = (
        _text(1, name) + b"".join(_number(8, value) for value in values) + _number(20, 7)
        for name, values in attributes.items()
    )
    return b"".join(
        [
            *(_text(1, name) for name in inputs),
            _text(2, output),
            _text(4, operator),
            *(_bytes(5, attribute) for attribute in kept),
        ]
    )


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    dims = b"".join(_number(1, size) for size in values.shape)
    return dims + _number(2, _FLOAT) + _text(8, name) + _bytes(9, values.astype("<f4").tobytes())


def _value(name: str, kind: int, dims: list[str]) -> bytes:
    shape = b"".join(_bytes(1, _text(2, dim)) for dim in dims)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
