"""What titles tell about a table, by `resources/rosters/titles.toml`."""

from __future__ import annotations

import pytest

from services.importing.columns.binding import Binding
from services.importing.columns.headlines import Headlines
from services.importing.tables.rosters import field_of, rosters
from services.importing.tables.titles import channel_of, given_above, subjects, subjects_of, title_rules


def test_every_subject_that_a_roster_needs_exists() -> None:
    named = {
        target.lstrip("!@") for roster in rosters() for group in roster.needs for target in group if target.lstrip("!").startswith("@")
    }
    known = {*subjects(), *Headlines.__annotations__, *vars(Headlines), *Binding.__annotations__, *vars(Binding)}
    assert named <= known


def test_every_value_of_a_title_is_that_of_a_field() -> None:
    assert all(field_of(rule.target) is not None for rule in title_rules())
    assert {rule.subject for rule in title_rules()} | {rule.unless for rule in title_rules()} <= {"", *subjects()}
    assert given_above().keys() <= {roster.name for roster in rosters()}


@pytest.mark.parametrize(
    ("title", "told", "not_told"),
    [
        ("2025年春节慰问金发放表", {"gift_title", "pay_title"}, {"post_title"}),
        ("护林员工资表", {"post_title"}, {"gift_title"}),
        ("物业公司保洁员工资表", {"occasion_title"}, {"post_title"}),
        ("拟退出公益岗人员公示", {"post_title"}, {"exit_title"}),
        ("外出务工交通补贴发放表", {"work_title"}, {"not_at_work"}),
        ("务工人员子女名单", {"not_at_work"}, set()),
        ("劳务输出点对点输送名单", {"organised", "point_to_point"}, set()),
        ("非有组织输出人员", set(), {"organised"}),
    ],
)
def test_the_subjects_of_a_title(title: str, told: set[str], not_told: set[str]) -> None:
    found = subjects_of([title])
    assert told <= found
    assert not not_told & found


def test_a_subject_may_need_another_or_only_the_lines_above() -> None:
    assert "course_span" not in subjects_of(["时间：2025年3月1日至3月5日"])
    assert "course_span" in subjects_of(["电工培训班", "时间：2025年3月1日至3月5日"])
    assert "course_title" not in subjects_of([], sheet="培训")
    assert "check_title" in subjects_of([], file="10月务工监测")


@pytest.mark.parametrize(
    ("title", "channel"), [("灵活就业人员登记表", "flexible"), ("灵活就业和零工人员", None), ("零工市场招聘登记", None), ("外出务工", None)]
)
def test_the_way_of_working_of_a_title(title: str, channel: str | None) -> None:
    assert channel_of([title]) == channel
