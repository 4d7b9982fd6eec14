"""The rules of rosters one by one: questions, whose roster it is, people, spells, wages, and what is kept out."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from db import changes
from db.store import Store
from domain.errors import DomainError, FieldError, InputUnusable, Refused, Stopped
from domain.identity import check_digit
from domain.records import Employment, Household, Person, Wage
from services import importing
from services.importing.plan import Action, Plan
from tests.fresh import fresh_store
from tests.rosters import id_number, registry_xlsx, write_xlsx

TOWN = "230826101"
Take = Callable[..., tuple[importing.ImportResult, Plan]]


def number(serial: int, sex: str = "女") -> str:
    first17 = f"23082619790817{serial:02d}{1 if sex == '男' else 2}"
    return first17 + check_digit(first17)


WANG, LI, ZHAO = number(1), number(2, "男"), number(3)
HEADS = ["村", "户编号", "姓名", "性别", "证件号码", "与户主关系", "劳动技能", "户类型", "联系电话"]
PEOPLE = [
    ["解放村", "1001", "王芳", "女", WANG, "户主", "普通劳动力", "脱贫户", "13800138001"],
    ["解放村", "1001", "李强", "男", LI, "配偶", "普通劳动力", "脱贫户", "13800138002"],
    ["解放村", "1002", "赵敏", "女", ZHAO, "户主", "弱劳动力", "边缘易致贫户", "13800138003"],
]
WORK = ["姓名", "证件号码", "开始时间", "结束时间", "务工所在地", "务工企业名称", "月工资"]
DALIAN, CHANGCHUN = "辽宁省大连市甘井子区", "吉林省长春市朝阳区"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    fresh = fresh_store(tmp_path)
    yield fresh
    fresh.close()


@pytest.fixture
def take(store: Store, tmp_path: Path) -> Take:
    return taker(store, tmp_path)


def taker(store: Store, folder: Path) -> Take:
    def take(*rows: Sequence[Any], answer: Sequence[int] = (), sheet: str = "Sheet1", **how: Any) -> tuple[importing.ImportResult, Plan]:
        path = write_xlsx(folder / "roster.xlsx", rows, sheet=sheet)
        with store.write("导入") as session:
            plan = importing.plan(session, path, **how)
            for row in plan.rows():
                if row.number in answer:
                    plan.answer(row, keep=True)
            return importing.apply(session, plan), plan

    return take


@pytest.fixture
def people(store: Store, take: Take) -> Store:
    result, _plan = take(HEADS, *PEOPLE)
    assert result.added == 3 + 3 + 2
    return store


def changed_cells(plan: Plan) -> list[tuple[str, str, str]]:
    return [cell for row in plan.rows() for draft in (*row.uses, *row.drafts) if draft.action is Action.CHANGED for cell in draft.changes()]


def messages(issues: Sequence[importing.Issue]) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in issues]


# ---------------------------------------------------------------- questions


def test_a_question_answered_goes_in_and_is_not_asked_again(store: Store, take: Take) -> None:
    odd = [["解放村", "1001", "王芳", "男", WANG, "户主", "普通劳动力", "脱贫户", ""]]
    result, _plan = take(HEADS, *odd)
    assert (result.added, messages(result.questions)) == (0, [(2, "sex")])
    result, _plan = take(HEADS, *odd, answer=[2])
    assert (result.added, result.questions) == (3, [])
    with store.read() as session:
        person, home = session.select(Person)[0], session.select(Household)[0]
        assert (person.sex, person.birth, home.head_id) == ("male", "1979-08-17", person.id)
    result, _plan = take(HEADS, *odd)
    assert (result.added, result.changed, result.unchanged, result.questions) == (0, 0, 3, [])


def test_birth_against_the_number_is_a_question(take: Take) -> None:
    result, _plan = take([*HEADS, "出生日期"], [*PEOPLE[0], "1979-08-18"], [*PEOPLE[1], "1979-08-17"])
    assert messages(result.questions) == [(2, "birth")]


def test_a_second_line_is_a_question_and_answered_it_changes_the_first(store: Store, take: Take) -> None:
    second = [*PEOPLE[0][:8], "13900000000"]
    result, plan = take(HEADS, PEOPLE[0], second)
    assert (messages(result.questions), result.added) == ([(3, "duplicate")], 3)
    assert "第 2 行" in result.questions[0].message
    result, plan = take(HEADS, PEOPLE[0], second, answer=[3])
    assert changed_cells(plan) == [("联系电话", "138****8001", "139****0000")]
    with store.read() as session:
        assert [p.phone for p in session.select(Person)] == ["13900000000"]


def test_of_two_questioned_lines_either_may_be_answered_alone(store: Store, take: Take) -> None:
    odd = [*PEOPLE[0][:3], "男", *PEOPLE[0][4:]]
    result, _plan = take(HEADS, odd, PEOPLE[0], answer=[3])
    assert messages(result.questions) == [(2, "sex")]
    with store.read() as session:
        assert [(p.name, p.sex) for p in session.select(Person)] == [("王芳", "female")]


def test_an_unanswered_head_leaves_the_household_without_one(store: Store, take: Take) -> None:
    odd = [*PEOPLE[0][:3], "男", *PEOPLE[0][4:]]
    take(HEADS, odd, PEOPLE[1])
    with store.read() as session:
        assert [h.head_id for h in session.select(Household)] == [None]
    result, _plan = take(HEADS, odd, PEOPLE[1], answer=[2])
    assert (result.added, result.changed) == (2, 1)


# ---------------------------------------------------------------- what is refused


def test_what_a_registry_refuses(take: Take) -> None:
    bad = [
        [*PEOPLE[0][:4], WANG[:17] + ("0" if WANG[17] != "0" else "1"), *PEOPLE[0][5:]],
        [*PEOPLE[0][:4], float(WANG[:17] + "0"), *PEOPLE[0][5:]],
        [*PEOPLE[0][:2], "", *PEOPLE[0][3:]],
        [*PEOPLE[0][:5], "亲戚", *PEOPLE[0][6:]],
        [*PEOPLE[0][:4], "", *PEOPLE[0][5:]],
        [*PEOPLE[0][:6], "", *PEOPLE[0][7:]],
    ]
    result, _plan = take(HEADS, *bad, PEOPLE[1])
    assert [code for _row, code in messages(result.rejected)] == ["checksum", "digits_lost", "no_name", "choice", "required", "required"]
    assert result.added == 3


def test_several_faults_of_a_row_are_said_together(take: Take) -> None:
    result, _plan = take(HEADS, ["解放村", "1", "", "不详", WANG, "亲戚", "强", "脱贫户", ""])
    assert len(result.rejected) == 1
    assert all(word in result.rejected[0].message for word in ("性别", "与户主关系", "劳动技能", "没有姓名"))


def test_subtotals_signatures_and_blank_rows_are_no_data(take: Take) -> None:
    tail = [[""], ["合计", "", "2人"], ["制表人：王", "", "", "审核：李"], ["备注：本表一式两份"]]
    result, plan = take(HEADS, PEOPLE[0], [""], PEOPLE[1], *tail)
    assert (result.rejected, result.added) == ([], 5)
    assert [row.title for row in plan.rows() if row.skipped] == ["合计", "制表人：王", "备注：本表一式两份"]


@pytest.mark.parametrize("word", ["%d", "（%d）", "必填"])
def test_columns_numbered_under_their_headings_are_no_data(take: Take, word: str) -> None:
    result, _plan = take(HEADS, [word % n if "%" in word else word for n in range(1, 10)], PEOPLE[0])
    assert (result.added, result.rejected) == (3, [])


def test_signatures_in_several_cells_are_no_data(take: Take) -> None:
    result, _plan = take(HEADS, PEOPLE[0], ["村负责人：张三", "", "", "填表人：李四", "", "", "联系电话：13800138000"])
    assert (result.added, result.rejected) == (3, [])


def test_people_with_a_telephone_are_people(store: Store, take: Take) -> None:
    result, plan = take(["序号", "姓名", "身份证号", "联系电话"], [1, "王芳", WANG, "13800138001"])
    assert (plan.tables[0].roster, result.added) == ("registry", 1)
    with store.read() as session:
        assert [person.name for person in session.select(Person)] == ["王芳"]


def test_a_form_about_one_person_is_no_list(take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(["信息卡"], ["姓名", "张三", "性别", "男", "身份证号", WANG], ["民族", "汉族", "文化程度", "初中", "联系电话", "13800138000"])


def test_another_document_may_have_another_number(store: Store, take: Take) -> None:
    heads = ["姓名", "证件类型", "证件号码", "与户主关系", "劳动技能"]
    result, _plan = take(
        heads, ["约翰", "其他", "P1234567", "其他", "普通劳动力"], ["玛丽", "居民身份证", "P1234568", "其他", "普通劳动力"]
    )
    assert (result.added, messages(result.rejected)) == (1, [(3, "characters")])
    result, _plan = take(heads, ["约翰", "其他", "P1234567", "其他", "普通劳动力"])
    assert (result.added, result.unchanged) == (0, 1)


def test_required_columns_that_are_missing_are_proposed(store: Store, take: Take) -> None:
    result, plan = take(["姓名", "证件号码", "与户主关系"], ["王芳", WANG, "户主"], ["李强", LI + "43", "配偶"])
    assert result.added == 2
    assert "劳动技能" in plan.tables[0].proposals[0]
    with store.read() as session:
        assert [(p.document, p.labour, p.original_number) for p in session.select(Person)] == [
            ("resident_id", "ordinary", None),
            ("disability", "ordinary", LI + "43"),
        ]


def test_being_monitored_stands_beside_the_sort_of_household(store: Store, take: Take) -> None:
    heads = [*HEADS, "监测对象类别", "识别监测时间", "致贫/返贫风险1"]
    rows = [
        [*PEOPLE[0], "脱贫不稳定户", "202306", "因病"],
        [*PEOPLE[1], "非监测对象", "", ""],
        [*PEOPLE[2][:7], "边缘易致贫户", "", "边缘易致贫户", "2022年3月", ""],
    ]
    assert take(heads, *rows)[0].added == 3 + 2 + 4
    with store.read() as session:
        spans = sorted((s.category, s.start or "", "".join(s.risks or ())) for s in session.select("category_span"))
    assert spans == [("lifted", "", ""), ("lifted", "", ""), ("lifted_unstable", "2023-06", "因病"), ("marginal", "2022-03", "")]
    assert take(heads, *rows)[0].batch is None


def test_masked_numbers_of_the_right_person_change_nothing(people: Store, take: Take) -> None:
    masked = [*PEOPLE[0][:4], "*" * 14 + WANG[-4:], *PEOPLE[0][5:8], "138****8001"]
    result, _plan = take(HEADS, masked)
    assert (result.added, result.changed, result.unchanged, result.rejected) == (0, 0, 3, [])
    wrong = [*PEOPLE[0][:8], "138****9999"]
    result, _plan = take(HEADS, wrong)
    assert messages(result.rejected) == [(2, "masked")]
    stranger = [*PEOPLE[0][:2], "孙红", "女", "*" * 14 + "0000", *PEOPLE[0][5:]]
    result, _plan = take(HEADS, stranger)
    assert messages(result.rejected) == [(2, "masked")]


def test_a_deleted_person_does_not_count_as_found(people: Store, take: Take) -> None:
    with people.write("删除") as session:
        changes.delete(session, "person", next(p.id for p in session.select(Person) if p.name == "王芳"))
    result, _plan = take(HEADS, PEOPLE[0])
    assert result.added == 2  # the person and how they are recognised; the household is there


def test_a_formula_without_a_result_is_empty_and_said(store: Store, tmp_path: Path) -> None:
    import zipfile

    path = write_xlsx(tmp_path / "a.xlsx", [HEADS, PEOPLE[0]])
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b'<c r="I2" t="inlineStr"><is><t>13800138001</t></is></c>', b'<c r="I2"><f>A1&amp;B1</f></c>')
    with zipfile.ZipFile(path, "w") as book:
        for name, data in members.items():
            book.writestr(name, data)
    with store.write("导入") as session:
        plan = importing.plan(session, path)
        importing.apply(session, plan)
        assert [(i.row, i.column, i.code) for i in plan.warnings] == [(2, "联系电话", "formula")]
        assert session.select(Person)[0].phone is None


def test_a_formula_that_failed_is_empty_and_said(store: Store, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, HEADS)
    page.write_row(1, 0, PEOPLE[0][:8])
    page.write_formula(1, 8, "=A9/0", None, "#DIV/0!")
    book.close()
    with store.write("导入") as session:
        plan = importing.plan(session, tmp_path / "a.xlsx")
        importing.apply(session, plan)
        assert [(i.row, i.column, i.code) for i in plan.warnings] == [(2, "联系电话", "formula")]
        assert session.select(Person)[0].phone is None


# ---------------------------------------------------------------- whose roster


def test_another_villages_roster_is_refused_whole_by_name(store: Store, take: Take) -> None:
    with pytest.raises(InputUnusable, match="日升村"):
        take(HEADS, PEOPLE[0], ["日升村", *PEOPLE[1][1:]])
    with store.read() as session:
        assert session.count("person") == 0


@pytest.mark.parametrize(
    "title",
    [
        "横头山镇日升村名册",
        "填报单位：横头山镇日升村（盖章）",
        "日升村村委会人员信息",
        "2023年日升村名册",
        "双鸭山市集贤县福利镇安邦村名册",
    ],
)
def test_a_title_that_names_another_village_is_enough(take: Take, title: str) -> None:
    heads, rows = HEADS[1:], [row[1:] for row in PEOPLE]
    with pytest.raises(InputUnusable, match=r"日升|安邦"):
        take([title], heads, *rows)


@pytest.mark.parametrize(
    "title", ["横头山镇解放村名册", "解放村委会", "解放村村民委员会人员信息", "农村劳动力名册", "乡村公益性岗位", "行政村名册", "本村人员"]
)
def test_titles_that_name_the_own_village_or_none(take: Take, title: str) -> None:
    result, _plan = take([title], HEADS[1:], *(row[1:] for row in PEOPLE))
    assert result.rejected == []


@pytest.mark.parametrize("name", ["解放村", "解放", "解放村委会", "解放村民委员会", "解放社区", " 解放村 "])
def test_endings_of_the_own_villages_name_do_not_matter(take: Take, name: str) -> None:
    result, plan = take(HEADS, [name, *PEOPLE[0][1:]])
    assert result.added == 3
    if name.strip() != "解放村":
        assert any("解放村" in note for note in plan.tables[0].notes)


def test_a_village_of_the_same_name_in_another_town_is_another_village(take: Take) -> None:
    with pytest.raises(InputUnusable, match="苏家店镇解放村"):
        take(["乡", *HEADS], ["苏家店镇", *PEOPLE[0]])


def test_told_whose_it_is_the_names_no_longer_matter(store: Store, take: Take) -> None:
    result, _plan = take(HEADS, ["日升村", *PEOPLE[0][1:]], village="230826101202")
    assert result.added == 3
    with store.read() as session:
        assert session.select(Person)[0].village == "230826101202"
    with pytest.raises(Refused):
        take(HEADS, *PEOPLE, village="230826101203")
    with pytest.raises(InputUnusable):
        take(HEADS, *PEOPLE, village="解放村")


def test_at_a_township_each_row_goes_to_the_village_it_names(tmp_path: Path) -> None:
    store = fresh_store(tmp_path, TOWN)
    take = taker(store, tmp_path)
    result, _plan = take(HEADS, PEOPLE[0], ["日升村", *PEOPLE[1][1:]], ["不存在村", *PEOPLE[2][1:]])
    assert messages(result.rejected) == [(4, "village")]
    with store.read() as session:
        villages = {p.name: p.village for p in session.select(Person)}
    assert villages == {"王芳": "230826101202", "李强": "230826101203"} or villages["李强"] != "230826101202"
    result, _plan = take(WORK, ["王芳", WANG, "2023-03", "", DALIAN, "海鲜厂", ""], ["李强", LI, "2023-03", "", DALIAN, "海鲜厂", ""])
    with store.read() as session:
        assert {e.village for e in session.select(Employment)} == set(villages.values())


def test_at_a_township_the_title_speaks_for_rows_that_name_none(tmp_path: Path) -> None:
    store = fresh_store(tmp_path, TOWN)
    taker(store, tmp_path)(["解放村人员名册"], HEADS[1:], PEOPLE[0][1:])
    with store.read() as session:
        assert session.select(Person)[0].village == "230826101202"


# ---------------------------------------------------------------- people in lists


def test_whom_a_row_is_about(people: Store, take: Take) -> None:
    rows = [
        ["王芳", WANG, "2023-01", "", DALIAN, "甲厂", ""],
        ["李强", "", "2023-02", "", DALIAN, "甲厂", ""],
        ["王方", WANG, "2023-03", "", DALIAN, "甲厂", ""],
        ["孙红", number(9), "2023-04", "", DALIAN, "甲厂", ""],
        ["", "", "2023-05", "", DALIAN, "甲厂", ""],
        ["", WANG, "2023-05", "", DALIAN, "乙厂", ""],
        ["赵敏", "*" * 14 + ZHAO[-4:], "2023-06", "", DALIAN, "甲厂", ""],
        ["赵敏", ZHAO[:17] + ("0" if ZHAO[17] != "0" else "1"), "2023-07", "", DALIAN, "甲厂", ""],
    ]
    result, plan = take(WORK, *rows)
    assert messages(result.rejected) == [(5, "person"), (6, "no_name"), (7, "no_name"), (9, "checksum")]
    assert "孙红" in result.rejected[0].message
    assert messages(plan.warnings) == [(3, "by_name"), (4, "name")]
    assert result.added == 4


def test_a_name_that_two_bear_needs_a_number(people: Store, take: Take) -> None:
    take(HEADS, ["解放村", "1009", "王芳", "女", number(7), "户主", "普通劳动力", "脱贫户", ""])
    result, _plan = take(WORK, ["王芳", "", "2023-01", "", DALIAN, "甲厂", ""])
    assert messages(result.rejected) == [(2, "person")]
    assert "2 个人" in result.rejected[0].message


# ---------------------------------------------------------------- spells of work


def test_two_jobs_begun_together_are_two_and_stay_two(people: Store, take: Take) -> None:
    rows = [["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""], ["王芳", WANG, "2023-03", "", DALIAN, "乙厂", ""]]
    assert take(WORK, *rows)[0].added == 2
    again, _plan = take(WORK, *reversed(rows))
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)


def test_a_corrected_employer_or_place_is_a_change(people: Store, take: Take) -> None:
    take(WORK, ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""])
    result, plan = take(WORK, ["王芳", WANG, "2023-03", "2023-08", CHANGCHUN, "甲厂", 3800.0])
    assert (result.added, result.changed) == (0, 1)
    result, plan = take(WORK, ["王芳", WANG, "2023-03", "2023-08", CHANGCHUN, "甲厂（北）", 3800.0])
    assert changed_cells(plan) == [("务工企业名称", "甲厂", "甲厂（北）")]


def test_the_same_spell_twice_in_a_list_is_a_question(people: Store, take: Take) -> None:
    row = ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""]
    result, _plan = take(WORK, row, row)
    assert (result.added, messages(result.questions)) == (1, [(3, "duplicate")])


def test_doubts_about_work_are_warnings(people: Store, take: Take) -> None:
    result, plan = take(WORK, ["王芳", WANG, "2023-08", "2023-03", "辽宁省大连市", "甲厂", 50.0])
    assert result.added == 1
    assert sorted(code for _row, code in messages(plan.warnings)) == ["order", "place_coarse", "wage_range"]


def test_a_contract_without_a_fixed_term(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "务工地", "开始时间", "结束时间", "合同类型", "合同起", "合同止"]
    assert take(heads, ["王芳", WANG, "辽宁省大连市甘井子区", "2023-03", "至今", "劳动合同", "2023-03-01", "无固定期限"])[0].added == 1
    with people.read() as session:
        spell = session.select(Employment)[0]
    assert (spell.end, spell.contract_end, spell.open_ended) == (None, None, True)


def test_who_does_not_work_is_passed_over(people: Store, take: Take) -> None:
    heads = [*WORK, "是否已务工"]
    result, plan = take(
        heads, ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", "", "否"], ["李强", LI, "2023-03", "", DALIAN, "甲厂", "", "是"]
    )
    assert (result.added, [row.number for row in plan.rows() if row.skipped]) == (1, [2])


def test_bad_places_and_dates_refuse_the_row(people: Store, take: Take) -> None:
    result, _plan = take(
        WORK,
        ["王芳", WANG, "2023-13", "", DALIAN, "", ""],
        ["王芳", WANG, "2023-03", "", "火星", "", ""],
        ["王芳", WANG, "", "", DALIAN, "", ""],
    )
    assert [code for _row, code in messages(result.rejected)] == ["date", "place", "required"]


def test_a_workshop_that_is_there_is_taken(people: Store, take: Take) -> None:
    with people.write("登记") as session:
        changes.insert(
            session, "employer", [{"id": session.new_id(), "village": session.scope, "name": "解放村 扶贫车间", "type": "workshop"}]
        )
    heads = ["姓名", "身份证号", "岗位", "合同起", "合同止"]
    result, _plan = take(["解放村扶贫车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2023-01-01", "2023-12-31"])
    assert (result.added, result.unchanged) == (1, 1)
    result, _plan = take(["解放村扶贫车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2024-01-01", "2024-12-31"])
    assert (result.added, result.changed) == (0, 1)


# ---------------------------------------------------------------- wages


TITLE = ["解放村帮扶车间2023年6月工资表"]


def test_a_contract_known_to_the_month_says_when_the_work_began(people: Store, take: Take) -> None:
    title = ["解放村帮扶车间用工花名册"]
    result, plan = take(title, ["姓名", "身份证号", "岗位", "合同起", "合同止"], ["王芳", WANG, "缝纫工", "2023年1月", "2023-12-31"])
    assert (result.added, messages(plan.warnings)) == (2, [(3, "date_coarse")])
    assert take(title, ["姓名", "身份证号", "岗位", "合同起止"], ["李强", LI, "缝纫工", "2023年1月-2023年12月"])[0].added == 1
    with people.read() as session:
        spells = session.select(Employment)
    assert [(s.start, s.contract_start) for s in spells] == [("2023-01", None)] * 2


def test_one_month_named_in_the_title(people: Store, take: Take) -> None:
    result, _plan = take(TITLE, ["姓名", "身份证号", "实发工资"], ["王芳", WANG, 500.0], ["李强", LI, "500.50"])
    assert result.added == 2 + 2 + 1
    with people.read() as session:
        assert sorted((w.month, w.paid_on, w.amount) for w in session.select(Wage)) == [
            ("2023-06", "2023-06", 50000),
            ("2023-06", "2023-06", 50050),
        ]
        assert {e.start for e in session.select(Employment)} == {"2023-06"}


def test_one_month_a_row(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "月份", "发放日期", "发放金额（元）", "发放方式"]
    rows = [["王芳", WANG, "2023年7月", "2023-08-05", 500.0, "银行"], ["王芳", WANG, "2023年6月", "", 450.0, "现金"]]
    result, _plan = take(["解放村帮扶车间工资表"], heads, *rows)
    assert result.added == 1 + 1 + 2
    with people.read() as session:
        assert sorted((w.month, w.paid_on, w.pay_way) for w in session.select(Wage)) == [
            ("2023-06", "2023-06", "cash"),
            ("2023-07", "2023-08-05", "bank"),
        ]
        assert session.select(Employment)[0].start == "2023-06"
    assert take(["解放村帮扶车间工资表"], heads, *rows)[0].batch is None


def test_another_amount_is_a_question_and_becomes_a_correction(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "实发工资"]
    take(TITLE, heads, ["王芳", WANG, 500.0])
    result, _plan = take(TITLE, heads, ["王芳", WANG, 480.0])
    assert (result.added, messages(result.questions)) == (0, [(3, "paid")])
    result, _plan = take(TITLE, heads, ["王芳", WANG, 480.0], answer=[3])
    assert result.added == 1
    with people.read() as session:
        assert sorted(w.amount for w in session.select(Wage)) == [-2000, 50000]
    for amount in (480.0, 500.0):
        result, _plan = take(TITLE, heads, ["王芳", WANG, amount])
        assert (result.added, result.questions) == (0, [])


def test_a_wage_sheet_with_contracts_proposes_the_employment_with_them(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "岗位", "合同起止", "2023年6月", "2023年7月"]
    row = ["王芳", WANG, "缝纫工", "2023.6.1-2024.5.31", 500.0, 510.0]
    assert take(["解放村帮扶车间花名册"], heads, row)[0].added == 1 + 1 + 2
    with people.read() as session:
        spell = session.select(Employment)[0]
    assert (spell.job, spell.start, spell.contract_start, spell.contract_end) == ("缝纫工", "2023-06", "2023-06-01", "2024-05-31")


def test_wages_go_to_the_spell_of_their_month(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "岗位", "用工时间", "结束时间"]
    take(["解放村帮扶车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2022-01", "2022-06"])
    take(["解放村帮扶车间用工花名册"], heads, ["王芳", WANG, "缝纫工", "2023-01", ""])
    result, _plan = take(["解放村帮扶车间工资"], ["姓名", "身份证号", "2022年6月", "2023年2月"], ["王芳", WANG, 1.0, 2.0])
    assert result.added == 2
    with people.read() as session:
        spells = {e.id: e.start for e in session.select(Employment)}
        assert sorted((spells[w.employment_id], w.month) for w in session.select(Wage)) == [("2022-01", "2022-06"), ("2023-01", "2023-02")]


def test_a_wage_sheet_that_names_no_carrier_and_totals_that_do_not_add_up(people: Store, take: Take) -> None:
    heads = ["姓名", "身份证号", "2023年6月", "2023年7月", "合计"]
    result, _plan = take(["工资表"], heads, ["王芳", WANG, 1.0, 2.0, 3.0])
    assert messages(result.rejected) == [(3, "required")]
    result, plan = take(["解放村帮扶车间"], heads, ["王芳", WANG, 1.0, 2.0, 4.0], ["李强", LI, 1.0, "", 1.0])
    assert messages(plan.warnings) == [(3, "total")]


# ---------------------------------------------------------------- files and transactions


def test_a_workbook_of_several_sheets_people_first(store: Store, tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, rows in (
            ("务工", [WORK, ["王芳", WANG, "2023-03", "", DALIAN, "甲厂", ""]]),
            ("人员", [HEADS, *PEOPLE]),
            ("说明", [["随便写写"]]),
        ):
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                sheet.write_row(y, 0, row)
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, tmp_path / "a.xlsx"))
    assert (result.added, result.rejected) == (9, [])


def test_headings_alone_make_nothing_and_say_so(take: Take) -> None:
    result, plan = take(HEADS)
    assert (result.batch, result.added) == (None, 0)
    assert "只有表头，没有数据行" in plan.tables[0].notes


@pytest.mark.parametrize("rows", [[["只有一句话"]], [["甲", "乙", "丙"], ["1", "2", "3"]], [[""]]])
def test_what_is_no_roster(take: Take, rows: list[list[str]]) -> None:
    with pytest.raises(InputUnusable):
        take(*rows)


def test_months_of_no_year_are_asked_for(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable, match="哪一年"):
        take(["解放村帮扶车间工资表"], ["姓名", "证件号码", "1月", "2月"], ["王芳", WANG, 500.0, 500.0])


def test_an_unknown_kind(take: Take) -> None:
    with pytest.raises(FieldError, match="nothing"):
        take(HEADS, *PEOPLE, kind="nothing")


@pytest.mark.parametrize("when", ["核对名册", "写入"])
def test_stopping_in_the_middle_leaves_nothing(store: Store, tmp_path: Path, when: str) -> None:
    path = registry_xlsx(tmp_path / "a.xlsx", 1500)
    seen = []

    def progress(done: int, total: int, what: str) -> None:
        seen.append((done, total, what))
        if what == when and done >= 500:
            raise Stopped("停")

    with pytest.raises(Stopped), store.write("导入") as session:
        importing.apply(session, importing.plan(session, path, progress=progress), progress)
    assert all(done <= total or total == 0 for done, total, _what in seen)
    with store.read() as session:
        assert session.count("person") == session.count("household") == 0
        assert changes.op_count(session) == 0


def test_a_store_that_changed_since_the_preview_is_compared_anew(store: Store, take: Take, tmp_path: Path) -> None:
    odd = [*PEOPLE[1][:3], "女", *PEOPLE[1][4:]]
    path = write_xlsx(tmp_path / "preview.xlsx", [HEADS, PEOPLE[0], odd])
    with store.read() as session:
        plan = importing.plan(session, path)
    plan.answer(next(row for row in plan.rows() if row.number == 3), keep=True)
    take(HEADS, PEOPLE[0])
    with store.write("导入") as session:
        result = importing.apply(session, plan)
    assert (result.added, result.unchanged, result.questions) == (2, 3, [])
    with store.read() as session:
        assert session.count("person") == 2


def test_a_plan_is_applied_only_in_a_write_session(store: Store, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [HEADS, *PEOPLE])
    with store.read() as session, pytest.raises(DomainError):
        importing.apply(session, importing.plan(session, path))


@pytest.mark.slow
def test_a_hundred_thousand_rows(store: Store, tmp_path: Path) -> None:
    rng = random.Random(1)
    people = (("王芳", id_number(rng, "女", n), "普通劳动力") for n in range(100_000))
    path = write_xlsx(tmp_path / "a.xlsx", itertools.chain([("姓名", "证件号码", "劳动技能")], people))
    with store.write("导入") as session:
        result = importing.apply(session, importing.plan(session, path))
    assert (result.added, result.rejected, result.questions) == (100_000, [], [])


def test_a_ledger_of_workshops_makes_employers(store: Store, tmp_path: Path) -> None:
    heading = ["序号", "车间名称", "统一社会信用代码", "类型", "法定代表人/负责人", "车间电话", "主营", "状态"]
    rows: list[list[object]] = [
        ["解放村就业帮扶车间台账"],
        [*heading],
        [1, "解放服装厂", "", "就业帮扶车间", "王五", "13812345678", "服装", "正常"],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", rows)
    with store.write("导入") as session:
        assert importing.apply(session, importing.plan(session, path)).added == 1
    with store.read() as session:
        made = session.select("employer")[0]
    assert (made.name, made.type, made.head, made.phone, made.state) == ("解放服装厂", "workshop", "王五", "13812345678", "running")


# -- as they arrive: what only the lines above a table say ------------------------------------------------------------

ROSTER = ["序号", "姓名", "身份证号", "出勤天数", "成绩"]
POSTS = ["序号", "岗位名称", "岗位类型", "开发主体", "资金渠道", "姓名", "身份证号", "上岗时间", "月补贴标准"]


def test_a_course_told_by_the_lines_above_its_roster(people: Store, take: Take) -> None:
    above = [["2023年第1期养殖培训班学员名册"], ["培训时间：2023年3月6日至3月15日　地点：村部"]]
    result, plan = take(*above, ROSTER, [1, "王芳", WANG, 9, 88], [2, "李强", LI, 10, "缺考"])
    assert (plan.tables[0].label, result.added, result.rejected) == ("培训花名册", 3, [])
    with people.read() as session:
        (course,) = session.select("course")
    assert (course.title, course.start, course.end, course.trade) == ("2023年第1期养殖培训班", "2023-03-06", "2023-03-15", "养殖")


def test_a_course_is_called_by_what_it_teaches(people: Store, take: Take) -> None:
    above = [["培训花名册"], ["培训工种：养老护理员", "", "培训时间：2023年7月3日至7月14日"]]
    assert take(*above, ["姓名", "证件号码", "出勤天数", "考核成绩"], ["王芳", WANG, 10.0, "优秀"])[0].added == 2
    with people.read() as session:
        course = session.select("course")[0]
    assert (course.title, course.trade, course.start, course.end) == ("养老护理员培训班", "养老护理员", "2023-07-03", "2023-07-14")


def test_a_course_without_a_day_is_refused_for_that(people: Store, take: Take) -> None:
    result, _plan = take(["2023年第1期养殖培训班学员名册"], ROSTER, [1, "王芳", WANG, 9, 88])
    assert [issue.message for issue in result.rejected] == ["没有写明开班日期"]
    assert result.added == 0


POST_FACTS = ["岗位名称", "岗位类型", "开发主体", "资金渠道", "待遇标准", "姓名", "证件号码", "上岗时间"]


def test_a_row_that_says_less_of_its_post_means_the_post_that_agrees(people: Store, take: Take) -> None:
    rows = [
        ["保洁员", "", "", "", "", "王芳", WANG, "2023-01-01"],
        ["保洁员", "保洁", "人社", "就业补助资金", 500.0, "李强", LI, "2023-01-01"],
    ]
    result, _plan = take(POST_FACTS, *rows)
    assert (result.added, result.rejected) == (3, [])
    with people.read() as session:
        assert [post.quota for post in session.select("post")] == [2]
    assert take(POST_FACTS, *rows)[0].batch is None


def test_a_list_of_posts_without_what_tells_them_apart_proposes_it(people: Store, take: Take) -> None:
    result, plan = take(["姓名", "证件号码", "岗位名称", "上岗时间", "月补贴标准"], ["王芳", WANG, "护路员", "2023-01-01", 500.0])
    assert result.added == 2
    assert any("开发主体：其他" in said for said in plan.tables[0].proposals)
    with people.read() as session:
        post = session.select("post")[0]
    assert (post.type, post.developer, post.fund, post.quota) == ("road", "other", "other", 1)


def test_a_list_of_posts_with_its_allowance_by_the_month(people: Store, take: Take) -> None:
    rows = [[1, "保洁员", "保洁", "人社部门", "就业补助资金", "王芳", WANG, "2023-01-01", 500], ["合计", "", "", "", "", "", "", "", 500]]
    result, plan = take(["解放村公益性岗位安置情况表"], POSTS, *rows)
    assert (plan.tables[0].label, result.rejected) == ("公益性岗位台账", [])
    with people.read() as session:
        assert [(post.name, post.standard) for post in session.select("post")] == [("保洁员", 50000)]
        assert session.count("appointment") == 1


def test_a_cell_merged_over_a_household_is_each_members(store: Store, tmp_path: Path) -> None:
    rows = [[*PEOPLE[0]], [*PEOPLE[1][:1], "", *PEOPLE[1][2:]], PEOPLE[2]]
    book = xlsxwriter.Workbook(tmp_path / "merged.xlsx")
    page = book.add_worksheet()
    for i, row in enumerate([[*HEADS, "补助合计"], *([*row, ""] for row in rows)]):
        page.write_row(i, 0, row)
    page.merge_range(1, 1, 2, 1, "1001")
    page.merge_range(1, 7, 2, 7, "边缘易致贫户")
    book.close()
    with store.write("导入") as session:
        importing.apply(session, importing.plan(session, tmp_path / "merged.xlsx"))
        households = {h.id: h.number for h in session.select(Household)}
        assert {p.name: households[p.household_id] for p in session.select(Person) if p.household_id} == {
            "王芳": "1001",
            "李强": "1001",
            "赵敏": "1002",
        }
        assert [s.category for s in session.select("category_span")] == ["marginal"] * 3


def test_a_merged_amount_is_not_everybodys(people: Store, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "merged.xlsx")
    page = book.add_worksheet()
    page.write_row(0, 0, ["解放村帮扶车间2023年6月工资表"])
    page.write_row(1, 0, ["姓名", "证件号码", "金额"])
    page.write_row(2, 0, ["王芳", WANG, ""])
    page.write_row(3, 0, ["李强", LI, ""])
    page.merge_range(2, 2, 3, 2, 1000)
    book.close()
    with people.write("导入") as session:
        importing.apply(session, importing.plan(session, tmp_path / "merged.xlsx"))
        assert [wage.amount for wage in session.select(Wage)] == [100_000]


def test_wide_digits_of_a_group_are_made_narrow_and_said(store: Store, take: Take) -> None:
    _result, plan = take([*HEADS, "村民小组"], [*PEOPLE[0], "３组"], [*PEOPLE[2], "3组"])
    assert [(issue.code, issue.row) for issue in plan.repaired] == [("full_width", 2)]
    with store.read() as session:
        assert [house.group for house in session.select("household")] == ["3组", "3组"]


def test_risks_in_several_columns_are_one_set(store: Store, take: Take) -> None:
    heads = [*HEADS, "监测对象类别", "识别监测时间", *(f"致贫/返贫风险{n}" for n in range(1, 4))]
    rows = [
        [*PEOPLE[0][:7], "", "", "突发严重困难户", "2023-02-01", "因病", "", "因残"],
        [*PEOPLE[2][:7], "", "", "边缘易致贫户", "2023-02-01", "因病", "因病", ""],
    ]
    result, plan = take(heads, *rows)
    assert not result.rejected
    assert not [note for note in plan.tables[0].notes if "风险" in note]
    with store.read() as session:
        assert sorted(sorted(span.risks) for span in session.select("category_span")) == [["因残", "因病"], ["因病"]]
