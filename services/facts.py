"""Reading the facts that policy rules judge: those of everybody, or those relevant to certain people or employers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select

from db.among import among
from db.capture import op
from db.mapping import table
from db.merged import roots
from db.session import Session
from domain.fields import KINDS, Record
from domain.policy.facts import Facts
from domain.progress import Progress, unwatched
from domain.words import _
from services.quality.quality import read, read_of

_OF_PEOPLE: Final = tuple(
    (
        "category_span employment travel placement work_training appointment post_candidate enrolment schooling job_wish  service startup"
    ).split()
)
_BELOW: Final = {
    "wage": ("employment_id", "employment"),
    "agreement": ("appointment_id", "appointment"),
    "insurance": ("appointment_id", "appointment"),
    "attendance": ("appointment_id", "appointment"),
    "post_pay": ("appointment_id", "appointment"),
    "payment": ("claim_id", "claim"),
    "claim_step": ("claim_id", "claim"),
}
"""Kinds that belong to a record of another kind: the reference field, and that kind."""
_SHARED: Final = ("employer", "recognition", "course", "vacancy", "post", "monitor_line")
"""Kinds with few records, or read for everybody."""
_KINDS: Final = ("person", "household", "household_business", "claim", *_OF_PEOPLE, *_BELOW, *_SHARED)
_CHECKS: Final = "monthly_check"
"""Read only of the people about whom a rule may ask for it."""
_SYSTEM: Final = ("created_at",)


def everybody(session: Session, progress: Progress = unwatched) -> Facts:
    """All facts of the store."""
    known: dict[Any, Any] = {}
    records: dict[str, list[Record]] = {}
    for done, kind in enumerate(_KINDS):
        progress(done, len(_KINDS), _("读取台账"))
        records[kind] = read(session, KINDS[kind], known, system=_SYSTEM)
    records[_CHECKS] = read(session, KINDS[_CHECKS], known, _of_work(), system=_SYSTEM)
    return Facts(records, _merged_people(session))


def _of_work() -> ColumnElement[bool]:
    """Condition: monthly checks of people with work that has no end, and those that find somebody with work out of work. Rules look at no
    others, which are most of a township's records."""
    e, c = table("employment"), table(_CHECKS)
    worked = select(e.c.person_id).where(e.c.deleted_at.is_(None))
    idle = (c.c.status == "unemployed") & c.c.person_id.in_(worked)
    return c.c.person_id.in_(worked.where(e.c.end.is_(None))) | idle


def of_people(session: Session, people: Iterable[str]) -> Facts:
    """The facts relevant to some people: their own, those of their households, of the same people under other records, and of their rivals
    for a post."""
    merged = _merged_people(session)
    ids = _around(session, set(people), merged)
    known: dict[Any, Any] = {}
    found: dict[str, list[Record]] = {"person": _of(session, "person", "id", ids, known)}
    households = {person["household_id"] for person in found["person"]} - {None}
    found["household"] = _of(session, "household", "id", households, known)
    found["household_business"] = _of(session, "household_business", "household_id", households, known)
    for kind in (*_OF_PEOPLE, _CHECKS, "claim"):
        found[kind] = _of(session, kind, "person_id", ids, known)
    for kind, (field, upper) in _BELOW.items():
        found[kind] = _of(session, kind, field, {record.id for record in found[upper]}, known)
    # other holders of the same posts count towards the quota; their agreements, insurance and attendance are not needed
    others = _of(session, "appointment", "post_id", _named(found, "post_id"), known)
    found["appointment"] = list({one.id: one for one in (*found["appointment"], *others)}.values())
    employers = _named(found, "employer_id", "agency_id")
    found["employer"] = _of(session, "employer", "id", employers, known)
    found["recognition"] = _of(session, "recognition", "employer_id", employers, known)
    for kind, field in (("post", "post_id"), ("course", "course_id"), ("vacancy", "vacancy_id")):
        found[kind] = _of(session, kind, "id", _named(found, field), known)
    found["monitor_line"] = read(session, KINDS["monitor_line"], known)
    return Facts(found, merged)


def of_wishes(session: Session, people: Iterable[str]) -> Facts:
    """Only the facts needed to count the 1-3-1 services: people, their job wishes, the services given, their places in courses, and the
    vacancies and courses referred to."""
    merged = _merged_people(session)
    ids = {*people, *merged, *merged.values()} if merged else set(people)
    known: dict[Any, Any] = {}
    found = {"person": _of(session, "person", "id", ids, known)}
    for kind in ("job_wish", "service", "enrolment"):
        found[kind] = _of(session, kind, "person_id", ids, known)
    for kind in ("vacancy", "course"):
        found[kind] = _of(session, kind, "id", _named(found, f"{kind}_id"), known)
    return Facts(found, merged)


def _merged_people(session: Session) -> dict[str, str]:
    """Ids of merged people, with the id of the record that replaces each."""
    p = table("person")
    there = func.coalesce(p.c.deleted_at, "") == ""  # not the bare column: SQLite would scan an index of everybody on record
    ids = session.conn.execute(select(p.c.id).where(p.c.merged_into > "", there)).scalars()
    return {id: root for id, root in roots(session, ids).items() if id != root}


def changed(session: Session, people: Iterable[str]) -> list[tuple[str, int | None, str]]:
    """What was entered, edited, deleted or restored of the facts of these people: the person, and position and time of the change."""
    ids, found = list(people), []
    for kind in ("person", *_OF_PEOPLE, *(kind for kind, (_field, upper) in _BELOW.items() if upper != "claim")):
        t = table(kind)
        field, upper = _BELOW.get(kind, ("id", kind))
        of = t if upper == kind else table(upper)
        whose = (of.c.id if kind == "person" else of.c.person_id).label("person_id")
        rows = t if of is t else t.join(of, of.c.id == t.c[field])
        edited = select(whose, op.c.entry, op.c.at).join_from(rows, op, (op.c.row_id == t.c.id) & (op.c.kind == KINDS[kind].number))
        entered = select(whose, t.c.seq, t.c.created_at).select_from(rows)  # an insertion elsewhere has no op here
        for query in [edited.where(op.c.what.in_(("U", "D", "R"))), *([] if kind == "person" else [entered])]:
            found += [tuple(row) for row in session.conn.execute(query.where(among(whose.element, ids)))]
    return found


def at_employer(session: Session, employer_id: str) -> set[str]:
    """Ids of everybody who worked, trained or was placed at an employer."""
    people: set[str] = set()
    for kind, field in (("employment", "employer_id"), ("work_training", "employer_id"), ("placement", "agency_id")):
        t = table(kind)
        people.update(session.conn.execute(select(t.c.person_id).where(t.c[field] == employer_id, t.c.deleted_at.is_(None))).scalars())
    return people


def _around(session: Session, people: set[str], merged: Mapping[str, str]) -> set[str]:
    """The people whose facts are needed to judge `people` with the same result as reading everybody: their other records and households,
    their rivals for a post, and the rivals' households, which decide the order of precedence."""
    own = _same(session, people, merged)
    post_ids = _ids(session, "post_candidate", "post_id", "person_id", own)
    rivals = {id for kind in ("post_candidate", "appointment") for id in _ids(session, kind, "person_id", "post_id", post_ids)}
    near = own | _same(session, (rivals | _households(session, own)) - own, merged)
    return near | _households(session, near)


def _same(session: Session, people: set[str], merged: Mapping[str, str]) -> set[str]:
    """Ids of all records of the same people: merged records, and those with the same ID number."""
    p, found, new = table("person"), set[str](), people
    while new:
        found = found | new
        numbers = _ids(session, "person", "id_number", "id", new)
        new = {other for pair in merged.items() if not new.isdisjoint(pair) for other in pair}
        for number in {number[:18] for number in numbers if len(number) >= 15}:
            # a range uses the index, LIKE reads every row; the number of a certificate continues with digits or a letter
            same = (p.c.id_number >= number) & (p.c.id_number <= number + "ZZ")  # PostgreSQL takes no collation between BETWEEN and AND
            new.update(session.conn.execute(select(p.c.id).where(same, p.c.deleted_at.is_(None))).scalars())
        new -= found
    return found


def _households(session: Session, people: set[str]) -> set[str]:
    """Ids of the members of their households, and of operators of these households' businesses who live elsewhere."""
    households = _ids(session, "person", "household_id", "id", people)
    return _ids(session, "person", "id", "household_id", households) | _ids(
        session, "household_business", "operator_id", "household_id", households
    )


def _ids(session: Session, kind: str, wanted: str, field: str, values: Collection[str]) -> set[str]:
    """The values of the field `wanted` in records of a kind whose `field` is one of `values`, including deleted records."""
    t = table(kind)
    return set(session.conn.execute(select(t.c[wanted]).where(among(t.c[field], values))).scalars()) - {None, ""}


def _of(session: Session, kind: str, field: str, values: Collection[str], known: dict[Any, Any]) -> list[Record]:
    return read_of(session, KINDS[kind], field, values, known, system=_SYSTEM)


def _named(found: dict[str, list[Record]], *fields: str) -> set[str]:
    """Every id that the records found so far refer to in these fields."""
    return {record[f] for records in found.values() for record in records for f in fields if record.get(f)}
