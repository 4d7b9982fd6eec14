"""The page 同步: conflicts decided by one key, values shown for a reason, held changes."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from sqlalchemy import select

from db.capture import view_log
from db.exchange import held_change
from desktop.sync import conflict_panel, reading
from desktop.sync.conflict_panel import ask_value
from desktop.widgets import dialogs
from desktop.widgets.editors import editor_for
from domain.fields import KINDS
from services import records
from services.office_files.reading import load, read_workbook
from sync.wire.words import reason
from tests.conftest import VILLAGE
from tests.qt.sync_page import MINE, THEIRS, change, dispute, open_page, register, texts, value, world

__all__ = ["dispute", "open_page", "world"]


def test_both_values_side_by_side(dispute, open_page) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    assert page.tabs.tabs.buttons["conflicts"].text() == "要核对 1"
    panel = page.conflicts.panel
    assert panel.heading.text() == "周桂英　社保卡账号"
    assert (panel.mine.who.text(), panel.mine.value.text()) == ("本机 · 李文书", "****6620")
    assert (panel.theirs.who.text(), panel.theirs.value.text()) == ("横头山镇 · 王主任", "****8813")
    assert not panel.mine.now.isVisibleTo(page)
    assert panel.theirs.now.isVisibleTo(page)
    assert (panel.use_mine.text(), panel.use_theirs.text()) == ("用本机的", "用镇里的")
    assert panel.before_value.text() == "（空）"
    assert [entry.title for entry in page.conflicts.for_information.entries] == ["周桂英 · 联系电话"]
    page.conflicts.for_information.setFocus()
    page.conflicts.for_information.setCurrentRow(0)
    assert panel.heading.text() == "周桂英　联系电话"
    assert (panel.mine.value.text(), panel.theirs.value.text()) == ("137****0007", "139****0009")


@pytest.mark.parametrize(("key", "kept"), [(Qt.Key.Key_1, MINE), (Qt.Key.Key_2, THEIRS)])
def test_one_key_decides_everywhere(dispute, open_page, frame, key, kept) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    page.conflicts.focus()
    QTest.keyClick(page.conflicts.list, key)
    assert page.model.standing.to_settle == []
    assert page.tabs.tabs.buttons["conflicts"].text() == "要核对"
    QTest.keyClick(page.focusWidget(), key)  # once more by habit: what was only told stays as it is
    assert [one.title for one in page.conflicts.for_information.entries] == ["周桂英 · 联系电话"]
    assert "下次同步告诉对方" in frame.messages[-1] and frame.undo  # a wrong key is taken back at once
    assert value(dispute.village, dispute.id, "bank_account") == kept
    dispute.world.settle()
    assert value(dispute.township, dispute.id, "bank_account") == kept
    assert open_page(dispute.township).model.standing.to_settle == []


@pytest.mark.parametrize(("arrows", "kept"), [((Qt.Key.Key_Right, Qt.Key.Key_Left), MINE), ((Qt.Key.Key_Right,), THEIRS)])
def test_arrows_point_and_enter_decides(qtbot, dispute, open_page, arrows, kept) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.conflicts.focus()
    for arrow in arrows:
        QTest.keyClick(page.conflicts.list, arrow)
    assert page.model.standing.to_settle != []  # an arrow alone decides nothing
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_Return)
    assert page.model.standing.to_settle == []
    assert value(dispute.village, dispute.id, "bank_account") == kept


def test_neither_value_is_right(dispute, open_page, monkeypatch) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    monkeypatch.setattr(conflict_panel, "ask_value", lambda *_args: "6222020200112233445")
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_3)
    assert page.model.standing.to_settle == []
    dispute.world.settle()
    assert value(dispute.township, dispute.id, "bank_account") == "6222020200112233445"


def test_the_editor_asks_again_for_what_cannot_be_read(dispute, open_page, monkeypatch) -> None:
    page = open_page(dispute.village)
    (one,) = page.model.standing.to_settle
    editor = editor_for(KINDS["person"].by_name["died_on"], page._tools)
    typed = iter(["不是日期", "2023年6月5日"])

    def run(dialog) -> bool:
        line = editor.findChild(QLineEdit)
        assert line is not None
        line.setText(next(typed))
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    assert ask_value(page, one, editor) == "2023-06-05"
    monkeypatch.setattr(dialogs.Dialog, "run", lambda dialog: False)
    assert ask_value(page, one, editor) is None


def test_an_edit_against_a_deletion(world, open_page) -> None:
    village = world.station("李文书")
    other = world.station("赵会计")
    id = register(village, "李大山", "A5")
    world.settle()
    with other.write("删除") as session:
        records.delete(session, "person", id)
    world.sync(other)
    change(village, id, phone="13611112222")
    world.sync(village)
    page = open_page(village)
    page.opened(tab="conflicts")
    panel = page.conflicts.panel
    assert panel.heading.text() == "李大山　删除还是保留"
    assert (panel.use_mine.text(), panel.use_theirs.text()) == ("保留", "删除")
    assert not panel.refill.isVisibleTo(page)
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_2)
    with village.read() as session:
        assert session.get("person", id) is None
    world.settle()
    assert open_page(other).model.standing.to_settle == []


def test_the_values_of_a_laptop_and_its_copy_are_told_apart_by_their_side() -> None:
    """Both buttons said the name of the one person, whose laptop had been copied."""
    by = "孙文书@230826101203-5eca8473"
    here: Any = SimpleNamespace(station="230826101203-5eca8473", scope="230826101203")
    one: Any = SimpleNamespace(sort="field", my_by=by, by=by)
    assert reading._takes(here, one) == ("用左边的", "用右边的")


def test_later_goes_to_the_next_and_decides_nothing(dispute, open_page, frame) -> None:
    change(dispute.township, dispute.id, payee_relation="儿子")
    dispute.world.sync(dispute.township)
    change(dispute.village, dispute.id, payee_relation="女儿")
    dispute.world.sync(dispute.village)
    page = open_page(dispute.village)
    page.opened(tab="conflicts", back=True)
    seen = [page.conflicts.panel.heading.text()]
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_Escape)
    seen.append(page.conflicts.panel.heading.text())
    assert seen == ["周桂英　社保卡账号", "周桂英　收款人与本人关系"]
    assert len(page.model.standing.to_settle) == 2
    assert frame.opened == []
    QTest.keyClick(page.conflicts.list, Qt.Key.Key_Escape)
    assert frame.opened == [("back", {})]  # who came from 乡镇 goes back there behind the last one
    page.opened(tab="conflicts")
    page.conflicts.passed.emit()
    assert frame.opened == [("back", {})]


def test_secrets_are_shown_for_a_reason_that_is_logged(dispute, open_page, frame) -> None:
    page = open_page(dispute.village)
    page.opened(tab="conflicts")
    frame.given_reason = None
    page.conflicts.panel.eye.click()
    assert MINE not in texts(page)
    frame.given_reason = "核对本人信息"
    page.conflicts.panel.eye.click()
    assert page.conflicts.panel.mine.value.text() == MINE
    assert page.conflicts.panel.theirs.value.text() == THEIRS
    with dispute.village.read() as session:
        (line,) = session.conn.execute(select(view_log)).all()
    assert (line.reason, line.what) == ("核对本人信息", f"conflict person {dispute.id}")


def test_nothing_to_settle_says_so(world, open_page) -> None:
    page = open_page(world.station("李文书"))
    for tab, panel, title in (("conflicts", page.conflicts, "没有要核对的"), ("waiting", page.waiting, "没有待上传的")):
        page.tabs.tabs.choose(tab)
        assert title in texts(panel)
    page.tabs.tabs.choose("held")
    assert "没有搁置的" in texts(page.held)


# ---------------------------------------------------------------- held


def test_held_changes_say_why_and_are_exported(dispute, open_page, monkeypatch, tmp_path, frame) -> None:
    with dispute.village.applying() as session:
        number = KINDS["person"].by_name["bank_account"].number
        line = {"scope": VILLAGE, "seq": 99, "row_id": dispute.id, "by": f"王主任@{dispute.township.station}", "at": session.at}
        line |= {"author": "x", "values": json.dumps({str(number): MINE})}
        known = line | {"place": 1, "kind": KINDS["person"].number, "what": "U", "reason": "scope"}
        unknown = line | {"place": 2, "kind": 999, "what": "I", "reason": "kind"}
        session.conn.execute(held_change.insert(), [known, unknown])
    page = open_page(dispute.village)
    assert page.tabs.tabs.buttons["held"].text() == "搁置 2"
    page.tabs.tabs.choose("held")
    said = texts(page.held)
    assert "人员 周桂英" in said
    assert "修改 社保卡账号 ****6620" in said
    assert reason("scope") in said
    assert MINE not in said
    file = tmp_path / "搁置.xlsx"
    monkeypatch.setattr(dialogs, "save_as", lambda *_args: file)
    page.held.export.click()
    rows = read_workbook(load(file))[0].rows
    assert [row[0] for row in rows[2:]] == ["人员 周桂英", "新种类的记录"]
    assert str(file) in frame.messages[-1]


def test_in_a_low_window_what_is_decided_and_its_buttons_are_in_sight(dispute, open_page) -> None:
    """1024×600 at 150 % text: nothing is to be scrolled before a key may be pressed."""
    page = open_page(dispute.village)
    page.resize(482, 311)
    page.opened(tab="conflicts")
    page.conflicts.focus()
    panel = page.conflicts.panel
    assert panel.use_mine.hasFocus() or not page.isActiveWindow()
    for part in (panel.heading, panel.mine, panel.theirs, panel.use_mine, panel.later):
        at = part.mapTo(page.conflicts, part.rect().bottomRight())
        assert part.isVisible() and 0 <= at.y() <= page.conflicts.height(), part
    page.resize(1186, 660)
    assert page.conflicts.left.isVisible() and panel.foot.isVisible() and panel.before.isVisible()
