"""`survey`: create a survey (摸排表), show its progress and answers, close it. It is filled in by `import` and printed by `report
survey`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from cli.access import only, opened, saving
from cli.console import picked, table
from cli.program import Answer, Call, Usage
from domain.errors import FieldError
from domain.records import Survey, SurveyItem
from domain.words import N_, _, lazy
from services.surveys.surveys import SurveyProgress, SurveySheet

if TYPE_CHECKING:
    from services.surveys.design import Question

_TAKES: Final[Mapping[str, frozenset[str]]] = {
    "list": frozenset[str](),
    "make": frozenset({"title", "about", "due", "note", "item"}),
    **dict.fromkeys(("show", "close", "reopen", "delete"), frozenset({"id"})),
}
"""The options of each subcommand; any other is wrong usage."""


def survey(call: Call) -> Answer:
    """Run the subcommand."""
    from services.surveys import design, surveys

    args = call.args
    only(args, "survey", _TAKES, args.action)
    if args.action in ("list", "show"):
        with opened(call) as store, store.read() as session:
            return _listed(surveys.lines(session)) if args.action == "list" else _shown(surveys.open_sheet(session, _id(args)))
    with saving(call, lazy(_LABELS[args.action])) as session:
        if args.action == "make":
            id = design.save(session, _values(args), [_question(text) for text in args.item or ()])
            return _listed([one for one in surveys.lines(session) if one.survey.id == id])
        id = _id(args)
        if args.action == "delete":
            design.delete(session, id)
        else:
            design.close(session, id, again=args.action == "reopen")
        return _listed(surveys.lines(session))


_LABELS: Final[Mapping[str, str]] = {
    "make": N_("新建摸排表"),
    "close": N_("结束摸排"),
    "reopen": N_("重新开始摸排"),
    "delete": N_("删除摸排表"),
}


def _id(args: Namespace) -> str:
    if not args.id:
        raise Usage(_("请写明摸排表的编号，`survey list` 里有。"))
    return str(args.id)


def _values(args: Namespace) -> dict[str, Any]:
    if not args.title:
        raise Usage(_("请用 --title 写明摸排名称，用 --item 写每个问题。"))
    given = {"title": args.title, "about": args.about or "poor", "due": args.due, "note": args.note}
    return {name: Survey.KIND.by_name[name].read(text) for name, text in given.items()}


def _question(text: str) -> Question:
    """Parse `想去哪里:选一个:南方、本县:1=是`: question, type, choices, condition; a ? after the question marks it as optional."""
    from services.surveys.design import Question

    label, type, choices = (*text.replace("：", ":").split(":", 2), "", "")[:3]
    before, _colon, last = choices.rpartition(":")
    choices, condition = (before, last) if "=" in last else (choices, "")
    code = _type(type.strip().lower() or "text")
    return Question(label.strip().rstrip("?？"), code, choices, label.strip().endswith(("?", "？")), asked_if=condition)


def _type(word: str) -> str:
    """The code of a type of answer, given as the code or in words; raises `FieldError`, which names both."""
    field = SurveyItem.KIND.by_name["type"]
    code, choices = field.code_of(word), field.choices or {}
    if code not in choices:
        known = _("、").join(f"{_(label)} {code}" for code, label in choices.items())
        raise FieldError(
            _("没有「{word}」这种答法。两个冒号之间写怎么答，中英文都可以：{known}。").format(word=word, known=known), "choice"
        )
    return code


def _listed(found: list[SurveyProgress]) -> Answer:
    value = [picked(one.survey, "id title about due closed_on village") | picked(one, "items people done") for one in found]
    if not found:
        return Answer(value, _("还没有摸排表。"))
    head = (_("编号"), _("摸排名称"), _("问哪些人"), _("截止日期"), _("应填"), _("已填"), _("结束日期"))
    shown = [(one, one.survey) for one in found]
    rows = [(s.id, s.title, s.shown("about"), s.due or "", str(one.people), str(one.done), s.closed_on or "") for one, s in shown]
    return Answer(value, table(head, rows))


def _shown(sheet: SurveySheet) -> Answer:
    from services.surveys import figures

    reach, tally = figures.reach(sheet), figures.tally(sheet)
    value = {
        "id": sheet.survey.id,
        "title": sheet.survey.title,
        "villages": [{"village": one.area, "people": one.people, "done": one.done} for one in reach],
        "items": [
            {
                **picked(one.item, "id label type asked_if"),
                "answered": one.answered,
                "answers": dict(one.parts),
                "sum": str(one.total) if one.total is not None else None,
            }
            for one in tally
        ],
    }
    villages = table((_("村"), _("应填"), _("已填")), [(one.name, str(one.people), str(one.done)) for one in reach])
    answers = table((_("要问什么"), _("已答"), _("答案")), [(one.item.label, str(one.answered), one.summary()) for one in tally])
    return Answer(value, "\n".join([sheet.survey.title, "", villages, "", answers]))
