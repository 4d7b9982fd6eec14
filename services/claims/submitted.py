"""What the application form of a claim said when the claim was handed in (decision 064).

The first review keeps it among the claim's facts, masked as printed. It travels with the claim, nobody below the county can change it
afterwards, and it is erased with the person. Of a unit's application each claim keeps the unit and its own row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from db import changes
from db.session import Session
from domain import claims as path
from domain.records import Claim
from domain.words import _
from services.claims.claims import ClaimStatus

Cell = str | int | float
FIRST_REVIEWS: Final = frozenset({"village_reviewed", "township_reviewed", "county_review"})
"""The steps that hand a claim in, from a draft or a returned claim; the later two for units."""
TEXT: Final = 200
_ROWS: Final = 60
_CELLS: Final = 20
_DAY: Final = 10


@dataclass(frozen=True)
class Submitted:
    """A form as handed in on a day: the title, the amount (fen), the boxes by label, and the rows of the table."""

    on: str
    title: str
    amount: int
    boxes: Mapping[str, str]
    rows: Sequence[Sequence[Cell]]


def before_review(state: str, to_state: str) -> bool:
    """Whether a step from `state` hands a claim in."""
    return state in (path.DRAFT, "returned") and to_state in FIRST_REVIEWS


def keep(session: Session, id: str) -> None:
    """Keep what the application form of a claim says now; written before the step that hands it in."""
    from services.forms.handed_in import content  # the forms are about claims

    claim: Claim = session.existing(Claim, id, _("没有这笔补助申请，或已被删除。"))
    made = content(session, claim)
    kept = {"on": session.today, "title": made.title, "amount": claim.amount, "rows": bounded(made.rows)}
    boxes = [[label, value[:TEXT]] for row in made.boxes for label, value in row]  # no object: its keys would be sorted
    facts = claim.facts if isinstance(claim.facts, dict) else {}
    changes.update(session, "claim", id, {"facts": {"reasons": [], **facts, path.SUBMITTED: {**kept, "boxes": boxes}}})


def bounded(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """Rows as they are kept."""
    return [[cell[:TEXT] if isinstance(cell, str) else cell for cell in row[:_CELLS]] for row in rows[:_ROWS]]


def handed_in(now: ClaimStatus) -> bool:
    """Whether a claim was handed in and not sent back since; a draft or a returned claim is still to be signed."""
    return now.state not in (path.DRAFT, "returned") and any(step.to_state in FIRST_REVIEWS for step in now.steps)


def of(now: ClaimStatus) -> Submitted | None:
    """What was kept of a claim that was handed in; None where nothing was."""
    return read(now.claim.facts) if handed_in(now) else None


def earlier(session: Session, now: ClaimStatus) -> list[Submitted]:
    """What was kept when the claim was handed in before and then sent back, the first first."""
    told = [change.new for change in changes.history(session, Claim, now.claim.id) if change.field == "facts"]
    found = [kept for facts in (*told, now.claim.facts) if (kept := read(facts)) is not None]
    unique = [kept for n, kept in enumerate(found) if kept not in found[:n]]
    return [kept for kept in unique if kept != of(now)]


def read(facts: Any) -> Submitted | None:
    """The form in the facts of a claim; None where there is none or another program wrote it differently. No longer than one that is kept
    here: a village's own program may write what nobody could print."""
    kept = facts.get(path.SUBMITTED) if isinstance(facts, dict) else None
    if not isinstance(kept, dict):
        return None
    on, title, amount, boxes, rows = (kept.get(name) for name in ("on", "title", "amount", "boxes", "rows"))
    if not (
        isinstance(on, str) and isinstance(title, str) and isinstance(amount, int) and isinstance(boxes, list) and isinstance(rows, list)
    ):
        return None
    pairs = [pair for pair in boxes[:_ROWS] if isinstance(pair, list) and len(pair) == 2]
    lines = [[cell for cell in row if type(cell) in (str, int, float)] for row in rows if isinstance(row, list)]
    texts = {str(label)[:TEXT]: str(value)[:TEXT] for label, value in pairs}
    return Submitted(on[:_DAY], title[:TEXT], amount, texts, [row for row in bounded(lines) if row])
