"""Commands on single records: delete, undelete, search, history, check, alerts; on attached files: attach, signed, attachments, attachment
save; `changes`: unconfirmed changes of key information, which decides who gets money; confirm, dispute or explain them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.access import json_value, kind_named, opened, record, saving, viewed
from cli.console import table
from cli.program import REFUSED, Answer, Call, Usage, day
from db import changes
from domain import clock
from domain.errors import NotFound
from domain.fields import Kind, kind_of
from domain.progress import unwatched
from domain.words import _, lazy
from services import history as histories
from services import search as searching

if TYPE_CHECKING:
    from services.key_changes import UnconfirmedChange


def delete(call: Call) -> Answer:
    """Soft-delete a record."""
    from services import records

    kind = kind_named(call.args.kind)
    with saving(call, lazy("删除{kind}", kind=lazy(kind.label))) as session:
        record(session, kind, call.args.id)
        remaining = records.delete(session, kind, call.args.id)
    return Answer({"id": call.args.id}, (remaining or _("已删除。")) + _("可用 undelete 恢复。"))


def undelete(call: Call) -> Answer:
    """Restore a deleted record."""
    from services import records

    kind = kind_named(call.args.kind)
    with saving(call, lazy("恢复{kind}", kind=lazy(kind.label))) as session:
        record(session, kind, call.args.id, deleted=True)
        records.undelete(session, kind, call.args.id)
    return Answer({"id": call.args.id}, _("已恢复。"))


def search(call: Call) -> Answer:
    """Find records as the search box does."""
    with opened(call) as store, store.read() as session:
        hits = searching.search(session, call.args.text, call.args.limit)
    value = [{"kind": h.kind, "id": h.id, "title": h.title, "detail": h.detail} for h in hits]
    text = table((_("类型"), _("名称"), _("说明"), _("编号")), [(h.kind, h.title, h.detail, h.id) for h in hits])
    return Answer(value, text if hits else _("没有找到。"))


_WIDEST = 120
"""Columns of a cell in a history: two long values may differ only at their ends."""


def history(call: Call) -> Answer:
    """List every change of a record; secret values are masked unless `--plain`."""
    kind = kind_named(call.args.kind)
    with viewed(call, f"history {kind.name} {call.args.id}") as (session, plain):
        record(session, kind, call.args.id, deleted=True)
        value = [_change(kind, line, plain=plain) for line in changes.history(session, kind, call.args.id)]
        lines = histories.lines(session, kind, call.args.id, plain=plain)
    rows = [(clock.text(line.at), line.by, line.device, line.what, line.old, line.new, line.deed) for line in lines]
    head = (_("时间"), _("谁"), _("电脑"), _("字段"), _("原来"), _("改为"), _("怎么来的"))
    return Answer(value, table(head, rows, most=_WIDEST))


def _change(kind: Kind, line: changes.Change, *, plain: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"at": line.at, "by": line.by, "device": line.device, "field": line.field or "deleted"}
    if not line.field:
        return value | {"old": line.what != "D", "new": line.what == "D"}
    field = kind.by_name[line.field]
    return value | {"old": json_value(field, line.old, plain=plain), "new": json_value(field, line.new, plain=plain)}


def check(call: Call) -> Answer:
    """List all data doubts, errors first; or delete the records that were entered twice."""
    from services.quality.quality import check as doubts
    from services.quality.repeats import delete_repeats

    if call.args.delete_repeats:
        with saving(call, lazy("删去多记的记录")) as session:
            done = delete_repeats(session)
        return Answer({"deleted": dict(done.counts), "left": dict(done.left)}, done.text)
    with opened(call) as store, store.read() as session:
        found = doubts(session)
    if call.args.json:  # a whole county may have hundreds of thousands: build only what is printed
        return Answer([{name: getattr(d, name) for name in ("rule", "severity", "kind", "id", "message", "fix")} for d in found])
    grave = {"error": _("错误"), "warning": _("疑点"), "info": _("提示")}
    rows = [(d.rule, grave[d.severity], _(kind_of(d.kind).label), d.message, d.fix) for d in found]
    text = table((_("规则"), _("程度"), _("类型"), _("问题"), _("怎么改")), rows, most=60) if found else _("没有发现问题。")
    return Answer(None, text)


def alerts(call: Call) -> Answer:
    """List the early warnings due, the gravest first."""
    from services.alerts import alerts as warnings

    on = day(call.args.on) if call.args.on else None
    with opened(call) as store, store.read() as session:
        found = warnings(session, on)
    value = [{"alert": a.alert, "kind": a.kind, "id": a.id, "due": a.due, "message": a.message} for a in found]
    rows = [(a.alert, a.due, a.message) for a in found]
    return Answer(value, table((_("预警"), _("到期"), _("内容")), rows, most=80) if found else _("没有到期的事。"))


def attach(call: Call) -> Answer:
    """Add a file to a record."""
    from services import attachments

    kind = kind_named(call.args.kind)
    with saving(call, lazy("添加附件")) as session:
        record(session, kind, call.args.id)
        id = attachments.add(session, kind, call.args.id, Path(call.args.file))
    return Answer({"id": id}, _("附件已保存，下次同步时上传。"))


def signed(call: Call) -> Answer:
    """File signed pages with the records that their codes name. Pages left out are reported, and make the exit code 1."""
    from desktop.paper.document import with_fonts
    from desktop.paper.scans import pages
    from services import signed_pages

    with_fonts()
    read = pages([Path(file) for file in call.args.files], unwatched)
    with saving(call, lazy("收回签好的表")) as session:
        known = signed_pages.known(session, [code for page in read for code in page.codes])
        sorted_ = [(page, *known.of(page.codes)) for page in read]
        found = [(page, sheet) for page, sheets, _why in sorted_ for sheet in sheets]
        new = signed_pages.keep(session, [(sheet, "jpg", page.data) for page, sheet in found])
    left = [(page, page.trouble or why) for page, sheets, why in sorted_ if not sheets]
    said = [_("已归档 {n} 页").format(n=new)]
    said += [f"{page.where}　{sheet.sentence()}" for page, sheet in found]
    said += [_("没有收：{file}：{why}").format(file=page.where, why=why) for page, why in left]
    said += [_("还没有收回的：") + _("；").join(known.lacking)] if known.lacking else []
    value = {
        "kept": [{"file": page.where, "kind": sheet.kind, "id": sheet.record, "document": sheet.stem} for page, sheet in found],
        "left": [{"file": page.where, "reason": why} for page, why in left],
        "lacking": list(known.lacking),
    }
    return Answer(value, "\n".join(said), REFUSED if left else 0)


def attachments(call: Call) -> Answer:
    """List the files of a record, or all."""
    from services import attachments as service

    args = call.args
    if bool(args.kind) != bool(args.id):
        raise Usage(_("列出一条记录的附件请写：attachments KIND ID"))
    kind = kind_named(args.kind) if args.kind else None
    with opened(call) as store, store.read() as session:
        if kind is not None:
            record(session, kind, args.id, deleted=True)
        found = service.attachments(session, None if kind is None else service.holders(session, kind, args.id))
    head = (_("编号"), _("文件名"), _("大小"), _("状态"), _("时间"), _("谁"))
    rows = [(one.id, one.name, one.size_text, one.state_text, clock.text(one.at), one.by) for one in found]
    return Answer([asdict(one) for one in found], table(head, rows) if found else _("没有附件。"))


def attachment(call: Call) -> Answer:
    """Write an attachment to a file."""
    from services import attachments as service

    file = call.target(call.args.file)
    with opened(call) as store:
        try:
            with store.applying() as session:
                name, data = service.to_be_saved(session, call.args.id)
        except NotFound:
            with store.applying() as session:
                service.ask_for(session, call.args.id)
            raise
        made = service.save_as(data, file / name if file.is_dir() else file)
    return Answer({"id": call.args.id, "file": str(made), "bytes": len(data)}, _("已另存为 {file}。").format(file=made))


def unconfirmed(call: Call) -> Answer:
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
