"""补助 with a real store behind it: screening, a batch of claims and its undo, the path's steps, notices, printing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QTextTable
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtWidgets import QFileDialog, QPushButton
from python_calamine import CalamineWorkbook

from desktop.benefits import wiring
from desktop.benefits.page import BenefitsPage
from desktop.benefits.screening_model import NEARLY, UNCLAIMED
from desktop.paper import Paper, write_pdf
from desktop.station import Station
from desktop.widgets.form_preview import FormPreview
from domain import clock
from domain.errors import Stopped
from domain.periods import add_days
from services import claims, notices, registry
from services.forms import Form
from services.forms.form import Opinion
from tests.pdf_text import page_count, texts
from tests.qt import village

TODAY = clock.today()
AWAY = {"channel": "migrant", "place": "210200", "start": "2023-02-10", "end": "2023-11-20", "employer_name": "大连港"}


@pytest.fixture
def station(make_store):
    return Station(make_store())


@pytest.fixture
def ids(station):
    """孙玉梅 and 王秀兰 were away for nine months of 2023."""
    found = village.settle(station.store)
    with station.store.write("准备") as session:
        for name in ("孙玉梅", "王秀兰"):
            registry.save(session, "employment", {"person_id": found[name], **AWAY})
    return found


@pytest.fixture
def page(qtbot, frame, station, ids):
    made = wiring.build(frame, station)
    assert isinstance(made, BenefitsPage)
    qtbot.addWidget(made)
    made.resize(1186, 660)
    made.show()
    made.opened()
    return made


def listed(table) -> list[dict[str, str]]:
    return [table.model.row(n) for n in range(table.model.rowCount())]


def states(station) -> dict[str, str]:
    with station.store.read() as session:
        names = {one.id: one.name for one in session.select("person")}
        return {names[each.claim.person_id]: each.state for each in claims.listing(session)}


def file_all(page) -> None:
    page.screening.table.table.selectAll()
    page.screening.go.click()


def to_review(page) -> None:
    """Both claims reviewed in the village."""
    file_all(page)
    page.tabs.choose("path")
    page.path.table.table.selectAll()
    page.path.step_buttons["village_reviewed"].click()


# -- screening -----------------------------------------------------------------------------------------


def test_opening_screens_the_village(page, frame) -> None:
    rows = listed(page.screening.table)
    assert {(row["name"], row["amount"], row["year"]) for row in rows} == {("孙玉梅", "500.00", "2023"), ("王秀兰", "500.00", "2023")}
    assert all("满 3 个月" in row["why"] for row in rows)
    assert page.screening.sum.text() == "合计 2 人，1,000.00 元"
    assert frame.badges["benefits"] == 2
    assert page.screening.card.cards[0].shown.about == rows[0]["name"]


def test_the_lists_are_narrowed_by_rule_and_year(page) -> None:
    tab = page.screening
    assert [tab.rule.itemData(n) for n in range(tab.rule.count())][:2] == ["", "R03"]
    tab.year.setCurrentIndex(tab.year.findData("2023"))
    assert len(listed(tab.table)) == 2
    tab.chips.choose(NEARLY)
    assert listed(tab.table) == [] and tab.empty.title.text() == "没有快满条件的人"
    tab.chips.choose(UNCLAIMED)
    assert len(listed(tab.table)) == 2


def test_a_batch_is_filed_at_once_and_taken_back_at_once(page, station, frame, answers) -> None:
    file_all(page)
    assert states(station) == {"孙玉梅": "draft", "王秀兰": "draft"}
    assert listed(page.screening.table) == []  # screened again
    with station.store.write("撤销") as session:
        registry.undo_last(session)
    assert states(station) == {}


def test_a_batch_that_is_stopped_files_nothing(page, station, frame) -> None:
    def stop(done: int, total: int, what: str) -> None:
        if done == 1:
            raise Stopped("已停止，什么都没有改变")

    with pytest.raises(Stopped):
        page.screening.model._uses.file(page.screening.model.found, stop)
    assert states(station) == {}


def test_one_of_a_batch_that_is_refused_keeps_nobody_else_waiting(page, station, frame, answers) -> None:
    found = page.screening.model.found
    page.screening.model.file(found[:1])
    page.screening.model.file(found)
    assert len(states(station)) == 2
    assert any("已经申请过" in text for text in answers["told"])


def test_nobody_chosen_is_told(page, frame, station) -> None:
    page.screening.chips.choose(NEARLY)
    page.screening._file()
    assert "先选中" in frame.messages[-1] and states(station) == {}


def test_a_screening_that_is_stopped_can_be_begun_again(page, frame) -> None:
    page.screening.model._broke(Stopped("已停止，什么都没有改变"))
    assert frame.errors and not page.screening.model._busy
    page.screening.again.click()
    assert len(listed(page.screening.table)) == 2


# -- the path ------------------------------------------------------------------------------------------


def test_only_the_steps_of_this_level_are_offered(page, answers) -> None:
    file_all(page)
    page.tabs.choose("path")
    assert page.path.strip.key == "draft"
    assert list(page.path.step_buttons) == ["village_reviewed", "refused", "withdrawn"]


def test_steps_go_by_keyboard_for_all_chosen(page, station, qtbot, answers) -> None:
    file_all(page)
    page.tabs.choose("path")
    page.path.table.table.selectAll()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    qtbot.keyClick(page.path.table.table, Qt.Key.Key_F7)
    assert set(states(station).values()) == {"village_reviewed"}
    assert page.path.strip.key == "village" and page.path.table.selected_ids()  # the emptied column is left for where they went
    assert page.path.strip.buttons["village"].text() == "村级\n2"
    with station.store.write("撤销") as session:
        registry.undo_last(session)
    assert set(states(station).values()) == {"draft"}


def test_what_was_sent_back_shows_its_reason_first(page, station, answers) -> None:
    to_review(page)
    answers["ask_text"] = "缺务工证明"
    page.path.strip.choose("village")
    page.path.table.table.selectRow(0)
    page.path.step_buttons["returned"].click()
    page.path.strip.choose("returned")
    assert page.path.table.model.columns[0].key == "reason"
    assert [row["reason"] for row in listed(page.path.table)] == ["缺务工证明"]


def test_without_a_reason_nothing_is_sent_back(page, station, answers) -> None:
    to_review(page)
    answers["ask_text"] = ""
    page.path.strip.choose("village")
    page.path.table.table.selectAll()
    page.path.step_buttons["returned"].click()
    assert set(states(station).values()) == {"village_reviewed"}


def test_a_refused_step_is_told_and_changes_nothing(page, station, frame, answers) -> None:
    file_all(page)
    page.path.model.step([one.id for one in page.path.model.claims] or ["x"], "approved", "")
    assert frame.errors and set(states(station).values()) == {"draft"}


def test_a_claim_is_opened_where_it_stands(page, station, answers) -> None:
    to_review(page)
    id = page.path.model.claims[0].id
    page.tabs.choose("screening")
    page.opened(claim=id)
    assert (page.tabs.key, page.path.strip.key, page.path.table.current_id()) == ("path", "village", id)


# -- notices -------------------------------------------------------------------------------------------


@pytest.fixture
def hanging(page, station, answers):
    """A notice of both claims, put up today for five working days."""
    to_review(page)
    page.path.strip.choose("village")
    page.path.table.table.selectAll()
    page.path.step_buttons["village_notice"].click()
    form = page.notices.form
    form.days.setValue(5)
    form.kind.setCurrentIndex(form.kind.findData("working"))
    form.phone.setText("0454-8370001")
    form.save.click()
    with station.store.read() as session:
        (notice,) = session.select("notice")
    return notice


def test_the_sheet_is_seen_before_it_is_made(page, station, answers) -> None:
    to_review(page)
    page.notices.new()
    assert "孙玉梅" in page.notices.sheet.toPlainText()
    page.notices.form.days.setValue(3)
    assert add_days(TODAY, 2) in page.notices.form.says.text()
    with station.store.read() as session:
        assert session.select("notice") == []
    assert set(states(station).values()) == {"village_reviewed"}


def test_nothing_to_put_up_is_told(page, frame) -> None:
    page.notices.new()
    assert "没有等着公示的申请" in str(frame.errors[-1])
    assert not page.notices._drafting()


def test_a_notice_is_put_up(page, station, hanging) -> None:
    assert (hanging.level, hanging.start, hanging.days, hanging.day_kind) == ("village", TODAY, 5, "working")
    assert set(states(station).values()) == {"village_notice"}
    (row,) = listed(page.notices.table)
    assert row["last_day"] == notices.last_day(hanging) and row["result"] == "公示中"


def test_the_sheet_masks_and_leaves_out(page, hanging, ids, station) -> None:
    text = page.notices.sheet.toPlainText()
    assert "0454-8370001" in text and "跨省务工一次性交通补助" in text
    with station.store.read() as session:
        for person in session.select("person"):
            assert person.id_number not in text and (not person.phone or person.phone not in text)


def form_of(preview: FormPreview) -> Form:
    assert isinstance(preview.paper, Paper)
    return preview.paper.form


@pytest.fixture
def previews(monkeypatch) -> list[FormPreview]:
    """Previews are not waited for but remembered."""
    seen: list[FormPreview] = []
    monkeypatch.setattr(FormPreview, "run", lambda preview: seen.append(preview))
    return seen


@pytest.fixture
def saved(tmp_path, monkeypatch) -> Callable[[FormPreview, str], Path]:
    """Presses a button of a preview that saves a file."""

    def press(preview, ending) -> Path:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(tmp_path / f"a{ending}"), ""))
        preview.saves[ending].click()
        return Path(tmp_path, f"a{ending}")

    return press


def test_the_masked_table_hides_no_column(page, hanging, previews, saved) -> None:
    page.notices.print.click()
    file = saved(previews[0], ".xlsx")
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
    heading = rows.index(["序号", "姓名", "村（组）", "项目", "金额（元）", "务工地", "起止"])
    assert {tuple(row[1:2] + row[5:]) for row in rows[heading + 1 : heading + 3]} == {
        (name, "辽宁省", "2023-02—2023-11") for name in ("孙玉梅", "王秀兰")
    }
    assert "hidden" not in _xml(file)


def test_the_website_gets_the_same_lines_and_nothing_else(page, hanging, previews, saved, ids, station) -> None:
    page.notices.print.click()
    text = saved(previews[0], ".html").read_text(encoding="utf-8")
    assert "王秀兰" in text and "<script" not in text and "http" not in text
    with station.store.read() as session:
        assert not any(number in text for one in session.select("person") for number in (one.id_number, one.phone) if number)


def test_a_claim_is_printed_with_numbers_only_for_a_reason(page, frame, previews, saved, station, answers) -> None:
    file_all(page)
    page.tabs.choose("path")
    claim = page.path.model.claims[0]
    assert {"补助申请表（含承诺书）", "委托代办书"} <= set(page.path.model.forms_of(claim))
    page.path.model.print(page, "application", claim.id)
    with station.store.read() as session:
        number = session.get("person", claim.person_id).id_number
    (preview,) = previews
    assert number not in str(form_of(preview)) and len(preview.pages) == 1
    frame.given_reason = None
    preview.reveal.click()
    assert number not in str(form_of(preview))
    frame.given_reason = "填报表册"
    preview.reveal.click()
    assert number in str(form_of(preview)) and preview.reveal.isHidden()
    file = saved(preview, ".pdf")
    assert page_count(file.read_bytes()) == 1 and number in texts(file.read_bytes())[0]
    page.path.roster.click()
    assert form_of(previews[-1]).title == "就业帮扶补助汇总名册"


def test_a_template_of_the_county_takes_the_place_of_a_layout(page, frame, previews, saved, tmp_path, monkeypatch, answers) -> None:
    file_all(page)
    page.path.model.print(page, "claim_roster")
    acts = {action.text(): action for action in previews[0].own.menu().actions()}
    assert len(acts) == 3
    own = tmp_path / "样表.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(own), ""))
    acts["取空白样表…"].trigger()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_given: (str(own), ""))
    acts["换上本县样表…"].trigger()
    assert saved(previews[0], ".xlsx").exists()
    own.write_bytes(b"PK no workbook")
    acts["换上本县样表…"].trigger()
    assert "样表" in str(frame.errors[-1]) or "文件已损坏" in str(frame.errors[-1])
    acts["恢复原样"].trigger()
    assert "恢复" in frame.messages[-1]


def test_an_early_result_is_refused_and_an_objection_taken(page, station, frame, hanging, answers, previews) -> None:
    page.notices.clear.click()
    assert "还不能登记" in str(frame.errors[-1])
    answers["ask_text"] = "甲反映乙没有外出"
    page.notices.object.click()
    page.notices.objected.click()
    (row,) = listed(page.notices.table)
    assert (row["result"], row["objections"]) == ("有异议", "1")
    page.notices.report.click()
    assert "甲反映乙没有外出" in str(form_of(previews[0]).rows) and "有异议" in str(form_of(previews[0]).text)
    assert page.notices.clear.isHidden()


def test_photographs_of_the_notice_are_printed_in_the_report(page, frame, hanging, previews, saved, tmp_path, monkeypatch) -> None:
    photo = QImage(900, 1600, QImage.Format.Format_RGB32)
    photo.fill(QColor("red"))
    photo.save(str(tmp_path / "墙.jpg"))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_given: ([str(tmp_path / "墙.jpg")], ""))
    page.notices.photos.click()
    assert "1 张" in frame.messages[-1]
    page.notices.report.click()
    (preview,) = previews
    assert len(form_of(preview).pictures) == 1 and form_of(preview).values()["公示照片"] == "1 张"
    drawn = [Paper(form_of(preview)).picture(n, 400).pixelColor(200, y) for n in range(len(preview.pages)) for y in range(0, 560, 20)]
    assert any(colour.red() > 200 and colour.green() < 60 for colour in drawn)
    (tmp_path / "墙.jpg").write_bytes(b"MZ no picture")
    page.notices.photos.click()
    assert frame.errors


def test_a_notice_is_found_from_the_first_page(page, hanging) -> None:
    page.tabs.choose("screening")
    page.opened(kind="notice", id=hanging.id)
    assert (page.tabs.key, page.notices.table.current_id()) == ("notices", hanging.id)


# -- paper ---------------------------------------------------------------------------------------------

FORM = Form(
    "名册",
    {"填报单位": "解放村"},
    columns=("序号", "姓名", "金额（元）"),
    rows=[(n, "张<三>", 500.0) for n in range(1, 121)],
    opinions=(Opinion("意见"),),
    signatures=("填报人",),
)


def test_headings_and_page_numbers_stand_on_every_page(tmp_path: Path, qapp) -> None:
    assert write_pdf(Paper(FORM), tmp_path / "a4.pdf") == 5
    said = texts((tmp_path / "a4.pdf").read_bytes())
    assert len(said) == 5 and all("姓名" in page and f"第{n}页，共5页" in page.replace(" ", "") for n, page in enumerate(said, 1))
    assert "".join(said).count("张<三>") == 120


@pytest.mark.parametrize(("lines", "longest"), [(45, 2), (60, 4), (60, 9), (30, 1), (9, 40)])
def test_no_row_of_a_table_is_divided_between_two_pages(qapp, lines: int, longest: int) -> None:
    rows: list[list[str | int | float]] = [
        [n, "张三", "很长的说明文字，要折好几行，" * (1 + n * 7 % longest), 500.0] for n in range(1, lines)
    ]
    paper = Paper(Form("名册", columns=("序号", "姓名", "说明", "金额"), rows=rows, opening=["说明"], total=["", "合计", "", 3.0]))
    height, layout = paper.document.pageSize().height(), paper.document.documentLayout()
    table = next(one for one in paper.document.rootFrame().childFrames() if isinstance(one, QTextTable) and one.rows() > 3)

    def pages_of(row: int) -> set[int]:
        cells = [table.cellAt(row, column) for column in range(table.columns())]
        blocks = [layout.blockBoundingRect(cell.firstCursorPosition().block()) for cell in cells]
        return {int(y // height) for block in blocks for y in (block.top(), block.bottom() - 1)}

    assert paper.pages > 1 and {len(pages_of(row)) for row in range(table.rows())} == {1}


def test_printing_can_be_thought_better_of(page, hanging, monkeypatch, previews) -> None:
    asked: list[object] = []

    def decline(dialog: object) -> int:
        asked.append(dialog)
        return 0

    monkeypatch.setattr(QPrintDialog, "exec", decline)
    page.notices.print.click()
    previews[0].print.click()
    assert len(asked) == 1


def _xml(file: Path) -> str:
    from zipfile import ZipFile

    with ZipFile(file) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


def test_documents_are_attached_to_a_claim_by_keyboard(page, frame, station, tmp_path, monkeypatch, answers) -> None:
    photo = QImage(40, 30, QImage.Format.Format_RGB32)
    photo.fill(QColor("red"))
    photo.save(str(tmp_path / "IMG_1.png"))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_given: ([str(tmp_path / "IMG_1.png")], ""))
    file_all(page)
    page.tabs.choose("path")
    card = page.path.materials
    assert card.note.text() == "5 项，已有 0 项"
    menu = card.menu()
    next(act for act in menu.actions() if act.text() == "身份证").trigger()
    assert card.note.text() == "5 项，已有 1 项" and "1 个文件" in frame.messages[-1]
    assert [act.text() for act in card.menu().actions()][-2:] == ["身份证", "其他材料"]  # what is lacking comes first
    (name,) = [made for made in card.findChildren(QPushButton) if made.accessibleName().startswith("另存 身份证.png")]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (str(tmp_path / "又.png"), ""))
    name.click()
    assert (tmp_path / "又.png").read_bytes() == (tmp_path / "IMG_1.png").read_bytes()
    (away,) = [made for made in card.findChildren(QPushButton) if made.accessibleName() == "删除材料 身份证.png"]
    away.click()
    assert card.note.text() == "5 项，已有 0 项"
    (tmp_path / "IMG_1.png").write_bytes(b"MZ no picture")
    next(act for act in card.menu().actions() if act.text() == "社保卡").trigger()
    assert frame.errors and card.note.text() == "5 项，已有 0 项"
