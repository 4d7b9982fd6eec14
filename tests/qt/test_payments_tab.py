"""拨付 at a county's desk, with a real store: batches with a control total, the bank's sheet there and back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QScrollArea
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from db.capture import view_log
from db.mapping import table
from desktop.benefits.page import build
from desktop.benefits.payment_tab import _before_paying
from desktop.benefits.presenting import UNDERPAID, UNENTITLED
from desktop.station import Station
from desktop.widgets import dialogs, writing
from desktop.widgets.basics import Button
from desktop.widgets.ledger_view import PageKeys
from domain import clock
from domain.claims import PATH
from domain.funds import SEPARATE
from domain.money import yuan_grouped
from services import records
from services.claims import claims, steps
from services.payments import funds
from tests.qt.benefits_page import AWAY
from tests.qt.village import NUMBERS

VERDICT = {"rule": "R03", "year": 2023, "employer_id": None, "record_id": None, "outcome": "eligible", "amount": "500.00"}
VERDICT |= {"pack": "HLJ-2021-16", "version": "1.0.0", "missing": [], "reasons": []}
ACCOUNT = "6210123456786620"


@pytest.fixture
def station(make_store):
    """A county with two approved claims: 张三 has an account, 李四 none."""
    made = Station(make_store(scope="230826"))
    with made.store.write("准备") as session:
        for name, number, account in (("张三", NUMBERS[0], ACCOUNT), ("李四", NUMBERS[1], None)):
            values = {"name": name, "document": "resident_id", "id_number": number, "labour": "ordinary", "village": "230826101202"}
            id = records.save(session, "person", values | ({"bank_account": account, "bank_name": "农信社"} if account else {}))
            claim = claims.standing(session, claims.file(session, {**VERDICT, "person_id": id})).claim
            for state in PATH[1:8]:
                steps.write_step(session, claim, state)
        session.conn.execute(table("claim").update().values(created_by="赵文书@别处"))
    return made


@pytest.fixture
def page(show, frame, station):
    return show(build(frame, station), tab="payments")


def paid(page, total: str = "1,000.00") -> None:
    page.payments.due.table.selectAll()
    page.payments.order("bridging", "黑财指〔2023〕1号", total)


def rows(table) -> list[dict[str, str]]:
    return [table.model.row(n) for n in range(table.model.rowCount())]


def states(station) -> list[str]:
    with station.store.read() as session:
        return sorted(each.state for each in claims.listing(session))


def answered(page, tmp_path: Path, monkeypatch, results: dict[str, tuple[str, str]], amount: float = 500.0) -> None:
    file = tmp_path / "bank.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("序号", "拨付编号", "户名", "金额", "结果", "原因"))
        for number, line in enumerate(page.payments.model.payments, 1):
            sheet.write_row(number, 0, (number, line.id, line.name, amount, *results[line.name]))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_given: (str(file), ""))
    page.payments._read()


def test_what_waits_is_listed_with_its_sum(page) -> None:
    assert {(row["name"], row["amount"], row["account"]) for row in rows(page.payments.due)} == {
        ("张三", "500.00", "有"),
        ("李四", "500.00", "没有"),
    }
    page.payments.due.table.selectAll()
    assert page.payments.sum.text() == "选中 2 笔，1,000.00 元"


def test_what_is_only_marked_as_paid_is_listed_and_counted(page, station, frame, monkeypatch) -> None:
    """It was in the list of claims and in the figures of the command, but not here."""
    with station.store.write("记") as session:
        one = claims.listing(session, "approved")[0].claim
        steps.write_step(session, one, "paid")
    page.payments.model.load()
    (row,) = rows(page.payments.paid)
    assert (row["amount"], row["result"], row["paid_on"]) == ("500.00", "只记已拨付", clock.today())
    assert "没有拨付记录只记已拨付的 500.00 元" in page.payments.funds.text()
    page.payments.paid.select(one.id)
    page.payments._sheet()
    assert "没有等银行结果的拨付" in frame.messages[-1]


def test_what_is_at_the_bank_is_counted_apart(page) -> None:
    """办理 counted it as 待拨付, where nothing was to be done."""
    page.payments.due.table.selectAll()
    page.payments.order("bridging", "1号", "1000.00")
    page.path.model.load()
    counts = page.path.model.counts()
    assert (counts["approved"], counts["bank"]) == ((0, 0), (2, 100_000))
    assert {line.state_word for line in page.path.model.claims} == {"等银行"} and not any(line.waits for line in page.path.model.claims)


def test_another_control_total_pays_nothing_and_the_dialog_stays(page, frame, monkeypatch, qtbot) -> None:
    page.payments.due.table.selectAll()
    typed, told = ["一千", "999.00", "1,000.00"], []

    def run(dialog: dialogs.Dialog) -> bool:
        *_head, wrong = dialog.findChildren(QLabel)
        number, total = dialog.findChildren(QLineEdit)
        told.append((wrong.text(), number.text()))
        if len(told) == 1:
            dialog.show()
            qtbot.keyClick(dialog.findChild(QComboBox), Qt.Key.Key_Return)
            assert dialog.focusWidget() is number  # not paid with nothing filled in
        assert rows(page.payments.paid) == []
        number.setText("1号")
        total.setText(typed.pop(0))
        return True

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    page.payments._pay()
    page.payments._pay()
    assert frame.messages[-1] == "没有待拨付的申请"
    assert [words[:6] for words, _number in told] == ["", "控制总额应为", "控制总额不符"]
    assert [number for _words, number in told] == ["", "1号", "1号"]
    assert len(rows(page.payments.paid)) == 2


def test_what_is_left_of_the_fund_is_shown_and_more_is_not_paid(page, station, frame, answers, monkeypatch) -> None:
    with station.store.write("额度") as session:
        funds.set_ceiling(session, "bridging", funds.year_of(session), 900)
    page.payments.model.load()
    assert "额度 900.00 元" in page.payments.funds.text() and "余额 -100.00 元" in page.payments.funds.text()
    page.payments.due.table.selectAll()
    assert page.payments.order("bridging", "7号", "1000.00") == ""
    assert rows(page.payments.paid) == [] and "超过额度" in str(frame.errors[-1])
    typed = []
    monkeypatch.setattr(dialogs.Dialog, "run", lambda dialog: typed.append([one.text() for one in dialog.findChildren(QLineEdit)]))
    page.payments._pay()
    assert typed == [["7号", ""]]  # the number need not be typed again; the total is reckoned by somebody else each time


def test_the_first_of_two_lists_is_printed_from_beside_them(page, qtbot, monkeypatch) -> None:
    page.window().activateWindow()
    printed = []
    for name in ("due", "paid"):
        keys = getattr(page.payments, name).findChild(PageKeys)
        monkeypatch.setitem(keys._calls, "Ctrl+P", lambda name=name: printed.append(name))
    for place in (page.payments.paid.table, page.payments.due.table, page):
        qtbot.keyClick(place, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert printed == ["paid", "due", "due"]


def test_nobody_chosen_is_told(page, frame) -> None:
    page.payments.due.table.clearSelection()
    page.payments._pay()
    assert "先选中" in frame.messages[-1]


def test_the_dialog_names_fund_and_those_without_account(page, answers) -> None:
    page.payments.due.table.selectAll()
    answers["ask"] = False
    page.payments._pay()
    assert answers["told"][-1] == "拨付" and rows(page.payments.paid) == []


def test_what_has_become_otherwise_since_the_approval_is_asked_about_with_names_and_reasons(page, monkeypatch) -> None:
    """500 yuan for somebody who is not entitled any more went through without a second question, and the dialog called it an account."""
    tab, asked = page.payments, []
    one = next(line for line in tab.model.due if line.due.name == "张三")
    changed = replace(one, due=replace(one.due, changed="批准后加过、改过或删过所据的登记：…「不符合」"))
    tab.model.due = [changed if line is one else line for line in tab.model.due]
    tab.due.reload()
    tab.due.table.selectAll()
    line = next(row for row in rows(tab.due) if row["name"] == "张三")
    assert (line["account"], line["failed"]) == ("有", changed.due.changed)
    monkeypatch.setattr(dialogs, "ask", lambda *given, **more: asked.append((*given[1:], more["danger"])))
    monkeypatch.setattr(dialogs.Dialog, "run", lambda _dialog: pytest.fail("went on"))
    tab._pay()
    [(title, text, danger)] = asked
    assert title == "有 1 笔要先核实" and text.startswith(f"张三：{changed.due.changed}\n核实过") and danger


def test_an_account_changed_after_the_approval_is_marked_and_named(page, station, monkeypatch) -> None:
    with station.store.write("改账号") as session:
        session.conn.execute(update(table("claim_step")).values(at="2023-06-05T08:00:00Z"))
        one = next(person for person in session.select("person") if person.name == "张三")
        records.save(session, "person", {"bank_account": ACCOUNT[::-1]}, one.id)
    page.payments.model.load()
    line = next(row for row in rows(page.payments.due) if row["name"] == "张三")
    assert line["account"] == "要核实" and "审批后由" in line["failed"]
    told: list[str] = []

    def run(dialog) -> bool:
        told.extend(made.text() for made in dialog.findChildren(QLabel))
        return False

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    page.payments.due.table.selectAll()
    page.payments._pay()
    assert "账号要先核实的：张三" in "".join(told)


def test_who_the_bank_refused_is_not_paid_again_to_the_same_account_without_a_question(page, tmp_path, monkeypatch) -> None:
    paid(page)
    answered(page, tmp_path, monkeypatch, {"张三": ("失败", "账号不存在"), "李四": ("成功", "")})
    asked = []
    monkeypatch.setattr(dialogs, "ask", lambda *given, **_more: asked.append(given[2]))
    page.payments.due.table.selectAll()
    page.payments._pay()
    assert asked[0].startswith("张三：银行上次退回（账号不存在），以后没有改过账号")


def test_what_the_bank_has_is_not_given_to_it_again_without_a_question(page, frame, tmp_path, monkeypatch) -> None:
    """Whoever was paid later went out with everybody that the bank had not answered for yet."""
    paid(page)
    files = iter([str(tmp_path / f"{n}.xlsx") for n in range(9)])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (next(files), ""))
    assert {row["result"] for row in rows(page.payments.paid)} == {"待导出"}
    page.payments.paid.table.setCurrentIndex(page.payments.paid.model.index(0, 0))
    first = page.payments.paid.selected_ids()
    page.payments._sheet()
    assert sorted(row["result"] for row in rows(page.payments.paid)) == ["待导出", "等银行"]
    page.payments.paid.table.clearSelection()
    page.payments._sheet()
    assert "已导出 1 笔到 1.xlsx" in frame.messages[-1]
    page.payments.paid.table.clearSelection()
    page.payments._sheet()
    assert "都导出过了" in frame.messages[-1]
    page.payments.paid.select(*first)
    asked = []
    monkeypatch.setattr(dialogs, "ask", lambda *given, **_more: asked.append(given[1]))
    page.payments._sheet()
    assert asked == ["有 1 笔可能已经交给银行"] and not (tmp_path / "2.xlsx").exists()


def test_documents_that_are_lacking_are_told_before_paying(page, monkeypatch) -> None:
    told: list[str] = []

    def run(dialog: dialogs.Dialog) -> bool:
        told.extend(made.text() for made in dialog.findChildren(QLabel))
        return False

    monkeypatch.setattr(dialogs.Dialog, "run", run)
    page.payments.due.table.selectAll()
    page.payments._pay()
    assert "其中 2 笔材料还没有附全" in "".join(told)


def test_the_sheet_for_the_bank_needs_a_reason(page, station, frame, tmp_path, monkeypatch) -> None:
    paid(page)
    file = tmp_path / "bank.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(file), ""))
    frame.given_reason = None
    page.payments._sheet()
    assert frame.proposed == "发放补助"
    assert not file.exists()
    frame.given_reason = "发放补助"
    page.payments._sheet()
    lines = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    assert any(ACCOUNT in map(str, line) for line in lines), lines
    with station.store.read() as session:
        assert any(row.reason == "发放补助" for row in session.conn.execute(view_log.select()))


def test_the_bank_s_answer_line_by_line(page, station, frame, tmp_path, monkeypatch) -> None:
    paid(page)
    answered(page, tmp_path, monkeypatch, {"张三": ("成功", ""), "李四": ("失败", "账号为空")})
    assert "成功 1 笔，失败 1 笔" in frame.messages[-1] and "以前" not in frame.messages[-1]
    assert states(station) == ["approved", "paid"]
    assert [(row["name"], row["failed"]) for row in rows(page.payments.due)] == [("李四", "账号为空")]
    assert {row["result"] for row in rows(page.payments.paid)} == {"成功", "失败"}


def test_the_keyboard_goes_on_in_the_list_that_is_next(page, qtbot, tmp_path, monkeypatch) -> None:
    """It came to rest on a button, where Ctrl+A, though written beside 全选, chose nobody."""
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    page.payments.due.table.setFocus()
    paid(page)
    assert page.window().focusWidget() is page.payments.paid.table
    assert page.payments.paid.current_id() in page.payments._new and not page.payments.paid.selected_ids()
    answered(page, tmp_path, monkeypatch, {"张三": ("成功", ""), "李四": ("失败", "户名不符")})
    assert page.window().focusWidget() is page.payments.due.table


def test_the_sum_of_those_marked_goes_with_them(page, frame, monkeypatch) -> None:
    """The list is read again after the sum was worked out: 选中 1 笔，0.00 元 stood above what was left."""
    waiting: list[tuple[Callable[[], object], Callable[[object], None]]] = []
    page.payments.due.select(page.payments.due.model.ids[0])
    with monkeypatch.context() as late:
        late.setattr(frame.jobs, "run", lambda work, done, failed=None, **_how: waiting.append((work, done)))
        page.payments.order("bridging", "黑财指〔2023〕1号", "500")
        while waiting:
            work, done = waiting.pop(0)
            done(work())
    assert (len(rows(page.payments.due)), page.payments.sum.text()) == (1, "")


def test_lines_that_do_not_fit_are_told_with_their_row(page, station, frame, tmp_path, monkeypatch, answers) -> None:
    paid(page)
    answered(page, tmp_path, monkeypatch, {"张三": ("成功", ""), "李四": ("大概", "")}, amount=400.0)
    told = answers["told"][-1]
    assert "张三：金额与拨付时不符" in told and "李四：结果写的是「大概」，应为「成功」或「失败」" in told
    assert "第 2 行" in told and "第 3 行" in told and "别的一份清单" in told
    assert states(station) == ["approved", "approved"]


def test_a_file_that_is_no_answer(page, frame, tmp_path, monkeypatch) -> None:
    file = tmp_path / "other.xlsx"
    file.write_bytes(b"PK nothing")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_given: (str(file), ""))
    page.payments._read()
    assert frame.errors


def test_no_key_of_the_page_is_one_of_the_window(page) -> None:
    """Two shortcuts of one key are ambiguous, and then neither does anything."""
    own = {made.key().toString() for made in page.findChildren(QShortcut)}
    assert own and not own & {"F1", "F9", "Ctrl+K", "Ctrl+N", "Ctrl+I", "Ctrl+Z", "Ctrl+L", "Ctrl+Tab"}


def test_who_may_only_look_pays_nothing_and_reads_no_answer(show, frame, station) -> None:
    writing.forbid("只能看")
    page = show(build(frame, station), tab="payments")
    off = {made.text() for made in page.payments.findChildren(Button) if made.toolTip() == "只能看" and not made.isEnabled()}
    assert off == {"拨付…", "登记退款…", "读银行结果…"}


def test_whose_account_failed_is_opened_by_enter_and_f2(page, frame, qtbot) -> None:
    page.window().activateWindow()
    due = page.payments.due
    due.table.setCurrentIndex(due.model.index(0, 0))
    claim = page.payments.model.due[0].claim
    person = claim.person_id
    for key in (Qt.Key.Key_Return, Qt.Key.Key_F2):
        qtbot.keyClick(due.table, key)
    assert frame.opened == [("people", {"id": person})] * 2
    claim.person_id, claim.employer_id = None, "x"
    page.payments._open(claim.id)
    assert frame.opened[-1] == ("workshop", {"id": "x", "tab": "basics"})


def test_in_a_low_window_the_list_in_which_to_go_on_is_in_sight(page, qtbot) -> None:
    page.window().resize(870, 470)
    paid(page)
    area, list_ = page.payments.findChild(QScrollArea), page.payments.paid.table
    qtbot.waitUntil(list_.hasFocus)

    def seen() -> bool:
        top = list_.mapTo(area.viewport(), QPoint(0, 0)).y()
        return bool(0 <= top <= area.viewport().height() - list_.height())

    qtbot.waitUntil(seen)


def bank_says(page, tmp_path: Path, amounts: list[str]) -> None:
    """The bank confirms every payment, in the order of the list."""
    file = tmp_path / "bank.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("拨付编号", "金额", "结果"))
        for number, (line, amount) in enumerate(zip(page.payments.model.payments, amounts, strict=True), 1):
            sheet.write_row(number, 0, (line.id, amount, "成功"))
    page.payments.model.read_answer(file)


def test_who_was_paid_too_much_pays_the_difference_back(page, station, frame, monkeypatch, tmp_path, qtbot) -> None:
    with station.store.write("事实") as session:
        mine = next(one for one in session.select("person") if one.name == "张三")
        records.save(session, "category_span", {"person_id": mine.id, "category": "lifted", "source": "import"})
        records.save(session, "employment", {"person_id": mine.id, **AWAY})
        session.conn.execute(update(table("claim")).where(table("claim").c.person_id == mine.id).values(amount=62_000))
    page.payments.model.load()
    paid(page, "1,120.00")
    assert not page.payments.refund.isVisibleTo(page.payments)
    page.tabs.choose("screening")
    page.screening.model.screen()
    page.screening.chips.choose(UNENTITLED)
    page.screening.table.table.selectAll()
    qtbot.keyClick(page.screening.table.table, Qt.Key.Key_F6)
    assert "先在「拨付」里读回银行结果" in frame.messages[-1]
    page.tabs.choose("payments")
    bank_says(page, tmp_path, [yuan_grouped(line.payment.amount) for line in page.payments.model.payments])
    page.tabs.choose("screening")
    page.screening.model.screen()
    page.screening.chips.choose(UNENTITLED)
    page.screening.table.table.selectAll()
    told: list[str] = []

    def typed(*given: object, about: str) -> str:
        told.append(f"{given[1]}|{about}")
        return "往返只有一张票"

    monkeypatch.setattr(dialogs, "ask_text", typed)
    page.screening.back.click()
    assert told[0].startswith("核定追回 1 笔|多发的：张三，合计 120.00 元。")
    assert "已核定追回 1 笔" in frame.messages[-1]
    page.path.model.load()
    claim = next(one for one in page.path.model.claims if one.state == "approved")
    assert (claim.next, claim.amount, claim.item.endswith("（追回）")) == (["paid"], -12_000, True)
    assert "追缴通知书" in page.path.model.forms_of(claim)
    page.tabs.choose("path")
    page.path.show_claim(claim.id)
    assert (page.path.step_buttons["paid"].text(), rows(page.path.table)[0]["state"]) == ("不再追回", "等退款")
    page.tabs.choose("payments")
    page.payments.model.load()
    first = rows(page.payments.paid)[0]
    assert (first["amount"], first["result"], rows(page.payments.due)) == ("-120.00", "等退款", [])
    assert page.payments.refund.isVisibleTo(page.payments) and page.payments.model.sendable([claim.id]) == []
    monkeypatch.setattr(dialogs, "ask_value", lambda *_given, caption: (clock.today(),))
    page.payments.refund.click()
    assert frame.messages[-1] == "已登记退款 120.00 元，这一笔办结"
    assert states(station) == ["paid", "paid"] and not page.payments.refund.isVisibleTo(page.payments)
    back = next(one for one in rows(page.payments.paid) if one["item"].endswith("（追回）"))
    assert (back["amount"], back["result"]) == ("-120.00", "成功")


def test_who_was_paid_too_little_gets_the_difference(page, station, frame, answers, monkeypatch, tmp_path) -> None:
    """少发 was a list without a way to pay what is lacking."""
    with station.store.write("事实") as session:
        mine = next(one for one in session.select("person") if one.name == "张三")
        records.save(session, "category_span", {"person_id": mine.id, "category": "lifted", "source": "import"})
        records.save(session, "employment", {"person_id": mine.id, **AWAY})
        session.conn.execute(update(table("claim")).where(table("claim").c.person_id == mine.id).values(amount=20_000))
    page.payments.model.load()
    paid(page, "700.00")
    page.tabs.choose("screening")
    page.screening.model.screen()
    page.screening.chips.choose(UNDERPAID)
    page.screening.table.table.selectAll()
    page.screening.more.click()
    assert "先在「拨付」里读回银行结果" in frame.messages[-1]  # not to be returned: the money is under way
    page.tabs.choose("payments")
    bank_says(page, tmp_path, [yuan_grouped(line.payment.amount) for line in page.payments.model.payments])
    assert states(station) == ["paid", "paid"]
    page.tabs.choose("screening")
    page.screening.model.screen()
    page.screening.chips.choose(UNDERPAID)
    (row,) = rows(page.screening.table)
    assert (row["name"], row["amount"]) == ("张三", "300.00") and page.screening.more.isVisibleTo(page.screening)
    page.screening.table.table.selectAll()
    page.screening.more.click()
    assert frame.messages[-1] == "已核定补发 1 笔，请到「拨付」里拨差额"
    page.tabs.choose("payments")
    page.payments.model.load()
    (line,) = rows(page.payments.due)
    assert (line["name"], line["amount"]) == ("张三", "300.00") and line["item"].endswith("（补发）")
    paid(page, "300.00")
    assert [one["amount"] for one in rows(page.payments.paid) if one["item"].endswith("（补发）")] == ["300.00"]
    page.path.model.load()
    claim = next(one for one in page.path.model.claims if one.state == "approved")
    assert claim.next == ["paid"] and claim.amount == 30_000 and "（补发）" in claim.item
    page.tabs.choose("path")
    page.path.show_claim(claim.id)
    assert page.path.step_buttons["paid"].text() == "不再补发"


def test_whoever_reviewed_what_is_to_be_paid_is_told(page, station) -> None:
    assert "其中 2 笔是您自己审核或批准的，最好换一位同事拨付" in _before_paying(page.payments.model.due)
    with station.store.write("规定") as session:
        values = {"year": 2020, "area": "230826", "indicator": SEPARATE, "value": 1}
        records.save(session, "target", values)
    page.payments.model.load()
    assert "您自己审核" not in _before_paying(page.payments.model.due)
    assert ["请换一位同事" in row["failed"] for row in rows(page.payments.due)] == [True, True]


def test_the_county_files_no_claims_of_people(page, station, frame) -> None:
    """It cannot take their first step: F7 left drafts in the villages that nobody there had entered."""
    with station.store.write("事实") as session:
        person = {"name": "王五", "document": "resident_id", "id_number": NUMBERS[2], "labour": "ordinary", "village": "230826101202"}
        who = records.save(session, "person", person)
        records.save(session, "category_span", {"person_id": who, "category": "lifted", "source": "import"})
        records.save(session, "employment", {"person_id": who, **AWAY})
    page.tabs.choose("screening")
    page.screening.model.screen()
    assert [row["name"] for row in rows(page.screening.table)] == ["王五"]
    page.screening.table.table.selectAll()
    page.screening.go.click()
    assert "由村里或乡镇提出" in frame.messages[-1] and len(states(station)) == 2
    assert not [made for made in page.screening.card.findChildren(Button) if made.text() == "申请"]
