"""Commands on whole files: import, undo, export, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli import forms
from cli.access import kind_named, only, opened, saving, usage, viewed
from cli.console import STANDARD, table
from cli.program import REFUSED, Answer, Call, Usage, month
from domain.fields import KINDS
from domain.grouping import by_key
from domain.words import _, lazy

if TYPE_CHECKING:
    from db.acts import Undone
    from db.session import Session
    from services.importing import ImportResult, Plan
    from services.importing.plan import Issue

LINES = "stdin.jsonl"
ALL = "all"
LIST = "list"
_MAX_NAMED = 10


def take_in(call: Call) -> Answer:
    """Import a roster or JSON Lines, or only show the result (`--dry-run`)."""
    from services.importing import LABEL, apply, foreseen

    progress = call.console.progress
    if call.args.dry_run:
        with opened(call) as store, store.read() as session:
            plan = _plan(call, session)
        result = foreseen(plan)
    else:
        with saving(call, lazy(LABEL, file=_label(call.args.file))) as session:
            plan = _plan(call, session)
            result = apply(session, plan, progress)
    if call.args.json:
        for line in (*_noted(plan), *_grouped(plan.repaired)):  # no row of the answer shows it
            call.console.say(line)
    return Answer(result.to_json(), _summary(plan, result, dry=call.args.dry_run), REFUSED if result.rejected else 0)


def _label(file: str) -> str:
    """A file's name for the change log: names from old disks are not always UTF-8."""
    return Path(file).name.encode(errors="replace").decode()


def _plan(call: Call, session: Session) -> Plan:
    from domain.errors import Unrecognised
    from domain.fuzzy_dates import parse_fdate
    from services.importing import assigned, plan
    from services.importing.columns.supplied import EMPLOYER, START
    from services.office_files.limits import MAX_FILE_BYTES

    kind = kind_named(call.args.kind).name if call.args.kind else None
    source, name = (call.console.given(MAX_FILE_BYTES + 1), LINES) if call.args.file == STANDARD else (Path(call.args.file), "")
    with usage():
        own = assigned.by_hand(call.args.column)
        since = parse_fdate(call.args.since) if call.args.since else ""
    supplied = {START: since, EMPLOYER: call.args.employer or ""}
    village, progress = call.args.village, call.console.progress
    try:
        return plan(session, source, kind=kind, village=village, progress=progress, name=name, assigned=own, supplied=supplied)
    except Unrecognised as error:
        if kind is not None:
            raise
        raise Unrecognised(_("{why}命令里可以写明是哪种记录，如考勤加上 --kind attendance。").format(why=error)) from None


def undo(call: Call) -> Answer:
    """Undo an import, or another act of this laptop."""
    from db import acts
    from services import records

    batch = call.args.batch
    with saving(call, lazy("撤销第 {batch} 批", batch=batch)) as session:
        touched = len(acts.touched_by(session, batch))
        label, undone = records.take_back(session, batch, whole=True)
    value = {"restored": undone.restored, "removed": undone.removed, "kept": undone.kept}
    told = {"batch": batch, "label": label, "n": touched, **value}
    later = _("有 {kept} 条之后又改过，或后来的记录要用到，保留着；那些记录没有了，可以再撤销一次。").format(**value)
    return Answer(value, _undone(undone, touched).format(**told) + (later if undone.kept else ""))


def _undone(undone: Undone, touched: int) -> str:
    """What became of an act that touched so many records, as a sentence still to be filled in."""
    if not touched:
        return _("第 {batch} 批「{label}」没有改过记录，没有可撤销的。什么都没有改动。")
    if undone.restored and undone.removed:
        return _("已撤销第 {batch} 批「{label}」：恢复 {restored} 条，删除 {removed} 条。")
    if undone.restored:
        return _("已撤销第 {batch} 批「{label}」：恢复 {restored} 条。")
    if undone.removed:
        return _("已撤销第 {batch} 批「{label}」：删除 {removed} 条。")
    if undone.kept:
        return _("第 {batch} 批「{label}」一条也没有撤销。")
    return _("第 {batch} 批「{label}」改过的 {n} 条记录现在就是改动以前的样子，没有可撤销的。")


def export(call: Call) -> Answer:
    """Export records to a file or, as JSON Lines, to standard output."""
    kind = _kind(call)
    with viewed(call, f"export {kind}") as (session, plain):
        return written(call, session, kind, plain=plain)


def _kind(call: Call) -> str:
    return ALL if call.args.kind == ALL else kind_named(call.args.kind).name


def written(call: Call, session: Session, kind: str, *, plain: bool) -> Answer:
    """Export from a station's or the county's database, by the command line's options."""
    from services.exporting import export as write

    args = call.args
    standard = args.file == STANDARD
    out = call.console.out if standard else call.target(args.file)
    where, template = getattr(args, "where", ()), getattr(args, "template", None)
    with usage():
        done = write(session, kind, out, where=where, template=template, plain=plain, progress=call.console.progress)
    text = _("已导出 {rows} 条：{file}").format(rows=done.rows, file=_("标准输出") if standard else done.file)
    return Answer({"rows": done.rows, "file": done.file}, text, silent=standard)


def report(call: Call) -> Answer:
    """List the ledgers, or write one as a workbook or PDF; also handles the subcommands on handed-in reports."""
    takes = {LIST: set[str](), **_HANDED_IN, **{name: forms.takes(name) for name in forms.NAMES}}
    only(call.args, "report", takes, call.args.name, {"month"})
    if call.args.name in _HANDED_IN:
        return _handed_in(call)
    from services.importing.tables.rosters import templates

    layouts = {t.name: t.kind for t in templates().values()}
    ledgers = {kind.name: _(kind.label) for kind in KINDS.values()}
    if call.args.month:
        call.args.month = month(call.args.month)
    if call.args.name in forms.SHOWN and not call.args.file:
        return forms.SHOWN[call.args.name](call)
    if call.args.name in forms.NAMES:
        return forms.form(call)
    if call.args.name == LIST:
        titles = ledgers | {name: ledgers[kind] for name, kind in layouts.items()} | {name: _(title) for name, title in forms.NAMES.items()}
        value = [{"name": name, "title": title} for name, title in titles.items()]
        return Answer(value, table((_("台账"), _("内容")), [(v["name"], v["title"]) for v in value]))
    if call.args.name not in layouts and call.args.name not in ledgers:
        raise Usage(_("没有「{name}」这张表。输入 cunzhan report list 查看全部表名。").format(name=call.args.name))
    if not call.args.file:
        raise Usage(_("请写明文件名：report NAME FILE.xlsx 或 FILE.pdf"))
    suffix = Path(call.args.file).suffix.lower()
    if suffix not in (".xlsx", ".pdf"):
        raise Usage(_("台账只能写成 .xlsx 或 .pdf。"))
    call.args.template = call.args.name if call.args.name in layouts else None
    call.args.kind = layouts.get(call.args.name, call.args.name)
    call.args.where = [f"month={call.args.month}"] if call.args.month else []
    return export(call) if suffix == ".xlsx" else _printed(call)


_HANDED_IN = {"seal": {"month", "corrections"}, "sealed": {"month", "id"}, "verify": set[str]()}
"""The subcommands on handed-in reports, with the options of each."""


def _handed_in(call: Call) -> Answer:
    from cli import seals

    if call.args.month:
        call.args.month = month(call.args.month)
    answers = {"seal": seals.seal, "sealed": seals.sealed, "verify": seals.verify}
    return answers[call.args.name](call)


def _printed(call: Call) -> Answer:
    """Write a ledger as PDF: the only command beside the window that loads Qt."""
    from desktop.paper.document import write_pdf
    from desktop.paper.lists import ListPaper
    from services.exporting import ledger
    from services.printed_lists import note as ledger_note

    args, kind = call.args, _kind(call)
    with viewed(call, f"export {kind}") as (session, plain), usage():
        pages = ledger(session, kind, where=args.where, template=args.template, plain=plain, progress=call.console.progress)
        note = ledger_note(session, plain=plain)
    file = call.target(args.file)
    count = write_pdf(ListPaper(pages, note), file)
    return Answer({"file": str(file), "pages": count}, _("已写出 {pages} 页：{file}").format(pages=count, file=args.file))


def _summary(plan: Plan, result: ImportResult, *, dry: bool) -> str:
    """The result of an import as text: counts, how columns were recognised, and every row left out with its reason."""
    head = _("预览，没有改动：") if dry else _("已导入（批次 {batch}）：").format(batch=result.batch) if result.batch else _("没有要改的：")
    counts = _("新增 {added} 条，变更 {changed} 条，未变 {unchanged} 条；拒收 {rejected} 行，待确认 {questions} 行。")
    lines = [head + counts.format(**{**result.to_json(), "rejected": len(result.rejected), "questions": len(result.questions)})]
    lines += _noted(plan)
    if plan.absent:
        names = _("、").join(one.name for one in plan.absent[:_MAX_NAMED]) + ("……" if len(plan.absent) > _MAX_NAMED else "")
        lines.append(_("本站有、名册里没有的：{n} 人（{names}）").format(n=len(plan.absent), names=names))
    for title, issues in ((_("拒收的行："), result.rejected), (_("待确认的行（先没有导入）："), result.questions)):
        if issues:
            rows = [(one.row, one.column, one.value, one.message) for one in issues]
            lines += ["", title, table((_("行"), _("列"), _("值"), _("说明")), rows, most=60)]
    for title, issues in ((_("提醒（已照常导入）："), plan.warnings), (_("读入时更正："), plan.repaired)):
        if issues:
            lines += ["", title, *_grouped(issues)]
    if result.batch:
        lines += ["", _("要撤销这次导入：cunzhan undo {batch}").format(batch=result.batch)]
    return "\n".join(lines)


def _noted(plan: Plan) -> list[str]:
    """How the tables of a file were recognised, what was left out and what was proposed."""
    lines = []
    for found in plan.tables:
        if found.heading_row:  # JSON Lines has none
            taken = _("「{sheet}」认作{roster}，标题在第 {row} 行。")
            lines.append(taken.format(sheet=found.sheet, roster=found.label, row=found.heading_row))
        lines += [f"  · {note}" for note in (*found.notes, *found.proposals)]
    return lines + plan.notes


def _grouped(issues: list[Issue]) -> list[str]:
    """Messages grouped, each with the rows it applies to."""
    rows = by_key(((issue.column, issue.message), issue.row) for issue in issues)
    said = _("  {column}：{message}（{count} 行：{rows}）")
    return [
        said.format(
            column=column,
            message=message,
            count=len(found),
            rows=_("、").join(map(str, found[:_MAX_NAMED])) + ("……" if len(found) > _MAX_NAMED else ""),
        )
        for (column, message), found in rows.items()
    ]
