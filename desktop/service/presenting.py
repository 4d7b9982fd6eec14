"""Turns wishes, vacancies, matches and services into the text and the columns of the lists that the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from desktop.widgets.ledger_model import Column, whose
from desktop.widgets.reasons import Reason
from domain import clock, divisions
from domain.promise import Given
from domain.records import Course, JobWish, Service
from domain.vacancies import Match, wage_text
from domain.words import _
from services.employment_services import Candidate, VacancyLine, WishLine, expired

GUIDANCE, JOB, TRAINING = ("guidance", "job", "training")
"""The three services of 1-3-1, in order."""
PEOPLE, JOBS = "people", "jobs"
"""Directions of matching: vacancies for a person, people for a vacancy."""


@dataclass(frozen=True)
class Offer:
    """A vacancy or course to choose, with what speaks for and against it as one line."""

    id: str
    title: str
    note: str = ""
    fits: bool = True


@dataclass(frozen=True)
class Start:
    """The initial content of the dialog of a new service."""

    type: str
    clients: Sequence[WishLine]
    offers: Sequence[Offer] = ()

    @property
    def title(self) -> str:
        """The service and the people it is for: 岗位推荐：王秀兰."""
        names = _("、").join(client.name for client in self.clients[:3])
        more = _("等 {n} 人").format(n=len(self.clients)) if len(self.clients) > 3 else ""
        return _("{service}：{names}").format(service=type_words(self.type), names=names + more)


@dataclass(frozen=True)
class NewService:
    """A service to be recorded for all these clients; `close` also ends their wishes."""

    type: str
    clients: Sequence[WishLine]
    values: Mapping[str, Any]
    close: bool = False


@dataclass(frozen=True)
class Account:
    """The services given for a wish, the latest first."""

    wish_id: str
    heading: str
    given: Sequence[Reason]


@dataclass(frozen=True)
class Pair:
    """A wish and a vacancy, as text."""

    wish_id: str
    vacancy_id: str
    title: str
    note: str
    fits: bool
    reasons: Sequence[Reason]


@dataclass(frozen=True)
class MatchGroup:
    """The matches of one person or vacancy."""

    heading: str
    pairs: Sequence[Pair]


def type_words(type: str) -> str:
    """Return the label of a type of service."""
    return Service.KIND.by_name["type"].show(type)


def short_place(place: str, home: str) -> str:
    """Return the name of a place, without the province and city it shares with `home`."""
    name = divisions.full_name(place) or place
    for width in (4, 2):
        own = divisions.full_name(home[:width].ljust(6, "0")) or ""
        if place[:width] == home[:width] and own and name != own:
            return name.removeprefix(own)
    return name


def offers(candidates: Sequence[Candidate]) -> list[Offer]:
    """Return vacancies to choose from, best matches first."""
    return [Offer(one.vacancy.id, _job(one), _note(one), one.match.fits) for one in candidates]


def course_offers(courses: Sequence[Course], on: str) -> list[Offer]:
    """Return courses to choose from; the first entry records a training without a course."""
    found = [Offer("", _("不指定培训班"), _("先记下提供过免费培训，开班后再到「培训」里添加学员"))]
    words = _("{start} 至 {end}　{trade}")
    return found + [Offer(one.id, one.title, words.format(start=one.start, end=one.end, trade=one.trade), one.end >= on) for one in courses]


def found(side: str, candidates: Sequence[Candidate], heading: str) -> MatchGroup:
    """Return matches as text."""
    return MatchGroup(heading, [_pair(side, one) for one in candidates])


def account_line(given: Given, name: str) -> Reason:
    """Return a service that was given, and whether it counts."""
    service = given.service
    result = service.shown("result")
    words = "　".join(part for part in (service.on, type_words(service.type), name, result, service.by or "") if part)
    why = {
        "": "",
        "other": _("不在 1-3-1 之内"),
        "late": _("需求结束以后的，不计数"),
        "unreached": _("没有联系上，不计数"),
        "charged": _("不是免费培训，不计数"),
        "unnamed": _("没有写明是哪个岗位，不计数"),
        "unsuitable": _("不合岗位的硬性要求，不计数"),
        "again": _("同一个岗位只计一次"),
    }[given.why]
    return Reason(not given.why, f"{words}　{why}" if why else words)


def _pair(side: str, one: Candidate) -> Pair:
    title = one.name if side == JOBS else _job(one)
    recommended = _recommended(one)
    reasons = [Reason(point.met, point.text, mild=not point.hard) for point in one.match.points]
    if recommended:
        reasons.append(Reason(None, recommended))
    return Pair(one.wish.id, one.vacancy.id, title, _note(one), one.match.fits, reasons)


def _job(one: Candidate) -> str:
    parts = (one.vacancy.title, one.employer, short_place(one.vacancy.place, one.wish.village), wage_text(one.vacancy))
    return "　".join(part for part in parts if part)


def _note(one: Candidate) -> str:
    return "　".join(part for part in (_verdict(one.match), _recommended(one)) if part)


def _verdict(match: Match) -> str:
    """The match as one line: ✓ with what differs from the wish, or × with what excludes it."""
    against = [point.text for point in match.points if point.met is False and point.hard == (not match.fits)]
    open_ = [point.text for point in match.points if point.met is None]
    if not match.fits:
        return _("× 不合适：{why}").format(why=_("；").join(against))
    if against:
        return _("✓ 可以推荐，与意向不同：{why}").format(why=_("；").join(against))
    return _("✓ 可以推荐，请核实：{why}").format(why=_("；").join(open_)) if open_ else _("✓ 合适")


def _recommended(one: Candidate) -> str:
    if one.recommendation is None:
        return ""
    result = one.recommendation.shown("result")
    return _("{day} 已推荐过　{result}").format(day=one.recommendation.on, result=result).strip()


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


def _jobs_given(line: WishLine) -> str:
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
        Column[WishLine]("job", _("岗位推荐"), 80, _jobs_given),
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
        Column("job", _("推荐"), 60, _jobs_given, sortable=False),
        Column("trades", _("意向工种"), 130, _wish),
    ]


def match_jobs() -> list[Column[VacancyLine]]:
    """The vacancies to choose from in the tab 匹配."""
    return [
        Column("title", _("岗位名称"), 110, _vacancy, style="strong"),
        Column("employer", _("用人单位"), 150, lambda one: one.employer, sortable=False),
    ]
