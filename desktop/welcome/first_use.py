"""首次使用: a wizard that asks for the village, the user, the recovery code, a roster and the county, one question per step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QWidget

from desktop import shortcut, theme
from desktop.jobs import Jobs
from desktop.welcome.first_use_model import STEPS, FirstUseModel
from desktop.welcome.opening import Program, ask_restore
from desktop.widgets import keyboard
from desktop.widgets.basics import Card, button, label
from desktop.widgets.inputs import captioned, hidden_line
from desktop.widgets.keyboard import Window
from desktop.widgets.layout import Item, column, holder, row, scrolled, stacked
from desktop.widgets.picker import Picker
from desktop.widgets.printers import print_slip, recovery_words
from desktop.widgets.spoken import announce, live_label
from domain.errors import DomainError
from domain.scopes import is_village
from domain.words import _

BY_STICK = "sync/stick"
"""Where to go on for joining the county by stick; the previous choice follows after a slash."""


class FirstUseView(Window):
    """The wizard. `finished` says where to go on: "today", "importing" or `BY_STICK`; `practice` opens the practice village, `restore`
    restores a backup."""

    finished = Signal(str)
    practice = Signal()
    restore = Signal()

    def __init__(self, model: FirstUseModel, jobs: Jobs) -> None:
        super().__init__()
        self.model = model
        self._then = "today"
        self.said = ""
        """What the main window says when it opens."""
        self._asked_from: QWidget | None = None
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("首次使用"))
        self.problem = live_label("bad")
        self.marks: dict[str, QLabel] = {}
        self._pages = {
            "place": self._place(jobs),
            "user": self._user(),
            "recovery": self._recovery(),
            "roster": self._roster(),
            "county": self._county(),
        }
        self.stack = stacked(*self._pages.values())
        card = Card(padding=0)
        card.setMaximumWidth(theme.px(780))
        card.setMinimumHeight(theme.px(380))
        inside = column(self.stack, self.problem, spacing=8, margins=(28, 24, 28, 20))
        card.add(row(self._steps(), holder(inside), spacing=0))
        middle = row(None, card, None, shares=(1, 100))
        self._area = scrolled(holder(column(None, middle, None, margins=(12, 12, 12, 12))))
        self.setLayout(column(self._area))
        model.step_changed.connect(self._show)
        model.problem.connect(self._say)
        model.wrong.connect(self._turn_to)
        model.code_made.connect(self._show_code)
        model.busy.connect(self._busy)
        model.enrolled.connect(self._joined)
        self._show(model.step)

    # -- the steps --------------------------------------------------------------------------------

    def _steps(self) -> QWidget:
        words = (_("哪个村"), _("您是谁"), _("恢复码"), _("花名册"), _("县服务器"))
        lines: list[Item] = [label(_("村站通"), "title"), label(_("首次使用"), "muted"), 16]
        for n, (step, word) in enumerate(zip(STEPS, words, strict=True), 1):
            self.marks[step] = label(f"{n}　{word}", "strong")  # bold, so that its width does not change when its step comes
            self.marks[step].setMinimumHeight(theme.px(32))
            lines.append(self.marks[step])
        made = holder(column(*lines, None, spacing=4, margins=(24, 24, 24, 24)), role="ground")
        made.setFixedWidth(max(theme.px(160), made.sizeHint().width()))
        return made

    def _place(self, jobs: Jobs) -> QWidget:
        self.place = Picker(jobs, self.model.find, name=_("村名"))
        self.place.setPlaceholderText(_("村名或拼音，例如 解放、横头山解放、jiefang"))
        self.place.picked.connect(lambda _id: self.model.problem.emit(""))
        note = _("只要输入村名，看好选中的是不是，按回车；不是就用方向键换一个。乡镇和县的工作人员请选自己的乡镇或县。")
        practice = button(_("先到练习村试试"), self.practice.emit, kind="link")
        backup = button(_("换了电脑？从备份恢复"), self.restore.emit, kind="link")
        explain = label(_("练习村里都是编出来的人，可以随便改，不影响真实数据。"), "small", wrap=True)
        items: list[Item] = [self.place, 12, row(practice, None), explain, row(backup, None)]
        return _step(_("这台电脑给哪个村用？"), note, *items, next=lambda: self.model.choose_place(self.place.id))

    def _user(self) -> QWidget:
        self.name = _line(_("姓名"))
        self.password = hidden_line(_("密码"))
        self.again = hidden_line(_("再输一次密码"))
        self.chosen = label("", "strong", wrap=True)
        note = _("数据在这台电脑上是加密的，只有您的密码能打开。密码至少 8 位，可以用一句好记的话。")
        return _step(
            _("您是谁？"),
            note,
            self.chosen,
            *_asked(self.name, self.password, self.again),
            back=lambda: self.model.go("place"),
            next=lambda: self.model.make(self.name.text(), self.password.text(), self.again.text()),
        )

    def _recovery(self) -> QWidget:
        self.code = label("", "figure", selectable=True)
        self.code.setWordWrap(True)
        self.confirm = _line(_("恢复码的最后四位"))
        note = _("忘了密码，就靠这个恢复码打开数据。请抄在纸上或打印出来，和印章放在一起，不要存在这台电脑里。")
        out = button(_("打印"), self._print, icon="printer")
        items: list[Item] = [self.code, row(out, None), 6, *_asked(self.confirm)]
        return _step(_("请收好恢复码"), note, *items, next=lambda: self.model.confirm_code(self.confirm.text()))

    def _roster(self) -> QWidget:
        self.lists = label("", "muted", wrap=True)
        roster = button(_("导入花名册"), lambda: self._choose("importing"), kind="primary", icon="file-import")
        empty = button(_("先不导入，从空白开始"), lambda: self._choose("today"))
        practice = button(_("先到练习村试试"), self.practice.emit, kind="link")
        self.icon = QCheckBox(_("在桌面放一个「村站通」的图标"))
        self.icon.setChecked(shortcut.missing())
        self.icon.setVisible(shortcut.missing())
        return _step(_("人员名单从哪里来？"), self.lists, 6, row(roster, None), row(empty, None), row(practice, None), 6, self.icon)

    def _county(self) -> QWidget:
        self.server = _line(_("服务器地址"))
        self.server.setPlaceholderText("https://")
        self.enrolment = _line(_("注册码"))
        self.by_stick = button(_("没有网络，用 U 盘加入"), lambda: self.finished.emit(f"{BY_STICK}/{self._then}"), icon="usb")
        note = _(
            "有了县里给的注册码，联网时数据会自动上报和接收。没有也不要紧：一个人能用全部功能，以后在「同步」里随时可以加入；"
            "没有网络的村用 U 盘加入。"
        )
        return _step(
            _("加入县服务器"),
            note,
            *_asked(self.server, self.enrolment),
            row(self.by_stick, None),
            next=lambda: self.model.enrol(self.server.text(), self.enrolment.text()),
            next_word=_("现在加入"),
            later=lambda: self.finished.emit(self._then),
        )

    # -- actions ----------------------------------------------------------------------------------

    def _show(self, step: str) -> None:
        self.chosen.setText(_("给 {place} 建，建好就不能换村；不对请按「上一步」。").format(place=self.model.place))
        self.lists.setText(
            _("可以从村里现成的花名册开始（Excel、WPS 表格或 CSV），导入前会先给您看结果，导错了能整批撤销。")
            if is_village(self.model.scope)
            else _(
                "各村的人由各村报上来，这里不用先录。手里有名册也可以导入，会按表里的村名分到各村；导入前先给您看结果，导错了能整批撤销。"
            )
        )
        self.stack.setCurrentWidget(self._pages[step])
        announce(self, self.marks[step].text())
        at = STEPS.index(step)
        for n, mark in enumerate(self.marks.values()):
            theme.style(mark, role="good" if n == at else "strong" if n < at else "muted")
        first = {"place": self.place, "user": self.name, "recovery": self.confirm, "county": self.server}.get(step)
        if first is not None:
            first.setFocus()

    def _show_code(self, code: str) -> None:
        self.code.setText(code)
        self.password.clear()
        self.again.clear()

    def _busy(self, busy: bool) -> None:
        if busy:
            self._asked_from = self.focusWidget()
        self.stack.setEnabled(not busy)
        if not busy and self._asked_from is not None:  # disabling the stack took the focus away
            self._asked_from.setFocus()
        theme.style(self.problem, role="muted" if busy else "bad")
        self.problem.setText(_("请稍等…") if busy else "")

    def _say(self, problem: str) -> None:
        self.problem.setText(problem)
        if problem:  # on a small screen it may be below the visible part
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.problem))
        now = self.focusWidget()
        if problem and isinstance(now, QLineEdit):
            now.selectAll()

    def _turn_to(self, where: str) -> None:
        fields = {"name": self.name, "password": self.password, "again": self.again, "server": self.server, "enrolment": self.enrolment}
        fields[where].setFocus()

    def _joined(self, sentence: str) -> None:
        self.said = sentence
        self.finished.emit(self._then)

    def _choose(self, then: str) -> None:
        self._then = then
        self.model.go("county")
        program = shortcut.program()
        if self.icon.isChecked() and program is not None:
            try:
                shortcut.put(program)
            except DomainError as error:
                self._say(str(error))

    def _print(self) -> None:
        print_slip(self, *recovery_words(self.model.code, self.model.place))


def build(program: Program) -> FirstUseView:
    """Return the wizard; when it is finished, the store it made is opened in the main window."""
    model = FirstUseModel(program)
    view = FirstUseView(model, program.jobs)
    view.finished.connect(lambda then: program.opened(model.store, then, view.said))
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program))
    model.setParent(view)
    return view


def _step(
    title: str,
    note: str | QLabel,
    *items: Item,
    next: Callable[[], object] | None = None,
    back: Callable[[], object] | None = None,
    later: Callable[[], object] | None = None,
    next_word: str = "",
) -> QWidget:
    head = label(title, "title", wrap=True)
    text = note if isinstance(note, QLabel) else label(note, "muted", wrap=True)
    buttons: list[Item] = [button(_("上一步"), back)] if back else []
    buttons.append(None)
    if later:
        buttons.append(button(_("以后再说"), later))
    go = button(next_word or _("下一步"), next, kind="primary") if next else None
    if go is not None:
        buttons.append(go)
    page = holder(column(head, text, 8, *items, None, row(*buttons), spacing=8))
    if go is not None:
        keyboard.run_on(page, go.click)
    return page


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    return line


def _asked(*lines: QLineEdit) -> list[Item]:
    return [part for line in lines for part in captioned(line.accessibleName(), line)]
