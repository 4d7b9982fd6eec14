"""Warnings shown before claims are approved. They block nothing."""

from __future__ import annotations

from collections.abc import Sequence

from db.merged import root
from db.session import Session
from domain.records import Claim
from domain.words import _
from services import funds, key_changes, payees, records


def cautions(session: Session, ids: Sequence[str]) -> str:
    """Return the warnings about these claims, one a line: insufficient funds, key changes that nobody else has confirmed, merges that
    send the money elsewhere. "" when there are none."""
    chosen = [claim for id in ids if (claim := session.get(Claim, id)) is not None]
    roots = {claim.id: root(session, claim.person_id) for claim in chosen if claim.person_id}
    named = records.by_id(session, "person", roots.values())
    merged = payees.redirected(session, {id: named[person] for id, person in roots.items() if person in named})
    told = [*key_changes.sentences(session, roots.values()).items(), *((roots[id], why) for id, why in merged.items())]
    lines = (_("{name}：{why}").format(name=named[id].name, why=why) for id, why in told)
    return "\n".join(filter(None, (funds.short(session, chosen), *lines)))
