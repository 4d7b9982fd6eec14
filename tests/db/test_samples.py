"""The sample rosters as of today, in the practice village."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from desktop.theme import RESOURCES
from desktop.welcome import practice
from domain import clock
from services import policies, samples, screening
from services.alerts import alerts

SAMPLES = RESOURCES / "samples"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-01-01", "2025-01-01"),
        ("2023.1.1", "2025.1.1"),
        ("2022年10月—2023年9月", "2024年10月—2025年9月"),
        ("2023年9月30日", "2025年9月30日"),
        ("2023年第1期缝纫工培训班", "2025年第1期缝纫工培训班"),
        ("2023/1/5—2023/5/20", "2025/1/5—2025/5/20"),
        ("230826202304213021", "230826202304213021"),
        ("2308260000000100", "2308260000000100"),
    ],
)
def test_dates_move_and_keep_their_form(text: str, expected: str) -> None:
    assert samples.moved(text, lambda day: f"{int(day[:4]) + 2}{day[4:]}") == expected


def test_the_same_day_gives_the_same_rosters(tmp_path: Path) -> None:
    made = [
        [
            [list(sheet.values) for sheet in load_workbook(file).worksheets] if file.suffix == ".xlsx" else file.read_bytes()
            for file in samples.recent(SAMPLES, (*practice.SAMPLES, "survey.csv"), tmp_path / name, "2027-02-28")
        ]
        for name in ("one", "other")
    ]
    assert made[0] == made[1]


@pytest.mark.parametrize("on", ["2026-10-01", "2027-03-31", "2028-02-29", "2027-12-20"])
def test_nothing_is_of_days_to_come(tmp_path: Path, on: str) -> None:
    """Only what ends may lie ahead; a wage sheet has no month that is not over."""
    files = {file.name: file for file in samples.recent(SAMPLES, practice.SAMPLES, tmp_path, on)}
    starts = {"work.xlsx": (10, 4), "training.xlsx": (6, 4), "posts.xlsx": (9, 4), "wishes.xlsx": (4, 3)}
    for name, (column, first) in starts.items():
        cells = [row[column - 1] for row in load_workbook(files[name]).worksheets[0].iter_rows(min_row=first, values_only=True)]
        days = [str(cell).replace("年", "-").rstrip("月") for cell in cells if str(cell)[:2] == "20"]
        assert days, name
        assert max(days) <= on, name
    for name in (name for name in files if name.startswith("wages")):
        rows = list(load_workbook(files[name]).worksheets[0].iter_rows(min_row=3, max_row=21, values_only=True))
        paid = [str(heading) for n, heading in enumerate(rows[0]) if heading and any(row[n] for row in rows[1:])]
        assert paid, name
        assert all(f"{heading[:4]}-{heading[5:-1]:0>2}" < on[:7] for heading in paid), name


@pytest.mark.slow
@pytest.mark.parametrize("on", ["2026-11-29", "2027-06-15"])
def test_the_practice_village_shows_a_normal_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on: str) -> None:
    """Its samples are of 2023: everything was overdue for years, and nothing could be claimed any more."""
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(f"{on}T09:00:00").replace(tzinfo=clock.CHINA))
    store = practice.open_practice(tmp_path / "practice")
    with store.read() as session:
        found = Counter(alert.alert for alert in alerts(session, on))
        late = [alert for alert in alerts(session, on) if alert.due < f"{int(on[:4]) - 1}{on[4:]}"]
        eligible = [each.verdict for each in screening.screen(session, on=on) if each.verdict.outcome == "eligible"]
        (pack,) = (pack for pack in policies.used_here(session) if pack.id == "HLJ-2021-16")
        assert not policies.unusable(session)
    store.close()
    assert not late
    assert found["A6"] + found["A7"] + found["A8"] < 10
    assert not found["A2"] + found["A4"] + found["A13"]
    assert {verdict.year for verdict in eligible if verdict.rule == "R03"} & {int(on[:4]), int(on[:4]) - 1}
    assert "练习" in pack.title
