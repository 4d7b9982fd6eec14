"""摸排表 on paper and as a workbook, with the answers so far. After it is filled in as a spreadsheet, it is imported like a roster."""

from __future__ import annotations

from typing import Final

from db.session import Session
from domain import divisions
from domain import surveys as questions
from domain.records import Person, SurveyItem
from services import records
from services.forms.form import Form
from services.forms.subjects import date_words, place_name
from services.surveys import surveys

HEADS: Final = ("填报单位", "截止日期")
COLUMNS: Final = ("序号", "村", "小组", "姓名", "证件号码", "联系电话")
_TYPE_HINTS: Final = {"number": "填数字", "date": "填日期，如 2026-03", "text": ""}


def sheet(session: Session, survey_id: str, *, plain: bool = False) -> Form:
    """The people whom a survey asks, with its questions as columns."""
    shown = surveys.open_sheet(session, survey_id)
    people: dict[str | None, Person] = records.by_id(session, Person, (one.id for one in shown.people))
    survey = shown.survey
    heads = (place_name(session), date_words(survey.due) if survey.due else "—")
    return Form(
        survey.title,
        dict(zip(HEADS, heads, strict=True)),
        opening=[survey.note] if survey.note else [],
        columns=(*COLUMNS, *(item.label for item in shown.items)),
        rows=[
            (at, divisions.called(one.village), one.group, one.name, *_numbers(people[one.id], one, plain), *_answers(shown, one))
            for at, one in enumerate(shown.people, 1)
        ],
        text=[_instruction(at, item) for at, item in enumerate(shown.items, 1)],
        signatures=("摸排人", "审核人"),
        wide=True,
    )


def _numbers(person: Person, one: surveys.Respondent, plain: bool) -> tuple[str, str]:
    if plain:
        return person.id_number or "", person.phone or ""
    return person.shown("id_number"), one.phone


def _answers(sheet: surveys.SurveySheet, one: surveys.Respondent) -> list[str]:
    return [one.answers.get(item.id, "") for item in sheet.items]


def _instruction(at: int, item: SurveyItem) -> str:
    """How to answer a question: 2. 想去哪里：南方／本县／不出去（选一个）."""
    offered = "／".join(questions.choices_of(item))
    how = {"choice": "（选一个）", "choices": "（可选几个，用顿号隔开）"}.get(item.type, "")
    label, _sign, given = (item.asked_if or "").rpartition("=")
    condition = f"　「{label}」答{given.replace('、', '或')}的才填" if label else ""
    return f"{at}. {item.label}：{offered or _TYPE_HINTS.get(item.type, '')}{how}" + condition + ("　可以不填" if item.optional else "")
