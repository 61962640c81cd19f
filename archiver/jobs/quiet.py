"""Quiet hours: a time of day in which no server is asked for anything."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from archiver.config import Config
from archiver.errors import Usage


def quiet_until(config: Config, now: datetime | None = None) -> datetime | None:
    """When the quiet hours that it is now are over, in their own time zone; None outside of them.

    They may pass midnight; 22:00-22:00 is the whole day.
    """
    if config.crawl.quiet_hours is None:
        return None
    zone = ZoneInfo(config.crawl.time_zone) if config.crawl.time_zone else None
    here = (now or datetime.now(UTC)).astimezone(zone)
    start, end = (time.fromisoformat(part.strip()) for part in config.crawl.quiet_hours.split("-"))
    at = here.time().replace(second=0, microsecond=0)
    over_midnight = start >= end
    if not (at >= start or at < end if over_midnight else start <= at < end):
        return None
    day = here.date()
    if over_midnight and at >= start:
        day = day.fromordinal(day.toordinal() + 1)
    if zone is not None:
        return datetime.combine(day, end, tzinfo=zone)
    return datetime.combine(day, end).astimezone()


def refuse_when_quiet(config: Config) -> None:
    """Raises Usage during the quiet hours, naming their end and how to crawl all the same."""
    if until := quiet_until(config):
        raise Usage(
            f"quiet hours until {until:%H:%M %Z} ([crawl] quiet_hours in archiver.toml): "
            "wait, or add --now to crawl all the same"
        )
