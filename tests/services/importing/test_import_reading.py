"""Files of every sort and every sort of bad file: what is read, and what is refused before a library opens it."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from domain.errors import InputUnusable
from services.importing.jsonl import looks_like_json_lines
from services.office_files import cell_formats, limits
from services.office_files.reading import decoded, load, read_workbook
from tests.paths import ROOT
from tests.rosters import write_xlsx, xls

SAMPLES = ROOT / "resources" / "samples"
ROWS = [["姓名", "证件号码"], ["张三", "230826197908178768"], ["李四", ""]]


def workbook(tmp_path: Path, rows: Sequence[Sequence[object]]) -> bytes:
    return write_xlsx(tmp_path / "a.xlsx", rows).read_bytes()


def repacked(data: bytes, **members: bytes) -> bytes:
    """A workbook with some members replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in members:
                new.writestr(name, old.read(name))
        for name, content in members.items():
            new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_xlsx_and_xls_and_csv_read_alike(tmp_path: Path) -> None:
    book = read_workbook(workbook(tmp_path, ROWS))[0]
    old = read_workbook(xls(ROWS))[0]
    text = "\n".join(",".join(map(str, row)) for row in ROWS)
    for data in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("gb18030"),
        text.encode("utf-16"),
        text.encode("utf-16-le"),
        text.encode("utf-16-be"),
        text.replace(",", "\t").encode(),
    ):
        assert read_workbook(data)[0].rows == book.rows == old.rows


def test_row_numbers_are_the_sheets_own_when_the_top_is_empty(tmp_path: Path) -> None:
    sheet = read_workbook(workbook(tmp_path, [[], [], [None, "姓名"], ["", "张三"]]))[0]
    assert sheet.rows[2] == ["", "姓名"]
    assert sheet.rows[3] == ["", "张三"]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('姓名,性别,备注,电话\n甲,男,"好,1\n乙,女,好,2\n丙,男,好,3\n', 2),
        ('姓名,性别,备注,电话\n甲,男,好,1\n"乙,女,好,2', 3),
        ('姓名,性别,备注,电话\n甲,男,"一\n二",1\n"乙,女,好,2\n丙,男,好",好,3\n', 4),
    ],
)
def test_a_quote_that_swallows_rows_is_named(text: str, row: int) -> None:
    with pytest.raises(InputUnusable, match=f"第 {row} 行有一个引号"):
        read_workbook(text.encode())
    assert len(read_workbook('姓名,性别,备注,电话\n甲,男,"一,二,三,四\n五",1\n乙,女,"好",2'.encode())[0].rows) == 3
    assert len(read_workbook('姓名,电话\n甲,1\n"注：甲,乙,丙"\n"说明一\n说明二"'.encode())[0].rows) == 4


@pytest.mark.parametrize("row", ['"花名册(单位: 元, 截止, 2023)"', '甲,男,"138, 139, 150"'], ids=("title", "short row"))
def test_commas_in_a_cell_of_a_short_row_are_no_swallowed_rows(row: str) -> None:
    sheet = read_workbook(f"{row}\n姓名,性别,备注,电话\n乙,女,好,2\n".encode())[0]
    assert len(sheet.rows) == 3 and sheet.rows[0][0] in row


def test_hidden_columns_are_seen_in_whatever_order_a_library_writes_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["姓名", "证件号码", "电话"], ["王芳", "1", "2"]):
        book.worksheets[0].append(row)
    book.worksheets[0].column_dimensions["C"].hidden = True  # it writes `hidden` before everything else of a column
    book.save(tmp_path / "a.xlsx")
    assert read_workbook(load(tmp_path / "a.xlsx"))[0].unseen_columns == {2}


def test_hidden_sheets_are_left_out(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("名册").write(0, 0, "姓名")
        hidden = book.add_worksheet("lists")
        hidden.write(0, 0, "是")
        hidden.hide()
    assert [(sheet.name, sheet.hidden) for sheet in read_workbook(load(tmp_path / "a.xlsx"))] == [("名册", False), ("lists", True)]


def test_a_formula_without_a_result_is_marked(tmp_path: Path) -> None:
    data = (SAMPLES / "wages.xlsx").read_bytes()
    sheet = read_workbook(data)[0]
    assert len(sheet.uncomputed) == 18
    assert (3, 15) in sheet.uncomputed
    assert sheet.rows[3][15] == ""


def test_a_formula_that_is_only_a_text_is_that_text(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row("A1", ["证件号码", "人编号", "姓名"])
        sheet.write_formula("A2", '="230826197001011038"', value="")
        sheet.write_formula("B2", "=A1", value="")
        sheet.write("C2", "张三")
    read = read_workbook(load(tmp_path / "a.xlsx"))[0]
    assert read.rows[1] == ["230826197001011038", "", "张三"]
    assert read.uncomputed == {(1, 1)}


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    assert read_workbook(workbook(tmp_path, [["=1+1", "+2", "@x"]]))[0].rows == [["=1+1", "+2", "@x"]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04 torn",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"<html><body><form>\xe7\x99\xbb\xe5\xbd\x95</form></body></html>",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_workbook_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(InputUnusable) as error:
        read_workbook(data)
    assert str(error.value).endswith("。")


PAGES = {
    "with headings over two rows": (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td{mso-number-format:"\\@"}</style></head><body>'
        '<!-- <td>no</td> --><table border=1><tr><td colspan=3>务工台账</td></tr><tr><th rowspan=2>姓名</th><th colspan="2">务工</th></tr>'
        "<tr><th>省&nbsp;</th><th>市</th></tr><tr><td>王芳<td>230826197001011038</td><td>大连<br>甘井子</td></tr></table></body></html>",
        [["务工台账", "", ""], ["姓名", "务工", ""], ["", "省", "市"], ["王芳", "230826197001011038", "大连\n甘井子"]],
        [((0, 0), (0, 2)), ((1, 0), (2, 0)), ((1, 1), (1, 2))],
    ),
    "of XML that leaves out what is empty": (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns:ss="x"><Worksheet ss:Name="a"><Table>'
        '<Row ss:Height="20"><Cell ss:MergeAcross="1"><Data ss:Type="String">名单 &amp; 表</Data></Cell></Row>'
        '<Row ss:Index="3"><Cell><Data ss:Type="String">张三</Data></Cell><Cell ss:StyleID="s1"/>'
        '<Cell ss:Index="4"><Data ss:Type="DateTime">2023-02-10T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>',
        [["名单 & 表", "", "", ""], ["", "", "", ""], ["张三", "", "", "2023-02-10"]],
        [((0, 0), (0, 1))],
    ),
    "within a table that lays out the page": (
        "<table><tr><td>菜单</td><td><table><tr><td>姓名</td><td>3<5</td></tr></table></td></tr></table>",
        [["姓名", "3<5"]],
        [],
    ),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_web_page_called_a_workbook_is_read_as_it_is_written(page: str, encoding: str) -> None:
    text, rows, merged = PAGES[page]
    sheet = read_workbook(text.encode(encoding))[-1]
    assert (sheet.rows, sheet.merged) == (rows, merged)


def test_a_web_page_that_asks_for_more_than_a_sheet_holds_is_refused() -> None:
    for page in (f"<table><tr>{'<td colspan=700>a</td>' * 3}</tr></table>", "<table><tr><td>a<td>b<tr>" + "<td rowspan=9>" * 800):
        with pytest.raises(InputUnusable):
            read_workbook(page.encode())


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_COMPOUND + b"\0" * 600 + "WordDocument".encode("utf-16-le") + b"\0" * 600, "文字文档.*另存为 .docx"),
        (zipped("[Content_Types].xml", "word/document.xml"), "Word 文档里没有表格"),
        (b"{\\rtf1\\ansi \\u22995?}", "文字文档.*另存为 .docx"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF.*空白表"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "照片.*空白表"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "照片.*空白表"),
        (b"BM" + (60).to_bytes(4, "little") + b"\0" * 54, "照片"),
        (b"\0\0\0\x18ftypheic", "照片"),
        (b"Rar!\x1a\x07\x00", "解压"),
        (zipped("名单.xlsx"), "解压"),
        (zipped("mimetype", "content.xml"), "另存为 .xlsx"),
        (zipped("xl/workbook.bin"), "另存为 .xlsx"),
    ],
)
def test_of_another_sort_of_file_it_is_said_what_to_do(data: bytes, said: str) -> None:
    assert not looks_like_json_lines(data, "名单.xlsx")
    with pytest.raises(InputUnusable, match=said):
        read_workbook(data)


def test_a_text_that_begins_like_a_picture_is_read() -> None:
    assert read_workbook("BM,姓名\n1,张三".encode())[0].rows[1] == ["1", "张三"]


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.jpg", b"x")
    with pytest.raises(InputUnusable, match="不是 Excel"):
        read_workbook(out.getvalue())


def test_a_locked_workbook_says_so() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 512
    with pytest.raises(InputUnusable, match="密码"):
        read_workbook(data)


def test_a_cut_copy_is_refused(tmp_path: Path) -> None:
    data = (SAMPLES / "registry.xlsx").read_bytes()
    for size in (10, len(data) // 2, len(data) - 30):
        with pytest.raises(InputUnusable):
            read_workbook(data[:size])


def test_every_flipped_byte_is_read_or_refused_never_a_crash() -> None:
    data = bytearray((SAMPLES / "workshop.xlsx").read_bytes())
    for place in range(0, len(data), 37):
        damaged = bytearray(data)
        damaged[place] ^= 0xFF
        try:
            read_workbook(bytes(damaged))
        except InputUnusable:
            continue


def test_a_zip_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    bomb = repacked(workbook(tmp_path, ROWS), **{"xl/media/image1.bin": b"\0" * (64 * 2**20)})
    assert len(bomb) < 200_000
    with pytest.raises(InputUnusable, match="大得不正常"):
        read_workbook(bomb)


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The directory of the zip says 1000 bytes; what unfolds is 64 MB."""
    data = bytearray(repacked(workbook(tmp_path, ROWS), **{"xl/media/image1.bin": b"\0" * (64 * 2**20)}))
    size = struct.pack("<I", 64 * 2**20)
    assert data.count(size) >= 2
    lying = bytes(data).replace(size, struct.pack("<I", 1000))
    with pytest.raises(InputUnusable, match="大得不正常"):
        read_workbook(lying)


def test_a_sheet_is_not_read_as_often_as_a_stranger_names_it(tmp_path: Path) -> None:
    """One that was named a hundred thousand times took more than a minute."""
    data = workbook(tmp_path, ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = archive.read("xl/workbook.xml")
    (one,) = re.findall(rb"<sheet [^>]*/>", book)
    many = b"".join(one.replace(b'name="', b'name="%d' % n) for n in range(1_000))
    with pytest.raises(InputUnusable, match="大得不正常"):
        read_workbook(repacked(data, **{"xl/workbook.xml": book.replace(one, many)}))
    limits.check_sheets(7, [limits.SheetFacts(size=400 * 2**20), *[limits.SheetFacts()] * 6])
    with pytest.raises(InputUnusable):
        limits.check_sheets(500, [limits.SheetFacts(size=8 * 2**20), *[limits.SheetFacts()] * 499])


def test_two_cells_at_the_corners_do_not_take_the_memory(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(tmp_path, ROWS))) as archive:
        xml = archive.read(SHEET).decode()
    for place in ("XFD1048576", "A1048576", "ZZZ1", "AAA99999"):
        row = "".join(filter(str.isdigit, place))
        far = xml.replace("</sheetData>", f'<row r="{row}"><c r="{place}"><v>1</v></c></row></sheetData>')
        with pytest.raises(InputUnusable, match=r"超过|太大"):
            read_workbook(repacked(workbook(tmp_path, ROWS), **{SHEET: far.encode()}))


@pytest.mark.parametrize("place", ["ZZZZZZ3", "AAAA1", "A" * 40 + "1", "A" + "9" * 12, "!!", "R1C1C1"])
def test_a_cell_at_an_impossible_place_is_refused(tmp_path: Path, place: str) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(tmp_path, ROWS))) as archive:
        xml = archive.read(SHEET).decode()
    far = xml.replace("</sheetData>", f'<row r="9"><c r="{place}"><v>1</v></c></row></sheetData>')
    with pytest.raises(InputUnusable, match="不是可以读取的表格文件"):
        read_workbook(repacked(workbook(tmp_path, ROWS), **{SHEET: far.encode()}))


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
CORNERS = '<row r="1"><c r="XFD1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1">' + "<c><v>1</v></c>" * 703 + "</row>",
        '<row r="200001"><c><v>1</v></c></row>',
        "<row/>" * limits.MAX_ROWS + "<row><c><v>1</v></c></row>",
        CORNERS.replace("XFD", "xfd").replace('"A', '"a'),
        CORNERS.replace('r="', 'r = "'),
        CORNERS.replace('c r="', 'c s="1" r="'),
        CORNERS.replace("<c", "<x:c").replace("</c", "</x:c"),
        "<!DOCTYPE x>" + CORNERS,
    ],
)
def test_cells_written_in_another_way_do_not_take_the_memory_either(tmp_path: Path, rows: str) -> None:
    sheet = f'<worksheet xmlns="{MAIN}" xmlns:x="y"><sheetData>{rows}</sheetData></worksheet>'
    with pytest.raises(InputUnusable):
        read_workbook(repacked(workbook(tmp_path, ROWS), **{SHEET: sheet.encode()}))


def test_sheets_are_not_too_large_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name in "甲乙丙":
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["姓名", "证件号码"])
            sheet.write(40, 0, "张三")
    assert len(read_workbook(load(tmp_path / "a.xlsx"))) == 3
    monkeypatch.setattr(limits, "MAX_CELLS", 200)
    with pytest.raises(InputUnusable, match="合起来太大"):
        read_workbook(load(tmp_path / "a.xlsx"))


def test_a_sheet_is_looked_at_wherever_it_lies(tmp_path: Path) -> None:
    data = workbook(tmp_path, ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read(SHEET).decode()
        links = archive.read("xl/_rels/workbook.xml.rels")
    away = links.replace(b"worksheets/sheet1.xml", b"elsewhere/s.dat")
    moved = {"xl/_rels/workbook.xml.rels": away, "xl/elsewhere/s.dat": sheet.encode()}
    assert read_workbook(repacked(data, **moved))[0].rows == read_workbook(data)[0].rows
    moved["xl/elsewhere/s.dat"] = re.sub("<sheetData>.*</sheetData>", f"<sheetData>{CORNERS}</sheetData>", sheet).encode()
    with pytest.raises(InputUnusable, match=r"超过|太大"):
        read_workbook(repacked(data, **moved))
    with pytest.raises(InputUnusable, match="另一种格式"):
        read_workbook(repacked(data, **{"content.xml": b"<x/>"}))  # calamine would try to read it as .ods


@pytest.mark.parametrize("cell", ['<c r="XFD1048576" s="1"/>', '<c r="XFD1048576" s="1" t="n"></c>'])
def test_a_far_cell_with_a_format_and_nothing_in_it_does_no_harm(tmp_path: Path, cell: str) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook(tmp_path, ROWS))) as archive:
        xml = archive.read(SHEET).decode()
    far = xml.replace("</sheetData>", '<row r="1048576">' + cell + "</row></sheetData>")
    assert len(read_workbook(repacked(workbook(tmp_path, ROWS), **{SHEET: far.encode()}))[0].rows) == 3


@pytest.mark.parametrize("text", ["姓名,证件号码" + "," * limits.MAX_COLUMNS, "姓名,证件号码\n" + "张三,1\n" * 60_000 + "," * 500])
def test_one_long_line_of_a_csv_does_not_fill_up_all_the_others(text: str) -> None:
    with pytest.raises(InputUnusable, match="太大"):
        read_workbook(text.encode())


def test_many_rows_are_taken_and_too_many_refused() -> None:
    line = "张三,230826197908178768\n"
    assert len(read_workbook(("姓名,证件号码\n" + line * 100_000).encode())[0].rows) == 100_001
    with pytest.raises(InputUnusable, match="200000 行"):
        read_workbook(("姓名,证件号码\n" + line * limits.MAX_ROWS).encode())


def test_a_file_that_is_too_big_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputUnusable, match="打不开"):
        load(tmp_path / "none.xlsx")
    with pytest.raises(InputUnusable):
        load(tmp_path)
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 2**20)
    (tmp_path / "big.xlsx").write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(InputUnusable, match="MB"):
        load(tmp_path / "big.xlsx")


def test_columns_have_letters() -> None:
    assert [limits.column_number(letters) for letters in ("A", "Z", "AA", "ZZ", "XFD")] == [0, 25, 26, 701, 16383]
    assert [limits.column_letters(n) for n in (0, 25, 26, 701, 16383)] == ["A", "Z", "AA", "ZZ", "XFD"]


def test_a_text_is_read_in_whichever_encoding_it_has() -> None:
    assert decoded("镇".encode("gb18030")) == decoded("镇".encode()) == decoded("镇".encode("utf-16")) == "镇"
    assert decoded("𠮷㐀".encode("gb18030")) == "𠮷㐀"
    assert json.loads((SAMPLES / "answers.json").read_text("utf-8"))["survey.csv"]["encoding"] == "gb18030"
    assert zlib.crc32(b"") == 0


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 8, b"a\0b", b"\0" * 64, "甲,乙\n".encode() + b"\0", "一,丁\n".encode("utf-16-le")[:-1]]
)
def test_bytes_that_are_no_text_are_not_taken_for_two_bytes_each(data: bytes) -> None:
    with pytest.raises(InputUnusable):
        decoded(data)


def test_what_a_failed_formula_left_in_a_csv_is_no_text() -> None:
    (sheet,) = read_workbook("姓名,电话,单位\n甲,#REF!,#1 车间\n乙,1,#NAME?".encode())
    assert sheet.rows[1:] == [["甲", "", "#1 车间"], ["乙", "1", ""]]
    assert sheet.uncomputed == {(1, 1), (2, 2)}


def test_columns_that_only_blanks_keep_apart_are_told_where_each_row_has_them_all() -> None:
    text = "某银行代发清单\n姓名    账号        金额\n王芳    6228 0001   1,500.00\n李 强　　6228 0002   600.00\n"
    (sheet,) = read_workbook(text.encode("gb18030"))
    assert sheet.rows[1:] == [["姓名", "账号", "金额"], ["王芳", "6228 0001", "1,500.00"], ["李 强", "6228 0002", "600.00"]]
    with pytest.raises(InputUnusable, match="第 5 行"):
        read_workbook((text + "赵敏    6228 0003   700.00   补发\n").encode())


@pytest.mark.parametrize(
    ("code", "days", "read"),
    [
        ('yyyy"年"m"月"', (1, 1), ["2023年6月", "2023年7月"]),
        ("[$-804]yyyy/mm;@", (1, 1), ["2023年6月", "2023年7月"]),
        ("mmm-yy", (1, 1), ["2023年6月", "2023年7月"]),
        ('yyyy"年"m"月"d"日"', (1, 1), [date(2023, 6, 1), date(2023, 7, 1)]),
        ('yyyy"年"m"月"', (1, 15), [date(2023, 6, 1), date(2023, 7, 15)]),  # only the look leaves the day out
    ],
)
def test_a_date_that_shows_a_month_is_that_month(tmp_path: Path, code: str, days: tuple[int, int], read: list[object]) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        page, shown = book.add_worksheet(), book.add_format({"num_format": code})
        page.write(0, 0, "开始时间")
        for at, day in enumerate(days, 1):
            page.write_datetime(at, 0, datetime(2023, 5 + at, day), shown)
    (sheet,) = read_workbook((tmp_path / "a.xlsx").read_bytes())
    assert [row[0] for row in sheet.rows[1:]] == read


def test_a_month_as_a_csv_of_a_spreadsheet_has_it_is_that_month() -> None:
    (sheet,) = read_workbook("姓名,Oct-22,备注\n王芳,Feb-99,May-23 回来".encode("gb18030"))
    assert sheet.rows == [["姓名", "2022年10月", "备注"], ["王芳", "1999年2月", "May-23 回来"]]


def shared(text: str, cell: str, count: int) -> bytes:
    """A workbook of two columns of which `count` cells name the one shared text."""
    cells = "".join(f'<row r="{n}">{cell.format(place=f"A{n}")}</row>' for n in range(1, count + 1))
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    texts = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>姓名</t></si><si><t>{text}</t></si></sst>'
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write(0, 0, "姓名")
    book.close()
    return repacked(out.getvalue(), **{SHEET: sheet.encode(), "xl/sharedStrings.xml": texts.encode()})


ORDINARY = '<c r="{place}" t="s"><v>1</v></c>'


@pytest.mark.parametrize(
    "cell",
    [
        ORDINARY,
        "<c r='{place}' t='s'><v>1</v></c>",
        '<c r="{place}" t="s"><v xml:space="preserve">1</v></c>',
        '<c r="{place}" t="s"><v> 1 </v></c>',
    ],
)
def test_a_long_text_in_many_cells_is_refused_before_it_is_copied(cell: str) -> None:
    """400 KB took four gigabytes and the program's life."""
    data = shared("长" * 30_000, cell, 20_000)
    assert len(data) < 500_000
    with pytest.raises(InputUnusable, match="很长的文字"):
        read_workbook(data)


def test_a_long_text_in_one_cell_of_a_large_sheet_is_read() -> None:
    data = shared("长" * 30_000, '<c r="{place}" t="s"><v>0</v></c>', 20_000)
    assert read_workbook(data)[0].rows[19_999] == ["姓名"]


def test_texts_are_counted_once_where_pieces_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    data = shared("长" * 1000, ORDINARY, 5000)
    monkeypatch.setattr(limits, "_PIECE", 5000)
    monkeypatch.setattr(cell_formats, "MOST", 5000 * (3000 + len("<si><t></t></si>")))
    assert len(read_workbook(data)[0].rows) == 5000
    monkeypatch.setattr(cell_formats, "MOST", cell_formats.MOST - 1)
    with pytest.raises(InputUnusable, match="很长的文字"):
        read_workbook(data)
