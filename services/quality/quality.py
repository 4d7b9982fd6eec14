"""Data quality checks (体检) on the records of the local store."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, partial
from itertools import repeat
from typing import Any

from sqlalchemy import ColumnElement, Result, Table, and_, case, exists, func, null, or_, select, tuple_, union_all

from db import erased
from db.among import among_bound
from db.gc_pause import gc_paused
from db.mapping import table
from db.merged import roots, stands
from db.session import Session
from domain.fields import KINDS, Kind, Record
from domain.likeness import APART
from domain.periods import add_months
from domain.policy.packs import in_force, required_days
from domain.progress import Progress, unwatched
from domain.quality import RULES, Doubt, Rule, doubts
from domain.quality_work import PUBLIC_POST, SAYS_OF_WORK
from domain.records import Finding, MonthlyCheck
from domain.register import KINDS_READ, Register
from domain.values import Type
from domain.words import _
from services import policies
from services.standing import holding

__all__ = ["RULES", "Doubt", "check", "load", "read", "read_of", "settled"]

_RARELY_REPEATED = frozenset({Type.TEXT, Type.SECRET, Type.YUAN, Type.INT, Type.JSON})
"""Field types whose values rarely repeat, so that sharing equal values saves no memory."""
_ROWS_PER_FETCH = 1_000
WATCHED = (
    *("person", "household", "category_span", "employer", "recognition", "employment", "wage", "monthly_check", "rights_issue"),
    *("appointment", "agreement", "insurance", "job_wish", "vacancy", "service", "course", "claim", "payment", "monitor_line"),
    *("household_income", "post", "schooling", "enrolment"),
)
"""Kinds of records that the home page reads where there are many people: for early warnings, the 1-3-1 services and posts."""
_SHARED = [table(name) for name in KINDS_READ if KINDS[name].shared]
_NAMED = (*_SHARED, table("person"))
_DELETED = union_all(*(select(t.c.id, t.c.get("name", t.c.get("title", null()))).where(t.c.deleted_at.is_not(None)) for t in _NAMED))
"""Ids and titles of deleted records of shared kinds, and of deleted people."""


def load(session: Session, progress: Progress = unwatched, *, asked: str | None = None, doubted: str | None = None) -> Register:
    """Load everything that is checked into memory: records that are neither deleted nor merged, without system fields.

    `asked`: a month; only what early warnings and the 1-3-1 services need, of the monthly checks everybody's last one up to that month and
    those since two months before it. `doubted`: a day; only what the data checks as of that day need, of the monthly checks those that may
    be doubtful.
    """
    names = WATCHED if asked else KINDS_READ
    checks = [_recent_checks(asked)] if asked else [_doubtful_checks(doubted)] if doubted else []
    known: dict[Any, Any] = {}
    t = table("person")
    merged = roots(session, session.conn.execute(select(t.c.id).where(t.c.merged_into > "", ~stands())).scalars())
    f = table("finding")
    apart = session.conn.execute(select(f.c.id).where(f.c.code == APART, f.c.state != "open", f.c.deleted_at.is_(None))).scalars()
    records: dict[str, list[Record]] = {}
    with gc_paused():
        for done, name in enumerate(names):
            progress(done, len(names), _("读取台账"))
            records[name] = read(session, KINDS[name], known, *(checks if name == MonthlyCheck.KIND.name else ()))
        deleted = {id: title or "" for id, title in session.conn.execute(_DELETED)}
        return Register(records, merged, apart=apart, deleted=deleted, required_days=_post_days(session))


def _post_days(session: Session) -> Callable[[str, str], int | None]:
    """The required days of attendance by village and day. The packs are read when first asked for: few posts leave the days out."""
    rules = cache(lambda: [each for each in in_force(policies.used_here(session)) if each.rule.kind.name == "post_pay"])
    return lambda village, day: required_days(rules(), village, day)


def _recent_checks(month: str) -> ColumnElement[bool]:
    c = table("monthly_check")
    since, past = add_months(month, -2), c.alias()
    last = func.max(case((past.c.month <= month, past.c.month)))
    first = func.coalesce(case((last < since, last)), since).label("month")
    of = select(past.c.person_id, first).where(past.c.deleted_at.is_(None)).group_by(past.c.person_id).subquery()
    return and_(c.c.person_id == of.c.person_id, c.c.deleted_at.is_(None), c.c.month >= of.c.month)  # looked up by person


def _doubtful_checks(on: str) -> ColumnElement[bool]:
    """Monthly checks that a rule may find doubtful as of a day (E11, E18, W32, W34, W35, W39, W43). They are most of a township's records,
    and nearly all of them are right; SQL leaves those out in a fraction of the time that reading them takes."""
    c, p, e, a = (table(name) for name in ("monthly_check", "person", "employment", "appointment"))
    middle = c.c.month + "-15"
    works = exists().where(e.c.person_id == c.c.person_id, *_whole(e), holding(e, middle), e.c.channel != PUBLIC_POST)
    on_post = or_(
        exists().where(a.c.person_id == c.c.person_id, *_whole(a), holding(a, middle, "start", "exit_on")),
        exists().where(e.c.person_id == c.c.person_id, *_whole(e), holding(e, middle), e.c.channel == PUBLIC_POST),
    )
    once = select(c.c.person_id, c.c.month).where(c.c.deleted_at.is_(None)).group_by(c.c.person_id, c.c.month)
    fields = KINDS["monthly_check"].fields
    return or_(
        *(c.c[f.name].is_(None) for f in fields if f.required),
        *(c.c[f.name].not_in(f.choices) for f in fields if f.choices is not None),
        and_(c.c.status == "unemployed", or_(works, on_post)),
        and_(c.c.status == "post", ~on_post),
        and_(c.c.status.in_(SAYS_OF_WORK - {"unemployed", "post"}), ~works),
        *(c.c[f.name] < f.bounds.least for f in fields if f.bounds.least is not None),
        c.c.month > on,
        c.c.person_id.not_in(select(p.c.id).where(p.c.deleted_at.is_(None))),
        tuple_(c.c.person_id, c.c.month).in_(once.having(func.count() > 1)),
    )


def _whole(t: Table) -> tuple[ColumnElement[bool], ...]:
    """Conditions: the record is not deleted and lacks no required field, so that the rules consider it."""
    return (t.c.deleted_at.is_(None), *(t.c[name].is_not(None) for name in KINDS[t.name].required))


def read(session: Session, kind: Kind, known: dict[Any, Any], *where: ColumnElement[bool], system: tuple[str, ...] = ()) -> list[Record]:
    """Read the records of a kind in a quarter of the usual memory.

    Equal values are shared through `known`, and attributes are set one by one so that the instances share their dictionary keys. Long
    texts and JSON are left out unless required; of the system fields only those named in `system` are read.
    """
    reading = _reading(kind, system)
    query = reading.query.where(*where) if where else reading.query
    return reading.records(session.conn.execute(query.execution_options(yield_per=_ROWS_PER_FETCH)), known)


def read_of(
    session: Session, kind: Kind, field: str, values: Collection[str], known: dict[Any, Any], *, system: tuple[str, ...]
) -> list[Record]:
    """Like `read`, for records whose `field` is one of `values`; the statement is built once for all calls."""
    reading = _reading(kind, system)
    return reading.records(session.conn.execute(reading.of(field), {"values": list(values)}), known) if values else []


class _Reading:
    """How records of a kind are read: the statement, and which values are shared or converted."""

    def __init__(self, kind: Kind, system: tuple[str, ...]) -> None:
        t = table(kind)
        fields = [f for f in kind.fields if f.required or not (f.multiline or f.type is Type.JSON)]
        self.kind = kind
        converts = {f.name: f.from_stored for f in fields if f.type in (Type.SET, Type.IDS, Type.BOOL)}
        names = ("id", "village", *system, *(f.name for f in fields))
        there = func.coalesce(t.c.deleted_at, "") == ""  # not the bare column: SQLite would read all rows along an index, at random
        self.query = select(*(t.c[name] for name in names)).where(there)
        if kind.name == "person":
            self.query = self.query.where(stands())
        rarely = {f.name for f in fields if f.type in _RARELY_REPEATED}
        self.columns = [(name, name not in rarely, converts.get(name)) for name in names]
        """Of each column: its name, whether its values are shared, and how they are converted."""
        self.of = cache(lambda field: self.query.where(among_bound(t.c[field], "values")))
        """The statement for given values of a field, bound as `values`."""

    def records(self, rows: Result[Any], known: dict[Any, Any]) -> list[Record]:
        """The rows as records. Whole columns are passed to the built-in functions: a loop over the values takes three times as long."""
        make, keep, found = partial(object.__new__, self.kind.cls), known.setdefault, list[Record]()
        for part in rows.partitions(_ROWS_PER_FETCH):
            made = [make() for _row in part]
            for (name, shared, convert), column in zip(self.columns, zip(*part, strict=True), strict=True):
                values: Iterable[Any] = column
                if convert is not None:
                    meant = {stored: keep(value, value) for stored in set(column) for value in [convert(stored)]}
                    values = map(meant.__getitem__, column)
                elif shared:
                    values = map(keep, column, column)
                deque(map(setattr, made, repeat(name), values), maxlen=0)  # an attribute of all, then the next
            found += made
        return found


@cache
def _reading(kind: Kind, system: tuple[str, ...]) -> _Reading:
    return _Reading(kind, system)


def check(
    session: Session,
    on: str | None = None,
    register: Register | None = None,
    rules: Sequence[Rule] = RULES,
    progress: Progress = unwatched,
) -> list[Doubt]:
    """The doubts raised by the rules as of a day (default: today), errors first. `register`: the records, where already loaded.

    Doubts that somebody settled (`finding`) are left out, and so are those about people whose data was erased and about households with
    only such people.
    """
    done, gone = settled(session), erased.rows(session.conn)
    with gc_paused():
        register = register if register is not None else load(session, progress, doubted=on or session.today)
        found: list[Doubt] = []
        for n, rule in enumerate(rules):
            progress(n, len(rules), _(rule.title))
            found += _twice(session, rule) if rule.id == "E19" else doubts(register, on or session.today, (rule,))
    if gone:
        gone |= {house for house, members in register.members.items() if all(one.id in gone for one in members)}
    return [doubt for doubt in found if (doubt.rule, doubt.id) not in done and doubt.id not in gone] if done or gone else found


def _twice(session: Session, rule: Rule) -> list[Doubt]:
    from services.claims import twins  # imported here because the modules of claims read records through this one

    text = _("{claim}：同一项另有一笔申请，{what}")
    found = twins.told(session)
    return [
        Doubt(rule.id, rule.severity, "claim", id, text.format(claim=claim, what=what), _(rule.fix))
        for id, (claim, what) in sorted(found.items())
    ]


def settled(session: Session) -> set[tuple[str, str]]:
    """Code and record id of every doubt or warning that was settled: verified, found false or passed on."""
    t = table("finding")
    return {(finding.code, finding.record_id) for finding in session.select(Finding, t.c.state != "open") if finding.due is None}
