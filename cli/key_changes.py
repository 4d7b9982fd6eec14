"""`changes`: unconfirmed changes of key information, which decides who gets money; confirm, dispute or explain them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.access import saving, viewed
from cli.console import table
from cli.program import Answer, Call, Usage
from domain import clock
from domain.words import _, lazy

if TYPE_CHECKING:
    from services.key_changes import UnconfirmedChange


def changes(call: Call) -> Answer:
    """List the unconfirmed changes, or comment on one."""
    from services import key_changes

    args = call.args
    if args.action is None:
        with viewed(call, "changes") as (session, plain):
            return _answer(key_changes.waiting(session), plain=plain)
    if not args.id or args.plain:
        raise Usage(_("请写：changes confirm|dispute|explain 编号 --reason 说明"))
    said = {"confirm": key_changes.confirm, "dispute": key_changes.dispute, "explain": key_changes.explain}[args.action]
    with saving(call, lazy("关键信息变更：确认或异议")) as session:
        made = said(session, args.id, args.reason or "")
    return Answer({"id": args.id, "finding": made}, _("已记下，同步后各站知道。"))


def _answer(found: list[UnconfirmedChange], *, plain: bool) -> Answer:
    head = (_("编号"), _("姓名"), _("字段"), _("原来"), _("改为"), _("谁"), _("时间"), _("电脑"), _("原因"), _("异议"))
    rows = [tuple(str(value or "") for value in _row(one, plain=plain)) for one in found]
    return Answer([_value(one, plain=plain) for one in found], table(head, rows, most=80) if found else _("没有待确认的变更。"))


def _row(one: UnconfirmedChange, *, plain: bool) -> tuple[str, ...]:
    event = one.pending.event
    details = (event.name, clock.text(event.at), event.station, one.pending.reason, one.pending.dispute)
    return (one.id, one.name, one.label(), *one.shown(plain=plain), *details)


def _value(one: UnconfirmedChange, *, plain: bool) -> dict[str, Any]:
    event, (old, new) = one.pending.event, one.shown(plain=plain)
    value = {"id": one.id, "person_id": event.person_id, "name": one.name, "village": one.village, "code": event.code, "field": one.label()}
    value |= {"old": old, "new": new, "by": event.name, "device": event.station, "at": event.at, "reason": one.pending.reason}
    return value | {"dispute": one.pending.dispute, "disputed_by": one.pending.disputed_by}
