"""Whose roster it is, and who in the village a row is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.store import Store
from domain.errors import InputUnusable, Refused
from domain.records import Employment, Person
from services import importing
from tests.fresh import fresh_store
from tests.rosters import write_sheets
from tests.services.rosters_taken import DALIAN, HEADS, LI, PEOPLE, TOWN, WANG, WORK, ZHAO, Take, messages, number, people, take, taker

__all__ = ["people", "take"]


def test_another_villages_roster_is_refused_whole_by_name(store: Store, take: Take) -> None:
    with pytest.raises(InputUnusable, match="日升村"):
        take(HEADS, *(["日升村", *row[1:]] for row in PEOPLE))
    with store.read() as session:
        assert session.count("person") == 0


def test_a_word_of_the_committee_is_no_village(people: Store, take: Take) -> None:
    """A list with 同意 under 村委会（盖章） was refused whole as that of the village 「同意」."""
    result, _plan = take([*WORK[:5], "村委会（盖章）"], ["王芳", WANG, "2023-03-01", "", DALIAN, "同意"])
    assert (result.added, result.rejected) == (1, [])


@pytest.mark.parametrize("heading", ["所属村", "户籍所在村", "行政村/社区", "村委会"])
def test_a_village_is_named_under_other_words_too(take: Take, heading: str) -> None:
    with pytest.raises(InputUnusable, match="日升村"):
        take([heading, *HEADS[1:]], ["日升村", *PEOPLE[0][1:]])


def test_a_townships_list_is_refused_whole_at_a_village(take: Take) -> None:
    with pytest.raises(InputUnusable, match="日升村"):
        take(HEADS, PEOPLE[0], ["日升村", *PEOPLE[1][1:]])


def test_a_sheet_named_after_another_village_is_refused_with_the_rest(store: Store, tmp_path: Path) -> None:
    rows = [row[1:] for row in (HEADS, *PEOPLE)]
    path = write_sheets(tmp_path / "roster.xlsx", {"解放村": rows[:2], "日升村": rows[:1] + rows[2:]})
    with store.read() as session, pytest.raises(InputUnusable, match="日升村"):
        importing.plan(session, path)
    own = write_sheets(tmp_path / "roster.xlsx", {"解放村": rows})
    with store.read() as session:
        assert len(list(importing.plan(session, own).rows())) == 3


@pytest.mark.parametrize(
    "title",
    [
        "横头山镇日升村名册",
        "填报单位：横头山镇日升村（盖章）",
        "日升村村委会人员信息",
        "2023年日升村名册",
        "双鸭山市集贤县福利镇安邦村名册",
        "红旗村脱贫户信息",
        "2023年度红旗村名册",
        "填报单位（盖章）：桦川县横头山镇红旗村",
        "桦川县红旗村村民委员会人员信息",
    ],
)
def test_a_title_that_names_another_village_is_enough(take: Take, title: str) -> None:
    heads, rows = HEADS[1:], [row[1:] for row in PEOPLE]
    with pytest.raises(InputUnusable, match=r"日升|安邦|红旗"):  # no table knows 红旗村
        take([title], heads, *rows)


@pytest.mark.parametrize(
    "title",
    [
        "横头山镇解放村名册",
        "解放村委会",
        "解放村村民委员会人员信息",
        "2023年度桦川县解放村名册",
        "农村劳动力名册",
        "乡村公益性岗位",
        "行政村名册",
        "本村人员",
        "脱贫村人员信息",
        "各乡镇帮扶村名单",
        "横头山镇重点村名单",
        "社区工厂吸纳人员",
        "驻村工作队帮扶人员名册",
        "桦川县农村低收入人口名单",
        "2023年易地搬迁村人员",
        "2023年7月乡村公益性岗位补贴发放公示表",
        "截至6月底全村务工情况",
        "6月30日本村在外人员",
        "2023年第二批驻村工作队帮扶人员",
        "第3期农村劳动力转移培训学员",
        "2023年上半年全村务工人员",
        "2023年边境村外出务工人员",
        "横头山镇所辖村务工人员",
        "所在村：",
    ],
)
def test_titles_that_name_the_own_village_or_none(take: Take, title: str) -> None:
    result, _plan = take([title], HEADS[1:], *(row[1:] for row in PEOPLE))
    assert result.rejected == []


@pytest.mark.parametrize(
    "name", ["解放村", "解放", "解放村委会", "解放村民委员会", "解放社区", " 解放村 ", "桦川县横头山镇解放村", "解放村一组", "本村"]
)
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


def test_at_a_township_who_is_known_is_not_registered_a_second_time(tmp_path: Path) -> None:
    store = fresh_store(tmp_path, TOWN)
    take = taker(store, tmp_path)
    take(HEADS, *PEOPLE)
    result, plan = take(["姓名", "证件号码", "民族", "文化程度"], ["王芳", WANG, "汉", "初中"])
    assert (result.added, result.changed, any("哪个村" in note for note in plan.tables[0].notes)) == (0, 1, False)
    with store.read() as session:
        assert len(session.select("person")) == len(PEOPLE)


def test_at_a_township_a_new_member_goes_where_the_household_is(tmp_path: Path) -> None:
    store = fresh_store(tmp_path, TOWN)
    take = taker(store, tmp_path)
    heads = ["户编号", "姓名", "证件号码", "与户主关系"]
    take(["解放村人员名册"], heads, ["1001", "王芳", WANG, "户主"])
    take(heads, ["1001", "王芳", WANG, "户主"], ["1001", "李强", LI, "配偶"])
    take(heads, ["1001", "赵敏", ZHAO, "之女"])
    with store.read() as session:
        (household,) = session.select("household")
        people = session.select("person")
    assert {(one.village, one.household_id) for one in people} == {(household.village, household.id)} and len(people) == 3


def test_at_a_township_the_title_speaks_for_rows_that_name_none(tmp_path: Path) -> None:
    store = fresh_store(tmp_path, TOWN)
    taker(store, tmp_path)(["解放村人员名册"], HEADS[1:], PEOPLE[0][1:])
    with store.read() as session:
        assert session.select(Person)[0].village == "230826101202"


def test_at_a_township_a_row_that_names_no_village_is_told(tmp_path: Path) -> None:
    result, _plan = taker(fresh_store(tmp_path, TOWN), tmp_path)(HEADS, PEOPLE[0], ["", *PEOPLE[2][1:]])
    assert messages(result.warnings) == [(3, "village")]


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
