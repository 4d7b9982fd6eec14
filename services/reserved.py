"""Refuses here, in words, what the county would hold (`sync.county.receiving.levels`): changes of what a higher level wrote, and the
removal of what an approval rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.mapping import table
from db.session import Session
from domain import claims as path
from domain.authors import scope_of
from domain.errors import Refused
from domain.fields import Kind, Record
from domain.records import Attachment, Claim, Employer, Notice, Objection, Person
from domain.words import _


def refuse(session: Session, kind: Kind, known: Record | None, given: Mapping[str, Any], *, deletes: bool = False) -> None:
    """Raise `Refused` where this station may not make a record with the values `given`, give them to the record `known`, or delete it."""
    if session.role == "county":
        return
    if kind is Notice.KIND:
        levels = {value for value in (given.get("level"), known.get("level") if known is not None else None) if value in path.NOTICES}
        if not all(path.may_notice(session.role, str(of)) for of in levels):
            raise Refused(_("这是上级的公示，本站不能记，也不能改。请由发公示的一级来办。"))
        if isinstance(known, Notice) and "claims" in given and tuple(given["claims"] or ()) != tuple(known.claims or ()):
            raise Refused(_("公示的是哪些申请，发出以后不能改。漏了的请另发一次公示；发错了登记「有异议」再重新公示。"))
    from_above = known is not None and len(scope_of(known.created_by or "")) < len(session.scope)
    restores = known is not None and known.deleted_at is not None
    if from_above and kind.above is not None and (deletes or restores or not kind.above.isdisjoint(given)):
        raise Refused(_("这是上级记的，本站不能改，也不能删除。有不同的情况请另记一条，或告诉上级。"))
    if isinstance(known, Objection) and (deletes or "notice_id" in given) and session.column("objection", "seq", [known.id])[known.id]:
        raise Refused(_("这条异议县里已经收到，不能删除，也不能改到别的公示。请在「补助 → 公示」按「处理异议」写明处理情况。"))
    if deletes and isinstance(known, (Attachment, Person, Employer)) and _is_approved(session, known):
        raise Refused(_("补助已经批准，申请的材料、申请的人和单位本站不能删除。确需改动请县里来办；重复登记的人请用「合并」。"))


def _is_approved(session: Session, known: Attachment | Person | Employer) -> bool:
    """Whether a claim with this paper, or for this person or unit, was approved."""
    from services.claims import claims  # it files claims through `records`, which imports this module

    t = table("claim")
    if isinstance(known, Attachment):
        mine = t.c.id == known.record_id
    else:
        mine = (t.c.person_id if isinstance(known, Person) else t.c.employer_id) == known.id
    return any(each.state in path.FIXED for each in claims.standings(session, session.select(Claim, mine)))
