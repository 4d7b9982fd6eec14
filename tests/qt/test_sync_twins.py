"""疑似同一人 and 搁置 on the 同步 page: join two records of a person, take it back, release what was held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QPushButton

from db import changes
from db.held import held
from desktop.widgets import dialogs
from domain import divisions
from domain.identity import check_digit
from services import merging, records
from tests.conftest import TOWNSHIP, VILLAGE
from tests.qt.sync_page import change, open_page, register, texts, value, world

__all__ = ["open_page", "world"]

NUMBER = "23082619700307001" + check_digit("23082619700307001")
SECOND = "23082619720102003" + check_digit("23082619720102003")
OTHER = VILLAGE[:-3] + "203"


def press(widget, words: str) -> None:
    (found, *_rest) = [b for b in widget.findChildren(QPushButton) if b.isVisibleTo(widget) and (b.accessibleName() or b.text()) == words]
    found.click()


@pytest.fixture(autouse=True)
def asked(monkeypatch) -> list[tuple[str, bool]]:
    """What was asked before people were joined, and whether Enter means no; the answer is yes."""
    questions: list[tuple[str, bool]] = []

    def ask(_parent: object, _title: str, text: str, *, yes: str, danger: bool) -> bool:
        questions.append((text, danger))
        return True

    monkeypatch.setattr(dialogs, "ask", ask)
    return questions


def test_who_is_joined_is_told_first_and_a_household_left_without_its_head(qtbot, world, open_page, asked, frame) -> None:
    one = world.station("李文书")
    first, second = alike(one, "周桂英", NUMBER), alike(one, "周贵英", SLIPPED)
    with one.write("一户") as session:
        home = records.save(session, "household", {"number": "1", "head_id": second})
        records.save(session, "person", {"household_id": home}, second)
        other = {"name": "周小宝", "document": "other", "id_number": "A7", "labour": "none", "household_id": home}
        records.save(session, "person", other)
    page = open_page(one)
    page.opened(tab="matches")
    qtbot.waitUntil(lambda: "很可能是同一个人" in texts(page.matches))
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, "留这条：周桂英，" + divisions.called(VILLAGE))
    (question, danger) = asked[-1]
    assert danger and "留下：周桂英" in question and "并进去：周贵英" in question and NUMBER not in question
    assert value(one, second, "merged_into") == first
    assert "没有户主了" in frame.messages[-1]


def test_two_records_of_one_person_are_joined_and_parted(qtbot, world, open_page, frame) -> None:
    one, two = world.station("李文书"), world.station("王文书")
    first, second = register(one, "周桂英", NUMBER), register(two, "周桂英", NUMBER)
    world.settle()
    page = open_page(one)
    with qtbot.waitSignal(page.model.changed):
        page.refresh()
    page.opened(tab="matches")
    assert page.tabs.tabs.key == "matches"
    assert "证件号码相同" in texts(page.matches) and NUMBER not in texts(page.matches)
    with one.read() as session:
        keep = merging.matches(session)[0].records[0].id
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, "留这条：周桂英，" + divisions.called(VILLAGE))
    qtbot.waitUntil(lambda: "已并入 周桂英" in texts(page.matches))
    merged = second if keep == first else first
    assert value(one, merged, "merged_into") == keep and frame.undo
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, "取消合并 周桂英")
    qtbot.waitUntil(lambda: "证件号码相同" in texts(page.matches))
    assert value(one, merged, "merged_into") is None


def test_a_held_change_is_released_by_the_township(qtbot, world, open_page, frame) -> None:
    village, town = world.station("李文书"), world.station("王主任", TOWNSHIP)
    with village.write("写错村") as session:
        id = session.new_id()
        person = {"id": id, "village": OTHER, "name": "孙明", "document": "other", "id_number": "A1", "labour": "ordinary"}
        changes.insert(session, "person", [person])
    world.settle()
    page = open_page(town)
    with qtbot.waitSignal(page.model.changed):
        page.refresh()
    page.opened(tab="held")
    assert "您现在可以放行" in texts(page.held)
    with qtbot.waitSignal(page.model.changed):
        press(page.held, "放行：人员 孙明")
    qtbot.waitUntil(lambda: page.model.standing.held == 0)
    assert value(town, id, "name") == "孙明"
    with town.read() as session:
        assert held(session) == []
    assert frame.undo
    with town.write("撤销") as session:
        assert records.undo_last(session) and session.get("person", id) is None
    with town.write("重做") as session:
        assert records.redo_last(session)
    assert value(town, id, "name") == "孙明"
    mine = open_page(village)
    with qtbot.waitSignal(mine.model.changed):
        mine.refresh()
    assert "请上级放行" in texts(mine.held)
    assert not [b for b in mine.held.findChildren(QPushButton) if b.text() == "放行" and b.isVisibleTo(mine.held)]


def alone(page) -> list[str]:
    """Buttons that come up as windows of their own from now on, which takes the keys from the page."""
    seen: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched, event) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QPushButton) and watched.isWindow():
                seen.append(watched.text())
            return False

    app = QApplication.instance()
    assert app is not None
    app.installEventFilter(Watch(page))
    return seen


SLIPPED = NUMBER[:15] + str((int(NUMBER[15]) + 1) % 10) + NUMBER[16:]


def alike(store, name: str, id_number: str) -> str:
    with store.write("登记") as session:
        id: str = session.new_id()
        person = {"id": id, "village": VILLAGE, "name": name, "document": "other", "id_number": id_number, "labour": "ordinary"}
        changes.insert(session, "person", [{**person, "birth": "1970-03-07"}])
    return id


def test_two_who_are_alike_stand_side_by_side_and_are_told_apart(qtbot, world, open_page) -> None:
    one = world.station("李文书")
    first, second = alike(one, "周桂英", NUMBER), alike(one, "周贵英", SLIPPED)
    page = open_page(one)
    with qtbot.waitSignal(page.model.changed):
        page.refresh()
    flashed = alone(page)
    page.opened(tab="matches")
    assert "证件号码差一位 · 姓名同音 · 同一出生日期" in texts(page.matches)
    assert "很可能是同一个人" in texts(page.matches) and NUMBER not in texts(page.matches)
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, "不是同一人：周桂英、周贵英")
    qtbot.waitUntil(lambda: "不是同一人" in texts(page.matches) and not page.model.standing.alike)
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, f"重新列出：周桂英（{divisions.called(VILLAGE)}）、周贵英（{divisions.called(VILLAGE)}）")
    qtbot.waitUntil(lambda: "很可能是同一个人" in texts(page.matches))
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, "留这条：周桂英，" + divisions.called(VILLAGE))
    qtbot.waitUntil(lambda: "已并入 周桂英" in texts(page.matches))
    assert value(one, second, "merged_into") == first
    assert flashed == []


def test_among_very_many_they_are_looked_for_when_asked(qtbot, world, open_page, monkeypatch) -> None:
    monkeypatch.setattr("desktop.sync.reading._COMPARED", 1)
    one = world.station("李文书")
    alike(one, "周桂英", NUMBER), alike(one, "周贵英", SLIPPED)
    page = open_page(one)
    with qtbot.waitSignal(page.model.changed):
        page.refresh()
    page.opened(tab="matches")
    assert page.model.standing.suspects is None
    press(page.matches, "查找相近的人")
    qtbot.waitUntil(lambda: "很可能是同一个人" in texts(page.matches))
    with qtbot.waitSignal(page.model.changed):
        press(page.matches, "不是同一人：周桂英、周贵英")
    qtbot.waitUntil(lambda: page.model.standing.suspects is not None and not page.model.standing.alike)


def test_a_register_imported_twice_is_merged_with_one_key(qtbot, world, open_page, asked, frame) -> None:
    one, two = world.station("李文书"), world.station("王文书")
    numbers = [NUMBER, SECOND]
    for store in (one, two):
        for name, number in zip(("周桂英", "孙明"), numbers, strict=True):
            register(store, name, number, document="resident_id")
    change(two, alike_of(two, "孙明"), phone="13800000001")
    change(one, alike_of(one, "孙明"), phone="13800000002")
    world.settle()
    page = open_page(one)
    with qtbot.waitSignal(page.model.changed):
        page.refresh()
    page.opened(tab="matches")
    with qtbot.waitSignal(page.model.sure):
        press(page.matches, "一起合并…")
    qtbot.waitUntil(lambda: "合并了 2 对" in "".join(frame.messages))
    (question, danger) = asked[-1]
    assert danger and "有 2 对" in question and question.index("孙明") < question.index("周桂英")
    assert not any(secret in question for secret in (*numbers, "13800000001", "13800000002")) and "联系电话留" in question
    qtbot.waitUntil(lambda: not page.model.standing.matches)
    assert frame.undo and not [b for b in page.matches.findChildren(QPushButton) if b.text() == "一起合并…" and b.isVisibleTo(page.matches)]
    with one.write("撤销") as session:
        assert records.undo_last(session)
    with one.read() as session:
        assert len(merging.matches(session)) == 2


def alike_of(store, name: str) -> str:
    with store.read() as session:
        return next(str(one.id) for one in session.select("person") if one.name == name)


def test_one_key_merges_nothing_that_is_not_sure(qtbot, world, open_page, asked, monkeypatch) -> None:
    one, two = world.station("李文书"), world.station("王文书")
    for store, names in ((one, ("周桂英", "孙明")), (two, ("周桂花", "孙小明"))):
        for name, number in zip(names, (NUMBER, SECOND), strict=True):
            register(store, name, number, document="resident_id")
    world.settle()
    said: list[str] = []
    monkeypatch.setattr(dialogs, "show_message", lambda _parent, title, _text: said.append(title))
    page = open_page(one)
    with qtbot.waitSignal(page.model.changed):
        page.refresh()
    page.opened(tab="matches")
    with qtbot.waitSignal(page.model.sure):
        press(page.matches, "一起合并…")
    assert said == ["没有能一起合并的"] and not asked
