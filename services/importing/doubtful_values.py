"""Warnings about values that are possible but hardly meant, whatever kind of list they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from domain.attendance import readable
from domain.bounds import ANY, OUT_OF_BOUNDS, Limits, outside
from domain.fields import Field, Kind
from domain.grouping import by_key
from domain.identity import id_problem, sex_of
from domain.periods import days_in
from domain.records import Attendance
from domain.words import _
from services.importing.plan import Draft, Issue, Level, PlanRow
from services.importing.rows.drafting import Context

LONGEST_NAME = 50
"""Number of characters up to which a text may be a person's name."""

Written = Sequence[tuple[PlanRow, Draft]]


def warn_of_values(context: Context, written: Written) -> None:
    """Warn about numbers, years and days outside the bounds of their field, names that are too long, a sex that contradicts the number,
    more attendance than a month has days, and one certificate number for two people."""
    bounded = cache(_bounded)
    for row, draft in written:
        for f, limits in bounded(draft.kind):
            if outside(draft.values.get(f.name), limits):
                _warn(row, draft, f.name, _("{explained}，请核对").format(explained=f.explain(OUT_OF_BOUNDS)), OUT_OF_BOUNDS)
        for name, message, code in _doubts(draft):
            if not any(issue.code == code for issue in row.issues):  # said when the row was read
                _warn(row, draft, name, message, code)
    _warn_of_certificates(
        context, [(row, draft) for row, draft in written if draft.kind.name == "enrolment" and "person_id" in draft.values]
    )


def _bounded(kind: Kind) -> Sequence[tuple[Field, Limits]]:
    """The fields with bounds, those of attendance apart, which each month has of its own."""
    return [(f, f.bounds.limits()) for f in kind.fields if f.bounds is not ANY and kind is not Attendance.KIND]


def _doubts(draft: Draft) -> Iterator[tuple[str, str, str]]:
    values = draft.values
    if draft.kind.name == "person":
        if len(name := values.get("name") or "") > LONGEST_NAME:
            yield "name", _("姓名有 {n} 个字，请看是不是填错了格").format(n=len(name)), "long_name"
        number = values.get("id_number")
        if number and values.get("sex") and id_problem(number) is None and sex_of(number) != values["sex"]:
            yield "sex", _("性别与证件号码对不上，请核对"), "sex"
    if draft.kind.name == "attendance" and values.get("month"):
        yield from _attendance(values)


def _attendance(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    month, most = values["month"], days_in(values["month"])
    marks, days = values.get("marks"), values.get("days")
    if marks and not readable(marks, month):
        text = _("出勤记录写了 {n} 天，{month} 只有 {most} 天，或有认不出的字母，请核对")
        yield "marks", text.format(n=len(marks), month=month, most=most), "marks"
    if days is not None and not 0 <= days <= most:
        yield "days", _("出勤 {days} 天，{month} 只有 {most} 天，请核对").format(days=days, month=month, most=most), "days"


def _warn(row: PlanRow, draft: Draft, name: str, message: str, code: str) -> None:
    f = draft.kind.by_name[name]
    row.add(Issue(row.number, _(f.label), f.show(draft.values[name])[:60], message, code, Level.WARNING))


def _warn_of_certificates(context: Context, enrolled: Written) -> None:
    numbered = [(row, draft) for row, draft in enrolled if draft.values.get("certificate")]
    if not numbered:
        return
    wanted = {draft.values["certificate"] for _row, draft in numbered}
    stored = context.known.where("enrolment", "certificate", wanted)
    holders = by_key((row["certificate"], row["person_id"]) for row in stored)
    people = context.known.rows("person", {id for ids in holders.values() for id in ids})
    first: dict[str, tuple[str, str]] = {}
    for row, draft in numbered:
        number, person = draft.values["certificate"], draft.values["person_id"]
        other = next((people[id]["name"] for id in holders.get(number, ()) if id != person and id in people), "")
        holder, place = first.setdefault(number, (person, row.title or _("第 {row} 行").format(row=row.number)))
        if holder != person or other:
            message = _("证书编号与「{who}」的相同，请核对").format(who=other or place)
            _warn(row, draft, "certificate", message, "certificate")
