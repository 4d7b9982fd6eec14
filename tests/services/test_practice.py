"""The practice village: its rosters are whole on every day of the year, and none of its records lies in the future."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from domain import clock
from services import alerts, policies, practice, screening
from services.quality import quality
from tests.fresh import new_store

TODAY = "2026-11-29"


@pytest.mark.parametrize(
    ("mark", "date"),
    [
        ("{d}", "2026-11-29"),
        ("{d-30}", "2026-10-30"),
        ("{m-11}3日", "2025年12月3日"),
        ("{m+2}", "2027年1月"),
        ("{y-1}3月", "2025年3月"),
        ("{Y}年第1期", "2026年第1期"),
        ("{s-1}至{e-1}", "2026年7月至2026年9月"),
        ("{s+1}至{e+1}", "2027年1月至2027年3月"),
        ("{x-1} {m 1}", "{x-1} {m 1}"),
    ],
)
def test_marks_are_counted_from_today(mark: str, date: str) -> None:
    assert practice.dated(mark, TODAY) == date


@pytest.mark.parametrize("day", ["2026-11-29", "2027-01-01", "2028-02-29", "2028-03-31", "2029-07-05"])
def test_the_rosters_are_read_whole_on_every_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=clock.CHINA))
    monkeypatch.setattr("db.store.utc_now", lambda: f"{day}T01:00:00Z")
    store = new_store(tmp_path / "home", practice.SCOPE)
    years = (int(day[:4]), int(day[:4]) - 1)
    unread: dict[str, Any] = {}

    def imported(file: Path, result: Any) -> None:
        issues = [*result.rejected, *result.questions, *result.warnings]
        if issues or not result.added + result.changed:
            unread[file.name] = [issue.message for issue in issues]

    with store.write("政策") as session:
        practice.use_policy(session, day)
    practice.fill(store, practice.write_rosters(tmp_path / "rosters", day), imported)
    assert set(unread) == {"registry.xlsx"}  # a sample of what rosters have wrong
    with store.read() as session:
        assert session.count("claim") == 8
        assert not policies.unusable(session)
        assert session.count("survey_answer") > 40
        rules = {each.rule for each in quality.check(session)}
        assert not rules & {"E05", "W08", "W27"}, rules
        found = alerts.alerts(session, day)
        assert len({each.alert for each in found}) > 4
        assert not [each for each in found if each.due < f"{years[1]}{day[4:]}"]  # nothing is overdue for years
        assert {each.verdict.year for each in screening.screen(session) if each.unclaimed and each.verdict.rule == "R03"} & set(years)
