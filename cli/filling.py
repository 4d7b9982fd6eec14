"""`fill`: shows what can be filled in on a sheet from another office; with a second file name, writes the filled-in sheet there."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cli.access import viewed
from cli.console import table
from cli.program import Answer, Call, Usage
from domain.errors import InputUnusable, NotFound
from domain.words import _

if TYPE_CHECKING:
    from db.session import Session
    from services.filling.filling import Filling


def fill(call: Call) -> Answer:
    """Analyse a sheet and show what can be filled in; with `out`, write it."""
    from services.filling.filling import save
    from services.filling.looking import look
    from services.filling.one_table import EVERYBODY
    from services.lists.listing import quick_filters

    args, lists = call.args, {EVERYBODY: _("全部"), **dict(quick_filters("person"))}
    if args.who and args.who not in lists:
        raise Usage(_("名单可写 {names}。").format(names=_("、").join(f"{name}（{words}）" for name, words in lists.items())))
    if args.plain and not args.out:
        raise Usage(_("没有写存到哪个文件，只列出能填哪些栏，不用 --plain。请去掉 --plain，或写上存到哪个文件。"))
    out = call.target(args.out, args.file) if args.out else None
    with viewed(call, f"fill {Path(args.file).name}") as (session, plain):
        person = _person(session, args.person) if args.person else ""
        filling = look(session, Path(args.file), who=args.who or "", person=person, month=args.month or "", progress=call.console.progress)
    if out is not None and out.suffix.lower() != filling.ending:
        raise Usage(_("这份表填好了只能存成 {ending}。").format(ending=filling.ending))
    if filling.form and out is not None and not filling.filled:
        raise InputUnusable(_("这是一人一张的表。请用 --person 写明填谁（姓名或记录编号）。"))
    if filling.blank and out is not None and not filling.named:
        raise InputUnusable(_("表里没有名单。请用 --who 说明填哪些人，例如 --who lifted（脱贫）、--who all（全部）。"))
    if out is not None:
        save(filling, out, plain=plain)
    return Answer(_value(filling, out), _summary(filling, out))


def _person(session: Session, said: str) -> str:
    """The id of the person given by id, or by a name that only one person has. Raises `NotFound`."""
    from services.importing.rows.known import Known

    known = Known(session)
    if known.rows("person", [said]):
        return said
    found = known.named(said)
    if len(found) != 1:
        message = _("没有叫「{name}」的人。") if not found else _("叫「{name}」的有 {count} 个人，请写记录编号。")
        raise NotFound(message.format(name=said[:30], count=len(found)))
    return found[0].id


def _value(filling: Filling, out: Path | None) -> dict[str, object]:
    counts = {name: getattr(filling, name) for name in ("named", "found", "listed", "filled", "blank", "form", "notes")}
    columns, remarks = [asdict(one) for one in filling.columns], [asdict(one) for one in filling.remarks]
    return {"file": str(out) if out is not None else None, **counts, "columns": columns, "remarks": remarks}


def _summary(filling: Filling, out: Path | None) -> str:
    lines = [filling.sentence()]
    rows = [(one.heading, one.what or _("（不认识，没有填）"), one.filled, one.there, one.missing) for one in filling.columns]
    lines += ["", table((_("表头"), _("填的是"), _("填了"), _("原来有"), _("台账里没有")), rows)]
    if filling.remarks:
        said = [(one.row, one.who, one.column, one.message) for one in filling.remarks]
        lines += ["", _("请看一看："), table((_("行"), _("姓名"), _("栏"), _("说明")), said, most=60)]
    lines += [f"  · {note}" for note in filling.notes]
    if out is not None:
        lines += ["", _("已存到 {file}").format(file=out)]
    return "\n".join(lines)
