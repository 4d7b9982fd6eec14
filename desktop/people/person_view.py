"""A person's page: its head, and cards in two columns. Only lays out; the page connects it to the model."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.people.cards import (
    AnswerCard,
    AttachmentCard,
    FactsCard,
    FamilyCard,
    GrantCard,
    HistoryCard,
    IncomeCard,
    ServiceCard,
    TrainingCard,
    VisitCard,
)
from desktop.people.months import WageCard, WorkCard
from desktop.people.presenting import PersonShown
from desktop.widgets.basics import Chip, button, label
from desktop.widgets.drawing import smooth_painter
from desktop.widgets.layout import SideBySide, clear, column, grid, holder, row, scrolled
from desktop.widgets.spoken import live_label
from desktop.widgets.verdict_card import VerdictCards, VerdictShown
from domain.words import _


class Initial(QWidget):
    """The first character of the name in a coloured square."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setFixedSize(theme.px(44), theme.px(44))

    def set_name(self, name: str) -> None:
        """Show another name's first character."""
        self._text = name[:1]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = smooth_painter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("accent_soft"))
        painter.drawRoundedRect(self.rect(), 8, 8)
        painter.setPen(theme.colour("accent"))
        painter.setFont(theme.font(19, bold=True))
        painter.drawText(self.rect(), int(theme.CENTRE), self._text)


class PersonHead(QWidget):
    """Name, facts, chips, masked number with 显示, and phone; buttons at the right."""

    def __init__(self) -> None:
        super().__init__()
        self.initial = Initial()
        self.name = live_label("title", wrap=False)
        self.facts = label("", "muted")
        self._chips = row(spacing=6)
        self.document = label("", "muted")
        self.number = label("", selectable=True)
        self.number.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.reveal = button(_("显示"), kind="link")
        self.phone = label("", selectable=True)
        self.phone.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.back = button("", kind="quiet", icon="chevron-left", name=_("返回（Esc）"))
        self.back.setToolTip(_("返回（Esc）"))
        self.check = button(_("月监测同上月"), hint="F6", writes=True)
        self.add = button(_("添加"), icon="plus", hint="Ins", writes=True)
        self.paper = button(_("打印"))
        self.more = button(_("更多"), writes=True)
        self.edit = button(_("修改"), kind="primary", hint="F2", writes=True)
        self.restore = button(_("找回"), kind="primary", writes=True)
        self.buttons = holder(row(None, self.check, self.add, self.paper, self.more, self.edit, self.restore, spacing=8))
        self._names = row(self.name, 4, self.facts, None)
        self.facts.setMinimumWidth(1)
        self._numbers = row(self._chips, 2, self.document, self.number, self.reveal, 4, self.phone, None, spacing=6)
        self.first = row(self.back, self.initial, 2, column(self._names, self._numbers, spacing=2), spacing=8)
        self.grid = grid(shares=(1,))
        self.grid.addLayout(self.first, 0, 0, 1, 2)
        self.grid.addWidget(self.buttons, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.setLayout(self.grid)
        self._wide = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the buttons beside the name, or below in a narrow window."""
        super().resizeEvent(event)
        name = self.initial.width() + self.back.width() + self.name.sizeHint().width() + self.facts.sizeHint().width() + theme.px(40)
        wide = name + self.buttons.sizeHint().width() <= event.size().width()
        if wide != self._wide:
            self._wide = wide
            for spared in (self.document, self.initial):
                spared.setVisible(wide)
            line = self._numbers if wide else self._names  # in a narrow window there is no room for it beside the chips
            line.insertWidget(line.count() - 1, self.phone)
            self.grid.removeWidget(self.buttons)
            top = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop
            self.grid.addWidget(self.buttons, 0 if wide else 1, 1 if wide else 0, 1, 1 if wide else 2, top)

    def show_person(self, shown: PersonShown) -> None:
        """Show another person, or the same one after a change."""
        self.initial.set_name(shown.name)
        self.name.setText(shown.name)
        self.facts.setText(shown.facts)
        self.document.setText(shown.text("document"))
        self.number.setText(shown.text("id_number"))
        self.number.setAccessibleName(f"{self.document.text()} {self.number.text()}")
        self.phone.setText(_("电话 {phone}").format(phone=shown.text("phone")) if shown.text("phone") else "")
        self.reveal.setText(_("隐藏") if shown.plain else _("显示"))
        self.reveal.setAccessibleName(_("隐藏证件、电话和账号") if shown.plain else _("显示证件、电话和账号"))
        clear(self._chips)
        for word, tone in shown.chips:
            chip = Chip(word, tone)
            self._chips.addWidget(chip)
            chip.ensurePolished()
            chip.setMinimumWidth(chip.sizeHint().width())
        for_living_record = (self.check, self.add, self.paper, self.more, self.edit)
        hidden = (self.restore,) if not shown.deleted else for_living_record
        target = self.restore if shown.deleted else self.edit
        target.show()
        if any(one.hasFocus() for one in hidden):  # hiding the focused button would move the focus to some card
            target.setFocus()
        for made in for_living_record:
            made.setVisible(not shown.deleted)
        self.restore.setVisible(shown.deleted)
        self.check.setEnabled(shown.can_repeat_check)
        self.check.setToolTip(self.check.why_not or ("" if shown.can_repeat_check else _("本月已填，或上月没有可照填的")))


class PersonView(QWidget):
    """The whole page of a person."""

    def __init__(self, file: Callable[[VerdictShown], None], open_claim: Callable[[str], None]) -> None:
        super().__init__()
        self.head = PersonHead()
        self.facts, self.family, self.training, self.answers = FactsCard(), FamilyCard(), TrainingCard(), AnswerCard()
        self.work, self.service, self.visits = WorkCard(), ServiceCard(), VisitCard()
        self.grants, self.wages, self.history = GrantCard(), WageCard(), HistoryCard()
        pair = SideBySide([[self.service], [self.visits]], (3, 2), least=420)
        self.income, self.attachments = IncomeCard(), AttachmentCard()
        left = [self.facts, self.family, self.income, self.training, self.answers, self.attachments]
        right = [self.work, pair, self.grants, self.wages, self.history]
        nothing = _("还没有可以按政策判定的事实。登记务工、培训、就学等情况后，这里会说能不能享受、还差什么。")
        self.verdicts = VerdictCards(nothing, file, open_claim)
        facts = SideBySide([left, right], (36, 64), least=720)
        board = SideBySide([[facts], [self.verdicts]], (67, 33), least=660)
        self.area = scrolled(holder(column(board, None, margins=(0, 0, 4, 0))))
        self.setLayout(column(self.head, self.area, spacing=12))
        self.explain = QAction(_("写明改动的原因 (&Y)…"), self)
        self.adding = {
            "employment": self.work.add_spell,
            "visit": self.visits.add_visit,
            "service": self.service.add_service,
            "household_income": self.income.add_income,
        }
        """By kind of record, the buttons that add one."""
        self._adding = (*self.adding.values(), self.attachments.add_file)

    def show_person(self, shown: PersonShown) -> None:
        """Fill every card."""
        self.setAccessibleName(shown.name)
        self.head.show_person(shown)
        self.explain.setVisible(bool(shown.to_explain))
        right = (self.work, self.service, self.visits, self.grants, self.wages, self.history)
        for card in (self.facts, self.family, self.income, self.training, self.answers, *right):
            card.show_person(shown)
        if shown.deleted and any(made.hasFocus() for made in self._adding):
            self.head.restore.setFocus()
        for made in self._adding:
            made.setVisible(not shown.deleted)

    def start(self) -> None:
        """Set the initial focus and scroll to the top."""
        (self.head.edit if self.head.edit.isEnabled() else self.head.paper).setFocus()
        self.area.verticalScrollBar().setValue(0)
