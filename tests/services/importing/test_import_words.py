"""Words and figures as townships write them: documents, subtotals within a list, unknown days, amounts in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from db.store import Store
from domain.han_amounts import han_yuan
from domain.identity import check_digit
from services import importing
from tests.services.rosters_taken import DALIAN, HEADS, LI, PEOPLE, WANG, WORK, ZHAO, Take, messages, number, people, take

__all__ = ["people", "take"]

REGISTRY = ["姓名", "证件类型", "证件号码", "与户主关系", "劳动技能"]


def test_papers_other_than_the_four_are_others(store: Store, take: Take) -> None:
    rows = [["甲一", "护照", "E12345678"], ["甲二", "港澳台居民居住证", "810000199001015513"], ["甲三", "居民户口簿", number(20)]]
    result, _plan = take(REGISTRY, *[[*row, "户主", "普通劳动力"] for row in rows])
    assert result.rejected == []
    with store.read() as session:
        assert sorted(person.document for person in session.select("person")) == ["household_book", "other", "other"]


def test_an_empty_document_is_what_the_number_says(store: Store, take: Take) -> None:
    rows = [["甲一", "", number(21)], ["甲二", "", number(22) + "43"], ["甲三", "", "E12345678"]]
    result, _plan = take(REGISTRY, *[[*row, "户主", "普通劳动力"] for row in rows])
    assert [row for row, _code in messages(result.rejected)] == [4]
    with store.read() as session:
        assert sorted(person.document for person in session.select("person")) == ["disability", "resident_id"]


def test_a_subtotal_of_a_group_is_no_person(people: Store, take: Take) -> None:
    result, plan = take(
        ["序号", *WORK],
        [1, "王芳", WANG, "2023-03-01", "2023-06-01", DALIAN, "某厂", 4000],
        ["一组小计", "1人", "", "", "", "", "", 4000],
        [2, "李强", LI, "2023-03-01", "2023-06-01", DALIAN, "某厂", 4000],
    )
    assert (result.added, result.rejected) == (2, [])
    assert [row.title for row in plan.rows() if row.skipped] == ["一组小计"]


def test_a_day_of_nought_is_a_month(people: Store, take: Take) -> None:
    result, plan = take(WORK, ["王芳", WANG, "2023-03-00", "2023-11-30", DALIAN, "某厂", 4000])
    assert (result.rejected, messages(plan.repaired)) == ([], [(2, "date_coarse")])
    with people.read() as session:
        assert [(work.start, work.end) for work in session.select("employment")] == [("2023-03", "2023-11-30")]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("三千元", 3_000),
        ("壹仟贰佰元整", 1_200),
        ("人民币叁仟伍佰圆正", 3_500),
        ("十五元", 15),
        ("一万零五百元", 10_500),
        ("一千零五元", 1_005),
        ("二万三千四百五十六元", 23_456),
        ("一万二元", None),
        ("三千五元", None),
        ("一百一元", None),
        ("三千", None),
        ("百元", None),
        ("万元", None),
        ("元", None),
    ],
)
def test_amounts_in_words(text: str, amount: int | None) -> None:
    assert han_yuan(text) == amount


def test_pay_in_words_is_taken(people: Store, take: Take) -> None:
    take(WORK, ["王芳", WANG, "2023-03-01", "2023-06-01", DALIAN, "某厂", "叁仟伍佰元整"])
    with people.read() as session:
        assert [work.monthly_wage for work in session.select("employment")] == [3_500_00]


def test_a_category_in_other_words(store: Store, take: Take) -> None:
    words = {"突发困难户": "sudden_hardship", "五保户": "low_income", "非贫困户": "ordinary", "享受政策脱贫户": "lifted"}
    rows = [[*PEOPLE[0][:1], f"9{at}", f"甲{at}", "女", number(30 + at), *PEOPLE[0][5:7], word, ""] for at, word in enumerate(words)]
    result, _plan = take(HEADS, *rows)
    assert result.rejected == []
    with store.read() as session:
        assert {span.category for span in session.select("category_span")} == set(words.values())


def test_the_answer_says_what_is_doubtful(people: Store, take: Take) -> None:
    doubtful, _plan = take(WORK, ["王芳", WANG, "2023-03-01", "2023-06-01", DALIAN, "某厂", "约三千"])
    assert [said["column"] for said in doubtful.to_json()["warnings"]] == ["月工资"]
    clear, _plan = take(WORK, ["李强", LI, "2023-03-01", "2023-06-01", DALIAN, "某厂", 3000])
    assert "warnings" not in clear.to_json()


def test_rows_that_a_filter_hides_are_read_and_told(people: Store, tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "hidden.xlsx")
    page = book.add_worksheet()
    for at, row in enumerate([WORK, *([who, id, "2023-03-01", "", DALIAN, "某厂", 4000] for who, id in (("王芳", WANG), ("李强", LI)))]):
        page.write_row(at, 0, row)
    page.set_row(2, None, None, {"hidden": True})
    book.close()
    with people.write("导入") as session:
        plan = importing.plan(session, tmp_path / "hidden.xlsx")
        assert importing.apply(session, plan).added == 2
    assert plan.tables[0].notes == ["隐藏的 1 行也读入了：第 3 行"]


def test_who_is_not_away_any_more_and_has_no_end_is_told(people: Store, take: Take) -> None:
    heads = [*WORK, "是否在外"]
    gone = ["李强", LI, "2026-01-01", "", DALIAN, "某厂", 5000, "否"]
    away, back = (
        ["王芳", WANG, "2026-01-01", "", DALIAN, "某厂", 5000, "是"],
        ["赵敏", ZHAO, "2026-01-01", "2026-06-01", DALIAN, "某厂", 5000, "否"],
    )
    result, _plan = take(heads, gone, away, back)
    assert (result.rejected, messages(result.warnings)) == ([], [(2, "still")])


def test_a_child_without_a_column_of_labour_is_not_able_to_work(people: Store, take: Take) -> None:
    baby = "23082620260105511"
    take(
        ["户编号", "姓名", "证件号码", "与户主关系"],
        ["1001", "李小宝", baby + check_digit(baby), "之子"],
        ["1001", "王一", number(55), "之女"],
    )
    with people.read() as session:
        assert {p.name: p.labour for p in session.select("person") if p.name in ("李小宝", "王一")} == {
            "李小宝": "none",
            "王一": "ordinary",
        }


def test_another_sort_of_being_monitored_is_told(people: Store, take: Take) -> None:
    heads = ["户编号", "姓名", "证件号码", "户类型", "监测对象类别"]
    result, _plan = take(heads, ["1002", "赵敏", ZHAO, "", "突发严重困难户"], ["1001", "王芳", WANG, "脱贫户", "突发严重困难户"])
    assert messages(result.warnings) == [(2, "category")]
