"""Dialogs: questions, errors, file selection. Call them through the module (`dialogs.ask(…)`), so that a test can replace them.

    dialogs.ask(self, _("删除这条记录？"), _("删除后可以在回收站找回。"), yes=_("删除"), danger=True) -> bool
    dialogs.may_leave(self, self.dirty, _("考勤还没有保存。"), self.discard) -> bool    nothing is unsaved, or it may be discarded
    dialogs.confirm(self, _("粘贴 12 格"), preview_widget, yes=_("填入")) -> bool       any widget as preview
    dialogs.ask_text(self, _("改名"), _("视图名称"), "") -> str | None
    dialogs.ask_value(self, _("记发放"), "", editor, _("记发放"), self.wrong)        again, until its value is right
    dialogs.save_as(self, _("导出到"), "名单.xlsx") -> Path | None     and open_file, open_files, open_folder
    dialogs.view_or_save(self, name, data) -> Path | None            shows a picture; where to save it, or any other file
    dialogs.show_error(self, error)                                  a CunzhanError's sentence; anything else is for the crash dialog
    dialogs.ask_reason(self) -> str | None                           why secrets are shown; use frame.reason(), which asks once a session

`Dialog` is their base class: heading, body, buttons at the right. Escape closes, Enter presses the focused or the default button.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QBoxLayout, QDialog, QFileDialog, QLineEdit, QPushButton, QRadioButton, QScrollArea, QWidget

from desktop import pictures, theme
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Button, label
from desktop.widgets.inputs import captioned, hidden_line
from desktop.widgets.layout import column, fill, row, scrolled
from desktop.widgets.line_editors import Editor
from domain.attachments import clean_name
from domain.errors import CunzhanError, FieldError
from domain.words import N_, _

CHECKING, FILLING, PAYING, INSPECTION = N_("核对本人信息"), N_("填报表册"), N_("发放补助"), N_("上级检查")
REASONS = (CHECKING, FILLING, PAYING, INSPECTION, N_("本人要求查看"))
"""Usual reasons for showing secrets; the user may write another."""

ROSTERS = (".xlsx", ".xls", ".et", ".csv", ".docx", ".txt", ".xlsm", ".jsonl")
"""Suffixes of files that may be rosters."""
_SCROLLING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ENDING = re.compile(r"\*(\.\w+)")
EXCEL = "Excel (*.xlsx)"
"""The usual file type of exports, as a filter for file dialogs."""


def file_name(words: str) -> str:
    """Return a proposed file name without suffix. Characters that Windows forbids in names become a space."""
    return clean_name(re.sub(r'[<>:"/\\|?*\x00-\x1f]+', " ", words))


def save_as(parent: QWidget | None, title: str, name: str, kinds: str = EXCEL) -> Path | None:
    """Ask where to write a file, proposing `name`. Returns a path with a suffix of `kinds`, or None."""
    file, kind = QFileDialog.getSaveFileName(parent, title, name, kinds)
    if not file:
        return None
    path = Path(file)
    endings = _ENDING.findall(kind or kinds) or [path.suffix or Path(name).suffix]
    if path.suffix.lower() in {*endings, *_ENDING.findall(kinds)}:
        return path.with_suffix(path.suffix.lower())
    path = path.with_name(path.name + endings[0])  # the file dialog has not asked about overwriting this name
    if not path.exists() or ask(parent, _("已经有「{name}」，要换成新的吗？").format(name=path.name), yes=_("换成新的"), danger=True):
        return path
    return save_as(parent, title, str(path), kinds)


def open_file(parent: QWidget | None, title: str, kinds: str, *, start: str = "") -> Path | None:
    """Ask for a file to read, starting in the folder `start`. Returns None when cancelled."""
    file, _kind = QFileDialog.getOpenFileName(parent, title, start, kinds)
    return Path(file) if file else None


def open_files(parent: QWidget | None, title: str, kinds: str) -> list[Path]:
    """Ask for files to read. Returns an empty list when cancelled."""
    files, _kind = QFileDialog.getOpenFileNames(parent, title, "", kinds)
    return [Path(file) for file in files]


def open_folder(parent: QWidget | None, title: str, *, start: str = "") -> Path | None:
    """Ask for a folder, starting in `start`. Returns None when cancelled."""
    folder = QFileDialog.getExistingDirectory(parent, title, start)
    return Path(folder) if folder else None


class Dialog(QDialog):
    """A small window with a heading, a body and buttons; `body` and `buttons` are layouts."""

    def __init__(self, parent: QWidget | None, title: str, text: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(theme.px(420))
        self.body = column(spacing=10)
        self.buttons = row(None, spacing=10)
        head = label(title, "heading", wrap=True)
        self.setLayout(column(head, self.body, 8, self.buttons, spacing=10, margins=(20, 18, 20, 16)))
        self._text = label(text, wrap=True, selectable=True)
        self._scrolls: QScrollArea | None = None
        """Holds the text where it is longer than the screen is high."""
        if text:
            self.body.addWidget(self._text)

    def add_button(self, text: str, *, accept: bool, kind: str = "") -> Button:
        """Add a button that closes the dialog; a primary one is the default for Enter."""
        made = Button(text, kind=kind)
        made.setAutoDefault(False)
        made.setDefault(kind == "primary")
        made.clicked.connect(self.accept if accept else self.reject)
        self.buttons.addWidget(made)
        return made

    def add_answers(self, yes: str, no: str = "") -> Button:
        """Add a button that rejects and a primary one that accepts; returns the latter."""
        self.add_button(no or _("取消"), accept=False)
        return self.add_button(yes, accept=True, kind="primary")

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab follows the layout."""
        return keyboard.move(self, next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field moves to the next empty field; without one it presses the default button. A long text is scrolled."""
        if self._scrolls is not None and event.key() in _SCROLLING:
            self._scrolls.keyPressEvent(event)
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not keyboard.to_empty(self):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Fit the height when shown, and grow when text is added or wraps later. Qt fits a window only once, before fonts have their size
        and for text wrapped to another width: the text would be cut off, or gaps would spread between the lines."""
        done = super().event(event)
        if event.type() == QEvent.Type.Show:
            for made in self.findChildren(QPushButton):
                made.setAutoDefault(False)  # otherwise Qt makes the first one the default, whatever it does
            if self._needed() > self._most() and self._text.text():
                self._scroll_text()
            if not self.testAttribute(Qt.WidgetAttribute.WA_Resized):
                self.resize(self.width(), self._needed())
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._make_room()
        return done

    def _needed(self) -> int:
        layout = self.layout()
        return layout.totalHeightForWidth(self.width()) if layout is not None and layout.hasHeightForWidth() else self.height()

    def _most(self) -> int:
        """The height that a dialog may have on this screen."""
        return self.screen().availableSize().height() - 40

    def _make_room(self) -> None:
        needed = self._needed()
        if self.isVisible() and self.height() < needed:
            self.resize(self.width(), max(self.height(), min(needed, self._most())))

    def _scroll_text(self) -> None:
        self._scrolls = scrolled(self._text)
        self.body.insertWidget(0, self._scrolls, 1)
        self._scrolls.show()
        layout = self.layout()
        if isinstance(layout, QBoxLayout):
            layout.setStretchFactor(self.body, 1)
            layout.activate()  # until then the dialog is at least as high as the text
        self.resize(self.width(), self._most())

    def run(self) -> bool:
        """Show it and wait for the answer."""
        return self.exec() == QDialog.DialogCode.Accepted


def ask(parent: QWidget | None, title: str, text: str = "", *, yes: str = "", no: str = "", danger: bool = False) -> bool:
    """Ask a question with two answers. Returns whether the answer is yes; with `danger` Enter means no."""
    dialog = Dialog(parent, title, text)
    back = dialog.add_button(no or _("取消"), accept=False, kind="")
    go = dialog.add_button(yes or _("确定"), accept=True, kind="danger" if danger else "primary")
    (back if danger else go).setFocus()
    if danger:
        back.setDefault(True)
    return dialog.run()


_MOST_TOLD = 6
"""The most of whom `ask_of_each` tells why."""


def ask_of_each(parent: QWidget | None, told: Sequence[tuple[str, str]], after: str, *, yes: str) -> bool:
    """Ask whether to go on with these, each with its name and what to check of it first; True if there are none. Enter means no."""
    lines = [_("{name}：{why}").format(name=name, why=why) for name, why in told[:_MOST_TOLD]]
    lines += [_("还有 {n} 笔").format(n=len(told) - _MOST_TOLD)] if len(told) > _MOST_TOLD else []
    title = _("有 {n} 笔要先核实").format(n=len(told))
    return not told or ask(parent, title, "\n".join([*lines, after]), yes=yes, danger=True)


def numbers_wanted(parent: QWidget, ask_why: Callable[[str], str | None], text: str) -> tuple[bool, str | None]:
    """Ask whether a file gets full numbers, and why (`ask_why`: `frame.reason`). Returns whether to write it, and the reason if it gets
    them. Without a reason it is not written: a masked one was not wanted."""
    if not ask(parent, _("证件、电话和账号"), text, yes=_("要完整号码"), no=_("遮住")):
        return True, None
    reason = ask_why(FILLING)
    return reason is not None, reason


def may_leave(parent: QWidget | None, unsaved: bool, text: str, forget: Callable[[], object], *, title: str = "") -> bool:
    """Return whether nothing is unsaved, or the user agrees to discard it; `forget` is then called. `text`: what is unsaved."""
    if unsaved:
        if not ask(parent, title or _("还没有保存"), text, yes=_("不保存，离开"), no=_("继续填写"), danger=True):
            return False
        forget()
    return True


def confirm(parent: QWidget | None, title: str, preview: QWidget, *, text: str = "", yes: str = "") -> bool:
    """Show a preview and ask whether to go on."""
    dialog = Dialog(parent, title, text)
    dialog.setMinimumSize(theme.px(640), theme.px(360))
    dialog.body.addWidget(preview, 1)
    dialog.add_answers(yes or _("确定")).setFocus()
    return dialog.run()


def show_message(parent: QWidget | None, title: str, text: str) -> None:
    """Show a text with one button."""
    dialog = Dialog(parent, title, text)
    dialog.add_button(_("知道了"), accept=True, kind="primary").setFocus()
    dialog.run()


def show_error(parent: QWidget | None, error: CunzhanError) -> None:
    """Show the sentence of an error that people can act on."""
    show_message(parent, _("没有办成"), str(error))


def ask_text(parent: QWidget | None, title: str, what: str, *, about: str = "", secret: bool = False) -> str | None:
    """Ask for one line of text; `about` is shown above it. Returns None when cancelled."""
    dialog = Dialog(parent, title, about)
    line = hidden_line() if secret else QLineEdit()
    fill(dialog.body, captioned(what, line, ""))
    dialog.add_answers(_("确定"))
    line.setFocus()
    return line.text().strip() if dialog.run() else None


def ask_value(
    parent: QWidget, title: str, text: str, editor: Editor, yes: str, wrong: Callable[[Any], str], *, caption: str = ""
) -> tuple[Any] | None:
    """Ask for the value of an editor until `wrong` returns "" for it. Returns the value in a tuple, since it may be None; None when
    cancelled. The editor goes with the dialog."""
    dialog = Dialog(parent, title, text)
    fill(dialog.body, captioned(caption, editor) if caption else [editor])
    dialog.add_answers(yes)
    editor.setFocus()
    while dialog.run():
        try:
            value = editor.value()
            if not (fault := wrong(value)):
                return (value,)
        except FieldError as error:
            fault = str(error)
        editor.fail(fault)  # what was typed stays, to be mended
        editor.setFocus()
    return None


def ask_reason(parent: QWidget | None, usual: str = CHECKING) -> str | None:
    """Ask why secrets are to be shown, proposing one of `REASONS`. Returns it or other words; None when they decline."""
    dialog = Dialog(parent, _("显示证件、电话和账号"), _("请选一个理由。每次查看都会记下：谁、何时、看了谁、为什么。本次登录只问一次。"))
    choices = [QRadioButton(_(reason)) for reason in REASONS]
    choices[REASONS.index(usual)].setChecked(True)
    other = QLineEdit()
    other.setPlaceholderText(_("其他理由（可不填）"))
    other.setAccessibleName(_("其他理由"))
    for choice in choices:
        dialog.body.addWidget(choice)
    dialog.body.addWidget(other)
    dialog.add_answers(_("显示"), _("不看了")).setFocus()
    if not dialog.run():
        return None
    return other.text().strip() or next(reason for choice, reason in zip(choices, REASONS, strict=True) if choice.isChecked())


_AROUND = QSize(80, 190)
"""Pixels that heading, buttons and frame take from the screen."""


def view_or_save(parent: QWidget, name: str, data: bytes) -> Path | None:
    """Return where to save a file; None if the user only looked at it."""
    picture = QPixmap.fromImage(pictures.read(data, parent.screen().availableSize() - _AROUND))
    if not picture.isNull():
        dialog = dialogs.Dialog(parent, name)
        shown = label()
        shown.setPixmap(picture)
        shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        shown.setAccessibleName(name)
        dialog.body.addWidget(shown, 1)
        dialog.add_button(_("另存为…"), accept=True)
        dialog.add_button(_("关闭"), accept=False, kind="primary").setFocus()
        if not dialog.run():
            return None
    return dialogs.save_as(parent, _("另存附件"), name, kinds="")
