"""Job matching: which vacancy suits whom, and why. Hard requirements exclude; differences from the wish are listed. There is no score
(article 二十九). Advertisements to send by WeChat tell of the job and the employer, never anything about a person.

Rule R29 counts a recommended vacancy exactly if `suits` is true; `match` also gives the reasons in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from domain import divisions
from domain.divisions import Region
from domain.identity import age_on
from domain.money import yuan_typed
from domain.records import JobWish, Vacancy
from domain.words import _

_BETWEEN: Final = re.compile(r"[\s、,，;；/|。.]+|或")
_ANYTHING: Final = ("不限", "都行", "都可以", "均可", "任意", "无要求", "不挑")
_WORKER: Final = ("工", "员", "师", "人员")
"""Endings that name the worker rather than the trade."""
_NEAR: Final = {
    **dict.fromkeys(("本县", "县内", "本地", "当地", "本乡", "本镇", "本村", "本屯", "附近", "家附近"), (Region.COUNTY,)),
    **dict.fromkeys(("本市", "市内", "县外市内"), (Region.COUNTY, Region.CITY)),
    **dict.fromkeys(("本省", "省内", "市外省内"), (Region.COUNTY, Region.CITY, Region.PROVINCE)),
    **dict.fromkeys(("省外", "外省", "外地"), (Region.OUTSIDE,)),
    **dict.fromkeys(("国外", "境外", "出国"), (Region.ABROAD,)),
}
"""Words for distance from home; a vacancy's place is never given more precisely than its county."""


@dataclass(frozen=True)
class Point:
    """One point of comparison. `met` is None if a side does not say enough. Only an unmet `hard` point excludes."""

    met: bool | None
    text: str
    hard: bool = False


@dataclass(frozen=True)
class Match:
    """The comparison of a wish with a vacancy, hard requirements first."""

    points: tuple[Point, ...]

    @property
    def fits(self) -> bool:
        """Whether every hard requirement is met or unknown."""
        return not any(point.hard and point.met is False for point in self.points)

    @property
    def differences(self) -> int:
        """The number of differences between the vacancy and the wish."""
        return sum(not point.hard and point.met is False for point in self.points)


def suits(vacancy: Vacancy, wish: JobWish, birth: str | None, on: str) -> bool:
    """Whether the person meets the vacancy's hard requirements on a day; an unknown age does not exclude."""
    return not _lacking(vacancy, wish) and not _too_old(vacancy, birth, on)


def match(vacancy: Vacancy, wish: JobWish, birth: str | None, on: str) -> Match:
    """Compare a vacancy with a person's job wish. Points that neither side mentions are omitted."""
    return Match((*_hard(vacancy, wish, birth, on), *_wished(vacancy, wish)))


def on_offer(vacancy: Vacancy, on: str) -> bool:
    """Whether the vacancy is still open on a day, including the last."""
    return vacancy.expires_on is None or vacancy.expires_on >= on


def wage_text(vacancy: Vacancy) -> str:
    """The monthly wage in an advertisement: 3000–4000 元; "" if it is open."""
    low, high = vacancy.wage_min, vacancy.wage_max
    if low is None and high is None:
        return ""
    if low is None or high is None or low == high:
        text = _("{low} 元起") if high is None else _("最高 {high} 元") if low is None else _("{low} 元")
        return text.format(low=yuan_typed(low or 0), high=yuan_typed(high or 0))
    return _("{low}–{high} 元").format(low=yuan_typed(low), high=yuan_typed(high))


# -- hard requirements ------------------------------------------------------------------------------------------------


def _lacking(vacancy: Vacancy, wish: JobWish) -> frozenset[str]:
    return (vacancy.requires or frozenset()) - (wish.skills or frozenset())


def _too_old(vacancy: Vacancy, birth: str | None, on: str) -> bool:
    return vacancy.age_max is not None and birth is not None and birth <= on and age_on(birth, on) > vacancy.age_max


def _hard(vacancy: Vacancy, wish: JobWish, birth: str | None, on: str) -> Iterator[Point]:
    if vacancy.requires:
        lacking = _lacking(vacancy, wish)
        text = _("要求{what}，本人技能里没有") if lacking else _("具备要求的{what}")
        yield Point(not lacking, text.format(what=_("、").join(sorted(lacking or vacancy.requires))), hard=True)
    if vacancy.age_max is None:
        return
    if birth is None or birth > on:
        yield Point(None, _("年龄不超过 {most} 岁；本人出生日期不详，请问清楚").format(most=vacancy.age_max), hard=True)
    else:
        text = _("{age} 岁，要求不超过 {most} 岁")
        yield Point(not _too_old(vacancy, birth, on), text.format(age=age_on(birth, on), most=vacancy.age_max), hard=True)


# -- what was wished for ----------------------------------------------------------------------------------------------


def _wished(vacancy: Vacancy, wish: JobWish) -> Iterator[Point]:
    if trades := _words(wish.trades):
        yield _trade(vacancy, trades)
    if areas := _words(wish.areas):
        yield _place(vacancy, wish, areas)
    if wish.wage_min is not None:
        yield _wage(vacancy, wish.wage_min)


def _words(text: str | None) -> list[str]:
    return [word for word in _BETWEEN.split(text or "") if word]


def _trade(vacancy: Vacancy, wanted: list[str]) -> Point:
    offered = [text for text in (vacancy.trade, vacancy.title) if text]
    met = any(_same_trade(word, text) for word in wanted for text in offered)
    text = _("工种：{offered}，想做{wanted}")
    return Point(met, text.format(offered=vacancy.trade or vacancy.title, wanted=_("、").join(wanted)))


def _same_trade(wanted: str, offered: str) -> bool:
    core = _core(wanted)
    return wanted in _ANYTHING or core in offered or _core(offered) in wanted


def _core(word: str) -> str:
    ending = next((ending for ending in sorted(_WORKER, key=len, reverse=True) if word.endswith(ending)), "")
    core = word.removesuffix(ending)
    return core if len(core) > 1 else word


def _place(vacancy: Vacancy, wish: JobWish, wanted: list[str]) -> Point:
    answers = [_there(vacancy.place, word, wish.village) for word in wanted]
    met = True if True in answers else None if None in answers else False
    name = divisions.full_name(vacancy.place) or vacancy.place
    return Point(met, _("工作地：{place}，想去{wanted}").format(place=name, wanted=_("、").join(wanted)))


@lru_cache(maxsize=4096)
def _there(place: str, word: str, home: str) -> bool | None:
    """Whether a place lies where a word says, relative to home; None for words that name no known place."""
    if word in _ANYTHING:
        return True
    if word in _NEAR:
        return divisions.region(place, home) in _NEAR[word] if home else None
    if word in (divisions.full_name(place) or ""):
        return True
    code = divisions.parse_place(word, home=home or None)
    if code is None:
        return None
    if divisions.covers(code, place):
        return True
    return None if divisions.covers(place, code) else False


def _wage(vacancy: Vacancy, wanted: int) -> Point:
    most = vacancy.wage_max if vacancy.wage_max is not None else vacancy.wage_min
    if most is None:
        return Point(None, _("岗位没有写月薪，想要 {wanted} 元以上").format(wanted=yuan_typed(wanted)))
    return Point(most >= wanted, _("月薪 {offered}，想要 {wanted} 元以上").format(offered=wage_text(vacancy), wanted=yuan_typed(wanted)))


_NUMBER: Final = re.compile(r"[0-9０-９][0-9０-９ \-－]{5,}[0-9０-９xXｘＸ]")
"""Phone, identity and account numbers in a title: seven digits or more."""


@dataclass(frozen=True)
class Opening:
    """A vacancy with the name of its employer; `phone` only if the user chose to include it."""

    vacancy: Vacancy
    employer: str
    phone: str = ""


def advert(openings: Sequence[Opening], contact: str) -> str:
    """The text to paste; several vacancies are numbered. `contact` says where to apply if no phone is given."""
    if not openings:
        return ""
    many = len(openings) > 1
    lines = [_("【招聘信息】共 {n} 个岗位").format(n=len(openings))] if many else []
    for number, opening in enumerate(openings, 1):
        lines += ["", *_lines(opening, f"{number}. ")] if many else _lines(opening, _("【招聘】"))
    if not all(opening.phone for opening in openings):
        lines += ["", contact] if many else [contact]
    return "\n".join(lines)


def without_numbers(text: str) -> str:
    """The text without its long numbers."""
    return _NUMBER.sub("***", " ".join(text.split()))


def _lines(opening: Opening, before: str) -> Iterator[str]:
    vacancy = opening.vacancy
    yield before + _("{title}　招 {n} 人").format(title=without_numbers(vacancy.title), n=vacancy.headcount)
    yield _("单位：{name}").format(name=without_numbers(opening.employer))
    yield _("地点：{place}").format(place=divisions.full_name(vacancy.place) or vacancy.place)
    if wage := wage_text(vacancy):
        yield _("月薪：{wage}").format(wage=wage)
    age = [_("年龄不超过 {most} 岁").format(most=vacancy.age_max)] if vacancy.age_max is not None else []
    if wanted := [*sorted(without_numbers(one) for one in vacancy.requires or ()), *age]:
        yield _("要求：{what}").format(what=_("、").join(wanted))
    if vacancy.expires_on:
        yield _("有效期至：{day}").format(day=vacancy.expires_on)
    if opening.phone:
        yield _("电话：{phone}").format(phone=opening.phone)
