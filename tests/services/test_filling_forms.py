"""填上级表格: forms of one person, and files made to do harm."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.styles import Border, Side

from db.session import Session
from domain.errors import InputUnusable
from domain.identity import age_on, birth_of
from services import records
from services.filling.filling import Filling
from services.filling.looking import look
from tests.services.test_filling import HEADS, LI, WANG, filled, rows_of, sheet, village

__all__ = ["village"]

FORM = (
    ["姓名", None, "性别", None, "出生年月", None],
    ["身份证号", None, None, None, "联系电话", "13000000000"],
    ["务工单位", None, "家庭人口数", None, "状态", None],
    ["本人签字", None, "备注", None, "随便", "x"],
)


def test_a_form_of_one_person_is_filled_in_beside_its_labels(session: Session, village: dict[str, str]) -> None:
    made = sheet(*FORM, title="就业信息登记表")
    made.worksheets[0].merge_cells("B3:D3")
    asked, _rows = filled(session, made)
    assert asked.form and not asked.filled and {one.heading for one in asked.columns} >= {"姓名", "身份证号", "家庭人口数"}
    file = BytesIO()
    made.save(file)
    done = look(session, file.getvalue(), person=village["wang"], name="登记表.xlsx")
    born = f"{WANG[6:10]}-{WANG[10:12]}"
    assert rows_of(done)[1:] == [
        ("姓名", "王芳", "性别", "女", "出生年月", born),
        ("身份证号", WANG, None, None, "联系电话", "13000000000"),
        ("务工单位", None, "家庭人口数", 2, "状态", None),
        ("本人签字", None, "备注", None, "随便", "x"),
    ]
    assert "王芳" in done.sentence() and done.form and len(done.secret) == 1 and WANG not in str(done.tables)


def test_a_form_asks_about_the_post_and_courses_and_lists_what_it_does_not_know(session: Session, village: dict[str, str]) -> None:
    """The post, its pay and the courses had stayed empty, and the list of columns did not say so."""
    course = {"title": "家政班", "trade": "家政", "type": "skills", "start": "2023-05-10", "end": "2023-05-20"}
    course_id = records.save(session, "course", course)
    records.save(session, "enrolment", {"course_id": course_id, "person_id": village["twin"], "outcome": "completed"})
    for month, amount in (("2023-01", 500_00), ("2023-02", 250_00)):
        pay = {"appointment_id": village["held"], "month": month, "amount": amount, "paid_on": "2023-03-10"}
        records.save(session, "post_pay", pay)
    rows = (["姓名", None, "性别", None], ["身份证号码", None, "鞋码", None], ["培训经历", None, None, None])
    more = (["公益岗名称", None, "月补贴", None], ["累计发放补贴", None, None, None], ["本人签字", None, None, None])
    done = formed(session, sheet(*rows, *more, title="申请表"), village["twin"])
    told = rows_of(done)
    assert told[3][1] == "2023-05-10至2023-05-20家政班（结业）"
    assert told[4] == ("公益岗名称", "保洁员", "月补贴", 500) and told[5][1] == 750
    assert [one.heading for one in done.columns if not one.what] == ["鞋码"]


def test_a_list_of_heads_has_the_number_of_members_at_work(session: Session, village: dict[str, str]) -> None:
    for title, working in (("2023年6月花名册", 1), ("2024年6月花名册", 0)):
        file = BytesIO()
        sheet(["户主姓名", "身份证号", "家庭人口", "务工人数"], [None, WANG], title=title).save(file)
        assert rows_of(look(session, file.getvalue(), name="册.xlsx"))[2] == ("王芳", WANG, 2, working)


def test_a_form_gives_nobody_elses_place_what_is_the_persons(session: Session, village: dict[str, str]) -> None:
    rows = (["姓名", None, "性别", None], ["身份证号", None, "民族", None], ["经办人", None, "联系电话", None])
    spouse = (["配偶情况"], ["姓名", None, "性别", None], ["身份证号", None, "手机号", None])
    done = formed(session, sheet(*rows, *spouse, title="干部帮扶登记表"), village["wang"])
    assert rows_of(done)[1:4] == [("姓名", "王芳", "性别", "女"), ("身份证号", WANG, "民族", None), ("经办人", None, "联系电话", None)]
    assert [row[1] for row in rows_of(done)[4:]] == [None] * 3 and rows_of(done)[6][3] is None


def test_a_form_of_a_household_asks_about_its_head(session: Session, village: dict[str, str]) -> None:
    made = sheet(["户主姓名", None, "户主身份证号", None], ["联系电话", None, "家庭人口数", None], title="申请表")
    assert rows_of(formed(session, made, village["li"]))[1:] == [
        ("户主姓名", "王芳", "户主身份证号", WANG),
        ("联系电话", "13800138001", "家庭人口数", 2),
    ]


def test_a_form_that_names_somebody_already_is_filled_in_for_nobody_else(session: Session, village: dict[str, str]) -> None:
    made = ["姓名", "李强", "身份证号", None], ["性别", None, "民族", None], ["与户主关系", None, "文化程度", None]
    done = formed(session, sheet(*made, title="登记表"), village["wang"])
    assert rows_of(done)[1:] == [tuple(row) for row in made] and any("李强" in note for note in done.notes)
    done = formed(session, sheet(*made, title="登记表"), village["li"])
    assert rows_of(done)[1] == ("姓名", "李强", "身份证号", LI) and not done.notes and not done.remarks


def test_a_number_beside_the_heads_name_is_the_heads(session: Session, village: dict[str, str]) -> None:
    """The name of the one and the number of the other stood in one line."""
    done = formed(session, sheet(["户主姓名", None, "身份证号", None], ["联系电话", None, "家庭人口", None], title="走访表"), village["li"])
    assert rows_of(done)[1:] == [("户主姓名", "王芳", "身份证号", WANG), ("联系电话", "13800138001", "家庭人口", 2)]


FAMILY = ("家庭成员", "姓名", "与本人关系", "性别", "身份证号")


def test_the_family_of_a_form_is_filled_in_below_its_headings(session: Session, village: dict[str, str]) -> None:
    top = ["姓名", None, "性别", None, None], ["身份证号", None, "民族", None, None]
    below = [None] * 5, [None] * 5, ["帮扶人", None, "联系电话", None, None]
    done = formed(session, sheet(*top, FAMILY, *below, title="走访表"), village["wang"])
    assert rows_of(done)[3:] == [FAMILY, (None, "李强", "配偶", "女", LI), (None,) * 5, ("帮扶人", None, "联系电话", None, None)]
    assert done.of == "王芳" and [row[1] for row in done.tables[-1].rows] == [["李强", "配偶", "女", f"{'*' * 14}{LI[-4:]}"]]
    done = formed(session, sheet(*top, FAMILY, *below, title="走访表"), village["li"])
    assert rows_of(done)[4][1:3] == ("王芳", "配偶"), "of whom the records say only what they are to the head"


def test_the_family_of_a_household_has_its_head_too_and_whom_there_is_no_row_for_is_told(session: Session, village: dict[str, str]) -> None:
    top = ["户主姓名", None, "家庭人口数", None], ["户主身份证号", None, "联系电话", None]
    family = ("姓名", "与户主关系", "性别", "年龄")
    done = formed(session, sheet(*top, family, [None] * 4, title="申请表"), village["li"])
    assert rows_of(done)[4][:3] == ("王芳", "户主", "女") and any("李强" in note for note in done.notes)


def test_what_stands_between_the_head_and_the_applicant_is_the_heads(session: Session, village: dict[str, str]) -> None:
    """The head's line had the sex, number and telephone of whom the form is about, whose own then stayed empty."""
    head = ["户主姓名", None, "身份证号", None], ["年龄", None, "联系电话", None]
    own = ["申请人姓名", None, "与户主关系", None], ["身份证号", None, "联系电话", None]
    records.save(session, "person", {"phone": "13800138009"}, village["li"])
    done = formed(session, sheet(*head, *own, title="申请表"), village["li"])
    assert rows_of(done)[1:] == [
        ("户主姓名", "王芳", "身份证号", WANG),
        ("年龄", age_on(str(birth_of(WANG)), session.today), "联系电话", "13800138001"),
        ("申请人姓名", "李强", "与户主关系", "配偶"),
        ("身份证号", LI, "联系电话", "13800138009"),
    ]
    behind = ["姓名", None, "身份证号", None], ["户主姓名", None, "联系电话", None], ["性别", None, "与户主关系", None]
    done = formed(session, sheet(*behind, title="申请表"), village["li"])
    assert [row[3] for row in rows_of(done)[1:]] == [LI, None, "配偶"], "nobody knows whose telephone stands behind the head"


@pytest.mark.parametrize(("before", "label"), [("申请人", "身份证号"), ("户编号", "申请人身份证号"), ("与户主关系", "身份证号")])
def test_what_is_asked_after_the_applicant_is_the_applicants(session: Session, village: dict[str, str], before: str, label: str) -> None:
    rows = ["户主姓名", None, before, None], [label, None, "联系电话", None], ["性别", None, "民族", None]
    assert rows_of(formed(session, sheet(*rows, title="申请表"), village["li"]))[2][:2] == (label, LI)


def test_labels_in_a_line_above_a_blank_one_are_no_table_of_the_family(session: Session, village: dict[str, str]) -> None:
    form = ["姓名", None, "性别", None, "与户主关系", None, "x"], [None] * 7, ["身份证号", None, "联系电话", None, "民族", None, "x"]
    done = formed(session, sheet(*form, title="登记表"), village["wang"])
    assert rows_of(done)[1:3] == [("姓名", "王芳", "性别", "女", "与户主关系", "户主", "x"), (None,) * 7]


@pytest.mark.parametrize("who", ["法定代表人", "网格员", "驻村工作队员", "甲方"])
def test_a_telephone_behind_somebody_elses_name_is_not_the_persons(session: Session, village: dict[str, str], who: str) -> None:
    rows = [who, None, "联系电话", None], ["姓名", None, "身份证号", None], ["性别", None, "联系电话", None]
    done = formed(session, sheet(*rows, title="登记表"), village["wang"])
    assert rows_of(done)[1][3] is None and rows_of(done)[3] == ("性别", "女", "联系电话", "13800138001")


def test_the_card_of_the_disabled_and_hints_are_nobodys_number(session: Session, village: dict[str, str]) -> None:
    rows = ["姓名", None, "残疾证号", None], ["身份证号", "□□□□□□（18位）", "性别", None], ["联系电话", None, "民族", None]
    done = formed(session, sheet(*rows, title="登记表"), village["wang"])
    assert rows_of(done)[1:3] == [("姓名", "王芳", "残疾证号", None), ("身份证号", "□□□□□□（18位）", "性别", "女")] and not done.remarks


def test_members_across_get_nothing_of_the_person(session: Session, village: dict[str, str]) -> None:
    across = ["家庭成员", "户主", "成员1", "成员2"], ["性别", None, None, None], ["民族", None, None, None]
    rows = ["姓名", None, "身份证号", None], ["联系电话", None, "与户主关系", None]
    done = formed(session, sheet(*rows, *across, title="登记表"), village["li"])
    assert done.filled and [row[1:] for row in rows_of(done)[4:]] == [(None,) * 3] * 2


@pytest.mark.parametrize("about", ["法定赡养人情况", "在校子女情况", "主要社会关系", "外出务工人员"])
def test_a_table_of_some_of_the_family_or_of_others_stays_empty(session: Session, village: dict[str, str], about: str) -> None:
    top = ["户主姓名", None, "家庭人口数", None], ["户主身份证号", None, "联系电话", None]
    family = ("姓名", "与户主关系", "性别", "年龄")
    done = formed(session, sheet(*top, [about], family, [None] * 4, title="申请表"), village["li"])
    assert done.filled == 4 and rows_of(done)[5] == (None,) * 4


def test_the_family_ends_where_a_row_says_something_else(session: Session, village: dict[str, str]) -> None:
    top = ["户主姓名", None, "家庭人口数", None], ["户主身份证号", None, "联系电话", None]
    family = ("序号", "姓名", "与户主关系", "性别"), (1, None, None, None), ("申请理由", None, None, None)
    done = formed(session, sheet(*top, *family, title="申请表"), village["li"])
    assert rows_of(done)[4:] == [(1, "王芳", "户主", "女"), ("申请理由", None, None, None)] and "李强" in done.notes[0]


def test_others_than_the_family_get_nobodys_records(session: Session, village: dict[str, str]) -> None:
    top = ["姓名", None, "性别", None], ["身份证号", None, "民族", None]
    others = ["帮扶干部", None, None, None], ["姓名", "性别", "联系电话", None], [None] * 4
    done = formed(session, sheet(*top, *others, title="走访表"), village["wang"])
    assert rows_of(done)[5] == (None,) * 4


def formed(session: Session, made: Workbook, person: str) -> Filling:
    for row in made.worksheets[0].iter_rows(max_col=4):
        for cell in row:
            cell.border = Border(bottom=Side(style="thin"))
    file = BytesIO()
    made.save(file)
    return look(session, file.getvalue(), person=person, name="表.xlsx")


def spoilt(part: str, old: bytes, new: bytes) -> bytes:
    """A sheet's file with something else in one of its parts."""
    file, made = BytesIO(), BytesIO()
    sheet(HEADS, [1, "李强"]).save(file)
    with ZipFile(file) as there, ZipFile(made, "w", ZIP_DEFLATED) as spoilt:
        for name in there.namelist():
            body = there.read(name)
            spoilt.writestr(name, body.replace(old, new, 1) if name == part else body)
    return made.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "data",
    [
        spoilt(SHEET, b"<sheetData>", b'<!DOCTYPE x [<!ENTITY a "b">]><sheetData>'),
        spoilt(SHEET, b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A9:XFD1048576"/></mergeCells>'),
        spoilt(SHEET, b"</sheetData>", b"</sheetData><mergeCells><mergeCell/></mergeCells>"),
        spoilt(SHEET, b"</sheetData>", b""),
        b"PK\x03\x04 no zip at all",
        b"",
    ],
)
def test_files_made_to_do_harm_are_refused_with_a_sentence(session: Session, village: dict[str, str], data: bytes) -> None:
    with pytest.raises(InputUnusable):
        look(session, data, name="来表.xlsx")


@pytest.mark.parametrize(("title", "place"), [("2023年交通补助申请表", "辽宁省大连市"), ("申请表 2026年   月   日", None)])
def test_the_job_of_the_year_in_the_title_of_a_form_counts(
    session: Session, village: dict[str, str], title: str, place: str | None
) -> None:
    """That of today had counted, whatever year the form was for; a date to fill in is no year."""
    form = (["姓名", None, "性别", None], ["身份证号", None, "务工地点", None], ["务工单位", None, "月工资", None])
    assert rows_of(formed(session, sheet(*form, title=title), village["wang"]))[2][3] == place


def test_a_form_that_names_its_person_is_filled_in_beside_a_list(session: Session, village: dict[str, str]) -> None:
    """A workbook of several sheets: nothing could be saved before somebody was chosen for all of them."""
    made = sheet(["姓名", "李强", "身份证号", None, "备注"], ["与户主关系", None, "性别", None], title="登记表")
    made.create_sheet("附件").append(["姓名", "身份证号", "民族"])
    made.worksheets[1].append(["李强"])
    done, rows = filled(session, made)
    assert rows[1][3] == LI and rows[2][1] == "配偶" and done.of == "李强" and done.workbook.worksheets[1]["B2"].value == LI
    unclear, rows = filled(session, sheet(["姓名", "王芳", "身份证号", None, "备注"], ["与户主关系", None, "性别", None], title="登记表"))
    assert rows[1][3] is None and not unclear.of, "two bear that name"
