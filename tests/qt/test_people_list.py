"""The list of 人员 with a real store behind it: order, chips, kept views, deleting."""

from PySide6.QtWidgets import QPushButton
from sqlalchemy import insert

from db.exchange import moved
from desktop.people.list_view import saved_views
from desktop.people.page import build
from desktop.station import Station
from desktop.widgets import dialogs
from services import records
from tests.conftest import VILLAGE
from tests.qt.people_page import cell, ids, names, page, station
from tests.sync.conftest import OTHER_VILLAGE

__all__ = ["ids", "page", "station"]


def test_the_list_shows_everybody_by_pinyin_with_masked_phones(page) -> None:
    assert names(page) == ["孙玉梅", "王秀兰", "赵福生", "赵雨桐"]
    assert cell(page, "王秀兰", "phone") == "138****0217"
    assert cell(page, "王秀兰", "category") == "脱贫人口"
    assert cell(page, "赵福生", "chip") == "省外"
    assert cell(page, "孙玉梅", "chip") == "待业"
    assert cell(page, "孙玉梅", "work") == ""


def test_chips_narrow_the_list_together_and_carry_their_counts(page) -> None:
    chips = page.list.chips
    assert chips.buttons["working"].text() == "务工中 2"
    chips.choose("working")
    assert names(page) == ["王秀兰", "赵福生"]
    chips.choose("monitored")
    assert names(page) == ["赵福生"]
    chips.choose("working", on=False)
    chips.choose("monitored", on=False)
    assert len(names(page)) == 4


def test_village_groups_can_be_chosen(page) -> None:
    menu = page.list.group.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()] == ["全部小组", "3组　1 户", "5组　1 户"]
    menu.actions()[2].trigger()
    assert names(page) == ["孙玉梅"]
    assert page.list.group.text() == "5组"


def test_a_view_is_kept_by_name_without_what_was_searched_for(page, frame, monkeypatch) -> None:
    page.list.chips.choose("working")
    page.list.table.set_search("zhao")
    page.list.table.reload()
    assert names(page) == ["赵福生"]
    monkeypatch.setattr(dialogs, "ask_text", lambda *args, **words: "在外的")
    page.list.keep_view()
    (view,) = saved_views(frame.preferences)
    assert (view.name, dict(view.filters)) == ("在外的", {"working": "1"})
    page.list.show_view(view.view())
    assert names(page) == ["王秀兰", "赵福生"]
    assert page.list.chips.on() == {"working"}
    page.list._forget("在外的")
    assert saved_views(frame.preferences) == []


def test_damaged_views_are_left_out(frame) -> None:
    frame.preferences.keep("views:people", ["not json", '{"name": "x"}', '{"name":"好","filters":{},"order":"","descending":false}'])
    assert [view.name for view in saved_views(frame.preferences)] == ["好"]


def test_an_empty_village_offers_the_first_step(show, frame, empty_station) -> None:
    page = show(build(frame, empty_station))
    assert page.list.empty.title.text() == "还没有人员"
    page.list.first[0].click()
    assert frame.opened == [("importing", {})]


def test_an_empty_answer_is_told_from_an_empty_village(page) -> None:
    page.list.chips.choose("post")
    assert page.list.empty.title.text() == "没有符合条件的人"
    page.list.widen.click()
    assert len(names(page)) == 4


def test_deleting_asks_and_can_be_taken_back(page, frame, station, ids, monkeypatch) -> None:
    asked: list[str] = []

    def no(_page: object, *said: str, **_words: object) -> bool:
        asked.extend(said)
        return False

    monkeypatch.setattr(dialogs, "ask", no)
    page.delete([ids["孙玉梅"]])
    page.delete([ids["孙玉梅"], ids["王秀兰"]])
    assert len(names(page)) == 4
    assert (asked[0], asked[2], asked[3].partition("\n")[0]) == ("删除 孙玉梅？", "删除选中的 2 人？", "孙玉梅、王秀兰")
    monkeypatch.setattr(dialogs, "ask", lambda *args, **words: True)
    page.delete([ids["孙玉梅"]])
    assert "孙玉梅" not in names(page)
    assert frame.messages
    with station.store.write("撤销") as session:
        taken = records.undo_last(session)
    assert taken is not None
    assert taken[0] == "删除 孙玉梅"
    page.refresh()
    assert "孙玉梅" in names(page)


def test_back_in_the_list_the_cursor_is_on_who_was_looked_at(page, ids) -> None:
    """Found by Ctrl+K, left by Esc: Del then asked about whoever stood first in the list, without a name."""
    page.opened(id=ids["赵福生"])
    page.leave_one()
    assert (page.list.table.current_id(), page.list.table.selected_ids()) == (ids["赵福生"], [ids["赵福生"]])


def test_the_list_stays_when_a_person_arrives_late(page, ids) -> None:
    """A refresh asked for the person just before the list was opened: the answer comes when nobody wants it any more."""
    waiting = []
    page.show_one(ids["王秀兰"])
    shown = page.person.shown
    page.person._jobs.run = lambda work, done, *rest, **more: waiting.append(done) if more.get("key") == "person" else None
    page.refresh()
    page.opened()
    assert waiting
    for done in waiting:
        done(shown)
    assert page.stack.currentWidget() is page.list


def test_a_village_merged_away_says_where_its_people_are(show, frame, make_store) -> None:
    """Nobody is invited to import the rosters anew."""
    station = Station(make_store())
    with station.store.write("并村") as session:
        gone = {"scope": VILLAGE, "kind": 0, "row_id": "", "entered": OTHER_VILLAGE, "seq": 1, "at": session.at, "states": "{}"}
        session.conn.execute(insert(moved).values(gone))
    page = show(build(frame, station))
    assert page.list.empty.title.text() == "本村的人都转到日升村了"
    assert [made.text() for made in page.list.empty.findChildren(QPushButton) if not made.isHidden()] == ["看说明"]
    assert page.list.story.hasFocus()
    page.list.story.click()
    assert frame.opened[-1] == ("sync", {"tab": "story"})
