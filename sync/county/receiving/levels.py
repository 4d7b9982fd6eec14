"""Decides at the county what is reserved to the levels above a station: confirmations of changes, what was written above, objections,
notices, and the papers and people of approved claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import RowMapping, select

from db.among import among
from db.mapping import table
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
_RESTED_ON = {kind.KIND.number for kind in (Attachment, Person, Employer)}


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
    said = _of_kind(session, groups, Finding.KIND, "CDIRU")
    made = {change.row_id: change for _place, change, _row in said if change.what == "I"}
    return {place: "level" for place, change, row in said if _too_high(change, row, made)}


def _too_high(change: Change, known: RowMapping | None, made: Mapping[str, Change]) -> bool:
    """Whether a change of a finding is reserved to the levels above. `known`: its row; `made`: findings inserted by the same batch, by
    id."""
    new_code, state = change.values.get(_CODE), change.values.get(_STATE, "open")
    if isinstance(new_code, str) and speaks_of_change(new_code) and (state != "open" or change.what != "I"):
        return True
    first = made.get(change.row_id)
    if known is None and first is not None and change.what != "I":
        return speaks_of_change(str(first.values.get(_CODE))) and state != "open"
    if known is None or change.what == "I" or not speaks_of_change(known["code"]):
        return False
    return bool(state != "open" or known["created_by"] != change.by)


# -- what a higher level wrote, and objections ---------------------------------------------------------------------------------


def _from_above(session: Session, scope: str, groups: Sequence[Group]) -> dict[int, str]:
    """Changes of what a level above wrote, as far as its kind says that they are not made below (`Kind.above`). A finding made at both
    levels (two people who are not the same) is no change."""
    found: dict[int, str] = {}
    for kind in (each for each in KINDS.values() if each.above is not None):
        for place, change, row in _of_kind(session, groups, kind):
            if row is not None and len(scope_of(row["created_by"] or "")) < len(scope) and _alters(kind, change, row):
                found[place] = "level"
    return found


def _of_kind(session: Session, groups: Sequence[Group], kind: Kind, sorts: str = "DIRU") -> list[tuple[int, Change, RowMapping | None]]:
    """The changes of a kind, each with its place and the row on record."""
    told = [placed for g in groups if g.kind == kind.number and g.what in sorts for placed in g.changes()]
    t = table(kind)
    wanted = select(t).where(among(t.c.id, {change.row_id for _place, change in told}))
    rows = {row["id"]: row for row in session.conn.execute(wanted).mappings()} if told else {}
    return [(place, change, rows.get(change.row_id)) for place, change in told]


def _alters(kind: Kind, change: Change, row: RowMapping) -> bool:
    if change.what in "DR":
        return True
    if kind is Finding.KIND:
        return change.what != "I" or row["deleted_at"] is not None or change.values.get(_STATE) != row["state"]
    fixed = {f.number: f.name for f in kind.fields if f.name in (kind.above or ())}
    return any(number in fixed and value != row[fixed[number]] for number, value in change.values.items())


def _objections(session: Session, groups: Sequence[Group]) -> dict[int, str]:
    """Changes that remove an objection that the county has, or give it to another notice: it is answered instead."""
    return {
        place: "level"
        for place, change, row in _of_kind(session, groups, Objection.KIND, "DIU")
        if row is not None and (change.what == "D" or change.values.get(_NOTICE, row["notice_id"]) != row["notice_id"])
    }


# -- notices -----------------------------------------------------------------------------------------------------------------


def _notices(session: Session, level: str, groups: Sequence[Group]) -> dict[int, str]:
    """Changes of the notices of a higher level: a later one of a village would replace the county's, and with it the objections to that.
    And changes of what claims a notice on record is about: a claim that is taken off it loses the objections to it."""
    found = {}
    for place, change, known in _of_kind(session, groups, Notice.KIND):
        levels = (change.values.get(_LEVEL), known["level"] if known is not None else None)
        if any(of in path.NOTICES and not path.may_notice(level, str(of)) for of in levels):
            found[place] = "level"
        elif known is not None and change.values.get(_CLAIMS, known["claims"]) != known["claims"]:  # it gives the notice other claims
            found[place] = "append"
    return found


# -- what an approval rests on ---------------------------------------------------------------------------------------------


def _approved(session: Session, groups: Sequence[Group]) -> dict[int, str]:
    """Changes below the county that alter or remove papers of an approved claim, or delete its person or unit."""
    touched = list(_removing(groups))
    if not touched:
        return {}
    t = table("claim")
    by_kind = by_key((change.kind, change.row_id) for _place, change in touched)
    of_paper = session.column("attachment", "record_id", by_kind[Attachment.KIND.number])
    concerned = among(t.c.id, of_paper.values())
    concerned |= among(t.c.person_id, by_kind[Person.KIND.number]) | among(t.c.employer_id, by_kind[Employer.KIND.number])
    fixed = _fixed(session, session.select(Claim, concerned))
    kept = {id for claim in fixed for id in (claim.person_id, claim.employer_id)} | {
        id for id, record in of_paper.items() if any(claim.id == record for claim in fixed)
    }
    return {place: "fixed" for place, change in touched if change.row_id in kept}


def _removing(groups: Sequence[Group]) -> Iterator[tuple[int, Change]]:
    for group in groups:
        if (group.kind == Attachment.KIND.number and group.what in "IUD") or (group.kind in _RESTED_ON and group.what == "D"):
            yield from group.changes()


def _fixed(session: Session, claims: Sequence[Claim]) -> list[Claim]:
    steps = session.by_parent(ClaimStep, "claim_id", [claim.id for claim in claims], order=("seq", "at", "id"))
    return [claim for claim in claims if path.state_of(claim, steps[claim.id]) in path.FIXED]
