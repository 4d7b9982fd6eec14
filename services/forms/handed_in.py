"""Application forms, and papers that repeat a part of them, printed again as they were handed in (decision 064)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from db.session import Session
from domain import words
from domain.records import Claim
from services.claims import submitted
from services.claims.claims import ClaimStatus
from services.claims.submitted import Submitted
from services.forms.form import Cell, Form, shown
from services.forms.subjects import date_words

Boxes = Sequence[Sequence[tuple[str, str]]]
_MOST = 12
"""Differences that are listed."""
UNKEPT = "没有留存报出时的内容，以上按现在的登记打印。"


def content(session: Session, claim: Claim) -> Form:
    """What is kept of a claim that is handed in: of a unit's application, the unit and the claim's own row. Masked, in Chinese."""
    from services.forms import personal, workshops

    with words.chinese():
        return workshops.own_part(session, claim) if claim.employer_id else personal.of_today(session, claim)


def part(form: Form, labels: Collection[str], *, rows: bool) -> Form:
    """What of an application another paper repeats: the boxes with these labels, and its rows if `rows`."""
    boxes = [tuple(box for box in row if box[0] in labels) for row in form.boxes]
    return replace(form, boxes=boxes, rows=form.rows if rows else (), opinions=())


def of_person(now: ClaimStatus, today: Form, masked: Form, *, rows: bool = True) -> Form:
    """The application, or a part of it with its rows or without, as handed in, with what differs. `today`: the form as it would be filled
    today, `masked`: the same, masked."""
    kept = submitted.of(now)
    if kept is None:
        return replace(today, text=[*today.text, UNKEPT]) if submitted.handed_in(now) else today
    same = not rows or list(kept.rows) == submitted.bounded(masked.rows)
    found = [*changed_boxes(kept, masked.boxes), *([] if same else _changed_rows(kept.rows, masked.rows))]
    lines = today.rows if same else kept.rows
    said = difference(kept.on, found)
    columns = today.columns or masked.columns
    return replace(
        today,
        title=kept.title,
        boxes=as_kept(kept, today.boxes, masked.boxes),
        columns=columns if lines else (),
        rows=lines,
        text=[*today.text, *said],
    )


def difference(on: str, found: Sequence[str]) -> list[str]:
    """The sentence on what differs from today's records; none where nothing does."""
    if not found:
        return []
    more = f"；等 {len(found)} 处" if len(found) > _MOST else ""
    return [f"以上是{date_words(on)}报出时的内容，与现在的登记不同：{'；'.join(found[:_MOST])}{more}。"]


def as_kept(kept: Submitted, today: Boxes, masked: Boxes) -> list[tuple[tuple[str, str], ...]]:
    """The boxes with the values that were kept. A number that is still the same is shown as today's form shows it, in full or masked."""
    return [
        tuple(
            (label, value if _now(kept, label, hidden) else kept.boxes[label])
            for (label, value), (_label, hidden) in zip(row, other, strict=True)
        )
        for row, other in zip(today, masked, strict=True)
    ]


def _now(kept: Submitted, label: str, masked: str) -> bool:
    """Whether a box has today's value: it is the same, or a newer program has added the box."""
    return kept.boxes.get(label, masked) in (masked, masked[: submitted.TEXT])


def changed_boxes(kept: Submitted, masked: Boxes) -> Iterator[str]:
    """What of the boxes is another one today."""
    for row in masked:
        for label, value in row:
            if not _now(kept, label, value):
                yield f"{label} {kept.boxes[label] or '空'}，现在 {value or '空'}"


def _changed_rows(old: Sequence[Sequence[Cell]], new: Sequence[Sequence[Cell]]) -> Iterator[str]:
    before, after = ([_row(row) for row in submitted.bounded(rows)] for rows in (old, new))
    gone, come = [row for row in before if row not in after], [row for row in after if row not in before]
    yield f"务工 {'、'.join(gone) or '没有'}，现在 {'、'.join(come) or '没有'}"


def _row(row: Sequence[Cell]) -> str:
    return " ".join(shown(cell) for cell in row[1:] if cell != "")


def changed_cells(columns: Sequence[str], old: Sequence[Cell], new: Sequence[Cell]) -> Iterator[str]:
    """What of the row of a unit's application is another one today."""
    for label, was, now in list(zip(columns, old, new, strict=False))[1:]:
        if was != now:
            yield f"{label} {_said(was)}，现在 {_said(now)}"


def _said(cell: Cell) -> str:
    return shown(cell) or "空"


def of_earlier(kept: Submitted, columns: Sequence[str]) -> Form:
    """A form that was handed in before the claim was sent back, as it was kept."""
    boxes: Mapping[str, str] = kept.boxes
    whole = [row for row in kept.rows if len(row) == len(columns)]
    text = [f"这是{date_words(kept.on)}报出的一份，后来退回了。号码只留存了遮盖后的。"]
    return Form(
        kept.title, boxes=[((label, value),) for label, value in boxes.items()], columns=columns if whole else (), rows=whole, text=text
    )
