"""The manual in the program: F1 opens it beside the page, at the section about that page. It needs no network.

Its text is `resources/manual/LANGUAGE.md`; `## heading <!-- page keys -->` begins a section about these pages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument, QTextFrameFormat, QTextLength, QTextTable
from PySide6.QtWidgets import QDialog, QListWidget, QTextBrowser, QTextEdit, QWidget

from desktop import theme
from desktop.widgets import keyboard
from desktop.widgets.basics import bind, button, finder
from desktop.widgets.layout import column, row
from desktop.widgets.spoken import live_label
from domain import words
from domain.words import _

FOLDER = theme.RESOURCES / "manual"
KEYS = "keys"
"""The key of the section about the keyboard."""
_HEADING = re.compile(r"^## (.+?)(?: *<!-- *(.*?) *-->)?$", re.MULTILINE)
_WIDTH, _HEIGHT, _LIST = 900, 640, 200
_LINE = 118
"""Line height in per cent."""


@dataclass(frozen=True)
class Section:
    """A section of the manual: its heading, the keys of the pages it is about, its text as Markdown."""

    title: str
    pages: frozenset[str]
    text: str


@cache
def sections(language: str) -> tuple[Section, ...]:
    """Return the manual in a language."""
    parts = _HEADING.split((FOLDER / f"{language}.md").read_text(encoding="utf-8"))[1:]
    titles, pages, texts = parts[::3], parts[1::3], parts[2::3]
    return tuple(
        Section(title, frozenset((keys or "").split()), text.strip()) for title, keys, text in zip(titles, pages, texts, strict=True)
    )


class Manual(QDialog):
    """The window: a search field, the sections, and the text of one. Esc closes it; Enter in the search field goes to the next match."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("使用说明"))
        self._all = sections(words.language())
        self._shown: list[Section] = []
        self.line = finder(_("在说明里找"), 240)
        self.line.setClearButtonEnabled(True)
        self.found = live_label("muted", wrap=False)
        self.list = QListWidget()
        self.list.setAccessibleName(_("目录"))
        self.list.setFixedWidth(theme.px(_LIST))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = QTextBrowser()
        self.text.setAccessibleName(_("说明"))
        self.text.setObjectName("manual")
        close = button(_("关闭"), self.close, hint="Esc")
        close.setAutoDefault(False)
        head = row(self.line, 8, self.found, None, close)
        self.setLayout(column(head, row(self.list, self.text, spacing=12), spacing=12, margins=(16, 14, 16, 14)))
        self.resize(theme.px(_WIDTH), theme.px(_HEIGHT))
        self.list.currentRowChanged.connect(self._show)
        self.line.textChanged.connect(self._narrow)
        self.line.returnPressed.connect(self._next)
        bind(self, "F3", self._next)
        bind(self, "Ctrl+K", self.line.setFocus)
        self._narrow("")

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab follows the layout."""
        return keyboard.move(self, next)

    def open_at(self, page: str) -> None:
        """Show the section about a page."""
        self.line.clear()
        at = next((n for n, one in enumerate(self._shown) if page in one.pages), 0)
        self.list.setCurrentRow(at)
        screen = self.screen().availableGeometry()
        self.resize(min(self.width(), screen.width() - 40), min(self.height(), screen.height() - 60))
        self.show()
        self.raise_()
        self.activateWindow()
        self.text.setFocus()

    def _narrow(self, text: str) -> None:
        wanted = text.strip().casefold()
        now = self._shown[self.list.currentRow()] if self.list.currentRow() >= 0 and self._shown else None
        self._shown = [one for one in self._all if wanted in one.title.casefold() or wanted in one.text.casefold()]
        self.list.clear()
        self.list.addItems([one.title for one in self._shown])
        self.found.setText(
            "" if not wanted else _("在 {n} 节里找到").format(n=len(self._shown)) if self._shown else _("没有找到，换个词试试")
        )
        self.list.setCurrentRow(self._shown.index(now) if now in self._shown else 0)
        if not self._shown:
            self.text.clear()

    def _show(self, number: int) -> None:
        if 0 <= number < len(self._shown):
            section = self._shown[number]
            self.text.setMarkdown(f"## {section.title}\n\n{section.text}")
            _apply_theme(self.text.document())
            self._mark()

    def _mark(self) -> None:
        """Highlight all matches in the section shown, and move to the first."""
        wanted, marks = self.line.text().strip(), []
        at = QTextCursor(self.text.document())
        while wanted and not (at := self.text.document().find(wanted, at)).isNull():
            mark = QTextEdit.ExtraSelection()
            mark.cursor, mark.format = at, QTextCharFormat()  # type: ignore[attr-defined]  # the stubs lack its fields
            mark.format.setBackground(theme.colour("warn_soft"))  # type: ignore[attr-defined]  # the same
            mark.format.setForeground(theme.colour("warn"))  # type: ignore[attr-defined]  # the same
            marks.append(mark)
        self.text.setExtraSelections(marks)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if wanted:
            self._next(wrap=False)

    def _next(self, *, wrap: bool = True) -> None:
        wanted = self.line.text().strip()
        if wanted and not self.text.find(wanted) and wrap and self._shown:
            self.list.setCurrentRow((self.list.currentRow() + 1) % len(self._shown))
            if len(self._shown) == 1:
                self._mark()


def _apply_theme(document: QTextDocument) -> None:
    """Apply the program's fonts and colours, which Qt's Markdown import does not know."""
    document.setDefaultFont(theme.font(14))
    document.setDocumentMargin(theme.px(14))
    whole = QTextCursor(document)
    whole.beginEditBlock()  # laid out once, not again after each key
    whole.select(QTextCursor.SelectionType.Document)
    lines = QTextBlockFormat()
    lines.setLineHeight(_LINE, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    whole.mergeBlockFormat(lines)
    for table in document.rootFrame().childFrames():
        if isinstance(table, QTextTable):
            look = table.format()
            look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
            look.setCellPadding(theme.px(5))
            look.setCellSpacing(0)
            look.setBorder(0)
            table.setFormat(look)
            _rule(table)
    _highlight_keys(document)
    whole.endEditBlock()


def _rule(table: QTextTable) -> None:
    """Draw a line below every row."""
    for cell in (table.cellAt(n, m) for n in range(table.rows()) for m in range(table.columns())):
        look = cell.format().toTableCellFormat()
        look.setBottomBorder(1)
        look.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        look.setBottomBorderBrush(theme.colour("line"))
        cell.setFormat(look)


def _highlight_keys(document: QTextDocument) -> None:
    """Highlight keys and commands by their background, in the same font as the text."""
    look = QTextCharFormat()
    look.setFontFixedPitch(False)
    look.setFontFamilies([theme.family()])
    look.setBackground(theme.colour("plain_soft"))
    places = []
    block = document.begin()
    while block.isValid():
        each = block.begin()
        while not each.atEnd():
            part = each.fragment()
            if part.charFormat().fontFixedPitch():
                places.append((part.position(), part.length()))
            each += 1
        block = block.next()
    for start, length in places:
        at = QTextCursor(document)
        at.setPosition(start)
        at.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
        at.mergeCharFormat(look)
