"""A server that asks for patience gets it, however it says so."""

from datetime import UTC, datetime

import pytest

from spiders import backoff

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
EPOCH = str(int(NOW.timestamp()) + 90)


@pytest.mark.parametrize(
    ("headers", "status", "seconds"),
    [
        ({"retry-after": "120"}, 429, 120),
        ({"retry-after": "Sun, 22 Nov 2026 12:01:30 GMT"}, 503, 90),
        ({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 503, 0),
        ({"x-rate-limit-reset": EPOCH, "x-rate-limit-remaining": "0"}, 429, 90),  # X
        ({"x-rate-limit-reset": EPOCH, "x-rate-limit-remaining": "7"}, 429, 10),  # X's short-term limit
        ({"ratelimit-reset": EPOCH}, 429, 90),  # Bluesky
        ({"ratelimit-reset": "45"}, 429, 45),  # the IETF's draft
        ({"x-ratelimit-reset": "2026-11-22T12:05:00.766170Z"}, 429, 300.76617),  # Mastodon
        ({"retry-after": "5", "x-rate-limit-reset": EPOCH}, 429, 5),
        ({"retry-after": "soon"}, 429, None),
        ({"x-ratelimit-reset": "tomorrow"}, 429, None),
        ({"x-ratelimit-reset": "2026-11-22T12:05:00Z"}, 500, None),  # not why it failed
        ({}, 429, None),
    ],
)
def test_the_wait_that_a_server_asks_for(headers: dict[str, str], status: int, seconds: float | None) -> None:
    assert backoff.asked(headers, status, NOW) == (None if seconds is None else pytest.approx(seconds))


def test_waits_double_and_never_exceed_the_longest() -> None:
    assert 0.75 <= backoff.pause(1, 300) <= 1.25
    assert 6 <= backoff.pause(4, 300) <= 10
    assert backoff.pause(20, 0.1) <= 0.125
