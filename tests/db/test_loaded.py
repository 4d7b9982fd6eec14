"""What is read for data checks and early warnings, and the cells of a long export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from db import changes
from db.session import Session
from domain.alerts import warnings
from domain.records import Course
from domain.register import Register
from services import exporting, quality, today
from tests.anything import fill

DAY = "2026-11-28"


@pytest.mark.parametrize("free", [True, False, None])
def test_yes_and_no_are_read_as_such(session: Session, free: bool | None) -> None:
    """A course that is not free counts as no free training: `promise` asks for `is False`, which a stored 0 is not."""
    row = {"title": "电工", "trade": "电工", "type": "skills", "start": "2026-01-01", "end": "2026-02-01", "free": free}
    changes.insert(session, "course", [{"id": session.new_id(), "village": session.scope, **row}])
    assert [course.free for course in quality.load(session).all(Course)] == [free]
    assert all(course.free is free for course in quality.load(session).all(Course))


class _Noting(Register):
    """Notes the kinds that are asked for."""

    asked: set[str]

    def all(self, cls: Any) -> Sequence[Any]:
        self.asked.add(cls.KIND.name)
        return super().all(cls)

    def records(self, kind: str) -> Sequence[Any]:
        self.asked.add(kind)
        return super().records(kind)


@pytest.mark.parametrize("seed", range(6))
def test_all_that_warnings_read_is_loaded_for_them(session: Session, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(session, seed, each=8)
    line = {"village": session.scope, "area": "230826", "amount": 900_000}
    changes.insert(session, "monitor_line", [{"id": session.new_id(), "year": year, **line} for year in (2026, 2027)])
    monkeypatch.setattr(quality, "Register", _Noting)
    monkeypatch.setattr(_Noting, "asked", set(), raising=False)
    some, every = quality.load(session, asked=DAY[:7]), quality.load(session)
    assert warnings(some, DAY) == warnings(every, DAY)
    assert today.services(some) == today.services(every)
    assert _Noting.asked <= set(quality.WATCHED)
    assert {"employment", "recognition", "household_income"} <= _Noting.asked


def test_a_long_export_names_what_its_rows_refer_to(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles are looked up for some rows at a time and kept for the next."""
    fill(session, 3, each=9)
    exporting.export(session, "employment", tmp_path / "at once.csv")
    monkeypatch.setattr(exporting, "TICK", 2)
    exporting.export(session, "employment", tmp_path / "by two.csv")
    assert (tmp_path / "by two.csv").read_bytes() == (tmp_path / "at once.csv").read_bytes()
