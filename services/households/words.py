"""Describes the effects of a change of households in sentences for the clerk, before it is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from db.session import Session
from domain.fields import KINDS
from domain.identity import age_on
from domain.records import Person
from domain.records.people import MONITORED
from domain.words import N_, LazyText, _, lazy
from services.households.households import DELETE, Case, Home, Plan, case, following, relation_of
from services.standing import standings

LEAST_AGE: Final = 16
"""A younger head gets a warning, because that is usually a mistake."""


@dataclass(frozen=True)
class Preview:
    """Sentences about what will change, and about what to check."""

    lines: Sequence[str]
    warnings: Sequence[str]


def label(session: Session, plan: Plan) -> LazyText:
    """The label of the change in the list of acts that can be undone."""
    found = case(session, plan)
    if not found.going:
        return lazy("{home}：换户主", home=found.home.title)
    first, n = found.going[0].name, len(found.going)
    who = first if n == 1 else lazy("{name}等 {n} 人", name=first, n=n)
    if found.target is None:
        return lazy("{who}分户", who=who)
    text = N_("{home}并入{title}") if found.empties else N_("{who}迁入{title}")
    return lazy(text, who=who, home=found.home.title, title=found.target.title)


def preview(session: Session, plan: Plan) -> Preview:
    """What carrying out a plan will change. Raises like `services.households.households.case`."""
    found = case(session, plan)
    return Preview([*_people(found), *_records(session, found)], [*_monitored(session, found), *_heads(session, found)])


def _people(found: Case) -> Iterator[str]:
    if found.going and found.target_head is not None:
        if found.target is None:
            parts = (found.plan.values.get("number"), found.plan.values.get("address"))
            where = _("，").join(part for part in parts if part)
            yield _("新立一户：户主{head}，{n} 口人{where}。").format(
                head=found.target_head.name, n=_alive(found.going), where=_("（{text}）").format(text=where) if where else ""
            )
        else:
            n = _alive(found.going) + len(found.target.living)
            yield _("{title}：户主{head}，添到 {n} 口人。").format(title=found.target.title, head=found.target_head.name, n=n)
        yield from (_changed(found.home, one, found.plan.going[one.id]) for one in found.going)
    if found.empties:
        kept = _("空户删除，回收站里找得回") if found.plan.emptied == DELETE else _("空户还留着")
        yield _("{home}：没有人了，{kept}。").format(home=found.home.title, kept=kept)
        return
    n = _alive(found.left)
    head = found.head.name if found.head is not None else ""
    yield (_("{home}：剩 {n} 口人，户主{head}。") if found.going else _("{home}：{n} 口人，户主换成{head}。")).format(
        home=found.home.title, n=n, head=head
    )
    for one in found.left:
        word = found.plan.staying.get(one.id)
        if word and word != relation_of(found.home, one):
            yield _changed(found.home, one, word)


def _alive(people: Sequence[Person]) -> int:
    return sum(not one.died_on for one in people)


def _changed(home: Home, one: Person, word: str) -> str:
    show = KINDS["person"].by_name["relation"].show
    before = show(relation_of(home, one)) or _("（没有填）")
    return "　" + _("{name}：{before} → {now}").format(name=one.name, before=before, now=show(word) or before)


def _records(session: Session, found: Case) -> Iterator[str]:
    if not found.going:
        yield _("自主生产经营、走访、家庭收入都不动。")
        return
    along = following(session, found)
    names = [record.business for record in along["household_business"]]
    if names:
        yield _("自主生产经营跟着走：{names}。").format(names=_("、").join(names))
    if along.get("visit"):
        yield _("走访 {n} 次跟着走。").format(n=len(along["visit"]))
    counted = {
        kind: session.count(kind, household_id=found.plan.home) - len(along.get(kind, ()))
        for kind in ("household_business", "visit", "household_income")
    }
    texts = {
        "household_business": _("自主生产经营 {n} 项"),
        "visit": _("走访 {n} 次"),
        "household_income": _("家庭收入 {n} 条"),
    }
    stays = _("、").join(texts[kind].format(n=n) for kind, n in counted.items() if n)
    if stays:
        yield _("留在{home}：{stays}。").format(home=found.home.title, stays=stays)
    yield _("务工、工资、培训、补助、身份认定跟着本人，一条不动。")


def _monitored(session: Session, found: Case) -> Iterator[str]:
    if not found.going:
        return
    coming = found.target.living if found.target is not None else []
    people = [*found.home.living, *coming]
    known = standings(session, (one.id for one in people), session.today)
    codes = {one.id: MONITORED & set(known[one.id].categories) for one in people}
    target_people = [*(one for one in found.going if not one.died_on), *coming]
    left = [one for one in found.left if not one.died_on]
    of_home = set().union(*(codes[one.id] for one in found.home.living))
    split = bool(of_home and left)
    mixed = any(codes[one.id] != codes[target_people[0].id] for one in target_people)
    if not split and not mixed:
        return
    named = KINDS["category_span"].by_name["category"].label_of
    names = _("、").join(
        _("{name}（{words}）").format(name=one.name, words=_("、").join(named(code) for code in sorted(codes[one.id])))
        for one in people
        if codes[one.id]
    )
    yield _("监测对象是按户认定的：{names}。户变了，哪些人还算由乡镇核定；这里不改任何人的身份，请报告乡镇。").format(names=names)


def _heads(session: Session, found: Case) -> Iterator[str]:
    if found.going and found.target is None and not found.plan.values.get("number"):
        yield _("新户还没有户编号，上级系统给了编号再补上。")
    moved = [*found.going, *(found.left if found.home.head is None or found.head is None or found.head.id != found.home.head.id else ())]
    paid = [one.name for one in moved if one.payee_relation == "户主"]
    if paid:
        yield _("补助打到户主账上的：{names}。户主换了，请核对收款账号。").format(names=_("、").join(paid))
    for head in (found.target_head if found.going and found.target is None else None, found.head):
        if head is not None and head.birth and head.birth <= session.today and age_on(head.birth, session.today) < LEAST_AGE:
            yield _("户主{name}不满 {n} 岁，请再核对。").format(name=head.name, n=LEAST_AGE)
