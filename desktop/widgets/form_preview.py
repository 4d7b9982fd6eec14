"""A preview of a form or ledger, page by page, with buttons for printing it and saving it as PDF, workbook, Word document or web page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractSlider, QDialog, QLabel, QWidget

from desktop import theme
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.paper import printing
from desktop.paper.document import Printed
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Button, button, label, menu_of
from desktop.widgets.layout import clear, column, holder, row, scrolled
from domain.words import N_, _

SHOWN = 20
"""The most pages drawn; a note says so if there are more."""
WIDTH = 780
Write = Callable[[Printed, Path, Progress], object]
"""Writes the previewed pages to a file, off the GUI thread."""
_WORDS = {".pdf": N_("存为 PDF"), ".xlsx": N_("存为 Excel"), ".docx": N_("存为 Word"), ".html": N_("存为网页")}
_SCROLLS = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}


class FormPreview(QDialog):
    """The pages, and buttons. `writes`: functions that save, by file ending; `plain(reason, progress)` makes the same with numbers
    unmasked; `own`: actions on the county's own layout, by label; `name`: the proposed file name, by default the title."""

    def __init__(
        self,
        frame: Frame,
        parent: QWidget | None,
        paper: Printed,
        writes: Mapping[str, Write],
        *,
        plain: Callable[[str, Progress], Printed] | None = None,
        own: Mapping[str, Callable[[], None]] | None = None,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self.paper, self._frame, self._writes, self._plain, self._name = paper, frame, writes, plain, name
        self.each = ""
        """The file ending for which there is a file for each form; these are saved into a folder."""
        self.setWindowTitle(paper.title)
        self.pages: list[QLabel] = []
        self._undrawn: list[int] = []
        self._drawing = QTimer(self, singleShot=True, interval=0)
        self._drawing.timeout.connect(self._draw_next)
        self._width = theme.px(WIDTH)
        self._inside = column(spacing=10, margins=(10, 10, 10, 10))
        self.view = scrolled(holder(self._inside))
        self.view.setObjectName("paper")
        self.view.setAccessibleName(_("打印预览"))
        self.count = label("", "muted")
        self.reveal = button(_("显示完整号码"), self._reveal, icon="eye")
        self.own = Button(_("本县样表"))
        menu_of(self.own, (own or {}).items())
        self.saves = {ending: button(_(_WORDS[ending]), partial(self._save_as, ending)) for ending in writes}
        self.print = button(_("打印"), self._print, kind="primary", icon="printer", hint="Ctrl P", within=self)
        close = button(_("关闭"), self.reject, hint="Esc")
        for made in (self.reveal, self.own, *self.saves.values(), self.print, close):
            made.setAutoDefault(False)
        foot = row(self.reveal, self.own, None, *self.saves.values(), close, self.print, spacing=8, margins=(10, 4, 10, 8))
        self.note = label("", "muted", wrap=True)
        remarks = row(self.count, self.note, spacing=20, margins=(10, 2, 10, 0), shares=(0, 1))
        self.setLayout(column(self.view, remarks, foot, spacing=4))
        self.reveal.setVisible(plain is not None)
        self.own.setVisible(bool(own))
        self.resize(theme.px(WIDTH) + 60, theme.px(660))
        self._show()
        self.print.setFocus()

    def show_note(self, note: str, ending: str) -> None:
        """Show a note about the county's own layout, and focus the button that saves with it."""
        if shiboken6.isValid(self):
            self.note.setText(note)
            self.saves.get(ending, self.print).setFocus()

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab follows the layout."""
        return keyboard.move(self, next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """PgUp, PgDn, Home and End scroll the pages, whatever has the focus."""
        if event.key() in _SCROLLS:
            self.view.verticalScrollBar().triggerAction(_SCROLLS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def run(self) -> None:
        """Show it until it is closed."""
        screen = self.screen().availableGeometry()
        wide = self.width()
        self.resize(min(wide, screen.width() - 40), min(self.height(), screen.height() - 60))
        if self.width() < wide:
            self._width -= wide - self.width()
            self._show()
        self.exec()
        self.deleteLater()  # its buttons refer to it, so it would stay in memory with its pictures until the program ends

    def _show(self) -> None:
        paper = self.paper
        clear(self._inside)
        self.pages = []
        self._undrawn = list(range(min(paper.pages, SHOWN)))
        for number in self._undrawn:
            page = QLabel()
            page.setMinimumHeight(paper.height_of(self._width))
            page.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            page.setAccessibleName(_("第 {page} 页，共 {pages} 页").format(page=number + 1, pages=paper.pages))
            self.pages.append(page)
            self._inside.addWidget(page)
        self._draw_next()
        text = _("{n} 页").format(n=paper.pages)
        if paper.pages > 1 or not paper.wide:  # a wide page is no higher than the window
            text += _("，PgDn 往下看")
        if paper.pages > SHOWN:
            text += _("，这里只显示前 {n} 页").format(n=SHOWN)
        self.count.setText(text)

    def _draw_next(self) -> None:
        """Draw one page per turn of the event loop, so that the user need not wait for pages further down."""
        if self._undrawn:
            number = self._undrawn.pop(0)
            self.pages[number].setPixmap(QPixmap.fromImage(self.paper.picture(number, self._width)))
            self._drawing.start()

    def _reveal(self) -> None:
        plain = self._plain
        if plain is not None and (reason := self._frame.reason(dialogs.FILLING)):
            self._frame.run_long(_("排版"), lambda progress: plain(reason, progress), self._revealed)

    def _revealed(self, paper: Printed) -> None:
        if not shiboken6.isValid(self):  # the preview was closed meanwhile
            return
        self.paper = paper
        self.reveal.hide()
        self._show()

    def _save_as(self, ending: str) -> None:
        if ending == self.each:
            place = dialogs.open_folder(self, _("保存到哪个文件夹"))
        else:
            name = dialogs.file_name(self._name or self.paper.title) + ending
            place = dialogs.save_as(self, _("保存到"), name, f"(*{ending})")
        if place is not None:
            printing.write_out(self._frame, place, partial(self._writes[ending], self.paper, place))

    def _print(self) -> None:
        printer = printing.chosen(self, self.paper.title, wide=self.paper.wide)
        if printer is not None:
            self.accept()  # progress and the stop button are in the main window
            printing.send(self._frame, printer, self.paper.title, self.paper.afresh)
