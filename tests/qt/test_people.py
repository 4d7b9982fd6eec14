"""One page a person of 人员 with a real store behind it: forms, clashes, secrets, attachments."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton

from db import changes, unmasked
from db.capture import op, view_log
from db.local import REVOKED, set_meta
from desktop.people.page import build
from desktop.widgets import dialogs
from desktop.widgets.form_panel import ClashDialog
from desktop.widgets.form_preview import FormPreview
from domain.errors import Revoked
from domain.periods import income_period, income_year
from services import key_changes, records
from services.surveys import design, surveys
from tests.qt import village
from tests.qt.people_page import ids, open_person, page, press, station, stored

__all__ = ["ids", "page", "station"]


def test_enter_opens_the_page_and_escape_goes_back(qtbot, page) -> None:
    open_person(qtbot, page)
    assert page.stack.currentWidget() is page.view
    head = page.view.head
    assert head.name.text() == "王秀兰"
    assert "3组" in head.facts.text()
    assert "户主" in head.facts.text()
    press(qtbot, Qt.Key.Key_Escape)
    assert page.stack.currentWidget() is page.list


def test_the_page_tells_family_work_services_wages_and_history(qtbot, page) -> None:
    open_person(qtbot, page)
    shown = page.person.shown
    assert [(m.name, m.role.split()[0]) for m in shown.members] == [("王秀兰", "户主"), ("赵福生", "配偶"), ("赵雨桐", "之女")]
    assert [(spell.word, spell.last) for spell in shown.spells] == [("横头山服装车间", village.MONTH)]
    assert shown.checks[village.LAST_MONTH] == "done"
    assert shown.promises == [("指导", 1, 1), ("岗位", 0, 3), ("培训", 0, 1)]
    assert (shown.page.visit_count, shown.page.visits[0].content) == (1, "想转计件")
    assert shown.wages[village.LAST_MONTH] == 52000
    assert shown.history[-1].text == "登记"
    assert ("社保卡", "****6620") in shown.fields


def test_what_a_person_answered_is_on_their_page(qtbot, page, station, ids) -> None:
    open_person(qtbot, page)
    assert not page.view.answers.isVisibleTo(page.view)
    with station.store.write("摸排") as session:
        id = design.save(session, {"title": "返乡意愿", "about": "everyone"}, [design.Question("还出去吗", "yes_no")])
        (item,) = surveys.items(session, id)
        surveys.answer(session, id, {page.person.shown.id: {item.id: "否"}})
    page.person.reload()
    assert [one.text() for one in page.view.answers.findChildren(QLabel)][-3:] == ["返乡意愿", "还出去吗", "否"]


def test_a_name_of_the_family_opens_that_person(qtbot, page) -> None:
    open_person(qtbot, page)
    page.view.family.opened.emit(page.person.shown.members[1].id)
    assert page.view.head.name.text() == "赵福生"
    assert ("弱劳动力", "warn") not in page.person.shown.chips
    assert ("边缘易致贫户", "warn") in page.person.shown.chips


def test_the_next_person_of_the_list_is_a_key_away(qtbot, page) -> None:
    open_person(qtbot, page)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert page.view.head.name.text() == "赵福生"


def test_the_dead_keep_their_age_and_are_not_counted_among_those_who_live_there(qtbot, page, station, ids) -> None:
    with station.store.write("去世") as session:
        records.save(session, "person", {"died_on": "2020-01-01"}, ids["赵福生"])
    page.show_one(ids["赵福生"])
    shown = page.person.shown
    born = int(stored(station, "person", ids["赵福生"]).birth[:4])
    assert f"{2020 - born - 1} 岁" in shown.facts or f"{2020 - born} 岁" in shown.facts
    assert page.view.family.note.text() == f"{len(shown.members) - 1} 口"


def test_a_household_found_by_the_search_shows_its_head(page, ids) -> None:
    page.opened(kind="household", id=ids["户"])
    assert page.view.head.name.text() == "王秀兰"


def test_numbers_are_shown_for_a_reason_only_and_that_is_kept(qtbot, page, frame, station, ids) -> None:
    open_person(qtbot, page)
    head = page.view.head
    assert head.number.text() == "**************8768"
    frame.given_reason = None
    head.reveal.click()
    assert head.number.text() == "**************8768"
    frame.given_reason = "发放补助"
    head.reveal.click()
    assert head.number.text() == village.NUMBERS[0]
    assert "13845550217" in head.phone.text()
    with station.store.read() as session:
        (seen,) = session.conn.execute(view_log.select()).mappings().all()
    assert (seen["what"], seen["reason"]) == (f"person {ids['王秀兰']}", "发放补助")
    head.reveal.click()
    assert head.number.text() == "**************8768"
    page.show_one(ids["赵福生"])
    assert head.number.text().startswith("****")


def test_only_what_was_changed_is_saved(qtbot, page, frame, station, ids) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    form = page.stack.form
    assert form is not None
    form.forms[0].editors["education"].set_value("小学")
    form.save_button.setFocus()  # where Enter in the last field goes; the key that stands on it did nothing there
    qtbot.keyClick(form.save_button, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert page.stack.form is None
    assert stored(station, "person", ids["王秀兰"]).education == "小学"
    with station.store.read() as session:
        last = changes.history(session, "person", ids["王秀兰"])[-1]
    assert (last.field, last.new) == ("education", "小学")
    assert page.person.shown.history[0].text == "文化程度：（空） → 小学"
    assert frame.messages[-1] == "修改已保存"


def test_a_form_saved_as_it_was_opened_offers_nothing_to_take_back(qtbot, page, frame) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    page.stack.form.ask()
    assert page.stack.form is None
    assert frame.messages[-1] == "没有改动"


def test_why_a_change_waits_is_told_and_its_author_says_why(qtbot, page, station, ids, monkeypatch) -> None:
    with station.store.applying() as session:  # recorded by somebody else, and sent
        session.conn.execute(op.update().values(by="张三@230826101202-00000001", entry=1))
    with station.store.write("换卡") as session:
        records.save(session, "person", {"bank_account": "6210123456781234"}, ids["王秀兰"])
    open_person(qtbot, page)
    said = dict(page.person.shown.fields)["待确认"]
    assert "社保卡账号由 ****6620 改为 ****1234" in said and "李文书" in said
    assert page.view.explain.isVisible()
    monkeypatch.setattr(dialogs, "ask_text", lambda *_asked: "旧卡注销")
    page.view.explain.trigger()
    assert "原因：旧卡注销。" in dict(page.person.shown.fields)["待确认"]
    with station.store.read() as session:
        assert key_changes.waiting(session)[0].pending.reason == "旧卡注销"


def test_whose_account_is_typed_is_told_before_it_is_saved(qtbot, page) -> None:
    open_person(qtbot, page, "赵福生")
    press(qtbot, Qt.Key.Key_F2)
    editor = page.stack.form.forms[0].editors["bank_account"]
    qtbot.keyClicks(editor.line, "6210123456786620")
    editor.line.editingFinished.emit()
    assert "王秀兰" in editor.message.text() and "账号也是这个" in editor.message.text()
    page.stack.form.ask()
    assert page.stack.form is None, "it does not hinder saving: a household may have one account"


def test_what_the_service_refuses_stands_over_the_form(qtbot, page, station, ids) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    editor = page.stack.form.forms[0].editors["id_number"]
    editor.show_plain()
    editor.line.setText(village.NUMBERS[1])  # her husband's
    page.stack.form.ask()
    assert "赵福生" in page.stack.form.error.text()
    assert stored(station, "person", ids["王秀兰"]).id_number == village.NUMBERS[0]
    assert page.stack.form.save_button.isEnabled()


def test_a_number_that_cannot_be_is_said_at_its_field(qtbot, page) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    editor = page.stack.form.forms[0].editors["id_number"]
    editor.show_plain()
    editor.line.setText("123")
    page.stack.form.ask()
    assert "只有 3 位" in editor.message.text()
    assert editor.line.hasFocus()


@pytest.mark.parametrize(("keep", "expected"), [({"phone"}, "13900000001"), (set(), "13811112222")])
def test_a_clash_shows_both_values_and_keeps_the_chosen_one(qtbot, page, station, ids, monkeypatch, keep, expected) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    form = page.stack.form.forms[0]
    form.editors["phone"].show_plain()
    form.editors["phone"].line.setText("13900000001")
    form.editors["education"].set_value("小学")
    with station.store.write("镇里") as session:
        records.save(session, "person", {"phone": "13811112222"}, ids["王秀兰"])
    seen: list[object] = []

    def settle(parent, kind, mine, theirs):
        seen.append((mine["phone"], theirs["phone"]))
        return keep

    monkeypatch.setattr("desktop.widgets.form_panel.settle", settle)
    page.stack.form.ask()
    person = stored(station, "person", ids["王秀兰"])
    assert seen == [("13900000001", "13811112222")]
    assert (person.phone, person.education) == (expected, "小学")
    assert page.stack.form is None


def test_what_is_half_typed_outlives_a_power_cut_and_nobody_elses_form(qtbot, page, show, frame, station, answers) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    page.stack.form.forms[0].editors["bank_name"].input.setText("农商行")
    page.stack.form.draft.keep()  # as every second
    again = show(build(frame, station))
    open_person(qtbot, again, "赵福生")
    press(qtbot, Qt.Key.Key_F2)
    assert not again.stack.form.forms[0].dirty
    again.stack.form.close_asked()
    again.opened(id=page.person.id, form="person")
    assert again.stack.form.forms[0].changes() == {"bank_name": "农商行"} and again.stack.form.found.isVisible()
    again.stack.form.close_asked()  # 不保存，离开
    again.opened(id=page.person.id, form="person")
    assert not again.stack.form.forms[0].dirty and not again.stack.form.found.isVisible()
    again.stack.form.forms[0].editors["bank_name"].input.setText("农商行")
    again.stack.form.draft.keep()
    again.stack.form.ask()
    again.opened(id=page.person.id, form="person")
    assert not again.stack.form.forms[0].dirty and not again.stack.form.found.isVisible()


def test_after_a_form_the_cursor_is_where_it_was_opened(qtbot, page, station, ids) -> None:
    open_person(qtbot, page)
    for made in (page.view.visits.add_visit, page.view.work.add_spell, page.view.head.edit):
        for save in (True, False):
            made.setFocus()
            qtbot.keyClick(made, Qt.Key.Key_Return)
            assert page.stack.form is not None
            if save and made is page.view.visits.add_visit:
                page.stack.form.forms[0].editors["content"].set_value("问了务工意愿")
                page.stack.form.ask()
            else:
                page.stack.form.close_asked()
            assert page.stack.form is None and made.hasFocus()


def test_another_person_is_not_shown_over_a_form_unasked(qtbot, page, ids, answers) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    page.stack.form.forms[0].editors["bank_name"].input.setText("农商行")
    answers["ask"] = False
    for args in ({"id": ids["赵福生"]}, {}):
        page.opened(**args)
        assert page.stack.form is not None and page.stack.form.forms[0].dirty
    answers["ask"] = True
    page.opened(id=ids["赵福生"])
    assert page.view.head.name.text() == "赵福生"


def test_going_back_from_a_clash_keeps_the_form(qtbot, page, station, ids, monkeypatch) -> None:
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    page.stack.form.forms[0].editors["education"].set_value("小学")
    with station.store.write("镇里") as session:
        records.save(session, "person", {"education": "初中"}, ids["王秀兰"])
    monkeypatch.setattr("desktop.widgets.form_panel.settle", lambda *args: None)
    page.stack.form.ask()
    assert page.stack.form.save_button.isEnabled()
    assert stored(station, "person", ids["王秀兰"]).education == "初中"


def test_the_clash_dialog_takes_the_other_value_unless_told(qtbot, page) -> None:
    from domain.fields import KINDS

    dialog = ClashDialog(
        page, KINDS["person"], {"phone": "13900000001", "education": "小学"}, {"phone": "13811112222", "education": "初中"}
    )
    qtbot.addWidget(dialog)
    assert dialog.choices["phone"][0].text() == "139****0001"
    assert dialog.kept_mine() == set()
    dialog.choices["education"][0].setChecked(True)
    assert dialog.kept_mine() == {"education"}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("visit", {"content": "家里玉米收了"}),
        ("service", {"type": "policy"}),
        ("employment", {"place": "210200", "start": "2026-03"}),
        ("category_span", {"category": "low_income"}),
        ("job_wish", {"trades": "缝纫工"}),
        ("household_income", {"start": "2025-10", "end": "2026-09", "wages": 20_000_00}),
    ],
)
def test_records_are_added_with_the_person_filled_in(qtbot, page, station, ids, kind, values) -> None:
    open_person(qtbot, page)
    page.add(kind)
    form = page.stack.form.forms[0]
    assert form.kind.by_name.keys() - form.editors.keys() <= {"person_id", "household_id", "closed_on", "close_reason"}
    for name, value in values.items():
        form.editors[name].set_value(value)
    page.stack.form.ask()
    assert page.stack.form is None
    with station.store.read() as session:
        found = [one for one in session.select(kind) if all(getattr(one, name) == value for name, value in values.items())]
    owner = "person_id" if "person_id" in found[0].KIND.by_name else "household_id"
    assert [one[owner] for one in found] == [ids["王秀兰" if owner == "person_id" else "户"]]


def test_income_collected_on_the_page_is_set_beside_the_line(qtbot, page, station, frame, ids) -> None:
    open_person(qtbot, page)
    assert "还没有记过" in "".join(label.text() for label in page.view.income.findChildren(QLabel))
    page.view.income.add_income.click()
    form = page.stack.form.forms[0]
    first, last = (form.editors[name].value() for name in ("start", "end"))
    assert (first, form.editors["persons"].value()) == (income_period(income_year(f"{last}-01")).start[:7], 3)
    assert any("劳动报酬共" in label.text() for label in page.stack.form.findChildren(QLabel))
    form.editors["wages"].set_value(20_000_00)
    form.editors["costs"].set_value(2_000_00)
    page.stack.form.ask()
    shown = page.person.shown.income
    assert (shown.parts, shown.per_head) == ([("工资性收入", "20,000.00"), ("经营性支出", "2,000.00")], "6,000.00")
    assert shown.line == (f"{shown.year} 年监测线还没有填", "plain")
    with station.store.write("线") as session:
        records.save(session, "monitor_line", {"area": "230000", "year": shown.year, "amount": 7_000_00})
    page.refresh()
    assert page.person.shown.income.line[0].startswith("低于监测线 1,000.00" if "已记" not in shown.covered else "离监测线还差 1,000.00")


def test_income_is_of_a_household(qtbot, page, station, frame, ids) -> None:
    with station.store.write("一人") as session:
        records.save(session, "person", {"household_id": None}, ids["孙玉梅"])
    open_person(qtbot, page, "孙玉梅")
    page.view.income.add_income.click()
    assert page.stack.form is None
    assert frame.messages[-1] == "家庭收入是对一户的：请先按 F2 选好是哪一户"


def test_an_open_wish_leads_to_the_vacancies_that_fit(qtbot, page, station, frame, ids) -> None:
    open_person(qtbot, page)
    assert page.view.service.find_jobs.isVisibleTo(page)
    page.view.service.find_jobs.click()
    with station.store.read() as session:
        (wish,) = session.select("job_wish")
    assert frame.opened[-1] == ("service", {"match": wish.id})


def test_nothing_filled_in_asks_no_question_on_leaving(qtbot, page, unasked) -> None:
    open_person(qtbot, page)
    page.add("visit")
    assert page.can_leave()
    page.add("visit")
    page.stack.form.close_asked()
    assert page.stack.currentWidget() is page.view


def test_this_month_is_the_same_as_last_month_by_one_key(qtbot, page, frame, station, ids) -> None:
    open_person(qtbot, page)
    assert page.view.head.check.isEnabled()
    press(qtbot, Qt.Key.Key_F6)
    with station.store.read() as session:
        checks = {check.month: check.status for check in session.select("monthly_check")}
    assert checks[village.MONTH] == "workshop"
    assert "帮扶车间" in frame.messages[-1]
    assert not page.view.head.check.isEnabled()


def test_a_deleted_person_can_be_brought_back_from_the_page(qtbot, page, station, ids, monkeypatch) -> None:
    monkeypatch.setattr(dialogs, "ask", lambda *args, **words: True)
    open_person(qtbot, page, "孙玉梅")
    page.delete_shown()
    assert page.stack.currentWidget() is page.list
    assert stored(station, "person", ids["孙玉梅"]).deleted_at is not None
    page.show_one(ids["孙玉梅"])
    assert not page.view.head.restore.isHidden()
    page.view.head.restore.click()
    assert stored(station, "person", ids["孙玉梅"]).deleted_at is None
    assert page.view.head.restore.isHidden()


def test_who_undoes_a_registration_stands_on_what_brings_it_back(qtbot, page, station, ids) -> None:
    page.window().resize(1366, 700)
    page.window().activateWindow()
    open_person(qtbot, page, "孙玉梅")
    head = page.view.head
    qtbot.waitUntil(head.edit.hasFocus)
    with station.store.write("删除") as session:
        records.delete(session, "person", ids["孙玉梅"])
    page.refresh()
    assert head.restore.hasFocus()
    QApplication.processEvents()
    assert head.restore.width() == head.restore.sizeHint().width()
    assert page.view.income.add_income.isHidden()
    head.restore.click()
    assert head.edit.hasFocus()
    assert not page.view.income.add_income.isHidden()


def test_wages_of_another_period_are_fetched(qtbot, page) -> None:
    open_person(qtbot, page)
    year = page.view.wages.year
    assert sum(one.counted for one in page.person.shown.paid) > 0
    page.view.wages.turn(-3)
    assert page.view.wages.year == year - 3
    assert page.person.shown.paid == []


def test_a_person_who_is_gone_leads_back_to_the_list(page, frame) -> None:
    page.opened(id="00000000-0000-4000-8000-000000000000")
    assert page.stack.currentWidget() is page.list
    assert frame.messages == ["这个人的记录已不在本站：迁走了，或已按规定删除。"]


def test_a_form_over_somebody_who_was_moved_away_stays_and_says_so(qtbot, page) -> None:
    """It closed with what was typed, and 不在了 read as if the person had died."""
    open_person(qtbot, page)
    press(qtbot, Qt.Key.Key_F2)
    form = page.stack.form
    form.forms[0].editors["education"].set_value("小学")
    page.person.gone.emit()  # as behind an exchange
    assert page.stack.form is form and "迁走了" in form.error.text()
    form.closed.emit()
    assert page.stack.currentWidget() is page.list


# -- attachments ----------------------------------------------------------------------------------------


def photo(folder, name="身份证.jpg", size=5000):
    file = folder / name
    file.write_bytes(b"\xff\xd8\xff" + bytes(size - 5) + b"\xff\xd9")
    return file


def attachment_lines(page) -> list[str]:
    return [b.accessibleName() for b in page.view.attachments.findChildren(QPushButton) if b.accessibleName().startswith("查看")]


def test_files_are_attached_saved_and_removed_with_the_keyboard(qtbot, monkeypatch, tmp_path, page, ids, frame, station) -> None:
    with qtbot.waitSignal(page.attachments.changed):
        page.show_one(ids["王秀兰"])
    card = page.view.attachments
    file = photo(tmp_path)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args: ([str(file)], ""))
    card.add_file.setFocus()
    with qtbot.waitSignal(page.attachments.changed):
        press(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: attachment_lines(page) == ["查看 身份证.jpg，4 KB，待上传"])
    target = tmp_path / "out.jpg"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(target), ""))
    button = next(b for b in card.findChildren(QPushButton) if b.accessibleName().startswith("查看"))
    button.setFocus()
    press(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(target.exists)
    assert target.read_bytes() == file.read_bytes()
    with station.store.applying() as session:
        assert unmasked.views(session)[0].what.startswith("attachment ")
        set_meta(session, REVOKED, "2026-01-01T00:00:00Z")
    target.unlink()
    press(qtbot, Qt.Key.Key_Space, button)
    qtbot.waitUntil(lambda: bool(frame.errors))  # a photograph of a card shows its number
    assert isinstance(frame.errors[0], Revoked) and not target.exists()
    away = next(b for b in card.findChildren(QPushButton) if b.accessibleName() == "删除附件 身份证.jpg")
    away.setFocus()
    press(qtbot, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: attachment_lines(page) == [])


def test_a_file_of_a_wrong_sort_is_refused_in_a_sentence(qtbot, monkeypatch, tmp_path, page, ids) -> None:
    with qtbot.waitSignal(page.attachments.changed):
        page.show_one(ids["王秀兰"])
    bad = tmp_path / "a.exe"
    bad.write_bytes(b"MZ")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args: ([str(photo(tmp_path)), str(bad)], ""))
    with qtbot.waitSignal(page.frame.jobs.failed) as failed:
        page.view.attachments.add_file.click()
    assert "附件只收图片" in str(failed.args[0])
    with qtbot.waitSignal(page.attachments.changed):
        page.attachments.open(ids["王秀兰"])
    assert attachment_lines(page) == []  # all or none


def test_a_card_about_the_person_is_printed_from_their_page(page, qtbot, monkeypatch) -> None:
    """By the key, and whichever of the menu."""
    opened: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda self: opened.append(self))
    open_person(qtbot, page)
    qtbot.keyClick(page.view, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    for action in page.view.head.paper.menu().actions():
        action.trigger()
    assert [one.paper.title for one in opened] == ["政策明白卡", "政策明白卡", "就业服务记录卡", "本人信息查询单"]
    assert all(one.reveal.isVisibleTo(one) for one in opened)
    for one in opened:
        one.deleteLater()


def test_in_a_narrow_window_the_telephone_stands_beside_the_name(qtbot, page, station, ids) -> None:
    """1024×600 at 150 % text, of whom more is to be said than their work."""
    with station.store.applying() as session:
        session.conn.execute(op.update().values(by="张三@230826101202-00000001", entry=1))
    with station.store.write("换卡") as session:
        records.save(session, "person", {"bank_account": "6210123456781234", "labour": "weak"}, ids["王秀兰"])
    open_person(qtbot, page)
    head = page.view.head
    page.resize(525, 330)
    qtbot.waitUntil(lambda: not head._wide)
    head.grid.activate()
    qtbot.waitUntil(lambda: head.phone.y() < head.number.y())  # the telephone makes room for the chips
    page.resize(1218, 686)
    qtbot.waitUntil(lambda: head._wide)
    qtbot.waitUntil(lambda: head.phone.y() == head.number.y())
