"""Commands on attached files: attach, signed, attachments, attachment save."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from cli.access import kind_named, opened, record, saving
from cli.console import table
from cli.program import REFUSED, Answer, Call, Usage
from domain import clock
from domain.errors import NotFound
from domain.progress import unwatched
from domain.words import _, lazy


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
