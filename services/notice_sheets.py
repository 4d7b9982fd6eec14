"""The masked list of a public notice as a workbook: a new file with the columns of the whitelist and nothing hidden (`domain.md` §10.2)."""

from __future__ import annotations

from pathlib import Path

from db.session import Session
from domain.values import yuan_text
from services import notices
from services.cards import rule_names
from services.exporting import written
from services.sheets import Workbook

_HEADINGS = ("序号", "姓名", "村（组）", "项目", "金额（元）", "务工地", "起止")


def export_notice(session: Session, id: str, file: Path) -> int:
    """Write the sheet; answers how many lines. Raises `NotFound` or `InputUnusable`."""
    sheet, names = notices.sheet(session, id), rule_names()
    with written(file) as unfinished, Workbook(unfinished) as book:
        made = book.sheet("公示")
        made.title(f"{sheet.place} 公示（{sheet.notice.start} 至 {sheet.last_day}）", len(_HEADINGS))
        made.headings(_HEADINGS)
        for line in sheet.lines:
            item = names.get(line.item, line.item)
            made.row([line.number, line.name, line.village, item, float(yuan_text(line.amount)), line.place, line.months])
        made.row(["", "合计", "", "", float(yuan_text(sheet.total))])
        if sheet.notice.phone:
            made.row(["", "监督电话", sheet.notice.phone])
    return len(sheet.lines)
