"""The cards of a person's page. Each has `show_person(PersonShown)`; those that lead elsewhere have signals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from desktop import theme
from desktop.people.presenting import Income, PersonShown
from desktop.widgets.basics import Button, Card, Chip, button, label, rule
from desktop.widgets.charts import Lights
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import clear, column, grid, holder, row
from desktop.widgets.tips import tip
from domain.words import _
from services.attachments import Attached

ROW = 32
_NAME = 150


def lines_of(parts: Sequence[QWidget]) -> QWidget:
    """Stack widgets with thin lines between them."""
    inside = column(spacing=0)
    for n, part in enumerate(parts):
        if n:
            inside.addWidget(rule())
        inside.addWidget(part)
    return holder(inside)


def line_of(*parts: QWidget | None) -> QWidget:
    """One line of a card, at least as high as a row of a list."""
    made = holder(row(*parts, spacing=8, margins=(11, 2, 11, 2)))
    made.setMinimumHeight(theme.px(ROW))
    return made


class _PersonCard(Card):
    """A card whose lines are rebuilt for every person; `nothing` is shown if there are none."""

    def __init__(self, title: str, *, nothing: str = "") -> None:
        super().__init__(title, padding=0)
        self._nothing = nothing
        self._inside = column(spacing=0)
        self.body.addLayout(self._inside)
        self.body.addStretch(1)

    def fill(self, parts: Sequence[QWidget]) -> None:
        """Replace the lines."""
        clear(self._inside)
        if not parts and self._nothing:
            words = label(self._nothing, "small", wrap=True)
            words.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))
            parts = [words]
        self._inside.addWidget(lines_of(parts))

    def add_button(self, text: str, name: str, *, writes: bool = True) -> Button:
        """Add a link button at the right end of the heading; `name` is its accessible name."""
        made = button(text, kind="link", writes=writes, name=name)
        self.head.addWidget(made)
        return made


class FactsCard(_PersonCard):
    """基本情况: the person's fields."""

    def __init__(self) -> None:
        super().__init__(_("基本情况"))

    def show_person(self, shown: PersonShown) -> None:
        """Show labels and values in two columns."""
        self.fill([_fact(name, value) for name, value in shown.fields])


def _fact(name: str, value: str) -> QWidget:
    """A label with a value that can be copied."""
    caption = label(name, "muted", wrap=True)
    caption.setFixedWidth(theme.px(92))
    caption.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    shown_value = label(value, wrap=True, selectable=True)
    shown_value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    shown_value.setAccessibleName(_("{label}：{text}").format(label=name, text=value))
    line = holder(row(caption, shown_value, spacing=0, margins=(11, 5, 11, 5)))
    line.setMinimumHeight(theme.px(ROW))
    return line


class FamilyCard(_PersonCard):
    """一户人: the members of the household; a name opens that person."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__(_("一户人"), nothing=_("还没有分到户。按 F2 修改，选一户。"))
        self.change = self.add_button(_("户变动"), _("户变动：分户、合户、换户主（Ctrl+H）"))

    def show_person(self, shown: PersonShown) -> None:
        """List the members of the household."""
        self.note.setText(_("{n} 口").format(n=sum(not one.person.died_on for one in shown.page.members)) if shown.members else "")
        self.change.setVisible(bool(shown.household_id) and not shown.deleted)
        parts = []
        for member in shown.members:
            name: QWidget
            if member.here:
                name = label(member.name, "strong")
                name.setContentsMargins(theme.px(3), 0, 0, 0)
            else:
                name = button(member.name, kind="link", name=_("打开 {name}，{role}").format(name=member.name, role=member.role))
                name.clicked.connect(lambda _on=False, id=member.id: self.opened.emit(id))
            first = holder(row(name, None))
            first.setMinimumWidth(theme.px(84))
            parts.append(line_of(first, ElidedLabel(member.role, "muted"), Chip(*member.chip)))
        self.fill(parts)


class IncomeCard(_PersonCard):
    """家庭收入 of the latest income period for which income was recorded."""

    def __init__(self) -> None:
        super().__init__(_("家庭收入"), nothing=_("还没有记过这一户的收入。按季或按年记下来，就知道人均离监测线有多远。"))
        self.add_income = self.add_button(_("＋ 收入"), _("记一段时间的家庭收入"))

    def show_person(self, shown: PersonShown) -> None:
        """Show the sums, the income per head and its distance from the monitoring line."""
        income = shown.income
        self.note.setText(_("{year} 年度").format(year=income.year) if income else "")
        self.fill([] if income is None else [_sums(income)])


def _sums(income: Income) -> QWidget:
    parts = grid(shares=(1,))
    for n, (name, amount) in enumerate((*income.parts, (_("人均纯收入"), income.per_head))):
        role = "strong" if n == len(income.parts) else ""
        parts.addWidget(label(name, role or "muted"), n, 0)
        parts.addWidget(label(amount, role), n, 1, theme.RIGHT)
    return holder(column(label(income.covered, "small"), parts, row(None, Chip(*income.line)), spacing=6, margins=(14, 8, 14, 10)))


class ServiceCard(Card):
    """就业服务 1-3-1: a row of lights for each of the three services."""

    def __init__(self) -> None:
        super().__init__(_("就业服务 1-3-1"))
        self.add_service = button(_("＋ 服务"), kind="link", writes=True)
        self.find_jobs = button(_("找岗位"), kind="link")
        self.head.addWidget(self.find_jobs)
        self.head.addWidget(self.add_service)
        self._inside = column(spacing=6)
        self.add(self._inside)
        self.add(None)

    def show_person(self, shown: PersonShown) -> None:
        """Show the lights, or how to begin if the person has no open wish."""
        clear(self._inside)
        self.note.setText("")
        self.find_jobs.setVisible(shown.page.wish is not None)
        if not shown.promises:
            self._inside.addWidget(label(_("没有登记就业需求。有求职意愿时，按「添加」里的「就业需求」。"), "small", wrap=True))
            return
        self.note.setText(_("需求 {day}").format(day=shown.page.wish.opened_on) if shown.page.wish else "")
        lights = row(spacing=14)
        for word, done, needed in shown.promises:
            figure = label(f"{done}/{needed}", "good" if done >= needed else "warn")
            lights.addLayout(column(row(label(word), Lights(min(done, needed), needed), None, spacing=6), figure, spacing=2))
        lights.addStretch(1)
        self._inside.addLayout(lights)


class VisitCard(_PersonCard):
    """最近走访: the latest visits."""

    def __init__(self) -> None:
        super().__init__(_("最近走访"), nothing=_("还没有走访记录。"))
        self.add_visit = self.add_button(_("＋ 走访"), _("记一次走访"))

    def show_person(self, shown: PersonShown) -> None:
        """List the latest visits."""
        self.note.setText(_("全部 {n} 次").format(n=shown.page.visit_count) if shown.page.visit_count else "")
        parts = []
        for visit in shown.page.visits[:2]:
            content = label("　".join(filter(None, (visit.content, visit.need))), wrap=True)
            head = label(f"{visit.on}　{visit.by or ''}", "small")
            parts.append(holder(column(head, content, spacing=2, margins=(14, 6, 14, 6))))
        self.fill(parts)


class GrantCard(_PersonCard):
    """补助与发放: claims and payments."""

    def __init__(self) -> None:
        super().__init__(_("补助与发放"), nothing=_("还没有申请或发放的补助。"))

    def show_person(self, shown: PersonShown) -> None:
        """Show a line for each benefit, the latest first."""
        years = sorted(grant.year for grant in shown.grants)
        self.note.setText(_("{year} 年以来").format(year=years[0]) if years else "")
        self.fill([_grants(shown)] if shown.grants else [])


def _grants(shown: PersonShown) -> QWidget:
    table = grid(across=0, down=0, shares=(0, 1))
    for index, heading in enumerate((_("年度"), _("项目"), _("金额"), _("状态"), _("到账"))):
        table.addWidget(_cell(heading, "small", right=index == 2), 0, index)
    for n, grant in enumerate(shown.grants, start=1):
        table.addWidget(rule(), n * 2 - 1, 0, 1, 5)
        state = holder(row(Chip(*grant.state), None, margins=(11, 0, 11, 0)))
        item = holder(row(ElidedLabel(grant.item), margins=(11, 0, 11, 0)))
        cells = (_cell(grant.year), item, _cell(grant.amount, right=True), state, _cell(grant.paid_on))
        for index, cell in enumerate(cells):
            table.addWidget(cell, n * 2, index)
        table.setRowMinimumHeight(n * 2, theme.px(ROW))
    return holder(table)


def _cell(text: str, role: str = "", *, right: bool = False) -> QWidget:
    made = label(text, role)
    made.setAlignment(theme.RIGHT if right else theme.LEFT)
    made.setContentsMargins(theme.px(11), 0, theme.px(11), 0)
    made.setFixedHeight(theme.px(ROW))
    return made


class TrainingCard(_PersonCard):
    """培训: courses and terms at school."""

    def __init__(self) -> None:
        super().__init__(_("培训"), nothing=_("没有参加过培训。"))

    def show_person(self, shown: PersonShown) -> None:
        """Show a line for each course or term."""
        self.note.setText(_("{n} 次").format(n=len(shown.trainings)) if shown.trainings else "")
        parts = []
        for one in shown.trainings:
            words = column(ElidedLabel(one.title), ElidedLabel(one.detail, "small"), spacing=1)
            parts.append(holder(row(holder(words), Chip(*one.outcome), spacing=8, margins=(14, 6, 11, 6))))
        self.fill(parts)


class AnswerCard(_PersonCard):
    """摸排: answers to surveys; hidden if there are none."""

    def __init__(self) -> None:
        super().__init__(_("摸排"))

    def show_person(self, shown: PersonShown) -> None:
        """Show a line for each question, grouped by survey."""
        parts: list[QWidget] = []
        for title, answers in groupby(shown.page.answers, key=lambda one: one[0]):
            parts += [line_of(ElidedLabel(title, "strong")), *(_fact(question, answer) for _title, question, answer in answers)]
        self.fill(parts)
        self.setVisible(bool(parts))


class AttachmentCard(_PersonCard):
    """附件: attached files; a name opens the file."""

    save_asked = Signal(object)
    """The `Attached` to be shown or saved."""
    remove_asked = Signal(object)
    """The `Attached` to be removed."""

    def __init__(self) -> None:
        super().__init__(_("附件"), nothing=_("没有附件。证件照片、证明、合同可以放在这里，同步时加密上传。"))
        self.add_file = self.add_button(_("＋ 附件"), _("添加附件"))

    def show_attachments(self, shown: Sequence[Attached]) -> None:
        """Show a line for each file: its name, size and whether the county has it."""
        self.note.setText(_("{n} 个").format(n=len(shown)) if shown else "")
        parts = []
        for one in shown:
            name = button("", kind="link")
            name.setText(self.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideMiddle, theme.px(_NAME)))
            name.setToolTip(tip(one.name))
            name.setAccessibleName(_("查看 {name}，{size}，{state}").format(name=one.name, size=one.size_text, state=one.state_text))
            name.clicked.connect(lambda _on=False, one=one: self.save_asked.emit(one))
            remove = button(_("删除"), kind="link", writes=True, name=_("删除附件 {name}").format(name=one.name))
            remove.clicked.connect(lambda _on=False, one=one: self.remove_asked.emit(one))
            head = holder(row(name, None, remove, spacing=4))
            detail = label(_("{size}　{state}").format(size=one.size_text, state=one.state_text), "small")
            detail.setContentsMargins(theme.px(3), 0, 0, 0)
            parts.append(holder(column(head, detail, spacing=0, margins=(11, 4, 6, 6))))
        self.fill(parts)


class HistoryCard(_PersonCard):
    """修改记录: what was changed and by whom."""

    FIRST = 5

    def __init__(self) -> None:
        super().__init__(_("修改记录"), nothing=_("没有记录。"))
        self._all = False
        self._shown: PersonShown | None = None
        self.more = self.add_button("", _("全部修改记录"), writes=False)
        self.more.clicked.connect(lambda _on=False: self._toggle_all())

    def show_person(self, shown: PersonShown) -> None:
        """Show the latest changes, or all of them on request."""
        if self._shown is None or self._shown.id != shown.id:
            self._all = False
        self._shown = shown
        lines = shown.history if self._all else shown.history[: self.FIRST]
        parts = []
        for change in lines:
            when = label(change.at, "small")
            who = label(change.by, "small")
            when.setMinimumWidth(theme.px(104))
            who.setMinimumWidth(theme.px(56))
            parts.append(line_of(when, who, ElidedLabel(change.text)))
        self.fill(parts)
        self.more.setVisible(len(shown.history) > self.FIRST)
        self.more.setText(_("收起") if self._all else _("全部 {n} 条").format(n=len(shown.history)))

    def _toggle_all(self) -> None:
        self._all = not self._all
        if self._shown is not None:
            self.show_person(self._shown)
