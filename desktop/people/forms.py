"""The forms on a person's page: editing the person, and adding records for which the person is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from desktop.page import Frame
from desktop.people.person_model import PersonModel
from desktop.people.presenting import PersonShown
from desktop.widgets.editors import Tools
from desktop.widgets.form_panel import FormPanel
from desktop.widgets.record_form import RecordForm, all_fields
from domain import clock
from domain.fields import KINDS
from domain.records import HouseholdIncome, Person
from domain.words import _

PERSON = all_fields(
    Person.KIND,
    *(
        "name phone document id_number sex birth nation household_id relation labour education school_state political "
        "residence bank_name bank_account payee_relation number died_on acting_for health note"
    ).split(),
    without=("merged_into", "original_number"),
)
"""Fields of a person's form, what changes most often beside the name, without those that the program maintains itself."""
_FIRST: Mapping[str, tuple[str, ...]] = {
    "service": ("type", "on", "result", "by"),
    "employment": ("channel", "place", "employer_id", "employer_name", "start", "end", "job", "industry", "monthly_wage"),
    "category_span": ("category", "start", "end", "exit_kind", "source"),
    "household_income": ("start", "end", "persons", "by", "wages", "transfers"),
    "job_wish": ("opened_on", "trades", "areas", "wage_min", "skills"),
}
"""The order of the first fields of a new record, where it is not the declared one."""
_OF_THE_END = ("closed_on", "close_reason")


def add_panel(frame: Frame, tools: Tools, model: PersonModel, kind: str, shown: PersonShown, user: str) -> FormPanel:
    """The form for a new record about the person. Prefilled values do not count as unsaved input."""
    declared = KINDS[kind]
    fields = all_fields(declared, *_FIRST.get(kind, ()), without=(*_fixed(kind, shown), *_OF_THE_END))
    form = RecordForm(declared, tools, fields=fields, columns=2)
    form.set_values(_starting_values(kind, shown, clock.today(), user))
    title = _("{name}：添加{what}").format(name=shown.name, what=_(declared.label))
    panel = FormPanel(frame, title, form, note=_note(kind, shown), draft=f"{kind}::{shown.id}")
    panel.asked.connect(lambda: model.save(kind, {**form.given(), **_fixed(kind, shown)}))
    return panel


def _starting_values(kind: str, shown: PersonShown, today: str, user: str) -> dict[str, Any]:
    """The most likely values: today and the present user; for household income, the months after those recorded."""
    ahead = shown.page.to_collect
    known: dict[str, dict[str, Any]] = {
        "visit": {"on": today, "by": user},
        "service": {"on": today, "by": user},
        "employment": {"channel": "migrant"},
        "job_wish": {"opened_on": today},
        "category_span": {"source": "village"},
        "household_income": {**({name: getattr(ahead, name) for name in ("start", "end", "persons")} if ahead else {}), "by": user},
    }
    return known[kind]


def _fixed(kind: str, shown: PersonShown) -> dict[str, Any]:
    """The references of the new record to the person and the household."""
    values: dict[str, Any] = {"person_id": shown.id, "household_id": shown.household_id}
    return {name: value for name, value in values.items() if name in KINDS[kind].by_name}


def _note(kind: str, shown: PersonShown) -> str:
    notes = {
        "employment": _("务工区域由务工地算出，不用填。"),
        "category_span": _("开始时间不清楚可以不填；新的身份不会改掉旧的，旧的请填上结束时间。"),
    }
    ahead = shown.page.to_collect
    if kind == "household_income" and ahead and ahead.earned:
        earned = HouseholdIncome.KIND.by_name["wages"].show(ahead.earned)
        return _("{start} 至 {end}，台账和月监测里这一户的劳动报酬共 {earned} 元，可以填进工资性收入。").format(
            start=ahead.start, end=ahead.end, earned=earned
        )
    return notes.get(kind, "")
