"""设置 → 政策 with a real store: packs, what is unset, what differs, two versions compared."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QScrollArea

from desktop.settings.page import SettingsPage, build
from desktop.station import Station
from domain.policy.packs import in_force, unset
from services import policies, records

AWAY = {"channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20", "employer_name": "大连港"}


@pytest.fixture
def tab(qtbot, frame, settled):
    station, ids = settled
    with station.store.write("准备") as session:
        records.save(session, "employment", {"person_id": ids["孙玉梅"], **AWAY})
    page = build(frame, station)
    assert isinstance(page, SettingsPage)
    qtbot.addWidget(page)
    page.show()
    page.opened(tab="policy")
    return page.policy


def words(tab) -> str:
    return "\n".join(one.text() for one in tab.findChildren(QLabel))


def test_packs_are_listed_with_dates_and_whether_they_are_used(tab) -> None:
    text = words(tab)
    assert "HLJ-2021-16" in text and "2021-09-09 至 2025-12-31" in text and "程序自带" in text
    assert "FY-2024-2" in text and "未启用" in text
    assert "在用，已到期" in text and "HLJ-2021-16 执行到 2025-12-31，已经到期：只判这天以前的事" in text


def test_the_tab_opens_at_its_top_and_is_scrolled_by_keys(in_front, frame, make_store, qtbot) -> None:
    """It opened at the comparison: what is said of an expired policy lay out of sight."""
    page = build(frame, Station(make_store()))
    assert isinstance(page, SettingsPage)
    in_front(page).resize(1100, 600)
    page.opened(tab="policy")
    area = page.policy.findChildren(QScrollArea)[0]
    qtbot.waitUntil(area.hasFocus)
    assert area.verticalScrollBar().value() == 0 < area.verticalScrollBar().maximum()
    qtbot.keyClick(area, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0


def test_what_nobody_has_set_is_listed_and_never_a_guess(tab) -> None:
    text = words(tab)
    assert "（四）就业帮扶基地一次性奖补" in text and "没有参考值" in text


def test_where_an_overlay_departs_from_the_province(tab) -> None:
    assert "500.00 元 → 800.00 元" in words(tab)


def test_two_versions_person_by_person(tab, frame) -> None:
    tab.before.setCurrentIndex(tab.before.findData(""))
    tab.after.setCurrentIndex(tab.after.findData("HLJ-2026"))
    tab.go.click()
    (row,) = [
        row
        for n in range(tab.table.model.rowCount())
        if (row := tab.table.model.row(n))["name"] == "孙玉梅" and row["before"] == "符合 500.00"
    ]
    assert (row["after"], row["difference"]) == ("—", "-500.00")
    assert "人有变化" in tab.sum.text()
    tab.table.opened.emit(row["id"])
    assert frame.opened[-1][0] == "people"


def test_the_same_version_twice_is_no_comparison(tab, frame) -> None:
    tab.after.setCurrentIndex(tab.before.currentIndex())
    tab.go.click()
    assert "两个不同的版本" in frame.messages[-1]


def test_an_overlay_of_another_county_changes_nothing_here(tab) -> None:
    tab.before.setCurrentIndex(tab.before.findData(""))
    tab.after.setCurrentIndex(tab.after.findData("FY-2024-2"))
    tab.go.click()
    assert tab.table.model.rowCount() == 0 and tab.empty.title.text() == "没有变化"


def test_a_village_sets_no_parameters(tab) -> None:
    assert tab.draft.isHidden()


def test_a_county_writes_down_what_it_has_to_confirm(qtbot, frame, make_store, tmp_path, monkeypatch, answers) -> None:
    page = build(frame, Station(make_store(scope="230826")))
    assert isinstance(page, SettingsPage)
    qtbot.addWidget(page)
    page.show()
    page.opened(tab="policy")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(tmp_path / "a.toml"), ""))
    answers["ask"] = False  # the policy has expired: it is said what a supplement to it still changes
    page.policy.draft.click()
    assert not (tmp_path / "a.toml").exists() and "只判这天以前的事" in page.policy.late
    answers["ask"] = True
    page.policy.draft.click()
    text = (tmp_path / "a.toml").read_text("utf-8")
    filled = text.replace('# amount = ""', 'amount = "1500"').replace("# min_people = ", "min_people = 10")
    assert "# 注意：HLJ-2021-16 执行到 2025-12-31" in text
    own = policies.read_bytes(filled.encode())
    assert (own.base, own.area, sorted(own.changes)) == ("HLJ-2021-16", "230826", ["R04", "R32a", "R32b"])
    left = {(one.rule, one.name) for one in unset(in_force(policies.in_use((), [*policies.shipped(), own])))}
    assert ("R32b", "amount") not in left and ("R04", "min_people") not in left and ("R32a", "per_day") in left
