"""体检: run the data checks over what the store holds."""

from __future__ import annotations

from db.mapping import table
from db.session import Session
from domain.quality import RULES, Doubt, doubts
from domain.register import KINDS_READ, Register

__all__ = ["RULES", "Doubt", "check", "load", "settled"]


def load(session: Session) -> Register:
    """Everything that is checked, in memory: records that are neither deleted nor merged into another."""
    read = {kind: session.select(kind) for kind in KINDS_READ}
    read["person"] = [person for person in read["person"] if person.merged_into is None]
    return Register(read)


def check(session: Session, on: str | None = None) -> list[Doubt]:
    """Every doubt as of a day (today unless given), errors first. Doubts that a person settled (`finding`) are left out."""
    done = settled(session)
    return [doubt for doubt in doubts(load(session), on or session.at[:10]) if (doubt.rule, doubt.id) not in done]


def settled(session: Session) -> set[tuple[str, str]]:
    """Code and record id of every doubt or warning that was verified, found false or passed on."""
    t = table("finding")
    return {(finding.code, finding.record_id) for finding in session.select("finding", t.c.state != "open") if finding.due is None}
