"""`report` for forms: the roster of claims, the notice, the note to an applicant, the letter that asks for funds."""

from __future__ import annotations

from pathlib import Path

from cli.access import opened, reason, saving
from cli.program import Answer, Call, Usage
from domain.words import N_, _
from services import forms

NAMES = {
    "claim_roster": N_("补助汇总名册"),
    "fund_request": N_("资金申请公函"),
    "notice_form": N_("公示"),
    "refusal_note": N_("补正或不予通过通知书"),
}
"""Forms by the name `report` knows them by; the words are their titles."""


def form(call: Call) -> Answer:
    """Write a form as a workbook; a notice and a note name their record by `--id`."""
    args = call.args
    if not args.file or Path(args.file).suffix.lower() != ".xlsx":
        raise Usage(_("请写明文件名：report NAME FILE.xlsx"))
    if args.name in ("notice_form", "refusal_note") and not args.id:
        raise Usage(_("请用 --id 写明是哪一次公示或哪一笔申请。"))
    found = _made(call)
    forms.write(found, Path(args.file))
    return Answer(
        {"file": str(Path(args.file)), "rows": len(found.rows)}, _("已写出 {rows} 行：{file}").format(rows=len(found.rows), file=args.file)
    )


def _made(call: Call) -> forms.Form:
    why = reason(call)
    if call.args.name == "claim_roster" and why is not None:
        with saving(call, _("查看完整内容")) as session:
            return forms.claim_roster(session, reason=why)
    with opened(call) as store, store.read() as session:
        if call.args.name == "claim_roster":
            return forms.claim_roster(session)
        if call.args.name == "fund_request":
            return forms.fund_request(session)
        return forms.notice_form(session, call.args.id) if call.args.name == "notice_form" else forms.refusal_note(session, call.args.id)
