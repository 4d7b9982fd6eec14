"""填上级表格: cells with boxes to tick and with units around blanks, and headings that list what to choose from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from db.session import Session
from services import records
from services.filling import printed
from services.filling.filling import save
from services.filling.looking import look
from tests.services.test_filling import filled, rows_of, sheet, village
from tests.services.test_filling_forms import formed
from tests.services.test_filling_word import saved
from tests.word import cell, document, line, row, table, text

__all__ = ["village"]


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ("□是 □否", ["是", "否"]),
        ("是□   否□", ["是", "否"]),
        ("☐ 已就业；☐ 未就业", ["已就业", "未就业"]),
        ("类型：□一般 □低保、□特困", ["一般", "低保", "特困"]),
        ("A□ B□ C", []),  # A, then B, or B, then C?
        ("☑是 □否", []),
        ("□□□□□□", []),
        ("□是", []),
        (None, []),
    ],
)
def test_words_belong_to_the_box_on_one_side(there: Any, words: list[str]) -> None:
    assert printed.boxes(there) == words


@pytest.mark.parametrize("there", ["   年  月  日", "__年__月", "   省   市   县（区）", " 元", "年   月   日至   年   月   日"])
def test_units_around_blanks_are_still_to_be_filled_in(there: str) -> None:
    assert printed.fillable(there)


@pytest.mark.parametrize("there", ["年", "年月日", "2023年 月", "村 主任", "县（区）", " 元（大写： ）", "3 人"])
def test_other_words_are_content(there: str) -> None:
    assert not printed.fillable(there)


def test_boxes_and_blanks_of_a_form_are_filled_in(session: Session, village: dict[str, str]) -> None:
    form = (
        ["姓名", None, "性别", "男□ 女□"],
        ["身份证号", None, "出生年月", "    年    月"],
        ["是否脱贫户", "□是 □否", "残疾等级", "□一级 □二级"],
        ["民族", "□满族 □回族", "年龄", "     岁"],
    )
    done = formed(session, sheet(*form, title="登记表"), village["wang"])
    rows = rows_of(done)
    assert rows[1][3] == "男□ 女☑" and rows[3] == ("是否脱贫户", "☑是 □否", "残疾等级", "□一级 □二级")
    assert rows[2][3].endswith("月") and "年" in rows[2][3] and "日" not in rows[2][3]
    assert rows[4][1] == form[3][1] and rows[4][3].endswith("岁"), "no nation is on record"
    assert not done.remarks and "残疾等级" in [one.heading for one in done.columns if not one.what]


def test_a_box_in_a_word_document_is_ticked_in_place(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    """Also one of a symbol font; what is printed around a blank is replaced, and every other byte stays."""
    box = '<w:sym w:font="Wingdings" w:char="F0A8"/>'
    symbols = f"<w:p><w:r>{box}<w:t>男 </w:t></w:r><w:r>{box}<w:t>女</w:t></w:r></w:p>"
    rows = (
        row("姓名", "", "性别", cell(inside=symbols)),
        row("身份证号", "", "是否脱贫户", "□是 □否"),
        row("出生年月", "  年  月", "年龄", ""),
    )
    sent = document(line("登记表"), table(*rows))
    done = look(session, sent, person=village["li"], name="登记表.docx")
    made = text(saved(done, tmp_path))
    assert f"{box}<w:t>男 </w:t></w:r><w:r><w:t>☑</w:t><w:t>女</w:t>" in made
    assert "□是 ☑否" in made and "  年  月" not in made
    assert text(sent).count("<w:tc>") == made.count("<w:tc>")


def test_a_heading_may_list_what_to_choose_from(session: Session, village: dict[str, str]) -> None:
    """Dalian is outside the province; the public post is in the county."""
    records.save(session, "employment", {"person_id": village["li"], "channel": "migrant", "place": "230102", "start": "2023-05"})
    headings = ["证件号码", "务工区域（省外/省内县外/县内）", "是否务工（有、无）", "就业渠道（外出务工/公益岗等）"]
    made = sheet(
        headings, *([one] for one in (village_number(session, village, name) for name in ("wang", "li", "twin"))), title="2023年6月名单"
    )
    _done, rows = filled(session, made)
    assert [row[1:3] for row in rows[2:]] == [("省外", "有"), ("省内县外", "有"), ("县内", "有")]
    assert rows[2][3] == "外出务工", "words with 等 are examples"
    done, rows = filled(session, sheet(["姓名", "就业渠道（灵活就业/自主创业）"], ["李强"], title="2023年6月名单"))
    assert rows[2][1] is None and done.remarks


def village_number(session: Session, village: dict[str, str], name: str) -> str:
    return next(str(one.id_number) for one in session.select("person") if one.id == village[name])


@pytest.mark.parametrize(
    ("there", "value", "made"),
    [
        ("（  ）是  （  ）否", "否", "（  ）是  （√）否"),
        ("( )火车 ( )汽车 ( )其他", "火车", "(√)火车 ( )汽车 ( )其他"),
        ("□火车 □其他（    ）", "火车", "☑火车 □其他（    ）"),
        ("自    年  月  日起至    年  月  日止", "2026年1月1日至2026年12月31日", "自2026年1月1日起至2026年12月31日止"),
        ("    年  月至今", "2026年4月", "2026年4月至今"),
        ("小写：¥      ", 500.0, "小写：¥500"),
        ("      元/月", 800.0, "800元/月"),
        ("人民币        元整", "捌佰元整", "人民币捌佰元整"),
    ],
)
def test_what_is_printed_around_a_blank_stays(there: str, value: Any, made: str) -> None:
    assert printed.into(there, value) == made


def test_a_form_has_a_cell_for_each_digit_and_amounts_in_capitals(session: Session, village: dict[str, str], tmp_path: Path) -> None:
    """The whole number had stood in the first small cell; 劳动力 beside the unit 人 had got the person's ability to work."""
    form = (
        ["姓名", None, "家庭人口", "  人", "劳动力", "   人"],
        ["身份证号", *[None] * 18],
        ["补贴标准", "    元/月", "补贴标准（大写）", "人民币       元整", "聘用岗位", "（ ）护林员（ ）保洁员"],
    )
    made = sheet(*form, title="审批表")
    made.worksheets[0].merge_cells("A1:S1")
    done = formed(session, made, village["twin"])
    rows, number = rows_of(done), village_number(session, village, "twin")
    assert rows[2][1:] == tuple(number) and rows[3][1:6:2] == ("500元/月", "人民币伍佰元整", "（ ）护林员（√）保洁员")
    family = rows_of(formed(session, sheet(*form, title="审批表"), village["wang"]))
    assert family[1][3:6:2] == ("2人", "1人")
    assert number not in str(done.tables)
    save(done, tmp_path / "审批表.xlsx", plain=False)
    written = [one.value for one in load_workbook(tmp_path / "审批表.xlsx").worksheets[0][3]]
    assert "".join(map(str, written[1:19])) == "*" * 14 + number[-4:]
