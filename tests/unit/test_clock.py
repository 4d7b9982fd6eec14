"""The day in China, on a computer of any zone."""

import time
from datetime import UTC, datetime

import pytest

from domain import clock


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows takes its zone from the system alone")
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def test_the_day_is_that_of_china_in_every_zone(monkeypatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        before = datetime.now(UTC)
        assert clock.today() in {clock.day_of(f"{at:%Y-%m-%dT%H:%M:%SZ}") for at in (before, datetime.now(UTC))}
        assert clock.day_of("2026-11-26T15:59:59Z") == "2026-11-26"
        assert clock.day_of("2026-11-26T16:00:00Z") == "2026-11-27"
        assert f"{clock.in_china('2025-12-31T16:30:00Z'):%Y-%m-%d %H:%M}" == "2026-01-01 00:30"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_time_is_said_as_on_the_wall() -> None:
    assert clock.text("2026-11-26T23:13:40Z") == "2026-11-27 07:13:40"
    assert (clock.text(None), clock.text(""), clock.text("soon")) == ("", "", "soon")


@pytest.mark.parametrize("text", ["", "2026-11-26", "2026-11-26T16:00:00", "yesterday"])
def test_only_times_as_records_keep_them_have_a_day(text: str) -> None:
    with pytest.raises(ValueError, match="does not match"):
        clock.day_of(text)
