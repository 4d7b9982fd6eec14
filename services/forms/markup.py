"""Writes a form as HTML: a page for a county's website, and the input for the desktop's paper layout.

It has no scripts, links or external resources, and only style rules that both browsers and Qt support.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from services.files import written
from services.forms.fitting import SIGNED, fit
from services.forms.form import Cell, Form, Opinion, alignment, shown

_STYLE = """
body { color: #000000; background: #ffffff; font-size: %(size)spt; }
div.title { text-align: center; font-size: %(title)spt; font-weight: bold; margin-top: 0; margin-bottom: 10px; }
p { margin-top: 4px; margin-bottom: 4px; white-space: pre-wrap; }
td { vertical-align: middle; white-space: pre-wrap; }
table.grid { border-collapse: collapse; }
table.grid td, table.grid th { border: 1px solid #000000; padding: 5px 6px; }
th { font-weight: bold; }
table.list td, table.list th { font-size: %(table)spt; padding: %(above)spx %(beside)spx; }
"""
_ON_SCREEN = "body { max-width: 60em; margin: 2em auto; padding: 0 1em; font-family: 'Microsoft YaHei', SimSun, sans-serif; }"
_TITLE = "<div class='title' role='heading' aria-level='1' align='center'>{}</div>"
"""Not an <h1>, because Qt enlarges it beyond its style rule."""
TEXT = 11.0
"""Text size outside the table in points."""
_GAP = "<p style='font-size:2pt; margin-top:0; margin-bottom:0'>　</p>"
WIDTHS = (15, 18, 15, 2, 15, 1, 15, 19)
SPANS = {3: (1, 3, 1), 2: (3, 3), 1: (7,)}
"""Column widths of the boxes in percent, and the columns that each value spans in a row with three, two or one boxes."""
_ADDRESSEE = 20
_TIGHT = 9.0
"""The largest text in the table of a form with `tight` rows, in points."""
_ROOM = 3
"""Empty lines in a box to write in."""


def body(form: Form) -> str:
    """The HTML of the form, without head and style."""
    return "\n".join(pieces(form, max(1, len(form.rows))))


def pieces(form: Form, rows: int) -> list[str]:
    """The HTML of the form in pieces of at most `rows` table rows, each with the headings."""
    begun, ended = "\n".join(_before_table(form)), "\n".join(_after_table(form))
    if not form.columns:
        return [f"{begun}\n{ended}"]
    heads, starts = _headings(form), range(0, max(1, len(form.rows)), rows)
    tables = [_table(heads, form, form.rows[start : start + rows], total=start == starts[-1]) for start in starts]
    tables[0] = f"{begun}\n{tables[0]}"
    return [*tables[:-1], f"{tables[-1]}\n{_GAP}\n{ended}"]


def _before_table(form: Form) -> list[str]:
    """The part above the table."""
    parts = [_TITLE.format(escape(form.title)), _line(form), *(_paragraph(text, indent=not to_whom(text)) for text in form.opening)]
    gap = [_GAP] if form.opening and form.columns and not form.boxes else []
    return parts + ([_boxes(form.boxes), _GAP] if form.boxes else gap)


def _after_table(form: Form) -> list[str]:
    """The part below the table."""
    parts = [_paragraph(text, indent=True) for text in form.text]
    parts += [_opinions(form.opinions)] if form.opinions else []
    parts += [_signatures(form.signatures)] if form.signatures else []
    parts += [f"<p align='right'>{'<br>'.join(map(escape, form.closing))}</p>"] if form.closing else []
    return parts + [f"<p align='center'><img src='picture:{n}'></p>" for n in range(len(form.pictures))]


def style(form: Form, size: float | None = None, *, tight: bool = False) -> str:
    """The style rules for a form on paper, or with all text of `size` points; rows to sign are as high as a signature. `tight`: rows are
    lower, and large text in the table is smaller."""
    table = fit(form)
    above = (7, 4) if SIGNED in form.columns else (4, 2)
    inside = size or (min(table.points, _TIGHT) if tight else table.points)
    points = {"size": size or TEXT, "table": inside, "title": round((size or TEXT) * 1.9, 1)}
    return _STYLE % {**points, "above": above[tight], "beside": round(table.padding * 4 / 3)}


def page(form: Form) -> str:
    """A complete, self-contained page."""
    head = f"<meta charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'><title>{escape(form.title)}</title>"
    look = style(form) + _ON_SCREEN
    return f"<!DOCTYPE html>\n<html lang='zh-CN'><head>{head}<style>{look}</style></head>\n<body>\n{body(form)}\n</body></html>\n"


def write_page(form: Form, file: Path) -> int:
    """Write the form as a web page; returns the number of table rows. Raises `InputUnusable`."""
    with written(file) as unfinished:
        unfinished.write_text(page(form), encoding="utf-8", newline="\n")
    return len(form.rows)


def to_whom(text: str) -> bool:
    """Whether a text is the addressee line of a letter, which is not indented."""
    return text.endswith("：") and len(text) < _ADDRESSEE


def _paragraph(text: str, *, indent: bool) -> str:
    """A paragraph, with an indent of two characters if wanted; line breaks are kept."""
    return f"<p>{'　　' if indent else ''}{escape(text)}</p>" if text else "<p>　</p>"


def _line(form: Form) -> str:
    """The heads in one line: the first on the left, the last on the right and never broken, so that a long first one is."""
    heads = [f"{label}：{value}" for label, value in form.heads.items()]
    sides = ["left", *["center"] * (len(heads) - 2), "right"] if len(heads) > 1 else ["left"]
    ways = [f"align='{side}'" + (" style='white-space:pre'" if side == "right" else "") for side in sides]
    cells = "".join(f"<td {way}>{escape(text)}</td>" for way, text in zip(ways, heads, strict=False))
    return f"<table width='100%' cellpadding='3'><tr>{cells}</tr></table>" if heads else ""


def _boxes(boxes: Sequence[Sequence[tuple[str, str]]]) -> str:
    """Rows of labels and values in common columns."""
    widths = "".join(f"<td width='{width}%' style='padding:0; border:none; font-size:1pt'></td>" for width in WIDTHS)
    rows = ["".join(_box(*one, span) for one, span in zip(row, SPANS[len(row)], strict=True)) for row in boxes]
    return f"<table class='grid' width='100%' cellspacing='0'><tr>{widths}</tr><tr>{'</tr><tr>'.join(rows)}</tr></table>"


def _box(label: str, value: str, span: int) -> str:
    return f"<td align='center'>{escape(label)}</td><td colspan='{span}'>{escape(value) or '　'}</td>"


def _headings(form: Form) -> str:
    widths = fit(form).widths
    whole = sum(widths)
    return "".join(f"<th width='{width / whole * 99.6:.2f}%'>{escape(name)}</th>" for name, width in zip(form.columns, widths, strict=True))


def _table(heads: str, form: Form, rows: Sequence[Sequence[Cell]], *, total: bool) -> str:
    """Rows of the form's table below its headings, with or without the total."""
    lines = [_row(row) for row in rows] or [f"<tr>{'<td>　</td>' * len(form.columns)}</tr>"]
    lines += [_row(form.total)] if total and form.total else []
    return f"<table class='grid list' width='99.8%' cellspacing='0'><thead><tr>{heads}</tr></thead>{''.join(lines)}</table>"


def _row(cells: Sequence[Cell]) -> str:
    return "<tr>" + "".join(f"<td align='{alignment(cell)}'>{escape(shown(cell)) or '　'}</td>" for cell in cells) + "</tr>"


def _opinions(opinions: Sequence[Opinion]) -> str:
    rows = []
    for one in opinions:
        text = "".join(_paragraph(part, indent=True) for part in one.text.split("\n")) if one.text else "<p>　</p>" * _ROOM
        foot = f"<p align='right'>{escape(one.signs)}</p>"
        rows.append(f"<tr><td width='15%' align='center'>{escape(one.label)}</td><td>{text}{foot}</td></tr>")
    return f"<table class='grid' width='100%' cellspacing='0'>{''.join(rows)}</table>"


def _signatures(names: Sequence[str]) -> str:
    cells = "".join(f"<td>{escape(name)}：</td>" for name in names)
    return f"<p></p><table width='100%' cellpadding='6'><tr>{cells}</tr></table>"
