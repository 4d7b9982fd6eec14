"""Backups that make themselves, also on a laptop whose clock was wrong for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db import backup as backups
from desktop import auto_backup

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.mark.parametrize(("ago", "due"), [(timedelta(hours=23), False), (timedelta(days=1), True), (timedelta(days=-3650), True)])
def test_when_one_is_due(make_store, ago: timedelta, due: bool) -> None:
    store = make_store()
    assert auto_backup.due(store, NOW)
    store.set_meta(backups.LAST_BACKUP, f"{NOW - ago:%Y-%m-%dT%H:%M:%SZ}")
    assert auto_backup.due(store, NOW) is due
    store.set_meta(auto_backup.EVERY_DAYS, "0")
    assert not auto_backup.due(store, NOW)


def test_the_one_just_made_stays_and_those_of_days_to_come_go_first(make_store, monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store()
    monkeypatch.setattr(backups, "backup", lambda _store, file: file.write_text(""))
    folder = store.home / "backups"
    folder.mkdir()
    for year in (2025, 2037):
        for day in range(1, auto_backup.KEPT):
            (folder / f"auto-{year}010{day}T080000.zip").write_text("")
    made = auto_backup.make(store, NOW)
    kept = sorted(file.name for file in folder.iterdir())
    assert made is not None and made.exists()
    assert kept == [*(f"auto-2025010{day}T080000.zip" for day in range(1, auto_backup.KEPT)), "auto-20261126T160000.zip"]
