"""The dialogs of 服务: a new service with its vacancy or course, and the text of vacancies."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QWidget

from desktop import theme
from desktop.service.presenting import GUIDANCE, JOB, NewService, Offer, Start
from desktop.widgets.basics import bind, button, finder, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.editors import Tools
from desktop.widgets.layout import row
from desktop.widgets.record_form import RecordForm
from desktop.widgets.two_line_list import TwoLineList, TwoLines
from domain.errors import FieldError
from domain.records import Service
from domain.words import _

_SEARCHED_FROM = 6
"""From this number of offers there is a search box."""


class ServiceEntry(Dialog):
    """A new service; Enter records it as filled in, by default on today's date."""

    given = Signal(object)

    def __init__(self, parent: QWidget, tools: Tools, start: Start, today: str, user: str) -> None:
        super().__init__(parent, start.title)
        self.start = start
        self.offers: list[Offer] = []
        self.list = TwoLineList(_("招聘岗位") if start.type == JOB else _("培训班"))
        self.search = finder(_("输入几个字缩小范围"), 300)
        self.search.textChanged.connect(self._narrow)
        self.search.installEventFilter(self)
        self.list.doubleClicked.connect(lambda _index: self.finish())
        self.form = RecordForm(Service.KIND, tools, fields=("on", "result", "by"), columns=2)
        self.form.set_values({"on": today, "by": user})
        self.form.saved.connect(self.finish)
        self.form.edited.connect(self._edited)
        self.close_wish = QCheckBox(_("同时结束就业需求（已就业）"))
        self.close_wish.hide()
        if start.type != GUIDANCE:
            self._lay_out_offers()
        self.body.addWidget(self.form)
        self.body.addWidget(self.close_wish)
        self.add_button(_("取消"), accept=False)
        self.done_button = button(_("记下"), self.finish, kind="primary", hint="Enter", writes=True)
        self.done_button.setDefault(True)
        self.buttons.addWidget(self.done_button)
        bind(self, "Ctrl+S", self.finish)
        self._narrow("")
        first = self.done_button if start.type == GUIDANCE else self.search if len(start.offers) >= _SEARCHED_FROM else self.list
        first.setFocus()

    def _lay_out_offers(self) -> None:
        self.setMinimumSize(theme.px(600), theme.px(500))
        self.search.setVisible(len(self.start.offers) >= _SEARCHED_FROM)
        self.body.addWidget(self.search)
        self.body.addWidget(self.list, 1)
        if not self.start.offers:
            self.body.addWidget(label(_("没有在招的岗位。先在「招聘岗位」里登记，再推荐。"), "warn", wrap=True))

    def offer(self) -> Offer | None:
        """The selected vacancy or course."""
        line = self.list.currentRow()
        return self.offers[line] if 0 <= line < len(self.offers) else None

    def finish(self) -> None:
        """Emit `given` and close, unless a field is invalid or no vacancy is selected."""
        offer = self.offer()
        if not self.form.check() or (self.start.type == JOB and offer is None):
            return
        values = self.form.given()
        if offer is not None and offer.id:
            values["vacancy_id" if self.start.type == JOB else "course_id"] = offer.id
        close = self.close_wish.isVisibleTo(self) and self.close_wish.isChecked()
        self.given.emit(NewService(self.start.type, self.start.clients, values, close))
        self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The up and down keys in the search box move in the list."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.offers:
                self.list.setCurrentRow(max(0, min(len(self.offers) - 1, self.list.currentRow() + step)))
                return True
        return super().eventFilter(watched, event)

    def _narrow(self, text: str) -> None:
        words = text.split()
        self.offers = [offer for offer in self.start.offers if all(word in offer.title + offer.note for word in words)]
        lines = [TwoLines(offer.title, offer.note, quiet=not offer.fits) for offer in self.offers]
        self.list.set_entries(lines, chosen=0 if lines else -1)

    def _edited(self) -> None:
        try:
            hired = self.form.editors["result"].value() == "hired"
        except FieldError:
            hired = False
        if hired and not self.close_wish.isVisibleTo(self):
            self.close_wish.setChecked(True)
        self.close_wish.setVisible(hired)


class Advert(Dialog):
    """The text of vacancies; Enter copies it. Employers' phone numbers are included only on request, with a reason."""

    phones_asked = Signal(bool)
    copied = Signal()

    def __init__(self, parent: QWidget, text: str) -> None:
        super().__init__(parent, _("招聘文字"))
        self.setMinimumSize(theme.px(520), theme.px(460))
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("招聘文字"))
        self.phones = QCheckBox(_("写上单位电话（单位同意公开的）"))
        self.phones.toggled.connect(self.phones_asked)
        self.body.addWidget(label(_("不含个人信息，可以发到微信群。"), "muted", wrap=True))
        self.body.addWidget(self.text, 1)
        self.body.addLayout(row(self.phones, None))
        self.add_button(_("关闭"), accept=False)
        self.copy_button = button(_("复制"), self.copy, kind="primary", icon="copy", hint="Enter")
        self.copy_button.setDefault(True)
        self.buttons.addWidget(self.copy_button)
        self.copy_button.setFocus()

    def copy(self) -> None:
        """Copy the whole text to the clipboard and close."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copied.emit()
        self.accept()
