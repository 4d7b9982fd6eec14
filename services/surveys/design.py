"""The design of surveys (摸排): making a sheet with its questions, changing it, closing and deleting it.

id = save(session, {"title": "返乡意愿", "about": "poor", "due": "2026-12-10"},
          [Question("明年还出去吗", "yes_no"), Question("去哪里", "choice", "南方、本县", asked_if="1=是")])
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from db import changes
from db.among import among
from db.mapping import table
from db.session import Session
from domain import divisions, surveys
from domain.errors import FieldError, NotFound, Refused
from domain.records import Survey, SurveyAnswer, SurveyItem
from domain.words import _
from services import records
from services.surveys.surveys import items

_FIELDS = ("label", "type", "choices", "position", "optional", "asked_if")


@dataclass(frozen=True)
class Question:
    """A question as entered in the form; `id`: the existing question that it changes, None for a new one."""

    label: str
    type: str
    choices: str = ""
    optional: bool = False
    id: str | None = None
    asked_if: str = ""
    """`1=是` or `明年还出去吗=是`: asked only of those who gave that answer to the earlier question."""


def _labels(questions: Sequence[Question]) -> list[str]:
    """The labels of the questions. Raises `FieldError` for none, too many, or two with the same label."""
    if not questions or len(questions) > surveys.MAX_ITEMS:
        raise FieldError(_("一张摸排表要有 1 到 {n} 个问题").format(n=surveys.MAX_ITEMS), "required")
    labels = [" ".join(one.label.split()) for one in questions]
    if len(set(labels)) < len(labels):
        raise FieldError(_("两个问题不能写得一样"), "duplicate")
    return labels


def save(
    session: Session,
    values: Mapping[str, Any],
    questions: Sequence[Question],
    id: str | None = None,
    *,
    base: Mapping[str, Any] | None = None,
    opened: Sequence[SurveyItem] | None = None,
) -> str:
    """Save a new sheet with its questions, or change one, and return its id. Questions left out are deleted with their answers.

    `base` and `opened` are the values and the questions the form was opened with: unchanged ones are not written, and a question that
    somebody else added meanwhile is not deleted. Raises `ChangedUnderneath` where both changed the same field of the sheet,
    `FieldError` for an invalid question, `Refused` where the sheet belongs to another level or an existing answer would no longer fit
    its question.
    """
    labels = _labels(questions)
    if id is not None:
        _own(session, session.existing(Survey.KIND, id))
    survey = records.save(session, Survey.KIND, values, id, base=base)
    home = session.existing(Survey.KIND, survey).village
    known = {item.id: item for item in items(session, survey)}
    before = {item.id: item for item in opened or ()}
    kept = {one.id for one in questions if one.id}
    if kept - known.keys():
        raise NotFound(_("要改的问题已经不在了，请重新打开这张表。"))
    _drop(session, (known.keys() if opened is None else known.keys() & before.keys()) - kept)
    used = _used(session, kept & known.keys())
    renamed = {known[one.id].label: label for one, label in zip(questions, labels, strict=True) if one.id}
    asked = _items(survey, home, list(zip(questions, labels, strict=True)), renamed)
    for one, item in zip(questions, asked, strict=True):
        given = {name: item.get(name) for name in _FIELDS}
        if one.id:
            was = before.get(one.id)
            given = {name: value for name, value in given.items() if was is None or value != getattr(was, name)}
            if given.keys() & {"type", "choices"}:
                _still_fits(known[one.id], item, used.get(one.id, set()))
        records.save(session, SurveyItem.KIND, {"survey_id": survey, "village": home} | given, one.id)
    return survey


def _items(survey: str, home: str, questions: Sequence[tuple[Question, str]], renamed: Mapping[str, str]) -> list[SurveyItem]:
    """The questions and their labels as records in order, with their conditions. `renamed`: labels before this change and now. Raises
    `FieldError`."""
    found: list[SurveyItem] = []
    for position, (one, label) in enumerate(questions, 1):
        item = SurveyItem(
            id=one.id or "",
            village=home,
            survey_id=survey,
            label=label,
            type=one.type,
            choices=surveys.question(one.type, label, one.choices) or None,
            position=position,
            optional=one.optional or None,
        )
        found.append(item)
        item.asked_if = surveys.condition(surveys.renamed(one.asked_if, renamed), position, found) or None
    return found


def _own(session: Session, survey: Survey) -> None:
    if not session.may_write(survey.village):
        where = divisions.called(survey.village)
        raise Refused(_("这张摸排表是{where}的，只能填，不能改。").format(where=where))


def _used(session: Session, ids: Iterable[str]) -> dict[str, set[str]]:
    """The distinct answers given to each question."""
    a = table("survey_answer")
    found: dict[str, set[str]] = defaultdict(set)
    query = select(a.c.item_id, a.c.value).where(a.c.deleted_at.is_(None), among(a.c.item_id, ids)).distinct()
    for item, value in session.conn.execute(query):
        if value:
            found[item].add(value)
    return found


def _still_fits(known: SurveyItem, changed: SurveyItem, used: set[str]) -> None:
    if not used or (changed.type, changed.choices) == (known.type, known.choices) or changed.type == "text":
        return
    for value in sorted(used):
        try:
            surveys.read(changed, value)
        except FieldError:
            said = _("「{label}」已经有人答了「{value}」，改成这样就对不上了。请保留原来的答案，或者另加一个问题。")
            raise Refused(said.format(label=known.label, value=value)) from None


def close(session: Session, id: str, *, again: bool = False) -> None:
    """Close a sheet as of today, or reopen it (`again`)."""
    _own(session, session.existing(Survey.KIND, id))
    records.save(session, Survey.KIND, {"closed_on": None if again else session.today}, id)


def delete(session: Session, id: str) -> None:
    """Delete a sheet with its questions and their answers; undo restores all of it."""
    _own(session, session.existing(Survey.KIND, id))
    t = table("survey_item")
    _drop(session, session.conn.execute(select(t.c.id).where(t.c.survey_id == id, t.c.deleted_at.is_(None))).scalars().all())
    changes.delete(session, Survey.KIND, id)


def _drop(session: Session, questions: Collection[str]) -> None:
    for kind, column in ((SurveyAnswer.KIND, "item_id"), (SurveyItem.KIND, "id")):
        changes.delete_all(session, kind, among(table(kind).c[column], questions))
