"""The form of a survey: whom it asks, until when, and below its questions, a small form for each."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from desktop.page import Frame
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.record_form import RecordForm, all_fields
from domain.errors import FieldError
from domain.records import Survey, SurveyItem
from domain.surveys import MAX_ITEMS
from domain.words import _
from services.surveys.design import Question
from services.surveys.surveys import SurveySheet

_SHEET = all_fields(Survey.KIND, without=("closed_on",))
_QUESTION = all_fields(SurveyItem.KIND, without=("survey_id", "position"))
_SPARE, _FIRST = 4, 8
"""How many empty question forms follow the present questions; and the least number of question forms."""


class SheetPanel(FormPanel):
    """The form of a survey. Clearing all fields of a question deletes it; a question never filled in does not exist."""

    def __init__(self, frame: Frame, tools: Tools, sheet: SurveySheet | None = None) -> None:
        items: Sequence[SurveyItem] = sheet.items if sheet is not None else ()
        head = RecordForm(Survey.KIND, tools, fields=_SHEET, columns=2)
        slots = min(max(len(items) + _SPARE, _FIRST), MAX_ITEMS)
        asked = [RecordForm(SurveyItem.KIND, tools, fields=_QUESTION, columns=2) for _n in range(slots)]
        if sheet is not None:
            head.set_record(sheet.survey)
        else:
            head.set_values({"about": "poor"})
        for form, item in zip(asked, items, strict=False):
            form.set_record(item)
        titled = [(_("问题 {n}").format(n=n), form) for n, form in enumerate(asked, 1)]
        note = _(
            "可选的答案用顿号隔开，如 南方、本县、不出去。已经有人答的问题，答案只能加，不能减；不要的问题把几格都清空，答案一起删除。"
            "只有前面答了什么的人才要问的题，写「什么人才问」：1=是，就是第 1 题答「是」的才问。"
        )
        title = _("修改摸排表") if sheet is not None else _("新建摸排表")
        super().__init__(frame, title, head, *titled, note=note, draft=f"survey:{sheet.survey.id if sheet else ''}")
        self._ids = [item.id for item in items]

    def values(self) -> dict[str, Any]:
        """The values of the survey itself."""
        return self.forms[0].values()

    def questions(self) -> list[Question]:
        """The questions that are filled in, in order."""
        ids = [*self._ids, *[None] * len(self.forms)]
        filled = [(n, form.given(), id) for n, (form, id) in enumerate(zip(self.forms[1:], ids, strict=False), 1)]
        filled = [one for one in filled if "label" in one[1]]
        places = {str(n): str(place) for place, (n, _given, _id) in enumerate(filled, 1)}  # forms between them may be empty
        return [
            Question(one["label"], one["type"], one.get("choices", ""), bool(one.get("optional")), id, _placed(one, places))
            for _n, one, id in filled
        ]

    def to_check(self) -> list[RecordForm]:
        """A cleared question is going to be deleted, so it need not be valid."""
        return [form for form in super().to_check() if not _emptied(form)]


def _placed(given: Mapping[str, Any], places: Mapping[str, str]) -> str:
    """The condition of a question, with the place of a question among those filled in instead of the number of its form; 0 for a form
    that is empty."""
    asked, sign, answers = str(given.get("asked_if", "")).replace("＝", "=").rpartition("=")
    number = unicodedata.normalize("NFKC", asked).strip()
    return f"{places.get(number, '0') if number.isdecimal() else asked}{sign}{answers}"


def _emptied(form: RecordForm) -> bool:
    try:
        return not form.given()
    except FieldError:
        return False
