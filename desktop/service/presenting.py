"""Turns wishes, vacancies, matches and services into the text the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from desktop.widgets.reasons import Reason
from domain import divisions
from domain.promise import Given
from domain.records import Course, Service
from domain.vacancies import Match, wage_text
from domain.words import _
from services.employment_services import Candidate, WishLine

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
