"""Word documents as strangers send them: cut, spoilt, bent or unfolding to any size."""

from __future__ import annotations

import contextlib
import random
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from domain.errors import InputUnusable
from services.office_files.reading import Sheet, read_workbook
from tests.word import cell, document, line, row, table


def read(xml: str, types: bytes = b"") -> list[Sheet]:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", xml)
    return read_workbook(made.getvalue())


_OPEN = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
_WIDE = '<w:gridSpan w:val="99999"/>'
_ROW = "<w:tr><w:tc><w:tcPr>{}</w:tcPr><w:p><w:r><w:t>姓名</w:t></w:r></w:p></w:tc></w:tr>"
_NESTED, _CLOSED = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
_LONG = f"<w:p><w:r><w:t>{'王' * 1000}</w:t></w:r></w:p>"


def test_blocks_over_rows_and_columns_are_merged_blocks_of_the_sheet() -> None:
    made = document(
        line("名单"),
        table(
            row(cell("姓名", merge="restart"), cell("务工", wide=2)),
            row(cell(merge="continue"), "单位", "地点"),
            row(cell(merge="restart"), cell(wide=2, merge="restart")),
            row(cell(merge="continue"), cell(wide=2, merge="continue")),
        ),
    )
    (sheet,) = read_workbook(made)
    assert sheet.rows[:3] == [["名单", "", ""], ["姓名", "务工", ""], ["", "单位", "地点"]]
    assert sorted(sheet.merged) == [((1, 0), (2, 0)), ((1, 1), (1, 2)), ((3, 0), (4, 0)), ((3, 1), (4, 2))]


def test_a_table_in_a_cell_is_a_sheet_of_its_own() -> None:
    inner = table(row("姓名", "性别"))
    sheets = read_workbook(document(table(row("说明", cell(inside=f"{line()}{inner}{line()}")))))
    assert [sheet.rows for sheet in sheets] == [[["说明", "姓名\n性别"]], [["姓名", "性别"]]]


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "<x/>",
        _OPEN,
        f"{_OPEN}</w:body></w:document>",
        f"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>{_OPEN}<w:tbl>{_ROW.format('')}</w:tbl></w:body></w:document>",
        f"{_OPEN}<w:tbl>{_ROW.format(_WIDE)}</w:tbl></w:body></w:document>",
        f"{_OPEN}<w:tbl><w:tr><w:trPr><w:gridBefore w:val='99999'/></w:trPr><w:tc/></w:tr></w:tbl></w:body></w:document>",
        f"{_OPEN}{f'<w:p><w:r><w:t>表</w:t></w:r></w:p><w:tbl>{_ROW}</w:tbl>' * 501}</w:body></w:document>",
        f"{_OPEN}{_NESTED * 50}{_LONG * 101}{_CLOSED * 50}</w:body></w:document>",
        f"{_OPEN}{'<w:tbl><w:tr><w:tc>' * 2000}{'</w:tc></w:tr></w:tbl>' * 2000}</w:body></w:document>",
    ],
)
def test_bent_documents_get_a_sentence(xml: str) -> None:
    with pytest.raises(InputUnusable):
        read(xml)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030", "iso-8859-1", "no-such"])
def test_text_that_is_not_in_utf8_gets_a_sentence(encoding: str) -> None:
    """What is filled in is put between its bytes."""
    xml = f"<?xml version='1.0' encoding='{encoding.removesuffix('-le')}'?>{_OPEN}<w:tbl>{_ROW.format('')}</w:tbl></w:body></w:document>"
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("[Content_Types].xml", b"")
        archive.writestr("word/document.xml", xml.encode(encoding if encoding not in ("iso-8859-1", "no-such") else "utf-8"))
    with pytest.raises(InputUnusable):
        read_workbook(made.getvalue())


def test_odd_nesting_and_numbers_are_read_as_far_as_they_go() -> None:
    for said in ("", "<w:gridSpan/>", "<w:gridSpan w:val='-3'/>", "<w:gridSpan w:val='²'/>", "<w:vMerge w:val='x'/>"):
        assert len(read(f"{_OPEN}<w:tc/><w:tr/><w:p><w:tbl>{_ROW.format(said)}</w:tbl></w:p></w:body></w:document>")) == 1


def test_a_document_with_macros_is_refused() -> None:
    with pytest.raises(InputUnusable, match="宏"):
        read(f"{_OPEN}<w:tbl>{_ROW.format('')}</w:tbl></w:body></w:document>", b"application/vnd.ms-word.document.macroEnabled.main+xml")


@pytest.mark.parametrize("seed", range(60))
def test_damaged_documents_get_a_sentence_or_are_read(seed: int) -> None:
    rng = random.Random(seed)
    made = bytearray(document(line("名单"), table(row("姓名", cell(wide=2)), row("王芳", "", cell(merge="restart")))))
    for _n in range(rng.randint(1, 4)):
        made[rng.randrange(len(made))] = rng.randrange(256)
    with contextlib.suppress(InputUnusable):
        read_workbook(bytes(made[: rng.choice([len(made), len(made), rng.randrange(len(made))])]))


@pytest.mark.parametrize("seed", range(40))
def test_bent_text_gets_a_sentence_or_is_read(seed: int) -> None:
    rng = random.Random(seed)
    xml = _OPEN + "<w:tbl>" + _ROW.format("<w:gridSpan w:val='2'/>") * 3 + "</w:tbl></w:body></w:document>"
    tags = [f"<w:{name}{end}>" for name in ("tbl", "tr", "tc", "p", "r", "t", "rPr", "pPr", "del") for end in ("", "/")]
    for _n in range(3):
        tag = rng.choice(tags)
        other = tag.replace("<", "</") if not tag.endswith("/>") else ""
        at, to = sorted(rng.choice([i for i, c in enumerate(xml) if c == "<"]) for _ in "ab")
        xml = xml[:at] + tag + xml[at:to] + other + xml[to:]
    with contextlib.suppress(InputUnusable):
        read(xml)
