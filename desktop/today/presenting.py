"""Turns what `services.today` found into the text of 今日: sections of lines with buttons, most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby

from desktop.registry import page_of
from desktop.today import half_filled
from domain import clock, divisions
from domain.alert_rule import Alert
from domain.alerts import WATCHES
from domain.claims import may_file
from domain.divisions import Region
from domain.money import yuan_grouped
from domain.periods import last_day, month_word
from domain.quality import Doubt
from domain.words import _
from services.cards import MeasureCard
from services.today import NoticeEnd, Today

SAME_AS_LAST_MONTH = "same_as_last_month"
DATA = "data"
"""The sort of matters that are doubts about the data."""
SINGLY = 3
"""The most warnings of one sort that get a line each; more are summed up in one line with their number."""
NAMED = 2
_ENDING = frozenset({"A7"})
_ON_POSTS = frozenset({"A7", "A8"})
"""Warnings about holders of public posts open the page of posts, where they are dealt with, instead of the person."""
_SOON = frozenset({"A7", "A8", "A10", "A11", "A13"})
"""Warnings whose date is a deadline; the date of the others says since when something is so."""
_TITLES = {watch.code: watch.title for watch in WATCHES}
_TONES = {watch.code: watch.tone for watch in WATCHES}
_DOUBT_TONES = {"error": "bad", "warning": "warn", "info": "good"}


@dataclass(frozen=True)
class Action:
    """A button: its text, and the page it opens with arguments; or `act`, something done at once; or `sort`, a list of matters to show."""

    word: str
    page: str = ""
    args: Mapping[str, object] = field(default_factory=dict)
    act: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Task:
    """Something to be done. `tone` is its urgency: bad, warn or good."""

    title: str
    text: str
    when: str = ""
    tone: str = "warn"
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Section:
    """Lines under one heading."""

    title: str
    note: str
    lines: Sequence[Task]
    room: int = 0
    """For how many lines there is room at least, so that the sections below stay where they are when the lines come."""


@dataclass(frozen=True)
class Matter:
    """A warning or doubt in the full list. That it was settled is stored under `code`, `about` and `due`."""

    key: str
    sort: str
    what: str
    text: str
    when: str
    tone: str
    action: Action
    code: str
    about: str
    due: str | None
    can_settle: bool = True
    place: str = ""
    """Above a village: the name of the village."""


@dataclass(frozen=True)
class Charts:
    """The figures of the charts: labels with numbers, in the order they are drawn."""

    regions: Sequence[tuple[str, int]] = ()
    months: Sequence[tuple[str, int]] = ()
    services: Sequence[tuple[str, int, int]] = ()
    wishes: int = 0


@dataclass(frozen=True)
class Day:
    """Everything on the page. `people` is 0 on a new station."""

    today: str
    people: int
    sections: Sequence[Section] = ()
    charts: Charts = field(default_factory=Charts)
    checks_left: int = 0
    entitled: Section | None = None
    """应享未享, once everybody has been screened."""
    nearly: Section | None = None
    """快够条件, of the same screening."""
    matters: Sequence[Matter] = ()
    """All warnings, most urgent first."""

    @property
    def urgent(self) -> int:
        """The number of lines that cannot wait."""
        return sum(line.tone == "bad" for section in self.sections for line in section.lines)

    @property
    def shown(self) -> Sequence[Section]:
        """The sections that have lines: who can claim now comes first, who will be able to soon comes last."""
        found = [section for section in (*self.sections, self.nearly) if section is not None and section.lines]
        first = self.entitled
        return [first, *found] if first is not None and (first.lines or (first.room and found)) else found


def present(found: Today) -> Day:
    """Return the content of the page."""
    matters = [_matter(alert, found.on, found.places.get(alert.id, "")) for alert in found.alerts]
    sections = (
        Section(
            _("要紧"),
            "",
            [*_half_filled(found), *_claims(found), *_lines(matters, lambda one: _TONES[one.code] == "bad" and one.code not in _ENDING)],
        ),
        Section(_("已过期"), _("补办或退出"), _lines(matters, lambda one: one.code in _ENDING and (one.due or found.on) < found.on)),
        Section(
            _("快到期"),
            _("30 天内"),
            [
                *_lines(matters, lambda one: one.code in _ENDING and (one.due or found.on) >= found.on),
                *(_notice(end, found.on, found.places.get(end.notice.id, "")) for end in found.notices),
            ],
        ),
        Section(_("即将可以申请"), _("快够条件的人"), _lines(matters, lambda one: _TONES[one.code] == "good")),
        Section(_("要核对"), "", list(_to_check(found))),
        Section(_("提醒"), "", [*_lines(matters, lambda one: _TONES[one.code] == "warn"), *_policies(found), *_release(found)]),
    )
    return Day(
        today=found.on,
        people=found.people,
        sections=[section for section in sections if section.lines],
        charts=_charts(found),
        checks_left=found.checks.left,
        matters=matters,
    )


def awaited(room: int) -> Section:
    """The section 应享未享 while people are screened, with the room that it took last time."""
    return Section(_("应享未享"), _("正在核对…"), [], room)


def entitled(found: Sequence[MeasureCard], *, level: str) -> tuple[Section, Section]:
    """Return the sections 应享未享 and 快够条件: the first few people of each by name, the rest as one line.

    Above a village each is shown with the place they live in. A claim of a person starts at the village or township.
    """
    above, files = level != "village", may_file(level, personal=True)
    claimable = [card for card in found if card.screened.unclaimed]
    nearly = [card for card in found if not card.screened.unclaimed]
    total = sum(card.screened.verdict.amount for card in claimable)
    people = len({card.screened.verdict.person_id or card.screened.verdict.employer_id for card in claimable})
    listed, more = _("名单在补助页"), _("在补助页里一起办")
    note = _("合计 {people} 人，{amount} 元").format(people=people, amount=yuan_grouped(total)) if people else _("没有漏下的")
    return (
        Section(_("应享未享"), note, _screened(claimable, "unclaimed", "good", more if files else listed, above, files=files)),
        Section(_("快够条件"), "", _screened(nearly, "nearly", "warn", listed, above, files=False)),
    )


def _screened(found: Sequence[MeasureCard], status: str, tone: str, more: str, above: bool, *, files: bool) -> list[Task]:
    """The first few of those screened, and a line for the rest that opens the list `status` of 补助."""
    lines = [_screened_line(card, tone, card.group if above else "", files=files) for card in found[:SINGLY]]
    if (rest := len(found) - len(lines)) > 0:
        go = Action(_("看名单"), "benefits", {"tab": "screening", "status": status})
        lines.append(Task(_("还有 {n} 件").format(n=rest), more, "", tone, [go]))
    return lines


def _screened_line(card: MeasureCard, tone: str, home: str, *, files: bool) -> Task:
    """What a person is entitled to or, first of all, what is still lacking."""
    verdict, rule = card.screened.verdict, card.rule
    unmet = next((reason.text.removeprefix(rule.article) for reason in verdict.reasons if not reason.met), "")
    amount = _("{amount} 元").format(amount=yuan_grouped(verdict.amount)) if verdict.amount else ""
    lacking = _("还缺：{what}").format(what=verdict.missing[0]) if verdict.missing and not unmet else ""
    text = "　".join(part for part in (home, unmet, _("{year} 年").format(year=verdict.year), _(rule.name), lacking) if part)
    person = ("people", {"id": verdict.person_id, "rule": rule.id})
    subject = person if verdict.person_id else ("workshop", {"id": verdict.employer_id, "tab": "verdicts"})
    return Task(card.name, text, amount, tone, [Action(_("申请") if files else _("查看"), *subject)])


def doubt_matter(doubt: Doubt, place: str = "") -> Matter:
    """Return a doubt about the data as a line of the full list. `place`: above a village, the name of the village."""
    sort = {"error": _("错误"), "warning": _("疑点"), "info": _("提示")}[doubt.severity]
    go = Action(_("去改"), page_of(doubt.kind), {"kind": doubt.kind, "id": doubt.id})
    return Matter(
        key=f"{doubt.rule}|{doubt.id}|{doubt.message}",
        sort=sort,
        what=sort,
        text=doubt.message,
        when=doubt.fix,
        tone=_DOUBT_TONES[doubt.severity],
        action=go,
        code=doubt.rule,
        about=doubt.id,
        due=None,
        place=place,
    )


def when(due: str, on: str, *, soon: bool) -> str:
    """Return a date as shown on the day `on`: 还有 8 天, 明天, 已过 3 天. A date that is no deadline (`soon` false) is shown as it is once
    past."""
    days = (date.fromisoformat(due) - date.fromisoformat(on)).days
    if days in (0, 1):
        return _("今天") if days == 0 else _("明天")
    if days > 1:
        return _("还有 {n} 天").format(n=days)
    if soon and days > -100:
        return _("已过 {n} 天").format(n=-days)
    return due[5:] if due[:4] == on[:4] else due


def _matter(alert: Alert, on: str, place: str) -> Matter:
    text = when(alert.due, on, soon=alert.alert in _SOON)
    key = f"{alert.alert}|{alert.id}|{alert.due}"
    what, sort = _(_TITLES[alert.alert]), alert.alert
    return Matter(
        key, sort, what, alert.message, text, alert.tone, _go(alert), alert.alert, alert.id, alert.due, alert.kind != "village", place
    )


def _go(alert: Alert) -> Action:
    word = _("续办") if alert.alert in _ENDING else _("查看")
    if alert.alert in ("A13", "A16"):
        return Action(word, "settings", {"tab": "policy"})
    if alert.kind == "village":
        return Action(word, "work")
    if alert.kind == "job_wish":
        return Action(_("去推荐"), "service", {"wish": alert.id})
    if alert.person_id and alert.alert not in _ON_POSTS:
        return Action(word, "people", {"id": alert.person_id})
    return Action(word, page_of(alert.kind), {"kind": alert.kind, "id": alert.id})


def _lines(matters: Sequence[Matter], wanted: Callable[[Matter], bool]) -> list[Task]:
    """The lines of the warnings that are `wanted`. The first few of an urgent sort always get lines of their own; many reminders
    become one line."""
    lines: list[Task] = []
    for code, group in groupby((matter for matter in matters if wanted(matter)), key=lambda matter: matter.code):
        alike = list(group)
        singly = alike if len(alike) <= SINGLY else [] if _TONES[code] == "warn" else alike[: SINGLY - 1]
        rest = alike[len(singly) :]
        lines += [_single(matter) for matter in singly]
        lines += [_together(code, rest)] if rest else []
    return lines


def _single(matter: Matter) -> Task:
    """A line for one warning; the name at the beginning of its message becomes the title."""
    name, blank, rest = matter.text.partition(" ")
    title, text = (name.rstrip(":"), rest.strip()) if blank and len(name) <= 12 else (matter.what, matter.text)
    return Task(title, _at(matter.place, text.removeprefix("的")), matter.when, matter.tone, [matter.action])


def _at(place: str, text: str) -> str:
    return "　".join(part for part in (place, text) if part)


def _together(code: str, alike: Sequence[Matter]) -> Task:
    names = _("、").join(f"{matter.place}{matter.text.partition(' ')[0].rstrip(':')}" for matter in alike[:NAMED])
    text = _("{names}等 {n} 件").format(names=names, n=len(alike))
    return Task(alike[0].what, text, alike[0].when if code in _SOON else "", alike[0].tone, [Action(_("看名单"), sort=code)])


def _notice(end: NoticeEnd, on: str, place: str) -> Task:
    text = _at(place, _("{n} 件，公示到 {day}").format(n=end.claims, day=end.last_day))
    go = Action(_("出结果"), page_of("notice"), {"kind": "notice", "id": end.notice.id})
    level = end.notice.shown("level")
    return Task(_("{level}公示").format(level=level), text, when(end.last_day, on, soon=True), "warn", [go])


def _claims(found: Today) -> Iterator[Task]:
    """Lines for claims that wait for this station or came back to it."""
    waiting: tuple[tuple[Sequence[str] | Mapping[str, str], str, str, str, str], ...] = (
        (found.returned, "bad", _("退回的申请"), _("{n} 笔退回来补正，看原因，改好再交"), _("去补正")),
        (found.refused, "warn", _("没有通过的申请"), _("{n} 笔没有通过，请告诉本人。{why}"), _("看原因")),
        (found.twice, "bad", _("报了两笔的"), _("{why}：同一项有两笔申请，只能留一笔，多的请撤回"), _("去核对")),
        (found.turned, "warn", _("判定变了的申请"), _("{n} 笔申请以后判定变了：{why}"), _("去核对")),
        (found.bounced, "bad", _("发放失败的补助"), _("{n} 笔银行发放失败（{why}），请核对账号"), _("去核对")),
        (found.claims, "bad", _("待办的申请"), _("{n} 笔补助申请走到本级，等您办下一步"), _("去办")),
    )
    for claims, tone, title, text, word in waiting:
        if claims:
            first = next(iter(claims))
            why = _("、").join(dict.fromkeys(claims.values())) if isinstance(claims, Mapping) else ""
            yield Task(title, text.format(n=len(claims), why=why), "", tone, [Action(word, "benefits", {"claim": first})])


def _to_check(found: Today) -> Iterator[Task]:
    if found.closed_into:
        text = _("县里已把名册和台账转到{place}，不是丢了").format(place=divisions.called(found.closed_into))
        yield Task(_("本村已并村"), text, "", "bad", [Action(_("看说明"), "sync", {"tab": "story"})])
    sync, confirm = partial(Action, page="sync"), Action(_("去确认"), "township", {"figure": "changes"})
    waiting = (
        (found.conflicts, "bad", _("要核对的改动"), _("{n} 处两边不一样，要选一个"), sync(_("核对"), args={"tab": "conflicts"})),
        (found.held, "warn", _("搁置的改动"), _("{n} 条收到了还不能生效，先替您留着"), sync(_("查看"), args={"tab": "held"})),
        (found.early, "warn", _("U 盘来的数据"), _("{n} 批先到了，还缺前面的，请读入缺的 U 盘"), sync(_("去同步"), args={"tab": "stick"})),
        (found.changes, "warn", _("待确认的变更"), _("{n} 处改了姓名、号码、账号或身份，等您核实"), confirm),
        (found.unnamed, "warn", _("岗位没写明"), _("{n} 个岗位的类型、开发主体或资金填的是「其他」"), Action(_("补填"), page_of("post"))),
        (found.errors, "bad", _("数据体检"), _("{n} 处明显不对，改了才好上报"), Action(_("看名单"), sort=DATA)),
    )
    yield from (Task(title, text.format(n=n), "", tone, [action]) for n, tone, title, text, action in waiting if n)
    if found.checks.left:
        yield _checks(found)
    yield from _surveys(found)


def _policies(found: Today) -> Iterator[Task]:
    """Lines for policies that came lately: amounts and conditions may have changed without anybody having done anything here."""
    for pack in found.policies:
        text = _("县里下发了 {version} 版，补助改按它判定：{title}").format(version=pack.version, title=pack.title)
        yield Task(_("政策有更新"), text, "", "good", [Action(_("看政策"), "settings", {"tab": "policy"})])


def _release(found: Today) -> Iterator[Task]:
    if found.release:
        text = _("县里发了新版本 {version}，有空时升级，数据都在").format(version=found.release)
        yield Task(_("村站通"), text, "", "good", [Action(_("去升级"), "settings", {"tab": "about"})])


def _half_filled(found: Today) -> Iterator[Task]:
    """Lines for unsaved input, the latest first."""
    text = _("填了一半没有保存，打开接着填")
    for form, at in found.drafts[:SINGLY]:
        word, page, args = half_filled.where(form)
        yield Task(word, text, clock.when(at), "warn", [Action(_("接着填"), page, args)])
    if len(found.drafts) > SINGLY:
        yield Task(_("还有 {n} 处").format(n=len(found.drafts) - SINGLY), text, "", "warn")


def _surveys(found: Today) -> Iterator[Task]:
    """Lines for surveys that are not complete; if there are many, those due first."""
    for one in found.surveys[:SINGLY]:
        due = one.survey.due
        late = due is not None and due < found.on
        text = _("{title}：还差 {n} 人").format(title=one.survey.title, n=one.left)
        go = Action(_("去填"), "survey", {"id": one.survey.id})
        yield Task(_("摸排"), text, when(due, found.on, soon=True) if due else "", "bad" if late else "warn", [go])
    if len(found.surveys) > SINGLY:
        text = _("还有 {n} 张没有填完").format(n=len(found.surveys) - SINGLY)
        yield Task(_("摸排"), text, "", "warn", [Action(_("看名单"), "survey")])


def _checks(found: Today) -> Task:
    counts, month = found.checks, found.on[:7]
    fill = Action(_("去填"), "work", {"tab": "checks", "month": month})
    text = _("{n} 人未填").format(n=counts.left)
    if not counts.copyable:
        return Task(_("务工月监测"), text, last_day(month)[5:], "warn", [fill])
    text = _("{n} 人未填，{m} 人可按与上月相同").format(n=counts.left, m=counts.copyable)
    return Task(_("务工月监测"), text, last_day(month)[5:], "warn", [Action(_("与上月相同"), act=SAME_AS_LAST_MONTH), fill])


def _charts(found: Today) -> Charts:
    served = found.services
    words = {
        Region.COUNTY: _("县内"),
        Region.CITY: _("市内"),
        Region.PROVINCE: _("省内"),
        Region.OUTSIDE: _("省外"),
        Region.ABROAD: _("境外"),
    }
    shown = [where for where in Region if where is not Region.ABROAD or found.regions.get(where)]
    return Charts(
        regions=[*((words[where], found.regions.get(where, 0)) for where in shown), (_("待业"), found.idle)],
        months=[(month_word(int(month[5:])), count) for month, count in found.months],
        services=[
            (_("职业指导"), served.guidance, served.wishes),
            (_("岗位 3 个"), served.jobs, served.wishes),
            (_("免费培训"), served.training, served.wishes),
        ],
        wishes=served.wishes,
    )
