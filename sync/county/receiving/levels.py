"""Decides at the county what is reserved to the levels above a station: confirmations of changes, what was written above, objections,
notices, and the papers and people of approved claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from db.among import among
from db.mapping import record_columns, table, to_records
from db.session import Session
from domain import claims as path
from domain.authors import scope_of
from domain.fields import KINDS, Kind
from domain.grouping import by_key
from domain.key_changes import speaks_of_change
from domain.records import Attachment, Claim, ClaimStep, Employer, Finding, Notice, Objection, Person
from domain.scopes import level_of
from sync.wire.columns import Change, Group

_CODE, _STATE = (Finding.KIND.by_name[name].number for name in ("code", "state"))
_NOTICE = Objection.KIND.by_name["notice_id"].number
_LEVEL, _CLAIMS = (Notice.KIND.by_name[name].number for name in ("level", "claims"))
_OWNERS = {Attachment.KIND.number: "record_id", Person.KIND.number: "person_id", Employer.KIND.number: "employer_id"}


def reserved(session: Session, scope: str, groups: Sequence[Group], *, again: bool = False) -> dict[int, str]:
    """The changes that a station of `scope` may not make, with reasons by place. `again`: the batch was judged before, when only the rule
    on confirmations existed."""
    level = level_of(scope) or "county"  # the county's own changes have no scope
    if level == "county":
        return {}
    found = _confirmations(session, groups) if level == "village" else {}
    if again:
        return found
    said_above = _from_above(session, scope, groups) | _objections(session, groups)
    return found | said_above | _notices(session, level, groups) | _approved(session, groups)


# -- findings: confirmations of changes of key information --------------------------------------------------------------------


def _confirmations(session: Session, groups: Sequence[Group]) -> dict[int, str]:
    """A village's confirmations of a change, and its edits of findings by others about one."""
    said = [placed for g in groups if g.kind == Finding.KIND.number for placed in g.changes()]
    made = {change.row_id: change for _place, change in said if change.what == "I"}
    return {place: "level" for place, change in said if _too_high(session, change, made)}


def _too_high(session: Session, change: Change, made: Mapping[str, Change]) -> bool:
    """Whether a change of a finding is reserved to the levels above. `made`: findings inserted by the same batch, by id."""
    new_code, state = change.values.get(_CODE), change.values.get(_STATE, "open")
    t = table("finding")
    known = session.conn.execute(select(t.c.code, t.c.created_by).where(t.c.id == change.row_id)).first()
    if isinstance(new_code, str) and speaks_of_change(new_code) and (state != "open" or change.what != "I"):
        return True
    first = made.get(change.row_id)
    if known is None and first is not None and change.what != "I":
        return speaks_of_change(str(first.values.get(_CODE))) and state != "open"
    if known is None or change.what == "I" or not speaks_of_change(known.code):
        return False
    return state != "open" or known.created_by != change.by


# -- what a higher level wrote, and objections ---------------------------------------------------------------------------------


def _from_above(session: Session, scope: str, groups: Sequence[Group]) -> dict[int, str]:
    """Changes of what a level above wrote, as far as its kind says that they are not made below (`Kind.above`). A finding made at both
    levels (two people who are not the same) is no change."""
    found: dict[int, str] = {}
    for kind in (each for each in KINDS.values() if each.above is not None):
        told = [placed for g in groups if g.kind == kind.number and g.what != "C" for placed in g.changes()]
        t = table(kind)
        wanted = select(t).where(among(t.c.id, {change.row_id for _place, change in told})) if told else None
        rows = {row["id"]: row for row in session.conn.execute(wanted).mappings()} if wanted is not None else {}
        above = {id: row for id, row in rows.items() if len(scope_of(row["created_by"] or "")) < len(scope)}
        found |= {place: "level" for place, change in told if change.row_id in above and _alters(kind, change, above[change.row_id])}
    return found


def _alters(kind: Kind, change: Change, row: RowMapping) -> bool:
    if change.what in "DR":
        return True
    if kind is Finding.KIND:
        return change.what != "I" or row["deleted_at"] is not None or change.values.get(_STATE) != row["state"]
    fixed = {f.number: f.name for f in kind.fields if f.name in (kind.above or ())}
    return any(number in fixed and value != row[fixed[number]] for number, value in change.values.items())


def _objections(session: Session, groups: Sequence[Group]) -> dict[int, str]:
    """Changes that remove an objection that the county has, or give it to another notice: it is answered instead."""
    said = [placed for g in groups if g.kind == Objection.KIND.number and g.what in "DIU" for placed in g.changes()]
    t = table("objection")
    wanted = select(t.c.id, t.c.notice_id).where(among(t.c.id, {change.row_id for _place, change in said})) if said else None
    known = {row.id: row.notice_id for row in session.conn.execute(wanted)} if wanted is not None else {}
    mine = [(place, change, known[change.row_id]) for place, change in said if change.row_id in known]
    return {place: "level" for place, change, notice in mine if change.what == "D" or change.values.get(_NOTICE, notice) != notice}


# -- notices -----------------------------------------------------------------------------------------------------------------


def _notices(session: Session, level: str, groups: Sequence[Group]) -> dict[int, str]:
    """Changes of the notices of a higher level: a later one of a village would replace the county's, and with it the objections to that.
    And changes of what claims a notice on record is about: a claim that is taken off it loses the objections to it."""
    told = [placed for g in groups if g.kind == Notice.KIND.number and g.what != "C" for placed in g.changes()]
    t = table("notice")
    wanted = select(t.c.id, t.c.level, t.c.claims).where(among(t.c.id, {change.row_id for _place, change in told})) if told else None
    known = {row.id: row for row in session.conn.execute(wanted)} if wanted is not None else {}
    found = {place: "append" for place, change in told if _about_others(change, known.get(change.row_id))}
    for place, change in told:
        levels = (change.values.get(_LEVEL), known[change.row_id].level if change.row_id in known else None)
        if any(of in path.NOTICES and not path.may_notice(level, str(of)) for of in levels):
            found[place] = "level"
    return found


def _about_others(change: Change, known: Any) -> bool:
    """Whether a change gives other claims to a notice. `known`: its row, if it is on record."""
    return known is not None and change.values.get(_CLAIMS, known.claims) != known.claims


# -- what an approval rests on ---------------------------------------------------------------------------------------------


def _approved(session: Session, groups: Sequence[Group]) -> dict[int, str]:
    """Changes below the county that alter or remove papers of an approved claim, or delete its person or unit."""
    touched = list(_removing(groups))
    if not touched:
        return {}
    t, a = table("claim"), table("attachment")
    by_kind = by_key((change.kind, change.row_id) for _place, change in touched)
    papers = select(a.c.id, a.c.record_id).where(among(a.c.id, by_kind[Attachment.KIND.number]))
    of_paper = {row.id: row.record_id for row in session.conn.execute(papers)}
    whose = {name: by_kind[number] for number, name in _OWNERS.items() if name != "record_id"}
    concerned = among(t.c.id, of_paper.values())
    for name, ids in whose.items():
        concerned |= among(t.c[name], ids)
    query = select(*record_columns(Claim.KIND)).where(concerned, t.c.deleted_at.is_(None))
    fixed = list(_fixed(session, to_records(Claim.KIND, session.conn.execute(query))))
    kept = {id for claim in fixed for id in (claim.person_id, claim.employer_id)} | {
        id for id, record in of_paper.items() if any(claim.id == record for claim in fixed)
    }
    return {place: "fixed" for place, change in touched if change.row_id in kept}


def _removing(groups: Sequence[Group]) -> Iterator[tuple[int, Change]]:
    for group in groups:
        if (group.kind == Attachment.KIND.number and group.what in "IUD") or (group.kind in _OWNERS and group.what == "D"):
            yield from group.changes()


def _fixed(session: Session, claims: Iterable[Claim]) -> Iterator[Claim]:
    listed = list(claims)
    s = table("claim_step")
    query = select(*record_columns(ClaimStep.KIND)).where(among(s.c.claim_id, [claim.id for claim in listed]), s.c.deleted_at.is_(None))
    found = to_records(ClaimStep.KIND, session.conn.execute(query.order_by(s.c.seq, s.c.at, s.c.id)))
    steps = by_key((step.claim_id, step) for step in found)
    return (claim for claim in listed if path.state_of(claim, steps[claim.id]) in path.FIXED)
