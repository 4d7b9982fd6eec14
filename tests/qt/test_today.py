"""今日 with a real store behind it: lines lead where things are done, one key fills the month, matters are settled."""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from db import acts, local
from db.announced import SETTING
from db.bundles import ahead
from db.mapping import table
from desktop import theme
from desktop.registry import entries
from desktop.station import Station
from desktop.today import presenting, view_model
from desktop.today.half_filled import where
from desktop.today.page import NAME, Lines, _heading, build
from desktop.today.presenting import DATA, Day, Section, Task, entitled, when
from desktop.widgets import dialogs
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import SideBySide
from domain import divisions
from domain.errors import Stopped
from domain.fields import KINDS
from domain.periods import add_days
from services import policies, practice, records, today
from services.claims import claims, steps
from tests.paths import ROOT
from tests.qt import village


@pytest.fixture
def station(settled):
    return settled[0]


@pytest.fixture
def ids(station, settled):
    ids = settled[1]
    with station.store.write("公益岗") as session:
        values = {"name": "护林员", "type": "forest", "quota": 2, "developer": "forestry", "fund": "employment", "standard": 80000}
        post = records.save(session, "post", values)
        held = records.save(session, "appointment", {"post_id": post, "person_id": ids["孙玉梅"], "start": add_days(village.TODAY, -300)})
        dates = {"start": add_days(village.TODAY, -300), "end": add_days(village.TODAY, 8)}
        ids["协议"] = records.save(session, "agreement", {"appointment_id": held, "type": "service", **dates})
    return ids


@pytest.fixture
def page(show, frame, station, ids):
    return show(build(frame, station))


def line(page, title: str):
    return next(line for section in page.model.day.sections for line in section.lines if line.title == title)


def test_a_fresh_station_offers_the_first_step(show, frame, empty_station) -> None:
    page = show(build(frame, empty_station))
    assert page.stack.currentWidget() is page.fresh
    for word, key in (("导入名册", "importing"), ("登记一个人", "register"), ("到练习村试试", "practice")):
        next(made for made in page.fresh.findChildren(QPushButton) if made.text() == word).click()
        assert frame.opened[-1][0] == key


def test_a_fresh_township_waits_for_its_villages(show, frame, make_store) -> None:
    page = show(build(frame, Station(make_store("230826101", "王主任"))))
    assert "各村" in page.fresh.title.text()
    ways = [made.text() for made in page.fresh.findChildren(QPushButton)]
    for word, args in (("去同步", {}), ("读村里的 U 盘", {"tab": "stick"})):
        page.fresh.findChildren(QPushButton)[ways.index(word)].click()
        assert frame.opened[-1] == ("sync", args)


def test_what_ends_soon_is_a_line_with_the_days_left(page, frame, ids) -> None:
    found = line(page, "孙玉梅")
    assert found.text == f"协议 {add_days(village.TODAY, 8)} 到期"
    assert (found.when, found.tone) == ("还有 8 天", "bad")
    assert frame.badges["today"] >= 1
    page.do(found.actions[0])
    assert frame.opened[-1][1]["id"] == ids["协议"]


def test_what_has_ended_is_not_among_what_ends_within_thirty_days(page, station, ids) -> None:
    """An agreement that ended three years ago stood under 快到期, 30 天内."""
    with station.store.write("x") as session:
        records.save(session, "agreement", {"start": "2022-01-01", "end": "2022-12-31"}, ids["协议"])
    page.refresh()
    under = {section.title: [line.text for line in section.lines] for section in page.model.day.sections}
    assert "协议已于 2022-12-31 到期" in under["已过期"]
    assert not any("已于" in text for text in under.get("快到期", []))


def test_the_gravest_section_comes_first_and_empty_ones_are_left_out(page) -> None:
    titles = [section.title for section in page.model.day.sections]
    assert titles.index("快到期") < titles.index("要核对")
    assert "要紧" not in titles


def test_what_a_stick_brought_too_early_leads_to_the_sticks(page, frame, station) -> None:
    with station.store.applying() as session:
        session.conn.execute(ahead.insert().values(log=station.store.scope, number=2, body=b"", at=session.at))
    page.refresh()
    found = line(page, "U 盘来的数据")
    assert found.text.startswith("1 批先到了")
    page.do(found.actions[0])
    assert frame.opened[-1] == ("sync", {"tab": "stick"})


def test_a_release_the_county_hands_out_is_one_line_that_leads_to_where_it_is_installed(page, frame, station) -> None:
    urgent = page.model.day.urgent
    station.store.set_meta(SETTING, "9.0.0")
    page.model.load()
    shown = line(page, "村站通")
    assert "9.0.0" in shown.text and page.model.day.urgent == urgent
    page.do(shown.actions[0])
    assert frame.opened[-1] == ("settings", {"tab": "about"})


def test_a_policy_that_came_lately_is_told(page, frame, station) -> None:
    """Amounts changed from one day to the next, and nothing said why."""
    assert "政策有更新" not in [each.title for section in page.model.day.sections for each in section.lines]
    with station.store.write("县里下发") as session:
        practice.use_policy(session, village.TODAY)
    page.refresh()
    shown = line(page, "政策有更新")
    assert f"1.0.{village.TODAY[:4]} 版" in shown.text and "黑人社发" in shown.text and shown.tone == "good"
    page.do(shown.actions[0])
    assert frame.opened[-1] == ("settings", {"tab": "policy"})
    with station.store.read() as session:
        assert policies.published_since(session, add_days(village.TODAY, 2)) == []  # after a while nobody needs to be told


def test_a_claim_that_came_back_is_the_gravest(page, frame, station, ids) -> None:
    """Somebody else sent it back in an exchange: the page of the day said nothing about it."""
    verdict = {"rule": "R03", "year": 2023, "person_id": ids["孙玉梅"], "employer_id": None, "record_id": None}
    verdict |= {"outcome": "eligible", "amount": "500.00", "pack": "P", "version": "1", "missing": [], "reasons": []}
    with station.store.write("准备") as session:
        claim = claims.file(session, verdict)
        steps.step(session, claim, "village_reviewed")
    page.refresh()
    assert "要紧" not in [section.title for section in page.model.day.sections]
    with station.store.write("退回") as session:
        steps.step(session, claim, "returned", "缺务工证明")
    page.refresh()
    found = page.model.day.sections[0].lines[0]
    assert (found.title, found.tone) == ("退回的申请", "bad") and found.text.startswith("1 笔")
    page.do(found.actions[0])
    assert frame.opened[-1] == ("benefits", {"claim": claim})


def test_a_claim_refused_above_is_told_with_its_reason(page, frame, station, ids) -> None:
    """It stood under 应享未享 as if nobody had claimed, with a button to claim; that it was refused stood nowhere."""
    verdict = {"rule": "R03", "year": 2023, "person_id": ids["孙玉梅"], "employer_id": None, "record_id": None}
    verdict |= {"outcome": "eligible", "amount": "500.00", "pack": "P", "version": "1", "missing": [], "reasons": []}
    with station.store.write("准备") as session:
        claim = claims.file(session, verdict)
        step = {"claim_id": claim, "to_state": "refused", "by": "王@230826101-0a1b2c3d", "at": f"{village.TODAY}T01:00:00Z"}
        records.save(session, "claim_step", step | {"opinion": "不是跨省"})
    page.refresh()
    found = line(page, "没有通过的申请")
    assert found.text == "1 笔没有通过，请告诉本人。孙玉梅 跨省务工一次性交通补助 2023：不是跨省"
    page.do(found.actions[0])
    assert frame.opened[-1] == ("benefits", {"claim": claim})


def test_what_several_claims_failed_by_is_all_told() -> None:
    found: Any = SimpleNamespace(
        returned=(), refused={}, twice={}, turned={}, bounced={"a": "户名不符", "b": "账户状态异常", "c": "户名不符"}, claims=()
    )
    (line,) = presenting._claims(found)
    assert line.text == "3 笔银行发放失败（户名不符、账户状态异常），请核对账号"


def test_who_waits_for_jobs_leads_to_recommending(page, frame, station, ids) -> None:
    with station.store.write("准备") as session:
        wish = records.save(session, "job_wish", {"person_id": ids["孙玉梅"], "opened_on": add_days(village.TODAY, -60)})
    page.refresh()
    assert ("service", {"wish": wish}) in [(matter.action.page, matter.action.args) for matter in page.model.day.matters]


def test_the_months_checks_are_filled_by_one_button(page, frame, station) -> None:
    found = line(page, "务工月监测")
    assert "可按与上月相同" in found.text
    same, fill = found.actions
    page.do(same)
    assert frame.messages == ["1 人的月监测已按上月填好"]
    with station.store.read() as session:
        (check,) = [check for check in session.select("monthly_check") if check.month == village.MONTH]
    assert check.status == "workshop"
    assert [action.word for action in line(page, "务工月监测").actions] == ["去填"]
    page.do(fill)
    assert frame.opened[-1] == ("work", {"tab": "checks", "month": village.MONTH})


def test_the_head_says_the_day_in_both_calendars(page) -> None:
    assert _heading(replace(page.model.day, today="2026-11-23")).startswith("11 月 23 日　星期一　农历十月十五")


def test_the_charts_show_the_village(page) -> None:
    charts = page.model.day.charts
    assert dict(charts.regions)["省外"] == 1
    assert dict(charts.regions)["县内"] == 2
    assert f"共 {sum(count for _word, count in charts.regions)} 人" in page.cards[0].note.text()  # it was 劳动力, more than the bars add to
    assert charts.wishes == 1
    assert ("职业指导", 1, 1) in charts.services
    assert charts.months[-1][0] == f"{int(village.MONTH[5:])}月"


def test_arrows_go_from_line_to_line_and_enter_presses(qtbot, page, frame) -> None:
    first, second = page.lines.buttons[0][0], page.lines.buttons[1][0]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is second
    qtbot.keyClick(second, Qt.Key.Key_Up)
    assert QApplication.focusWidget() is first
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert frame.opened


def test_what_comes_above_a_line_does_not_take_its_cursor(page) -> None:
    """What people may claim is known seconds after the rest: Enter meant for the line below pressed 申请."""
    sections = page.model.day.sections
    page.lines.show_sections(sections)
    page.lines.buttons[0][0].setFocus()
    name = page.lines.buttons[0][0].accessibleName()
    above = Task("王强", "跨省务工一次性交通补助", actions=sections[0].lines[0].actions)
    page.lines.show_sections([Section("应享未享", "", [above]), *sections])
    kept = page.lines.buttons[1][0]
    assert kept.hasFocus()
    assert kept.accessibleName() == name


def test_a_line_keeps_the_cursor_when_something_is_saved(qtbot, page, station, ids) -> None:
    page.lines.buttons[0][0].setFocus()
    with station.store.write("走访") as session:
        records.save(session, "visit", {"household_id": ids["户"], "on": village.TODAY, "content": "x"})
    page.refresh()
    assert QApplication.focusWidget() is page.lines.buttons[0][0]


def test_a_warning_that_is_settled_leaves_the_day(page, frame, station, ids, monkeypatch) -> None:
    page.model.list_warnings()
    page._open_list()
    page.matters.show_matters(page.model.matters, "A7")
    page.matters.start()
    monkeypatch.setattr(dialogs, "ask_text", lambda *args, **words: "已续签，待补录")
    page.matters.ask("verified")
    with station.store.read() as session:
        (finding,) = session.select("finding")
    assert (finding.code, finding.record_id, finding.state, finding.reason) == ("A7", ids["协议"], "verified", "已续签，待补录")
    assert "A7" not in [matter.sort for matter in page.model.matters]
    assert all(line.title != "孙玉梅" for section in page.model.day.sections for line in section.lines)


def test_matters_settled_together_are_one_act(page, station) -> None:
    """Each was saved by itself: of hundreds the last alone could be taken back, and each waited for the disk."""
    wanted = [matter for matter in page.model.day.matters if matter.can_settle][:2]
    page.model.settle(wanted, "verified", None)
    with station.store.write("撤销") as session:
        assert len(session.select("finding")) == 2
        assert acts.latest(session)[1].label == "处置 2 件"
        records.undo_last(session)
        assert session.select("finding") == []


def test_an_agreement_that_ends_leads_to_where_it_is_renewed(page, frame, ids) -> None:
    page.do(line(page, "孙玉梅").actions[0])
    assert frame.opened[-1] == ("posts", {"kind": "agreement", "id": ids["协议"]})


def test_settling_can_be_given_up(page, station, monkeypatch) -> None:
    page.model.list_warnings()
    page.matters.show_matters(page.model.matters)
    page.matters.table.opened.emit("dealt with meanwhile")
    page.matters.start()
    monkeypatch.setattr(dialogs, "ask_text", lambda *args, **words: None)
    page.matters.ask("verified")
    with station.store.read() as session:
        assert session.select("finding") == []


def test_doubts_about_the_data_are_listed_with_what_to_do(qtbot, page, frame, station, ids) -> None:
    with station.store.write("疑点") as session:
        records.save(session, "person", {"sex": "male"}, ids["王秀兰"])
    page.refresh()
    (action,) = line(page, "数据体检").actions
    assert action.sort == DATA
    page.do(action)
    doubt = next(matter for matter in page.model.matters if matter.about == ids["王秀兰"] and matter.tone == "bad")
    assert doubt.when
    page.matters.went.emit(doubt)
    assert frame.opened[-1] == ("people", {"kind": "person", "id": ids["王秀兰"]})
    qtbot.keyClick(page.matters.table.table, Qt.Key.Key_Escape)
    assert page.stack.currentWidget() is page.board


def test_the_check_of_the_data_says_how_far_it_is_and_can_be_stopped(page, frame, station, ids, monkeypatch) -> None:
    """Of a township it takes twelve seconds on an old laptop; an empty list was all there was to be seen."""
    with station.store.write("疑点") as session:
        records.save(session, "person", {"sex": "male"}, ids["王秀兰"])
    page.refresh()
    (action,) = line(page, "数据体检").actions
    begun: list[tuple[Any, ...]] = []
    monkeypatch.setattr(frame, "run_long", lambda *given: begun.append(given))

    def stop(done: int, total: int, what: str) -> None:
        if what == "读取台账":
            assert done < total
        else:
            raise Stopped("已停止")

    page.do(action)
    page.do(action)
    ((_what, work, _done, failed),) = begun
    with pytest.raises(Stopped) as stopped:
        work(stop)
    failed(stopped.value)
    assert page.stack.currentWidget() is page.board and frame.errors.pop() is stopped.value
    page.do(action)
    page.refresh()  # something is saved meanwhile
    _what, work, done, _failed = begun[-1]
    done(work(lambda done, total, what: None))
    assert page.stack.currentWidget() is page.matters and page.model.matters


@pytest.mark.parametrize(
    ("due", "soon", "said"),
    [
        ("2026-11-23", True, "今天"),
        ("2026-11-24", True, "明天"),
        ("2026-12-01", True, "还有 8 天"),
        ("2026-11-20", True, "已过 3 天"),
        ("2026-11-01", False, "11-01"),
        ("2025-11-01", False, "2025-11-01"),
    ],
)
def test_days_are_said_as_people_say_them(due: str, soon: bool, said: str) -> None:
    assert when(due, "2026-11-23", soon=soon) == said


def test_who_is_entitled_stands_first(station, frame, qtbot, settled) -> None:
    """Screened apart from the rest of the day; what is nearly there follows; a button leads to the person."""
    ids = settled[1]
    with station.store.write("准备") as session:
        away = {"channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20", "employer_name": "大连港"}
        records.save(session, "employment", {"person_id": ids["孙玉梅"], **away})
    page = build(frame, station)
    qtbot.addWidget(page)
    page.opened()
    assert page.model.day is not None
    section = page.model.day.shown[0]
    assert (section.title, section.note) == ("应享未享", "合计 1 人，500.00 元")
    (line,) = [line for line in section.lines if line.title == "孙玉梅"]
    assert "跨省务工一次性交通补助" in line.text and line.when == "500.00 元"
    page.do(line.actions[0])
    assert frame.opened[-1] == ("people", {"id": ids["孙玉梅"], "rule": "R03"})


def test_who_only_nearly_meets_the_conditions_is_not_listed_as_entitled() -> None:
    """They stood under 应享未享 once anybody could claim."""
    assert [section.title for section in entitled([], level="village")] == ["应享未享", "快够条件"]
    pressing, nearly = Section("要紧", "", [Task("退回的申请", "", tone="bad")]), Section("快够条件", "", [Task("王芳", "", tone="warn")])
    due = Section("应享未享", "", [Task("李强", "", tone="good")])
    assert list(Day("2026-11-28", 1, [pressing], entitled=due, nearly=nearly).shown) == [due, pressing, nearly]
    assert list(Day("2026-11-28", 1, [pressing], entitled=Section("应享未享", "", []), nearly=nearly).shown) == [pressing, nearly]


@pytest.mark.parametrize(
    ("level", "word", "shown"), [("village", "申请", ""), ("township", "申请", "长发村"), ("county", "查看", "长发村")]
)
def test_only_who_files_claims_is_offered_to(level: str, word: str, shown: str) -> None:
    """The county had 申请 beside each of 130 villages' people."""
    verdict = SimpleNamespace(amount=50000, person_id="p", employer_id=None, reasons=(), year=2026, missing=("车票或承诺书",))
    rule = SimpleNamespace(id="R03", name="一次性交通补助", article="（三）")
    card: Any = SimpleNamespace(screened=SimpleNamespace(unclaimed=True, verdict=verdict), rule=rule, name="王芳", group="长发村 2组")
    line = entitled([card], level=level)[0].lines[0]
    assert line.actions[0].word == word
    assert line.text.startswith("长发村 2组") is (level != "village") and line.text.endswith("　还缺：车票或承诺书")


def test_above_a_village_a_warning_names_the_village(show, frame, make_store) -> None:
    """A county read of 要紧 matters without learning where among 130 villages."""
    store = make_store("230826101", "王主任")
    with store.write("公益岗") as session:
        where = {"village": "230826101202"}
        who = {"name": "孙玉梅", "document": "resident_id", "id_number": village.NUMBERS[0], "labour": "weak", **where}
        person = records.save(session, "person", who)
        values = {"name": "护林员", "type": "forest", "quota": 2, "developer": "forestry", "fund": "employment", "standard": 80000}
        post = records.save(session, "post", values | where)
        held = records.save(session, "appointment", {"post_id": post, "person_id": person, "start": add_days(village.TODAY, -300)})
        dates = {"start": add_days(village.TODAY, -300), "end": add_days(village.TODAY, 8)}
        records.save(session, "agreement", {"appointment_id": held, "type": "service", **dates})
    page = show(build(frame, Station(store)))
    name = divisions.called("230826101202")
    assert line(page, "孙玉梅").text == f"{name}　协议 {add_days(village.TODAY, 8)} 到期"
    assert [matter.place for matter in page.model.day.matters if matter.code == "A7"] == [name]


def test_what_comes_later_has_its_room(qtbot, station, frame, monkeypatch, settled) -> None:
    """应享未享 pushed the lines down when it came: 申请 was where 查看 had been."""
    found: list[Any] = []
    monkeypatch.setattr(view_model.TodayModel, "_show_entitled", lambda _model, given: found.append(given))
    page = build(frame, station)
    page.resize(1100, 700)
    qtbot.addWidget(page)
    page.show()
    page.opened()
    qtbot.waitUntil(lambda: bool(found) and bool(page.lines.buttons))
    before = _places(page)
    monkeypatch.undo()
    page.model._show_entitled(found[0])
    after = _places(page)
    assert page.model.day is not None
    assert before and all(abs(after[name] - down) <= 2 for name, down in before.items())
    due = page.model.day.entitled
    assert due is not None and len(due.lines) == frame.preferences.number("entitled_lines", -1)
    page.opened()
    assert page.model.day is not None and page.model.day.entitled is not None
    assert page.model.day.entitled.room == 0


def _places(page) -> dict[str, int]:
    """How far down the buttons of each line are."""
    for _n in range(3):
        QApplication.processEvents()
    return {made.accessibleName(): made.mapTo(page.lines, made.rect().topLeft()).y() for line in page.lines.buttons for made in line}


@pytest.mark.parametrize("status", ["unclaimed", "nearly"])
def test_the_line_for_the_rest_opens_the_list_of_its_section(status: str) -> None:
    """看名单 of 快够条件 opened 应享未享, where none of them is."""
    verdict = SimpleNamespace(amount=0, person_id="p", employer_id=None, reasons=(), year=2026, missing=("车票或承诺书",))
    rule = SimpleNamespace(id="R03", name="一次性交通补助", article="（三）")
    screened = SimpleNamespace(unclaimed=status == "unclaimed", verdict=verdict)
    card: Any = SimpleNamespace(screened=screened, rule=rule, name="王芳", group="")
    (section,) = (section for section in entitled([card] * 5, level="village") if section.lines)
    assert section.lines[-1].actions == [presenting.Action("看名单", "benefits", {"tab": "screening", "status": status})]


@pytest.mark.parametrize(("most", "gave_way"), [(0, True), (1500, False)])
def test_where_many_live_the_first_look_lets_other_work_go_before(station, frame, monkeypatch, most, gave_way) -> None:
    """With 100 000 people, the list of people opened meanwhile stayed empty until the day was read."""
    asked: list[bool] = []
    monkeypatch.setattr(view_model, "JUDGED_PEOPLE", most)
    monkeypatch.setattr(frame.jobs, "check_preempted", lambda *_done: asked.append(True))
    monkeypatch.setattr(view_model, "_entitled", lambda *_given, **_more: None)
    build(frame, station).model.load()
    assert bool(asked) is gave_way


def test_a_notice_of_working_days_is_taken_down_after_them(empty_station) -> None:
    """Seven working days from a Monday end on the Tuesday after the next, not on Sunday."""
    with empty_station.store.write("准备") as session:
        values = {"level": "village", "start": "2023-06-05", "days": 7, "day_kind": "working"}
        records.save(session, "notice", {**values, "claims": (), "village": session.scope})
        (end,) = today.notices_ending(session, "2023-06-20")
    assert end.last_day == "2023-06-13"


def test_a_long_title_takes_room_of_its_own_line_only(qtbot) -> None:
    lines = Lines(print)
    qtbot.addWidget(lines)
    lines.show_sections([Section("要紧", "", [Task("王芳", "已两个月没有工资记录"), Task("欠薪或两个月没有工资的人", "王芳等 16 件")])])
    short, long = (made for made in lines.findChildren(ElidedLabel) if made.property("role") == "strong")
    assert short.width() == theme.px(NAME)
    assert long.width() >= long.sizeHint().width()


def test_who_comes_begins_at_the_first_line(station, frame, qtbot, settled) -> None:
    """Looking again later leaves the cursor where somebody put it."""
    page = build(frame, station)
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.header.buttons[0].setFocus()
    page.opened()
    qtbot.waitUntil(lambda: page.lines.buttons[0][0].hasFocus())
    page.header.buttons[0].setFocus()
    page.refresh()
    assert page.header.buttons[0].hasFocus()


def test_what_was_left_half_filled_is_told_with_the_way_to_it(show, frame, station, ids) -> None:
    with station.store.applying() as session:
        local.save_draft(session, "attendance:2026-11", {"x": "√"})
    shown = show(build(frame, station))
    shown.do(line(shown, "考勤").actions[0])
    assert frame.opened[-1] == ("posts", {"month": "2026-11", "tab": "attendance"})
    with station.store.applying() as session:
        local.clear_draft(session, "attendance:2026-11")
    shown.refresh()
    assert "考勤" not in [each.title for section in shown.model.day.sections for each in section.lines]


@pytest.mark.parametrize(
    ("form", "word", "page", "args"),
    [
        ("register", "登记", "register", {}),
        ("notice", "公示", "benefits", {"tab": "notices", "new": True}),
        ("wages:e1:2026", "工资", "workshop", {"id": "e1", "year": "2026", "tab": "wages"}),
        ("form:hire:e1", "入职", "workshop", {"id": "e1", "form": "hire"}),
        ("form:recognition::e1", "车间认定", "workshop", {"id": "e1", "form": "recognition"}),
        ("form:recognition:r1", "认定", "ledgers", {"kind": "recognition", "id": "r1", "form": "recognition"}),
        ("form:person:p1", "人员", "people", {"kind": "person", "id": "p1", "form": "person"}),
        ("form:visit::p1", "走访", "people", {"id": "p1", "form": "visit"}),
        ("form:employment::", "务工就业", "work", {"kind": "employment", "new": True}),
        ("form:job_wish::", "就业需求", "service", {"kind": "job_wish", "new": True}),
        ("form:course:", "培训班", "training", {"kind": "course", "new": True}),
        ("form:employer:", "用人单位", "workshop", {"kind": "employer", "new": True}),
        ("form:appointment:", "聘用", "posts", {"kind": "appointment", "new": True}),
        ("form:vacancy:", "岗位供给", "service", {"kind": "vacancy", "new": True}),
        ("form:survey:", "摸排表", "survey", {"kind": "survey", "new": True}),
        ("form:employment:s1", "务工就业", "ledgers", {"kind": "employment", "id": "s1", "form": "employment"}),
        ("form:appointment:a1", "聘用", "ledgers", {"kind": "appointment", "id": "a1", "form": "appointment"}),
        ("form:survey:q1", "摸排表", "survey", {"kind": "survey", "id": "q1", "form": "survey"}),
        ("form:job_wish:j1", "就业需求", "service", {"kind": "job_wish", "id": "j1", "form": "job_wish"}),
        ("form:course:c1", "培训班", "ledgers", {"kind": "course", "id": "c1", "form": "course"}),
        ("course:c1", "培训班", "training", {"id": "c1"}),
        ("form:ledger:visit:v1", "走访", "ledgers", {"kind": "visit", "id": "v1", "form": "visit"}),
        ("form:ledger:visit:", "走访", "ledgers", {"kind": "visit", "new": True}),
        ("form:schooling:", "在读（雨露计划）", "training", {"kind": "schooling", "new": True}),
        ("form:unknown:", "表格", "today", {}),
    ],
)
def test_where_a_form_is_goes_by_its_name(form: str, word: str, page: str, args: dict[str, object]) -> None:
    assert where(form) == (word, page, args)


def test_every_form_for_a_new_record_is_found_on_the_page_that_offers_it() -> None:
    offered = {
        kind: path.parent.name
        for path in (ROOT / "desktop").glob("*/*.py")
        for kind in re.findall(r'draft=f?"(\w+):', path.read_text(encoding="utf-8"))
        if kind in KINDS
    }
    assert len(offered) > 8 and {kind: where(f"form:{kind}::")[1] for kind in offered} == offered


def test_a_caption_too_long_is_shortened_and_the_charts_stay_beside_the_list(page) -> None:
    """A longer caption in English took the charts' place at 125 % text and sent them below the list."""
    beside = page.board.findChild(SideBySide)
    page.resize(1000, 700)
    before = [one.geometry() for one in beside.columns]
    assert before[1].left() > before[0].right()
    page.cards[0].note.setText("2,147 people of the work force, of any age, wherever they are " * 3)
    QApplication.processEvents()
    assert [one.geometry() for one in beside.columns] == before
    note = page.cards[0].note
    assert page.cards[0].rect().contains(note.geometry()) and page.cards[0].title.width() >= page.cards[0].title.sizeHint().width()
    assert "wherever they are" in note.toolTip()


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        ("form:employer:", {"0": {"name": "玉米皮编织车间"}}),
        ("form:course:", {"0": {"title": "月嫂班"}}),
        ("form:post:", {"0": {"name": "护路员"}}),
        ("form:appointment:", {"1": {"start": "2026-01-01"}}),
        ("form:vacancy:", {"0": {"title": "缝纫工"}}),
        ("form:schooling:", {"0": {"school": "桦川县职教中心"}}),
        ("form:hire:向日葵工坊", {"0": {"job": "缝纫"}}),
        ("form:recognition::向日葵工坊", {"0": {"number": "桦人社〔2026〕3号"}}),
        ("form:recognition:认定", {"0": {"number": "桦人社〔2026〕3号"}}),
        ("form:person:孙玉梅", {"0": {"note": "冬天住女儿家"}}),
        ("form:visit::孙玉梅", {"0": {"content": "想学月嫂"}}),
        ("form:employment::孙玉梅", {"0": {"job": "保洁"}}),
    ],
)
def test_the_form_that_was_half_filled_is_opened_itself(show, frame, station, ids, form: str, typed: dict[str, dict[str, object]]) -> None:
    """接着填 opened the list only, or the person or workshop it is about, and nothing there spoke of the form."""
    with station.store.write("准备") as session:
        workshop = session.get("employment", ids["务工"]).employer_id
        found = records.save(session, "recognition", {"employer_id": workshop, "type": "workshop", "number": "1号", "start": "2026-01-01"})
    for name, id in {**ids, "向日葵工坊": workshop, "recognition:认定": f"recognition:{found}"}.items():
        form = form.replace(name, id)
    with station.store.applying() as session:
        local.save_draft(session, form, typed)
    _word, area, args = where(form)
    (entry,) = (entry for entry in entries("village") if entry.key == area)
    page = show(entry.build()(frame, station), **args)
    panel = page.panel if area == "ledgers" else page.stack.form
    assert panel is not None
    ((number, values),) = typed.items()
    assert values.items() <= panel.forms[int(number)].draft().items()


def test_records_entered_twice_are_deleted_from_the_list(page, frame, station, ids, monkeypatch) -> None:
    with station.store.write("两次") as session:
        for _n in range(2):
            records.save(session, "category_span", {"person_id": ids["王秀兰"], "category": "marginal", "start": "2023-03-01"})
    page.model.list_doubts()
    assert [matter.code for matter in page.model.matters].count("E20") == 1 and not page.matters.repeats.isHidden()
    monkeypatch.setattr(dialogs, "ask", lambda *args, **words: True)
    page.matters.repeats.click()
    assert "身份认定 1 条" in frame.messages[-1]
    with station.store.read() as session:
        spans = session.select("category_span", table("category_span").c.start == "2023-03-01")
        assert len(spans) == 1
    assert page.matters.repeats.isHidden()
