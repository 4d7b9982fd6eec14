"""What the headings, labels and titles of a table of figures ask for: a figure of `month_figures`, of which people, of which month."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from domain.fields import KINDS
from domain.records.people import LIFTED, MONITORED
from domain.words import _
from services.importing.tables.heading_words import plain
from services.reports.month_figures import FIGURES, of_people

AWAY: Final = ("outside", "province", "city")
_REGIONS: Final = {*AWAY, "county"}
_PEOPLE, _HOMES, _LABOUR = "people", "households", "labour"
_PLACED: Final = (*((name,) for name in (*AWAY, "county", "post", "workshop")), AWAY, ("province", "city"))
"""Figures of those who work somewhere."""
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("登记", "登记人口"), (_PEOPLE,)),
    **dict.fromkeys(("劳动力", "劳力"), ("labour",)),
    **dict.fromkeys(
        ("务工", "已务工", "转移就业", "已转移就业", "劳动力转移就业", "就业", "已就业", "务工就业", "实现务工就业", "实现就业"),
        ("working",),
    ),
    **dict.fromkeys(("外出务工", "外出", "县外", "县外务工", "县外就业"), AWAY),
    **dict.fromkeys(("省外", "省外务工", "省外就业", "跨省务工"), ("outside",)),
    **dict.fromkeys(("省内县外", "县外省内", "省内县外务工", "县外省内务工", "省内县外就业"), ("province", "city")),
    **dict.fromkeys(("市外省内", "省内市外"), ("province",)),
    **dict.fromkeys(("县外市内", "市内县外"), ("city",)),
    **dict.fromkeys(("县内", "县内务工", "县内就业"), ("county",)),
    **dict.fromkeys(
        tuple(f"{post}{word}" for post in ("公益岗", "公益性岗位", "公益岗位", "乡村公益性岗位") for word in ("", "就业", "在岗", "安置")),
        ("post",),
    ),
    **dict.fromkeys(
        tuple(
            f"{workshop}{word}" for workshop in ("车间", "帮扶车间", "就业帮扶车间") for word in ("", "就业", "务工", "吸纳", "吸纳就业")
        ),
        ("workshop",),
    ),
    **dict.fromkeys(("本月新增", "本月新增务工"), ("started",)),
    **dict.fromkeys(("本月返乡", "返乡"), ("returned",)),
    **dict.fromkeys(("有意愿未就业", "有就业意愿未就业"), ("wishing",)),
    **dict.fromkeys(("培训人次", "参加培训人次", "培训", "参训", "参加培训"), ("trained",)),
    **dict.fromkeys(("取得证书", "取证", "获证", "取得培训证书"), ("certified",)),
    **dict.fromkeys(("公益岗补贴", "岗位补贴", "发放公益岗补贴", "发放岗位补贴", "公益岗补贴发放"), ("post_pay",)),
    **dict.fromkeys(("车间工资", "帮扶车间工资", "帮扶车间发放工资", "车间发放工资"), ("wages",)),
}
"""Headings, without 其中, units and groups of people → the figures to add up. People are counted once, at their farthest place of work."""
_WOMEN: Final = frozenset({"sex=female"})
_GROUPS: Final = (
    ("脱贫不稳定", frozenset({"lifted_unstable"})),
    ("边缘易致贫|边缘", frozenset({"marginal"})),
    ("突发严重困难|突发困难|突发", frozenset({"sudden_hardship"})),
    ("(?:防止?返贫)?(?:致贫)?监测|三类", MONITORED),
    ("脱贫", LIFTED),
    ("(?:农村)?低收入", frozenset({"low_income"})),
    ("妇女(?!联)|女性", _WOMEN),
)
"""Groups of people → the codes that limit figures to them (`standing.limits`)."""
_GROUP: Final = re.compile("|".join(f"(?P<g{n}>{words})" for n, (words, _codes) in enumerate(_GROUPS)))
_NOUN: Final = "(?P<noun>户|人口|家庭|对象|人员|群众|劳动力)"
_NAMED: Final = re.compile(f"(?:{_GROUP.pattern}){_NOUN}?")
_JOINED: Final = re.compile(r"[和与及、或含()（）的里中]|包括")
_PART: Final = re.compile("^其中[:：、]?")
_WITHOUT: Final = re.compile(r"\((?:人次|次|元|笔|个)\)$|(?:总数|数)$")
_UNITS: Final = (
    (_HOMES, re.compile(r"\(户\)$|总?户数$|家庭户数$|^户$")),
    (_PEOPLE, re.compile(r"\(人\)$|总?人数$|总?人口数$|总人口$|^(?:人口|人|名)$")),
)
COUNT: Final = re.compile(
    r"数量|数值|数据|本月数?|[小合总]计|总?数|(?:在岗|(?:吸纳|带动|安置)(?:就业)?)(?:人[数员])?|(?:基本|人口|人员|总体)情况"
)
"""Headings of a column of numbers that say no more."""
_MONTH: Final = re.compile(r"(?:((?:19|20)\d\d)年)?(1[0-2]|0?[1-9])月(?:份|[末底])?(?:人数|数)?")
_ONLY_SOME: Final = re.compile("脱贫|监测|低保|特困|边缘|突发|残疾|[男女]|一般|困难|低收入")
"""Words in a group heading by which the columns below count only some of the people."""


@dataclass(frozen=True)
class Told:
    """What a text says: the `figures` to add up, the `codes` of the group whose people count, the code of the row they belong to (`limit`:
    `group=1组`), what is counted (`unit`), and the `month` as (year or "", month). `part`: it begins with 其中. `homes`: it names a group
    by its households (脱贫户), and may mean either unit. `clear`: nothing in it is unknown; `unclear`: it may leave out people whom the
    figures count."""

    figures: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    unit: str = ""
    month: tuple[str, str] = ("", "")
    part: bool = False
    homes: bool = False
    clear: bool = True
    unclear: bool = False
    limit: str = ""

    @property
    def asks(self) -> bool:
        """Whether it names a figure, a group, a unit or a month."""
        return bool(self.figures or self.codes or self.unit or self.month[1] or self.limit)


def told(text: object) -> Told:
    """What a heading or a label asks for."""
    whole = plain(text)
    word = _PART.sub("", whole)
    part = word != whole
    if month := _MONTH.fullmatch(word):
        return Told(month=(month[1] or "", month[2]), part=part)
    if not word or COUNT.fullmatch(word):
        return Told(part=part)
    bare, unit = _without_unit(word)
    named = list(_NAMED.finditer(bare))
    codes = frozenset[str]().union(*(_codes(hit) for hit in named))
    rest, more = _without_unit(_JOINED.sub("", "".join(re.split(_NAMED.pattern, bare)[:: _NAMED.groups + 1]))) if codes else (bare, "")
    lead = re.match("(?:劳动力|劳力)(?=..)", rest) if codes else None
    rest = rest[lead.end() :] if lead else rest
    if codes and named[-1]["noun"] == "劳动力" and not rest:
        more = _LABOUR  # unless something else is counted
    figures = _WORDS.get(rest, ())
    clear = not rest or bool(figures)
    homes = bool(named) and named[-1]["noun"] == "户"
    return Told(
        figures,
        codes if clear else frozenset(),
        _counted(more, unit),
        ("", ""),
        part,
        homes,
        clear,
        not clear and bool(_ONLY_SOME.search(word)),
    )


def _codes(hit: re.Match[str]) -> frozenset[str]:
    return next(codes for n, (_words, codes) in enumerate(_GROUPS) if hit[f"g{n}"])


def _without_unit(word: str) -> tuple[str, str]:
    """A word without its units and what it counts by them."""
    unit = ""
    while word not in _WORDS:
        hit = next(((name, at) for name, form in _UNITS if (at := form.search(word))), None)
        found = hit[1] if hit else _WITHOUT.search(word)
        if found is None:
            break
        unit, word = unit or (hit[0] if hit else ""), word[: found.start()]
    return word, unit


def titled(titles: Iterable[str], below: Sequence[Told]) -> Told:
    """The only figure that the titles of a table name if nothing `below` names one, and the group of people they limit all figures to if
    nothing below is about others."""
    text = "".join(map(plain, titles))
    named = [hit for hit in _NAMED.finditer(text) if hit["noun"] or "女" in hit[0]]
    words = "|".join(sorted((word for word in _WORDS if len(word) > 1), key=len, reverse=True))
    found = {_WORDS[word] for word in re.findall(words, _NAMED.sub("", text))}
    found = found if len(found) < 2 else found - {("working",)}
    codes = frozenset[str]().union(*map(_codes, named))
    others = any(one.codes and (not one.codes <= codes or (one.part and one.codes == codes)) for one in below)
    named_below = any(one.figures for one in below)
    return Told(found.pop() if len(found) == 1 and not named_below else (), frozenset() if others else codes)


def together(parts: Sequence[Told]) -> Told:
    """What headings one below the other ask for, or a row's label and a column's heading: the last figure, of the last group."""
    codes, figures, unit, month, homes, clear = frozenset[str](), tuple[str, ...](), "", ("", ""), False, True
    unclear = any(one.unclear for one in parts)
    for one in parts:
        clear = one.clear and (clear or bool(one.figures))
        unclear |= bool(one.codes and codes and not one.codes <= codes)
        unit, month = _counted(unit, one.unit), one.month if one.month[1] else month
        codes, homes = (one.codes, one.homes) if one.codes else (codes, homes)
        unclear |= bool(one.figures) and not _below(figures, one.figures)
        figures = _below(figures, one.figures) if one.clear else one.figures
    unclear |= unit == _HOMES and bool(figures)
    limit = "".join({one.limit for one in parts})
    return Told(figures, codes, unit, month, any(one.part for one in parts), homes, clear, unclear, limit)


def _counted(unit: str, more: str) -> str:
    """What is counted where two words tell it: a number of people may be one of workers."""
    return unit if (unit, more) == (_LABOUR, _PEOPLE) else more or unit


def _below(figures: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """The figures that a heading below another asks for, empty if it is unclear."""
    if not figures or not more or more == figures:
        return figures or more
    if figures in _PLACED:
        return figures if more == ("working",) else more if set(more) < set(figures) else ()
    return more if figures in (("working",), ("labour",), (_PEOPLE,)) or (figures, more) == (("trained",), ("certified",)) else ()


def once(each: Mapping[int, tuple[str, Told]]) -> dict[int, Told]:
    """What headings or labels, each with its text, ask for. What two ask for is unclear: one of them must mean a part. So is 外出务工
    beside 县内, which may or may not be part of it."""
    keys = {
        n: (one.figures, one.codes, one.month, one.figures or one.unit, one.limit)
        for n, (_text, one) in each.items()
        if one.asks and one.clear
    }
    times = Counter(keys.values())
    twice = {n for n, key in keys.items() if times[key] > 1}
    within = {(one.codes, one.month) for _text, one in each.values() if one.figures == ("county",)}
    beside = {n for n, (text, one) in each.items() if one.figures == AWAY and "外出" in text and (one.codes, one.month) in within}
    return {n: replace(one, unclear=one.unclear or n in beside | twice) for n, (_text, one) in each.items()}


def in_order(each: Sequence[Told]) -> list[Told]:
    """What headings beside each other, or labels one below the other, ask for: 其中 and the regions of work take up what is before them."""
    whole, made, parted = Told(), list[Told](), False
    for one in each:
        region = bool(one.figures) and set(one.figures) <= _REGIONS and not one.codes
        if one.part or (region and whole.asks):
            parted = one.part and bool(one.codes)
            figures = _below(whole.figures, one.figures) if one.part else one.figures
            outside = bool(one.codes and whole.codes) and not one.codes <= whole.codes
            outside |= bool(whole.figures) and (not figures or one.unit == _HOMES)
            unit = one.unit or (whole.unit if one.part else "")
            one = replace(one, figures=figures, codes=one.codes or whole.codes, unit=unit, unclear=one.unclear or outside)
            whole = one if one.figures == AWAY and not one.part else whole
        elif parted and one.codes and not (one.figures or one.unit):
            one = replace(one, unclear=True)  # 务工人数, 其中：脱贫人口, 监测对象: a part, too, or all of them
        elif one.asks:
            whole, parted = one, False
        made.append(one)
    return made


@dataclass(frozen=True)
class Wanted:
    """The figures to add up, of the people of these categories (empty: of everybody)."""

    figures: tuple[str, ...]
    codes: frozenset[str] = frozenset()
    people: bool = False
    """Whether people are asked for where the figures count what happens: whoever is on two courses is one."""

    def called(self) -> str:
        """The user's name for it: 脱贫人口：已务工."""
        figure = "＋".join(_(FIGURES[name].label) for name in self.figures)
        return _("{kind}：{field}").format(kind=_group(self.codes), field=figure) if self.codes else figure


def wanted(asks: Told, title: Told) -> Wanted | None:
    """What a cell asks for; None if it is not on record, or unclear. `title`: the figure and group of the whole table."""
    figures = asks.figures or (title.figures if asks.asks and asks.clear and asks.unit != _HOMES else ())
    if not figures and asks.codes and asks.clear:
        unit = asks.unit or ("" if asks.homes else _PEOPLE)
        figures = (unit,) if unit else ()
    codes = asks.codes or (title.codes if set(figures).isdisjoint({_PEOPLE, _HOMES}) else frozenset())
    codes |= {asks.limit} - {""}
    courses = set(figures) <= {"trained", "certified"}
    some = codes and (
        asks.limit.startswith("trade=") != (courses and bool(asks.limit))
        or figures == ("started",)
        or not all(of_people(FIGURES[name]) for name in figures)
    )
    return None if asks.unclear or not figures or some else Wanted(figures, codes, courses and asks.unit == _PEOPLE and not asks.limit)


def _group(codes: frozenset[str]) -> str:
    choices = KINDS["category_span"].by_name["category"].choices or {}
    named = {LIFTED: _("脱贫人口"), MONITORED: _("监测对象"), LIFTED | MONITORED: _("脱贫人口和监测对象"), _WOMEN: _("女性")}
    return named.get(codes) or _("、").join(_(choices[code]) if code in choices else code.partition("=")[2] for code in sorted(codes))
