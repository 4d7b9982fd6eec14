"""Columns that a person assigns to fields by hand, and what is remembered of it."""

from __future__ import annotations

import pytest

from db import acts, changes
from db.store import Store
from domain.errors import FieldError, InputUnusable
from domain.records import Employment, Person
from services import importing
from services.importing import assigned
from services.importing.assigned import ANY, assignable, by_hand
from services.importing.plan import Plan, PlannedColumn, PlannedTable, PlanRow
from services.importing.tables.rosters import rosters
from tests.services.rosters_taken import DALIAN, LI, WANG, Take, people, take

__all__ = ["people", "take"]

HEADS = ["姓名", "证件号码", "几号动身", "务工所在地", "务工企业名称", "挣的钱"]
ROW = ["王芳", WANG, "2023-03-01", DALIAN, "大连某厂", 4200]
LEFT, EARNS = "几号动身", "挣的钱"
AS_TEXT = "\n".join(",".join(map(str, row)) for row in (HEADS, ROW)).encode()
OWN = {"work": {LEFT: "employment.start", EARNS: "employment.monthly_wage"}}


def column(plan: Plan, heading: str) -> PlannedColumn:
    return next(one for one in plan.tables[0].columns if one.heading == heading)


def worked(store: Store) -> list[Employment]:
    with store.read() as session:
        return list(session.select(Employment))


def test_an_unknown_heading_is_read_as_the_field_it_is_assigned_to(people: Store, take: Take) -> None:
    with pytest.raises(InputUnusable):
        take(HEADS, ROW)
    result, plan = take(HEADS, ROW, assigned=OWN)
    assert (result.added, result.rejected, plan.tables[0].roster) == (1, [], "work")
    (work,) = worked(people)
    assert (str(work.start), work.monthly_wage) == ("2023-03-01", 420000)
    assert column(plan, EARNS).assigned and column(plan, EARNS).target == "employment.monthly_wage"
    assert plan.tables[0].notes == [f"按您定的读的列：{LEFT}、{EARNS}"]


def test_the_next_file_with_the_same_headings_is_read_in_the_same_way(people: Store, take: Take) -> None:
    take(HEADS, ROW, assigned=OWN)
    result, _plan = take(HEADS, ["李强", LI, "2023-04-01", DALIAN, "大连某厂", 5000])
    assert result.added == 1
    assert sorted(work.monthly_wage or 0 for work in worked(people)) == [420000, 500000]


def test_a_preview_remembers_nothing(people: Store) -> None:
    with people.read() as session:
        assert importing.plan(session, AS_TEXT, assigned=OWN).tables[0].roster == "work"
        assert assigned.remembered(session) == {}


def test_an_assignment_that_is_withdrawn_is_forgotten(people: Store, take: Take) -> None:
    take(HEADS, ROW, assigned=OWN)
    heads = [*HEADS[:2], "开始时间", *HEADS[3:]]
    _result, plan = take(heads, ROW, assigned={"work": {EARNS: None}})
    assert not column(plan, EARNS).target
    with people.read() as session:
        assert assigned.remembered(session) == {"work": {LEFT: "employment.start"}}


def test_a_known_column_can_be_left_out_and_another_take_its_place(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "联系电话", "常用号", "与户主关系", "劳动技能"]
    _result, plan = take(
        heads,
        ["王芳", WANG, "13900139000", "13700137000", "户主", "普通劳动力"],
        assigned={"registry": {"联系电话": "", "常用号": "person.phone"}},
    )
    assert (column(plan, "联系电话").target, column(plan, "常用号").target) == ("", "person.phone")
    with people.read() as session:
        (wang,) = [one for one in session.select(Person) if one.id_number == WANG]
    assert wang.phone == "13700137000"


def test_an_assigned_column_keeps_its_field_though_it_is_empty_and_another_has_the_usual_name(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "常用号", "联系电话", "与户主关系", "劳动技能"]
    _result, plan = take(heads, ["王芳", WANG, "", "13900139000", "户主", "普通劳动力"], assigned={"registry": {"常用号": "person.phone"}})
    assert (column(plan, "联系电话").target, column(plan, "常用号").target) == ("", "person.phone")


def test_examples_show_what_a_column_holds_without_its_numbers(people: Store, take: Take) -> None:
    heads = [*HEADS[:2], "开始时间", "务工所在地", "月工资", "另一个号"]
    row = [*ROW[:2], "2023-03-01", DALIAN, 4200, LI]
    _result, plan = take(heads, row, row)
    assert WANG not in str(plan.tables[0].columns) and LI not in str(plan.tables[0].columns)
    assert len(column(plan, "另一个号").examples) == 1
    assert column(plan, "务工所在地").examples == (DALIAN,)
    assert column(plan, "开始时间").examples == ("2023-03-01",)


def test_every_list_offers_the_fields_it_reads_each_under_a_name_of_its_own(people: Store, take: Take) -> None:
    _result, plan = take(HEADS, ROW, assigned=OWN)
    offered = plan.tables[0].assignable
    assert offered["employment.monthly_wage"] == "月工资" and offered["work.range"] == "起止时间" and "person.phone" in offered
    assert len(set(offered.values())) == len(offered)
    assert not [target for target in offered if target.startswith(("wage.", "row", "record."))]


def test_a_label_of_several_kinds_has_its_kind_where_the_list_is_about_another() -> None:
    by_name = {one.name: one for one in rosters()}
    registry = assignable(by_name["registry"], ("person.", "category_span.", "household."))
    assert (registry["category_span.start"], registry["person.name"]) == ("身份认定：开始时间", "姓名")
    assert assignable(by_name["work"], ("employment.",))["employment.start"] == "开始时间"


def test_a_target_of_another_release_is_passed_over(people: Store, take: Take) -> None:
    heads = [*HEADS[:2], "开始时间", *HEADS[3:]]
    _result, plan = take(heads, ROW, assigned={"work": {EARNS: "employment.no_such_field"}})
    assert not column(plan, EARNS).assigned


def test_taking_the_import_back_leaves_the_assignment(people: Store, take: Take) -> None:
    result, _plan = take(HEADS, ROW, assigned=OWN)
    assert result.batch is not None
    with people.write("撤销") as session:
        acts.undo(session, result.batch)
    assert worked(people) == []
    with people.read() as session:
        assert assigned.remembered(session) == OWN


def test_what_is_assigned_for_any_list_is_remembered_for_the_one_it_was(people: Store, take: Take) -> None:
    take(HEADS, ROW, assigned={assigned.ANY: {**OWN["work"], "不相干": ""}})
    with people.read() as session:
        assert assigned.remembered(session) == OWN


def test_no_more_headings_are_remembered_than_a_setting_should_hold(people: Store, take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assigned, "_MOST", 1)
    take(HEADS, ROW, assigned=OWN)
    with people.read() as session:
        assert assigned.remembered(session) == {"work": {EARNS: "employment.monthly_wage"}}


def test_the_plan_made_anew_for_a_changed_store_keeps_the_assignments(people: Store) -> None:
    with people.read() as session:
        plan = importing.plan(session, AS_TEXT, assigned=OWN)
        (wang,) = [one for one in session.select(Person) if one.id_number == WANG]
    with people.write("改电话") as session:
        changes.update(session, Person, wang.id, {"phone": "13700137000"})
    with people.write("导入") as session:
        assert importing.apply(session, plan).added == 1


def test_answers_stay_when_the_file_is_read_again_unless_another_question_is_asked() -> None:
    def made(*asked: str) -> Plan:
        rows = [
            PlanRow(n, issues=[importing.Issue(n, "姓名", "", text, "doubt", importing.Level.QUESTION)]) for n, text in enumerate(asked, 2)
        ]
        return Plan("名单.csv", [PlannedTable("CSV", "名单", "work", 1, [], [], rows)])

    before, again = made("不是本村人", "年龄不符", "年龄不符"), made("不是本村人", "年龄不符", "另有一人同名")
    for row in list(before.rows())[::2]:
        before.answer(row, keep=True)
    again.take_answers(before)
    assert [row.kept for row in again.rows()] == [True, False, False]


def test_a_field_may_be_assigned_by_its_own_name() -> None:
    """`place` was refused with an example of another field."""
    assert by_hand(["每月挣=monthly_wage"]) == {ANY: {"每月挣": "employment.monthly_wage"}}
    with pytest.raises(FieldError, match=r"请写明是哪一种：.*employment\.place"):
        by_hand(["去哪儿打工了=place"])
    with pytest.raises(FieldError, match=r"没有「nowhere」这个字段"):
        by_hand(["甲=nowhere"])
