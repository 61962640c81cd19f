"""Spans of time as people write them: 30m, 6h, 1d, 2w, 1h30m."""

import re

_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST = 50 * 366 * 86_400  # as seconds in a column of 32 bits


def seconds(written: str, *, or_none: bool = False) -> int:
    """Raises ValueError, which names the spellings; a span is a minute to fifty years long, or "0"
    where none will do (`or_none`)."""
    if or_none and re.fullmatch(r"0[mhdw]?", written.strip()):
        return 0
    text = written.strip().lower().replace(" ", "")
    parts = re.findall(r"(\d{1,6})([mhdw])", text)
    total = sum(int(number) * _SECONDS[unit] for number, unit in parts)
    if "".join(n + u for n, u in parts) != text or not 60 <= total <= _LONGEST:
        raise ValueError(
            f"'{written}' is no span of time; write 30m, 6h, 1d or 2w{' (0 for none)' if or_none else ''}"
        )
    return total


def written(total: int) -> str:
    """The shortest spelling of so many seconds, rounded down to minutes: 90061 is 1d1h1m."""
    left, parts = total, []
    for unit, size in sorted(_SECONDS.items(), key=lambda each: -each[1]):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0"
