"""The sheet of a public notice and the statement of its result on A4: black on white, in letters that are read on a wall."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6.QtGui import QPageSize, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.benefits.notice_model import SheetShown
from desktop.verdict_tools import yuan
from domain.words import _

_STYLE = "* { color: #000000; } td, th { padding: 4px 6px; } p { margin: 6px 0; } h2 { text-align: center; }"


def notice_sheet(sheet: SheetShown) -> QTextDocument:
    """What hangs on the wall: whom it concerns, from when to when, where objections go; nothing else about anybody."""
    heads = (_("序号"), _("姓名"), _("村（组）"), _("项目"), _("金额（元）"), _("务工地"), _("起止"))
    rows = [(str(one.number), one.name, one.village, one.item, yuan(one.amount), one.place, one.months) for one in sheet.lines]
    items = _("、").join(sheet.items)
    parts = [
        f"<h2>{escape(_('{issuer}关于{items}的公示').format(issuer=sheet.issuer, items=items))}</h2>",
        _paragraph(_("经审核，下列 {n} 笔拟享受补助，合计 {total} 元，现予公示，接受监督。").format(n=len(rows), total=yuan(sheet.total))),
        _paragraph(_("公示期：{days}。").format(days=period(sheet))),
        _paragraph(objections_to(sheet)),
        _table(heads, rows),
        _signed(sheet.issuer, sheet.start),
    ]
    return _document("".join(parts))


def result_statement(sheet: SheetShown) -> QTextDocument:
    """公示结果报告: what was shown how long, and what came of it."""
    if sheet.result:
        said = _("公示期满，结果为「{result}」。").format(result=sheet.result)
    else:
        said = _("公示还没有登记结果。")
    where = _("张贴于 {place}。").format(place=sheet.place) if sheet.place else ""
    told = _("{issuer}对{items}共 {n} 笔、合计 {total} 元进行了公示。").format(
        issuer=sheet.issuer, items=_("、").join(sheet.items), n=len(sheet.lines), total=yuan(sheet.total)
    )
    objections = "".join(f"<li>{escape(one)}</li>" for one in sheet.objections)
    parts = [
        f"<h2>{escape(_('公示结果报告'))}</h2>",
        _paragraph(told + where),
        _paragraph(_("公示期：{days}。").format(days=period(sheet))),
        _paragraph(said),
        _paragraph(_("收到异议 {n} 件。").format(n=len(sheet.objections))),
        f"<ol>{objections}</ol>" if objections else "",
        _paragraph(_("公示照片粘贴处：")),
        "<table border='1' cellspacing='0' width='100%'><tr><td height='220'>　</td></tr></table>",
        _signed(sheet.issuer, sheet.last_day),
    ]
    return _document("".join(parts))


def period(sheet: SheetShown) -> str:
    """2023-06-05 至 2023-06-11（7 个自然日），with a warning where the days off of a year are not announced yet."""
    kind = _("{n} 个工作日") if sheet.working else _("{n} 个自然日")
    said = _("{start} 至 {end}（{days}）").format(start=sheet.start, end=sheet.last_day, days=kind.format(n=sheet.days))
    return said if sheet.holidays_known else said + _("，节假日安排未公布，按周末推算")


def objections_to(sheet: SheetShown) -> str:
    """Where objections go."""
    if sheet.phone:
        return _("如有异议，请在公示期内实名反映。监督电话：{phone}。").format(phone=sheet.phone)
    return _("如有异议，请在公示期内向{issuer}实名反映。").format(issuer=sheet.issuer)


def print_document(parent: QWidget, document: QTextDocument) -> bool:
    """Ask for a printer and print; False when the person changed their mind."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    if not QPrintDialog(printer, parent).exec():
        return False
    document.print_(printer)
    return True


def write_pdf(document: QTextDocument, file: Path) -> None:
    """The same as a PDF; nothing but the sheet is in it."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(file))
    document.print_(printer)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _signed(issuer: str, day: str) -> str:
    return f"<p align='right'>{escape(issuer)}<br>{escape(day)}</p>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    cells = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in rows)
    return f"<table border='1' cellspacing='0' width='100%'><thead><tr>{head}</tr></thead>{cells}</table>"


def _document(html: str) -> QTextDocument:
    made = QTextDocument()
    made.setDefaultFont(theme.font(14))
    made.setDefaultStyleSheet(_STYLE)
    made.setHtml(html)
    return made
