"""服务 with a real store behind it: from a wish to the rule's verdict by keys alone, wishes and vacancies, matches, text to send."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop.service.page import build
from desktop.widgets import writing
from desktop.widgets.basics import Button
from desktop.wiring.verdicts import VerdictSource
from domain import clock
from domain.periods import day_count
from services import records

TODAY = clock.today()
BEFORE = "2023-03-01"
"""Within the life of the policy: the day of the wish decides."""


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station))


@pytest.fixture
def ids(station, page) -> dict[str, str]:
    """王秀兰 sews and wants to stay near; four vacancies fit her, one asks for a licence, one is over."""
    found: dict[str, str] = {}
    with station.store.write("准备") as session:

        def save(kind: str, **values: Any) -> str:
            return records.save(session, kind, values)

        found |= {one.name: one.id for one in session.select("person")}
        shop = save("employer", name="横头山服装车间", type="workshop", phone="13845550217")
        asked = {"trades": "缝纫工", "areas": "本县", "wage_min": 300000, "skills": frozenset({"缝纫"})}
        found["需求"] = save("job_wish", person_id=found["王秀兰"], opened_on=BEFORE, **asked)
        for title, more in (
            ("缝纫工", {"requires": frozenset({"缝纫"}), "wage_min": 350000}),
            ("熨烫工", {}),
            ("质检员", {"wage_min": 200000, "wage_max": 250000}),
            ("司机", {"requires": frozenset({"驾驶证"})}),
            ("旧岗位", {"expires_on": BEFORE}),
        ):
            found[title] = save("vacancy", employer_id=shop, title=title, place="230826", headcount=2, **more)
        found["班"] = save("course", title="缝纫班", type="skills", trade="缝纫工", start=TODAY, end=TODAY, place="230826101202")
    page.refresh()
    return found


def services(station) -> list[Any]:
    with station.store.read() as session:
        return list(session.select("service"))


def verdict(station, person: str) -> str:
    """What the card of the person's page says about R29."""
    (found,) = [card for card in VerdictSource(station).of_person(person).verdicts if card.rule == "R29"]
    return found.outcome


def cells(table, line: int = 0) -> dict[str, str]:
    return dict(table.model.row(line))


def press(qtbot, widget, key) -> None:
    """A key where the focus is put; bound keys need an active window."""
    widget.window().activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    qtbot.keyClick(widget, key)


def test_without_a_wish_the_page_says_how_to_begin(page) -> None:
    assert page.lights.table.stack.currentIndex() == 1
    assert page.new_wish.isVisible()
    page.tabs.tabs.choose("vacancies")
    assert page.vacancies.table.stack.currentIndex() == 1
    assert page.new_vacancy.isVisible()


def test_from_a_wish_to_the_verdict_by_keys(qtbot, page, station, ids, frame) -> None:
    table = page.lights.table
    table.table.selectRow(0)
    assert [cells(table)[key] for key in ("name", "days", "guidance", "job", "training")] == [
        "王秀兰",
        f"{day_count(BEFORE, TODAY)} 天",
        "0/1",
        "0/3",
        "0/1",
    ]
    press(qtbot, table.table, Qt.Key.Key_1)
    assert page.entry.windowTitle() == "职业指导：王秀兰"
    press(qtbot, page.entry.done_button, Qt.Key.Key_Return)
    (first,) = services(station)
    assert (first.type, first.on, first.by) == ("guidance", TODAY, "李文书")
    assert frame.messages[-1] == "已记职业指导 1 人"
    for n in range(3):
        press(qtbot, table.table, Qt.Key.Key_2)
        assert [(offer.title[:3], offer.fits) for offer in page.entry.offers][3] == ("司机　", False)
        if n:
            page.entry.form.editors["result"].set_value("refused")  # a refusal counts: it was offered
        press(qtbot, page.entry.list, Qt.Key.Key_Return)  # the first that fits best and was not told yet
        assert cells(table)["job"] == f"{n + 1}/3"
    assert verdict(station, ids["王秀兰"]) == "条件未满"
    assert {one.vacancy_id for one in services(station) if one.type == "job"} == {ids[name] for name in ("缝纫工", "熨烫工", "质检员")}
    press(qtbot, table.table, Qt.Key.Key_3)
    assert [offer.title for offer in page.entry.offers] == ["不指定培训班", "缝纫班"]
    press(qtbot, page.entry.list, Qt.Key.Key_Down)
    press(qtbot, page.entry.list, Qt.Key.Key_Return)
    assert [one.course_id for one in services(station) if one.type == "training"] == [ids["班"]]
    assert [cells(table)[key] for key in ("guidance", "job", "training")] == ["1/1", "3/3", "1/1"]
    assert verdict(station, ids["王秀兰"]) == "符合"
    assert page.lights.heading.text() == f"王秀兰：{BEFORE} 起"
    assert [reason.met for reason in page.lights.account.shown] == [True] * 5


def test_others_lead_to_a_wish_and_to_what_fits_it(page, station, ids) -> None:
    with station.store.write("准备") as session:
        second = records.save(session, "job_wish", {"person_id": ids["赵志强"], "opened_on": TODAY})
    page.lights.state.choose("done")
    page.opened(wish=second)
    assert (page.tabs.tabs.key, page.lights.table.current_id()) == ("lights", second)
    page.opened(match=second)
    assert page.matches.heading.text() == "适合赵志强的岗位"
    page.matches.skills_button.click()
    assert page.stack.form.forms[0].editors["person_id"].value() == ids["赵志强"]
    page.stack.close_form()


def test_undo_takes_a_service_back(qtbot, page, station, ids) -> None:
    page.lights.table.table.selectRow(0)
    page.lights.give("guidance")
    page.entry.finish()
    assert cells(page.lights.table)["guidance"] == "1/1"
    with station.store.write("撤销") as session:
        records.undo_last(session)
    page.refresh()
    assert cells(page.lights.table)["guidance"] == "0/1"
    assert services(station) == []


def test_chips_narrow_to_what_is_due_and_several_get_guidance_at_once(page, station, ids) -> None:
    with station.store.write("准备") as session:
        for name in ("赵福生", "赵志强"):
            records.save(session, "job_wish", {"person_id": ids[name], "opened_on": BEFORE})
    page.refresh()
    assert page.lights.state.buttons["guidance"].text() == "还差指导 3"
    page.lights.table.table.selectAll()
    page.lights.give("guidance")
    page.entry.finish()
    assert len(services(station)) == 3
    page.lights.state.choose("guidance")
    assert len(page.lights.table.model.ids) == 0
    page.lights.state.choose("job")
    assert len(page.lights.table.model.ids) == 3


def test_a_job_found_ends_the_wish_in_the_same_act(page, station, ids, frame) -> None:
    page.lights.table.table.selectRow(0)
    page.lights.give("job")
    page.entry.form.editors["result"].set_value("hired")
    page.entry.form.editors["result"].edited.emit()
    assert page.entry.close_wish.isChecked()
    page.entry.finish()
    assert page.lights.table.model.ids == []
    page.tabs.tabs.choose("wishes")
    page.wishes.state.choose("closed")
    assert cells(page.wishes.table)["close_reason"] == "已就业"
    page.wishes.table.table.selectRow(0)
    page.wishes.reopen()
    assert frame.messages[-1] == "已重新打开就业需求 1 条"
    assert page.wishes.table.model.ids == []


def test_a_wrong_day_keeps_the_window_open(page, station, ids) -> None:
    page.lights.table.table.selectRow(0)
    page.lights.give("guidance")
    page.entry.form.editors["on"].line.setText("三月吧")
    page.entry.finish()
    assert page.entry.isVisible()
    assert services(station) == []


def test_a_vacancy_of_a_new_employer_is_entered_in_one_form(page, station, ids, qtbot) -> None:
    page.tabs.tabs.choose("vacancies")
    page.new_vacancy.click()
    form = page.stack.form.forms[0]
    picker = form.editors["employer_id"].picker
    picker.setFocus()
    picker.setText("恒泰家政公司")
    picker.find_now()
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    form.editors["title"].line.setText("保洁")
    form.editors["place"].set_value("230826")
    form.editors["headcount"].line.setText("2")
    page.stack.form.ask()
    with station.store.read() as session:
        (made,) = [one for one in session.select("vacancy") if one.title == "保洁"]
        employer = session.get("employer", made.employer_id)
    assert (employer.name, employer.type, employer.place) == ("恒泰家政公司", "enterprise", None)


def test_wishes_and_vacancies_are_entered_changed_and_ended(page, station, ids, frame) -> None:
    page.tabs.tabs.choose("wishes")
    page._new("wishes")
    form = page.stack.form.forms[0]
    form.editors["person_id"].set_value(ids["单桂英"])
    form.editors["skills"].line.setText("缝纫、驾驶证")
    page.stack.form.ask()
    assert {cells(page.wishes.table, n)["name"] for n in (0, 1)} == {"王秀兰", "单桂英"}
    page.wishes.table.select(ids["需求"])
    page.wishes.end()
    page.stack.form.forms[0].editors["close_reason"].line.setText("")
    page.stack.form.ask()
    assert page.stack.form is not None  # a reason is wanted
    page.stack.form.forms[0].editors["close_reason"].line.setText("无就业意愿")
    page.stack.form.ask()
    assert [cells(page.wishes.table)["name"], len(page.wishes.table.model.ids)] == ["单桂英", 1]
    page.tabs.tabs.choose("vacancies")
    assert len(page.vacancies.table.model.ids) == 4
    page.vacancies.state.choose("expired")
    assert [cells(page.vacancies.table)[key] for key in ("title", "state")] == ["旧岗位", "已过期"]
    page.vacancies.table.edit_asked.emit(ids["旧岗位"])
    page.stack.form.forms[0].editors["expires_on"].line.setText("")
    page.stack.form.ask()
    assert page.vacancies.table.model.ids == []
    page.opened(kind="vacancy", id=ids["司机"])
    assert page.stack.form.forms[0].editors["title"].value() == "司机"
    page.stack.close_form()


def test_matches_tell_why_and_recommend(qtbot, page, station, ids) -> None:
    page.match("people", ids["需求"])
    pairs = page.match_model.pairs()
    assert [pair.title.split("　")[0] for pair in pairs] == ["缝纫工", "熨烫工", "质检员"]
    assert pairs[0].note == "✓ 合适"
    assert [reason.met for reason in page.matches.reasons.shown] == [True] * 4
    page.matches.only.choose("all")
    page.matches.list.setCurrentRow(3)
    assert page.matches.reasons.shown[0].text == "要求驾驶证，本人技能里没有"
    press(qtbot, page.matches.list, Qt.Key.Key_Up)
    press(qtbot, page.matches.list, Qt.Key.Key_Return)
    assert [offer.id for offer in page.entry.offers] == [ids["质检员"]]
    page.entry.finish()
    assert [one.vacancy_id for one in services(station)] == [ids["质检员"]]
    assert [one.text for pair in page.match_model.pairs() for one in pair.reasons if one.met is None and "推荐" in one.text] == [
        f"{TODAY} 已推荐过"
    ]
    page.match("jobs", ids["司机"])
    assert [(pair.title, pair.fits) for pair in page.match_model.pairs()] == [("王秀兰", False)]
    page.matches.only.choose("fit")
    assert page.matches.stack.currentIndex() == 1


def test_text_is_copied_without_phones_unless_a_reason_is_given(qtbot, page, ids, frame) -> None:
    page.tabs.tabs.choose("vacancies")
    page.vacancies.table.table.selectAll()
    page.vacancies.advertise()
    advert = page.vacancies.advert
    assert "1384555" not in advert.text.toPlainText()
    frame.given_reason = None
    advert.phones.setChecked(True)
    assert not advert.phones.isChecked()
    frame.given_reason = "单位要求公开"
    advert.phones.setChecked(True)
    assert "电话：13845550217" in advert.text.toPlainText()
    advert.phones.setChecked(False)
    press(qtbot, advert.copy_button, Qt.Key.Key_Return)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("【招聘信息】共 4 个岗位")
    assert "1384555" not in copied
    assert page.vacancies.advert is None


def test_who_may_only_look_is_told_before_a_service_is_typed(page, ids, qtbot) -> None:
    """The buttons were off, but their keys opened the window, and its 保存 was refused."""
    said: list[str] = []
    writing.forbid("您的用户只能看，不能改。", said.append)
    page.lights.table.table.selectRow(0)
    press(qtbot, page.lights.table.table, Qt.Key.Key_1)
    assert said == ["您的用户只能看，不能改。"] and not hasattr(page, "entry")


def test_buttons_that_act_on_a_row_are_grey_while_nothing_is_listed(page, frame) -> None:
    """推荐岗位 stood out as the next step beside 登记需求 on a page without anybody."""
    tab = page.lights
    assert [made.text() for made in tab.table.findChildren(Button) if made.hint in ("1", "2", "3") and made.isEnabled()] == []
    tab.give("job")  # its key
    assert "请先选中" in frame.messages[-1]
