"""The panel beside the list: a record's form with its buttons."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.widgets.basics import Card, button, label
from desktop.widgets.editors import Tools
from desktop.widgets.layout import clear, column, holder, row, scrolled
from desktop.widgets.record_form import RecordForm
from domain.errors import ChangedUnderneath, FieldError
from domain.fields import Kind, Record
from domain.words import _

WIDEST = 580
"""px at 100 % text that the form may take from the list."""


class RecordPanel(Card):
    """Shows one record, or an empty form. It saves nothing itself."""

    save_asked = Signal()
    close_asked = Signal()
    history_asked = Signal()
    delete_asked = Signal()
    draft_changed = Signal(dict)

    def __init__(self, tools: Tools) -> None:
        super().__init__(padding=14)
        self._tools = tools
        self.form: RecordForm | None = None
        self.setMinimumWidth(theme.px(380))
        self.heading = label("", "heading")
        self.notice = label("", "warn", wrap=True)
        self.history_button = button(_("历史"), self.history_asked.emit, kind="small", icon="history")
        self.delete_button = button(_("删除"), self.delete_asked.emit, kind="small", icon="trash", writes=True)
        save = button(_("保存"), self._save, kind="primary", hint="Ctrl S", writes=True)
        close = button(_("关闭"), self.close_asked.emit, hint="Esc")
        self._place = column()
        self._area = scrolled(holder(self._place))
        self.add(row(self.heading, None, self.history_button, self.delete_button))
        self.add(self.notice)
        self.body.addWidget(self._area, 1)
        self.add(row(None, close, save))
        self.hide()

    def show_record(self, kind: Kind, record: Record | None) -> None:
        """Show a record, or an empty form for a new one."""
        clear(self._place)
        form = RecordForm(kind, self._tools)
        form.saved.connect(self._save)
        form.closed.connect(self.close_asked)
        form.draft_changed.connect(self.draft_changed)
        if record is not None:
            form.set_record(record)
        else:
            form.set_values({f.name: f.default for f in kind.fields if not f.required})
        self.form = form
        self._place.addWidget(form)
        self.heading.setText(_("修改{kind}").format(kind=_(kind.label)) if record else _("新增{kind}").format(kind=_(kind.label)))
        self.history_button.setVisible(record is not None)
        self.delete_button.setVisible(record is not None)
        self._notice("")
        self._widen(form)
        first: QWidget = next(iter(form.editors.values()))
        first.setFocus()

    def close_form(self) -> None:
        """Nothing is filled in any more."""
        if self.form is not None:
            self.form.let_go()
        self.hide()

    def _widen(self, form: RecordForm) -> None:
        """As wide as the form needs with its scroll bar, so that it never scrolls sideways; English words need more."""
        edges = self.body.contentsMargins().left() + self.body.contentsMargins().right() + theme.px(4)
        needed = form.minimumSizeHint().width() + self._area.verticalScrollBar().sizeHint().width() + edges
        self.setMinimumWidth(max(theme.px(380), min(needed, theme.px(WIDEST))))

    def restore(self, draft: dict[str, Any]) -> None:
        """Put back what was typed the last time and not saved."""
        if self.form is not None:
            try:
                self.form.restore(draft)
            except FieldError:
                return
            self._notice(_("上次没保存的内容已放回来，请核对后保存。"))

    def show_clash(self, error: ChangedUnderneath) -> None:
        """Say beneath each field what it has become meanwhile."""
        if self.form is None:
            return
        self._notice(str(error))
        for name, value in error.fields.items():
            if name in self.form.editors:
                declared = self.form.declared[name]
                self.form.editors[name].warn(_("别处改成了：{value}").format(value=declared.show(value) or _("（空）")))
        self.form.rebase(error.fields)

    def show_error(self, error: Exception) -> bool:
        """Say what hindered saving above the form; False when that is no matter of the form."""
        if not isinstance(error, FieldError):
            return False
        if self.form is not None and error.field in self.form.editors:
            self.form.editors[error.field].fail(str(error))
            self.form.editors[error.field].setFocus()
        else:
            self._notice(str(error))
        return True

    @property
    def dirty(self) -> bool:
        """Whether something typed would be lost."""
        return self.isVisible() and self.form is not None and self.form.dirty

    def changes(self) -> dict[str, Any]:
        """What is to be saved."""
        return self.form.changes() if self.form is not None else {}

    def base(self) -> dict[str, Any]:
        """The values the form was opened with."""
        return self.form.base if self.form is not None else {}

    def draft(self) -> dict[str, Any]:
        """What is half typed."""
        return self.form.draft() if self.form is not None else {}

    def _save(self) -> None:
        if self.form is not None and self.form.check():
            self.save_asked.emit()

    def _notice(self, text: str) -> None:
        self.notice.setText(text)
        self.notice.setVisible(bool(text))
