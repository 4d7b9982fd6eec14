"""Filters of lists: by field, quick filter (`monitored`, `working`), status on a day, or typed text.

    parts = condition(session, KINDS["person"], Filter("idle"), "2026-11-26")

Conditions on the record's own columns are answered from covering indexes; conditions on other tables become selects of ids.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, select, tuple_

from db import search
from db.among import among
from db.mapping import table
from db.merged import any_merged, with_owners
from db.session import Session
from domain.claims import DRAFT, state_label
from domain.errors import DomainError
from domain.fields import Kind, kind_of
from domain.periods import years_before
from domain.records import ClaimStep
from domain.records.people import LIFTED, MONITORED, UNABLE, WORKING_AGE
from domain.words import _
from services import standing
from services.lists.titles import owner_field
from services.surveys import figures


@dataclass(frozen=True)
class Filter:
    """One condition. `name`: a field, `village`, a quick filter (then nothing else), or of people `age`, `group`, `category`,
    `channel`, `region`, `answer` (of a survey: the key of a line of its results). `op`: = != < <= > >= in has (a set holds it) contains
    empty filled. `value`: record value."""

    name: str
    op: str = "="
    value: Any = None


@dataclass(frozen=True)
class Parts:
    """The parts of a query: conditions on the table's own columns (`own`), and selects of ids.

    A record must be in at least one select of each list in `within`, in none of `without`, and in one of `text` if there are any; the
    selects of `text` read the list's own table.
    """

    own: list[ColumnElement[bool]]
    within: list[list[Select[Any]]]
    without: list[Select[Any]]
    text: list[Select[Any]] = field(default_factory=list)


_STATES = (DRAFT, *(ClaimStep.KIND.by_name["to_state"].choices or ()))
_NOT_SENT = 2**62
"""Stands for the place in the log of a step that has none yet: after all others."""

# -- quick filters ------------------------------------------------------------------------------------------------------


def _young_enough(day: str) -> ColumnElement[bool]:
    birth = _bare(table("person").c.birth)
    after = years_before(day, WORKING_AGE.stop) + "~"  # from the day after, whatever follows it
    return (birth >= after) & (birth <= years_before(day, WORKING_AGE.start))


def _bare(column: ColumnElement[str]) -> ColumnElement[str]:
    """The column, wrapped so that SQLite does not choose its own index and then read every row; it scans the covering index in list order
    instead. NULL sorts after every value."""
    return func.coalesce(column, "\U0010ffff")


def _quick(session: Session, name: str, day: str) -> Parts | None:
    t, e = table("person"), table("employment")
    able = t.c.labour.not_in(UNABLE)  # SQLite compares two values directly; for the three of the opposite set it builds a table
    match name:
        case "unable":
            return Parts([t.c.labour.in_(UNABLE)], [], [])
        case "able":
            return Parts([able], [], [])
        case "lifted":
            people = standing.with_category(LIFTED, day)
        case "monitored":
            people = standing.with_category(MONITORED, day)
        case "working" | "idle":
            people = standing.working(day)
        case "workshop":
            people = standing.employed(day, e.c.channel == "workshop")
        case "post":
            people = standing.on_post(day)
        case _:
            return None
    if any_merged(session):
        people = with_owners(people)
    if name == "idle":
        free = and_(_young_enough(day), able, t.c.died_on.is_(None), t.c.school_state.is_(None))  # the most selective comes first
        return Parts([free], [], [people])
    return Parts([], [[people]], [])


def _in_state(state: str) -> Parts:
    """Claims whose last step, in county order, led to a state; drafts have no step."""
    c, s = table("claim"), table("claim_step")
    later, there = s.alias(), s.c.deleted_at.is_(None)
    if state == DRAFT:
        return Parts([], [], [select(s.c.claim_id).where(there)])

    def place(step: FromClause) -> tuple[ColumnElement[Any], ...]:
        return func.coalesce(step.c.seq, _NOT_SENT), step.c.at, step.c.id

    after = tuple_(*place(later)) > tuple_(*place(s))
    last = ~select(later.c.id).where(later.c.claim_id == s.c.claim_id, later.c.deleted_at.is_(None), after).exists()
    return Parts([], [[select(c.c.id).join(s, s.c.claim_id == c.c.id).where(s.c.to_state == state, there, last)]], [])


def quick_filters(kind: str | Kind) -> tuple[tuple[str, str], ...]:
    """Names and labels of the filters offered as chips."""
    name = kind if isinstance(kind, str) else kind.name
    if name == "claim":
        return tuple((state, state_label(state)) for state in _STATES)
    if name != "person":
        return ()
    return (
        ("lifted", _("脱贫")),
        ("monitored", _("监测")),
        ("working", _("务工中")),
        ("workshop", _("车间")),
        ("post", _("公益岗")),
        ("idle", _("待业")),
        ("unable", _("无劳动能力")),
    )


# -- conditions --------------------------------------------------------------------------------------------------------


def holding(kind: Kind, text: str, depth: int = 2) -> list[Select[Any]]:
    """Selects of records that match the typed text, or whose person (or other owner) matches it."""
    t = table(kind)
    there = t.c.deleted_at.is_(None)  # repeated here, because the partial indexes need it
    found = [select(t.c.id).where(found, there) for found in search.conditions(kind, text)]
    owner = owner_field(kind)
    if owner is not None and depth:
        theirs = holding(kind_of(str(kind.by_name[owner].ref)), text, depth - 1)
        found += [select(t.c.id).where(t.c[owner].in_(members), there) for members in theirs]
    return found


def condition(session: Session, kind: Kind, wanted: Filter, day: str) -> Parts:
    """The conditions a filter places on records of a kind on a day. Raises `DomainError` for an unknown filter."""
    if kind.name == "claim" and wanted.name in _STATES:
        return _in_state(wanted.name)
    if kind.name == "person":
        quick = _quick(session, wanted.name, day)
        if quick is not None:
            return quick
        special = _PERSON_FILTERS.get(wanted.name)
        if special is not None:
            return special(session, wanted, day)
    if wanted.name not in (*kind.by_name, "id", "village"):
        raise DomainError(_("{kind}没有「{name}」这一项").format(kind=_(kind.label), name=wanted.name))
    return Parts([_compare(kind, wanted)], [], [])


def _compare(kind: Kind, wanted: Filter) -> ColumnElement[bool]:
    column = table(kind).c[wanted.name]
    declared = kind.by_name.get(wanted.name)
    many = wanted.op == "in"
    value = wanted.value
    if declared is not None and wanted.op not in ("has", "contains"):
        value = [declared.to_stored(item) for item in value] if many else declared.to_stored(value)
    operations: dict[str, Callable[[], ColumnElement[bool]]] = {
        "=": lambda: column.is_(None) if value is None else column == value,
        "!=": lambda: column.is_distinct_from(value),
        "<": lambda: column < value,
        "<=": lambda: column <= value,
        ">": lambda: column > value,
        ">=": lambda: column >= value,
        "in": lambda: column.in_(value),
        "has": lambda: column.contains(f'"{value}"', autoescape=True),
        "contains": lambda: column.contains(str(value), autoescape=True),
        "empty": lambda: column.is_(None),
        "filled": lambda: column.is_not(None),
    }
    if wanted.op not in operations:
        raise DomainError(_("不认识的筛选方式「{op}」").format(op=wanted.op))
    return operations[wanted.op]()


def _by_age(session: Session, wanted: Filter, day: str) -> Parts:
    birth = _bare(table("person").c.birth)
    born = years_before(day, int(wanted.value))
    conditions = {">=": birth <= born, "<": and_(birth > born, birth <= day)}
    if wanted.op not in conditions:
        raise DomainError(_("年龄只能按“不小于”和“小于”筛选"))
    return Parts([conditions[wanted.op]], [], [])


def _by_group(session: Session, wanted: Filter, day: str) -> Parts:
    h = table("household")
    houses = select(h.c.id).where(_compare(kind_of("household"), wanted), h.c.deleted_at.is_(None))
    return Parts([_bare(table("person").c.household_id).in_(houses)], [], [])


def _by_region(session: Session, wanted: Filter, day: str) -> Parts:
    places = [place for code in _codes(wanted) for place in standing.region_places(session, code)]
    return Parts([], [[standing.employed(day, table("employment").c.place.in_(places))]], [])


def _by_answer(session: Session, wanted: Filter, _day: str) -> Parts:
    p = table("person")
    return Parts([], [[select(p.c.id).where(among(p.c.id, figures.among_answers(session, str(wanted.value))[1]))]], [])


def _codes(wanted: Filter) -> Collection[str]:
    return [wanted.value] if isinstance(wanted.value, str) else list(wanted.value)


_PERSON_FILTERS: dict[str, Callable[[Session, Filter, str], Parts]] = {
    "age": _by_age,
    "group": _by_group,
    "category": lambda _session, wanted, day: Parts([], [[standing.with_category(_codes(wanted), day)]], []),
    "channel": lambda _session, wanted, day: Parts([], [[standing.employed(day, table("employment").c.channel.in_(_codes(wanted)))]], []),
    "region": _by_region,
    "answer": _by_answer,
}
