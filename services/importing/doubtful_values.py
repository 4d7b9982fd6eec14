"""Warnings about values that are possible but hardly meant, whatever kind of list they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.grouping import by_key
from domain.identity import to_come
from domain.words import _
from services.importing.plan import Draft, Issue, Level, PlanRow
from services.importing.rows.drafting import Context

LONGEST_NAME = 50
"""Number of characters up to which a text may be a person's name."""
_SCORES = range(101)

Written = Sequence[tuple[PlanRow, Draft]]


def warn_of_values(context: Context, written: Written) -> None:
    """Warn about births to come, names that are too long, scores outside 0 to 100, and one certificate number for two people."""
    for row, draft in written:
        for name, message, code in _doubts(context, draft):
            _warn(row, draft, name, message, code)
    _warn_of_certificates(
        context, [(row, draft) for row, draft in written if draft.kind.name == "enrolment" and "person_id" in draft.values]
    )


def _doubts(context: Context, draft: Draft) -> Iterator[tuple[str, str, str]]:
    values = draft.values
    if draft.kind.name == "person":
        if (birth := values.get("birth")) and to_come(birth, None):
            yield "birth", _("出生日期 {day} 还没有到，请核对").format(day=birth), "to_come"
        if len(name := values.get("name") or "") > LONGEST_NAME:
            yield "name", _("姓名有 {n} 个字，请看是不是填错了格").format(n=len(name)), "long_name"
    if draft.kind.name == "enrolment" and (score := values.get("score")) is not None and score not in _SCORES:
        yield "score", _("成绩 {score} 不在 0 至 100 之间，请核对").format(score=score), "score"


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
