"""Applies a plan: writes all its records in the caller's transaction, through `db.changes`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from db import changes
from db.capture import op
from db.exchange import exchange_log
from db.gc_pause import gc_paused
from db.session import Session
from domain.claims import DRAFT
from domain.errors import DomainError
from domain.fields import KINDS
from domain.progress import Progress, unwatched
from domain.records import Claim, ClaimStep
from domain.words import N_, _
from services.claims import claims, submitted
from services.importing.assigned import remember
from services.importing.plan import Action, Draft, ImportResult, Plan
from services.importing.rows.drafting import TICK

LABEL = N_("导入 {file}")
"""The label of an act that imports a file; the list of earlier imports finds them by it."""


def store_state(session: Session) -> str:
    """An identifier of the store's state, which changes with every local change and every exchange. A plan made at another state is made
    again before it is applied."""
    marks = (session.conn.execute(select(func.max(column))).scalar() for column in (op.c.seq, exchange_log.c.id))
    return "/".join(str(mark or 0) for mark in marks)


def foreseen(plan: Plan) -> ImportResult:
    """The result that applying the plan now would have, without writing anything."""
    return _result(plan, plan.counts(), None)


def apply(session: Session, plan: Plan, progress: Progress = unwatched) -> ImportResult:
    """Write the plan's records according to the answers to its questions. When the store has changed since the plan was made, the plan is
    first made again from the same file with the same answers.

    Raises `DomainError` outside a write session, and `Stopped` from `progress`; the caller's transaction then rolls back.
    """
    if session.act is None:
        raise DomainError(_("导入要在一次保存里进行。"))
    if plan.state != store_state(session):
        plan = _remade(session, plan, progress)
    with gc_paused():
        _write_all(session, plan, progress)
    remember(session, plan)
    counts = plan.counts()
    wrote = counts[Action.NEW] + counts[Action.CHANGED]
    return _result(plan, counts, session.act if wrote else None)


def _result(plan: Plan, counts: Mapping[Action, int], batch: int | None) -> ImportResult:
    figures = (counts[Action.NEW], counts[Action.CHANGED], counts[Action.UNCHANGED])
    return ImportResult(batch, *figures, plan.rejected, plan.questions, plan.warnings)


def _write_all(session: Session, plan: Plan, progress: Progress) -> None:
    """Write the records kind by kind, in the order in which the kinds are declared."""
    chosen = plan.chosen()
    work = [draft for draft in chosen.values() if draft.action is not Action.UNCHANGED or draft.base is not None]
    counter = _Counter(progress, len(work))
    for kind in KINDS.values():
        drafts = [draft for draft in work if draft.kind is kind]
        if kind is ClaimStep.KIND:
            _keep_forms(session, drafts, {draft.id for draft in work if draft.kind is Claim.KIND and draft.action is Action.NEW})
        if drafts:
            _write(session, kind.name, drafts, chosen, counter)
    counter.finish()


def _keep_forms(session: Session, taken: Sequence[Draft], brought: Collection[str]) -> None:
    """Keep the application forms of claims in the store that the file hands in, as a step by a form does; what the file brings along is
    history."""
    reviewed = {str(draft.values.get("claim_id")) for draft in taken if draft.values.get("to_state") in submitted.FIRST_REVIEWS}
    for id in sorted(reviewed.difference(brought)):
        if (claim := session.get(Claim, id)) is not None and claims.standings(session, [claim])[0].state in (DRAFT, "returned"):
            submitted.keep(session, id)


def _remade(session: Session, plan: Plan, progress: Progress) -> Plan:
    """The plan made again from the same file, with the same questioned rows kept."""
    fresh: Plan = plan.again(session, progress)
    fresh.take_answers(plan)
    return fresh


class _Counter:
    """Counts the records written and reports progress every `TICK` records."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def through(self, rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            if self.done % TICK == 0:
                self.progress(self.done, self.total, _("写入"))
            self.done += 1
            yield row

    def finish(self) -> None:
        self.progress(self.total, self.total, _("写入"))


def _write(session: Session, kind: str, drafts: Sequence[Draft], chosen: Mapping[int, Draft], counter: _Counter) -> None:
    """Insert the new records in one batch, then update the existing ones in batches that change the same fields."""
    changed: dict[frozenset[str], list[dict[str, Any]]] = {}
    new: list[Draft] = []
    for draft in drafts:
        if draft.restore:
            changes.undelete(session, kind, draft.id)
            draft.values = {f.name: draft.values.get(f.name) for f in draft.kind.fields}
        if draft.restore or (draft.action is not Action.NEW and not draft.orphaned(chosen)):
            if draft.values:
                changed.setdefault(frozenset(draft.values), []).append({"id": draft.id, **draft.values})
        else:
            new.append(draft)
    changes.insert(session, kind, counter.through(_rows(new)))
    for rows in changed.values():
        changes.update_many(session, kind, counter.through(iter(rows)))


def _rows(drafts: Sequence[Draft]) -> Iterator[Mapping[str, Any]]:
    for draft in drafts:
        earlier = draft.base.values if draft.base is not None else {}
        yield {**earlier, **draft.values, "id": draft.id, "village": draft.village}
