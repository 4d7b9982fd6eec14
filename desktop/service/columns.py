"""The columns of the lists of 服务: what is shown of a wish, a vacancy and the services given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter

from desktop.service.presenting import short_place
from desktop.widgets.ledger_model import Column, whose
from domain import clock
from domain.records import JobWish
from domain.vacancies import wage_text
from domain.words import _
from services.employment_services import VacancyLine, WishLine, expired

_MOST = 50
"""Counts below this have a colour."""
_wish, _vacancy = attrgetter("wish"), attrgetter("vacancy")


@dataclass(frozen=True)
class Wish:
    """A wish and the name of whose it is."""

    wish: JobWish
    name: str


def _light(done: int, needed: int) -> str:
    """How many of the needed services were given, as text: 2/3."""
    return f"{done}/{needed}"


def _job(line: WishLine) -> str:
    return _light(line.promise.jobs, line.needed[1])


def _state(line: VacancyLine) -> str:
    if expired(line.vacancy, clock.today()):
        return _("已过期")
    return _("招满") if line.hired >= line.vacancy.headcount else _("在招")


def lights(home: str) -> list[Column[WishLine]]:
    """The tab 1-3-1. `home`: the code of the station's place."""
    tones = {_light(done, needed): "good" if done >= needed else "warn" for done in range(_MOST) for needed in range(_MOST)}
    given = (
        Column[WishLine]("guidance", _("职业指导"), 80, lambda one: _light(one.promise.guidance, one.needed[0])),
        Column[WishLine]("job", _("岗位推荐"), 80, _job),
        Column[WishLine]("training", _("免费培训"), 80, lambda one: _light(one.promise.training, one.needed[2])),
    )
    return [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sortable=False),
        *whose(home, _wish),
        Column("category", _("身份"), 110, lambda one: one.category, sortable=False),
        Column("opened_on", _("登记日期"), 96, _wish),
        Column("days", _("已等"), 66, lambda one: one.days, lambda n: _("{n} 天").format(n=n), right=True, sortable=False),
        *(replace(one, style="chip", tones=tones, sortable=False) for one in given),
        Column("trades", _("意向工种"), 120, _wish),
        Column("areas", _("意向地"), 100, _wish),
        Column("wage_min", _("期望月薪（元）"), 90, _wish, right=True),
    ]


def wishes(home: str) -> list[Column[Wish]]:
    """The tab 需求."""
    tones = {_("未结束"): "info"}
    return [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sortable=False),
        *whose(home, _wish),
        Column("opened_on", _("登记日期"), 96, _wish),
        Column(
            "state",
            _("状态"),
            92,
            lambda one: _("已结束") if one.wish.closed_on else _("未结束"),
            style="chip",
            tones=tones,
            sortable=False,
        ),
        Column("trades", _("意向工种"), 120, _wish),
        Column("areas", _("意向地"), 100, _wish),
        Column("wage_min", _("期望月薪（元）"), 90, _wish, right=True),
        Column("skills", _("技能"), 110, _wish, sortable=False),
        Column("needs", _("服务需求"), 130, _wish, sortable=False, shown=False),
        Column("closed_on", _("结束日期"), 96, _wish),
        Column("close_reason", _("结束原因"), 100, _wish, sortable=False),
    ]


def vacancies() -> list[Column[VacancyLine]]:
    """The tab 招聘岗位."""
    tones = {_("在招"): "good", _("招满"): "info"}
    return [
        Column("title", _("岗位名称"), 110, _vacancy, style="strong"),
        Column("employer", _("用人单位"), 140, lambda one: one.employer, sortable=False),
        Column("state", _("状态"), 72, _state, style="chip", tones=tones, sortable=False),
        Column("place", _("工作地"), 96, lambda one: short_place(one.vacancy.place, one.vacancy.village)),
        Column("headcount", _("招聘"), 52, _vacancy, right=True),
        Column("told", _("推荐"), 52, lambda one: one.recommended or None, right=True, sortable=False),
        Column("hired", _("入职"), 52, lambda one: one.hired or None, right=True, sortable=False, shown=False),
        Column("wage", _("月薪（元）"), 110, lambda one: wage_text(one.vacancy), sortable=False),
        Column("requires", _("硬性要求"), 100, _vacancy, sortable=False),
        Column("age_max", _("年龄上限"), 72, _vacancy, right=True),
        Column("expires_on", _("有效期至"), 96, _vacancy),
    ]


def match_people() -> list[Column[WishLine]]:
    """The people to choose from in the tab 匹配."""
    return [
        Column("name", _("姓名"), 84, lambda one: one.name, style="strong", sortable=False),
        Column("job", _("推荐"), 60, _job, sortable=False),
        Column("trades", _("意向工种"), 130, _wish),
    ]


def match_jobs() -> list[Column[VacancyLine]]:
    """The vacancies to choose from in the tab 匹配."""
    return [
        Column("title", _("岗位名称"), 110, _vacancy, style="strong"),
        Column("employer", _("用人单位"), 150, lambda one: one.employer, sortable=False),
    ]
