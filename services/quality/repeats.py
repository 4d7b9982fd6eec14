"""Deleting records that were entered twice (the check E20), so that figures count them once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import false, select

from db import changes, erased
from db.among import among
from db.mapping import table
from db.merged import stands
from db.referring import needed
from db.session import Session
from domain.errors import DomainError, Refused
from domain.fields import KINDS, Record
from domain.grouping import by_key
from domain.progress import Progress, unwatched
from domain.quality_repeats import repeated
from domain.records import Household, Person
from domain.words import _
from services import records
from services.quality.quality import check, load


@dataclass(frozen=True)
class Deleted:
    """How many records of each kind (by name) were deleted, and how many for each reason were not."""

    counts: Mapping[str, int]
    left: Mapping[str, int]

    @property
    def text(self) -> str:
        """What was done, in one sentence, and what was not and why."""
        counted = _("、").join(_("{label} {count} 条").format(label=_(KINDS[kind].label), count=n) for kind, n in self.counts.items())
        said = _("删去了多记的：{counted}。").format(counted=counted) if counted else _("没有删。")
        return said + "".join(_("另有 {n} 条没有删：{why}。").format(n=n, why=why.rstrip("。")) for why, n in self.left.items())


def delete_repeats(session: Session, progress: Progress = unwatched) -> Deleted:
    """Delete every record that the check E20 finds and whose doubt was not settled.

    Those stay to which something refers that stays, whose remarks or papers would be lost, and those that may not be deleted here.
    """
    register = load(session, progress)
    open_doubts = {doubt.id for doubt in check(session, register=register, progress=progress) if doubt.rule == "E20"}
    found = {id: same for id, same in repeated(register).items() if id in open_doubts}
    _take_along(session, found)
    going = {kind: set(ids) for kind, ids in by_key((same.KIND.name, id) for id, same in found.items()).items()}
    reasons = dict.fromkeys(_with_remarks(session, found, going), _("备注和另一条不一样"))
    reasons |= dict.fromkeys(_with_papers(session, found), _("名下有附件"))
    leaving = {kind: ids - reasons.keys() for kind, ids in going.items()}
    used = needed(session, leaving, defaultdict(set), false())
    reasons |= dict.fromkeys((id for ids in used.values() for id in ids), _("名下还有别的记录，先改到另一条"))
    counts, left = Counter[str](), Counter(reasons.values())
    for n, (id, same) in enumerate(found.items()):
        progress(n, len(found), _(same.KIND.label))
        try:
            if id not in reasons:
                records.delete(session, same.KIND, id)
                counts[same.KIND.name] += 1
        except (DomainError, Refused) as error:
            left[str(error)] += 1
    return Deleted(counts, left)


def _take_along(session: Session, found: Mapping[str, Record]) -> None:
    """Give the records of people that were merged into others the household that stays, so that they do not keep the other one."""
    p = table("person")
    homes = among(p.c.household_id, [id for id, same in found.items() if isinstance(same, Household)])
    for person in session.select(Person, homes, p.c.merged_into.is_not(None), ~stands(), erased.kept()):
        changes.update(session, "person", str(person.id), {"household_id": found[str(person.household_id)].id})


def _with_remarks(session: Session, found: Mapping[str, Record], going: Mapping[str, set[str]]) -> Iterator[str]:
    """Those that have a long text which the record they repeat lacks; the check does not read these."""
    for kind, ids in going.items():
        texts = [f.name for f in KINDS[kind].fields if f.multiline]
        rows = records.by_id(session, kind, {*ids, *(found[id].id for id in ids)}) if texts else {}
        yield from (id for id in ids if rows and any(rows[id][name] not in (None, "", rows[found[id].id][name]) for name in texts))


def _with_papers(session: Session, ids: Iterable[str]) -> set[str]:
    t = table("attachment")
    return set(session.conn.execute(select(t.c.record_id).where(among(t.c.record_id, ids), t.c.deleted_at.is_(None))).scalars())
