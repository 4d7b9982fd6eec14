"""Registers with a household a row, its members side by side."""

from __future__ import annotations

from typing import Any

import pytest

from db.store import Store
from domain.errors import InputUnusable
from domain.identity import check_digit
from services.office_files import limits
from tests.services.rosters_taken import WANG, Take, messages, number, people, take

__all__ = ["people", "take"]


def born(day: str, order: str) -> str:
    first17 = f"230826{day}{order}"
    return first17 + check_digit(first17)


HUSBAND, WIFE, SON, DAUGHTER = born("19750505", "311"), born("19760606", "322"), born("20050707", "331"), born("20080808", "342")
HEADS = ["户编号", "户主姓名", "户主身份证号", "配偶姓名", "配偶身份证号", "子女1姓名", "子女1身份证号", "子女2姓名", "子女2身份证号"]
ROW = ["2001", "冯大军", HUSBAND, "赵小兰", WIFE, "冯小军", SON, "冯小丽", DAUGHTER]
FOLK = {("冯大军", HUSBAND, "户主"), ("赵小兰", WIFE, "配偶"), ("冯小军", SON, "之子"), ("冯小丽", DAUGHTER, "之女")}


def folk(store: Store) -> set[tuple[Any, ...]]:
    with store.read() as session:
        return {(p.name, p.id_number, p.relation) for p in session.select("person") if p.household_id}


def test_members_side_by_side_are_people_of_one_household(take: Take, store: Store) -> None:
    result, plan = take(["解放村家庭成员登记表"], [*HEADS, "联系电话"], [*ROW, "13800138031"], ["2002", "单身汉", number(41, "男")])
    assert (result.rejected, result.questions) == ([], [])
    assert folk(store) == FOLK | {("单身汉", number(41, "男"), "户主")}
    assert [row.number for row in plan.rows()] == [3, 3, 3, 3, 4]
    with store.read() as session:
        assert {(p.name, p.phone) for p in session.select("person") if p.phone} == {("冯大军", "13800138031")}
        assert len(list(session.select("household"))) == 2
    again, _plan = take(["解放村家庭成员登记表"], HEADS, ROW)
    assert (again.added, again.changed) == (0, 0)


def test_members_who_are_counted_say_how_they_are_related(take: Take, store: Store) -> None:
    heads = [*HEADS[:3], *(f"家庭成员{n}{what}" for n in (1, 2, 3) for what in ("姓名", "与户主关系", "身份证号"))]
    result, _plan = take(
        ["脱贫户家庭成员登记表"], heads, [*ROW[:3], "赵小兰", "妻子", WIFE, "冯小军", "长子", SON, "冯小丽", "之女", DAUGHTER]
    )
    assert (result.rejected, folk(store)) == ([], FOLK)
    heads[1:4] = ["姓名", "身份证号", "家庭成员1姓名（必填）"]
    again, _plan = take(
        ["脱贫户家庭成员登记表"], heads, [*ROW[:3], "赵小兰", "配偶", WIFE, "冯小军", "之子", SON, "冯小丽", "之女", DAUGHTER]
    )
    assert (again.rejected, again.added, again.changed, again.unchanged) == ([], 0, 0, 5)


def test_two_heading_rows_and_no_number_of_the_household(take: Take, store: Store) -> None:
    top = ["序号", "户主", "", "配偶", "", "长子", "", "长女", "", "户类型"]
    names = ["", *["姓名", "身份证号码"] * 4, ""]
    result, _plan = take(["脱贫户家庭成员花名册"], top, names, [1, *ROW[1:], "脱贫户"])
    assert (result.rejected, result.questions) == ([], [])
    assert folk(store) == FOLK


def test_a_member_whose_number_is_wrong_is_refused_with_the_column(take: Take, store: Store) -> None:
    wrong = WIFE[:-1] + ("0" if WIFE[-1] != "0" else "1")
    result, _plan = take(["家庭成员登记表"], HEADS, [*ROW[:4], wrong, *ROW[5:7], "冯小丽", ""])
    assert messages(result.rejected) == [(3, "checksum"), (3, "required")]
    assert len(folk(store)) == 2


def test_a_list_of_heads_and_pupils_is_no_register(people: Store, take: Take) -> None:
    heads = ["学生姓名", "学生身份证号", "户主姓名", "户主身份证号", "学校", "学段", "学期"]
    take(["雨露计划花名册"], heads, ["王芳", WANG, "赵敏", number(3), "某职业学院", "高职", "2026年春季学期"])
    with people.read() as session:
        assert len(list(session.select("schooling"))) == 1


def test_a_pupil_list_whose_columns_nobody_knows_is_not_taken_for_a_register(people: Store, take: Take) -> None:
    heads = ["户主姓名", "户主身份证号", "子女姓名", "子女身份证号", "就读学校", "专业", "补助金额"]
    with pytest.raises(InputUnusable):
        take(["雨露计划名单"], heads, ["王芳", WANG, "赵敏", number(3), "某职业学院", "护理", 1500])


def test_more_members_than_a_sheet_may_have_cells_are_refused(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CELLS", 200)
    with pytest.raises(InputUnusable, match="太大"):
        take(["解放村家庭成员登记表"], HEADS, *[[str(2000 + at), *ROW[1:]] for at in range(12)])


_HEAD, _SPOUSE = ["户主姓名", "户主身份证号"], ["配偶姓名", "配偶身份证号"]


@pytest.mark.parametrize(
    "heads",
    [
        ["姓名", "身份证号", *_HEAD, *_SPOUSE],
        ["姓名", "身份证号", "户主姓名", "身份证号", "配偶姓名", "身份证号"],
        ["学生姓名", "学生身份证号", *_HEAD, "母亲姓名", "母亲身份证号"],
        ["本人姓名", "本人身份证号", *_HEAD, "家庭住址", "开户行"],
    ],
)
def test_whose_number_is_whose_where_kin_stand_beside_whom_a_row_is_about(take: Take, store: Store, heads: list[str]) -> None:
    kin = ["冯大军", HUSBAND, "赵小兰", WIFE] if "开户行" not in heads else ["冯大军", HUSBAND, "", ""]
    _result, plan = take(["解放村人员信息表"], [*heads, "性别", "户类型"], ["冯小军", SON, *kin, "男", "脱贫户"])
    assert [row.number for row in plan.rows()] == [3]
    with store.read() as session:
        assert [(p.name, p.id_number, p.relation) for p in session.select("person")] == [("冯小军", SON, None)]
