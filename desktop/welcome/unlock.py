"""解锁: opening the store with user and password; with the recovery code and a new password; or with the county's help if both are lost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QWidget

from db import keys
from db.key_stick import StickMissing
from desktop import icons, theme
from desktop.welcome.opening import Program, ask_restore, open_ready, ready
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Card, button, label
from desktop.widgets.inputs import Choices, hidden_line
from desktop.widgets.keyboard import Window
from desktop.widgets.layout import column, holder, row, scrolled, stacked
from desktop.widgets.spoken import live_label
from domain.errors import CunzhanError, Refused
from domain.words import _

if TYPE_CHECKING:  # loading the database waits until the password is asked for
    from db.store import Store


class UnlockModel(QObject):
    """Opens the store; emits `opened` with it."""

    opened = Signal(object)
    problem = Signal(str)
    asked = Signal(str)
    """The file for the county is written; the message about it."""
    busy = Signal(bool)

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._jobs, self._home = program.jobs, program.home
        self.answer: Path | None = None
        """The answer file of the county, once the user chose it."""

    def users(self) -> Sequence[str]:
        """Return the users who may open it; empty if the key file is damaged, in which case opening shows an error."""
        try:
            return keys.read(self._home / keys.KEY_FILE).names()
        except CunzhanError:
            return ()

    def open(self, user: str, password: str) -> None:
        """Try a password."""
        if not password:
            self.problem.emit(_("请输入密码。"))
            return
        self.busy.emit(True)
        self._jobs.run(lambda: open_ready(self._home, user, password), self._opened, self._not_opened)

    def recover(self, code: str, user: str, password: str, again: str) -> None:
        """Try the recovery code."""
        if password != again:
            self.problem.emit(_("两次输入的密码不一样，请再输一次。"))
            return
        self.busy.emit(True)
        self._jobs.run(lambda: self._recover(code.strip(), user, password), self._opened, self._failed)

    def ask(self, file: Path) -> None:
        """Write the file that asks the county for help."""
        self.busy.emit(True)
        self._jobs.run(lambda: self._write(file), lambda _none: self._asked(file), self._failed)

    def _recover(self, code: str, user: str, password: str) -> Store:
        """Open the store with the recovery code, or the one from the county's answer, and set the user's new password."""
        from db import unlocking  # loads the database library

        return ready(unlocking.recover(self._home, code=code, user=user, password=password, answer=self.answer))

    def _write(self, file: Path) -> None:
        from db import unlocking

        unlocking.ask_county(self._home, file)

    def _asked(self, file: Path) -> None:
        self.busy.emit(False)
        self.asked.emit(_("已写到 {file}。请交给县里；里面没有个人信息，只有县里打得开。").format(file=file))

    def _opened(self, store: object) -> None:
        self.busy.emit(False)
        self.opened.emit(store)

    def _not_opened(self, error: Exception) -> None:
        wrong = isinstance(error, Refused) and not isinstance(error, StickMissing)
        hint = _("大小写和中英文输入法会影响密码。")
        if len(self.users()) > 1:
            hint += _("也可以请本站管理员打开，到「设置 → 用户和密码」给您重设。")
        self._failed(error, hint if wrong else "")

    def _failed(self, error: Exception, hint: str = "") -> None:
        self.busy.emit(False)
        if not isinstance(error, CunzhanError):
            raise error
        self.problem.emit(f"{error}\n{hint}".strip())


class UnlockView(Window):
    """The page shown before the main window."""

    practice = Signal()
    restore = Signal()
    """Restore a backup in place of the present data."""

    def __init__(self, model: UnlockModel, *, place: str) -> None:
        super().__init__()
        self.model = model
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("解锁"))
        self.problem = live_label("bad")
        self.stack = stacked(self._password_page(), self._recovery_page(), self._county_page())
        picture = QLabel()
        picture.setPixmap(icons.pixmap("home", "accent", 32))
        card = Card(padding=28)
        card.setFixedWidth(theme.px(400))
        card.add(row(picture, 4, column(label(_("村站通"), "title"), *([label(place, "muted")] if place else []), spacing=0), None))
        card.add(8)
        card.add(self.stack)
        card.add(self.problem)
        card.add(row(button(_("到练习村试试"), self.practice.emit, kind="link"), None))
        self.card = card
        self._area = scrolled(holder(column(None, row(None, card, None), None, margins=(8, 8, 8, 8))))
        self.setLayout(column(self._area))
        self._show_page(0)
        model.problem.connect(self._say)
        model.asked.connect(self._asked)
        model.busy.connect(self._busy)
        self.password.setFocus()

    def _password_page(self) -> QWidget:
        self.user = Choices()
        self.user.addItems(list(self.model.users()))
        self.user.setAccessibleName(_("用户"))
        self.password = hidden_line(_("密码"))
        self.password.returnPressed.connect(self._open)
        self.open_button = button(_("打开"), self._open, kind="primary")
        forgot = button(_("忘了密码，用恢复码"), lambda: self._show_page(1), kind="link")
        return holder(
            column(
                label(_("用户"), "muted"),
                self.user,
                label(_("密码"), "muted"),
                self.password,
                6,
                self.open_button,
                row(forgot, None),
                row(button(_("数据坏了？从备份恢复"), self.restore.emit, kind="link"), None),
                spacing=6,
            )
        )

    def _recovery_page(self) -> QWidget:
        self.code = QLineEdit()
        self.code.setAccessibleName(_("恢复码"))
        self.new_password, self.again = hidden_line(_("新密码")), hidden_line(_("再输一次新密码"))
        recover = button(_("用恢复码打开"), self._recover, kind="primary")
        back = button(_("返回"), lambda: self._show_page(0), kind="link")
        county = button(_("恢复码也没有了，请县里帮忙"), lambda: self._show_page(2), kind="link")
        captions = [label(_("恢复码"), "muted"), label(_("新密码，至少 8 位"), "muted"), label(_("再输一次新密码"), "muted")]
        page = holder(
            column(
                *(captions[0], self.code, captions[1], self.new_password, captions[2], self.again, 6, recover),
                *(row(county, None), row(back, None), None),
                spacing=6,
            )
        )
        keyboard.run_on(page, recover.click)
        return page

    def _county_page(self) -> QWidget:
        self.write_button = button(_("写求助文件"), self._ask, kind="primary")
        self.read_button = button(_("选县里的答复"), self._choose)
        back = button(_("返回"), lambda: self._show_page(1), kind="link")
        first = _("1. 写一个求助文件，用 U 盘或微信交给县里。数据都在本机，没交的也一条不丢。")
        second = _("2. 县里核实是您本人，发回答复文件，并打电话念一串恢复码。")
        third = _("3. 选答复文件，再填念的恢复码和新密码。")
        words = [label(text, wrap=True) for text in (first, second, third)]
        return holder(column(words[0], self.write_button, 6, words[1], 6, words[2], self.read_button, row(back, None), None, spacing=6))

    def _ask(self) -> None:
        file = dialogs.save_as(self, _("写求助文件"), _("求助.czk"), "*.czk")
        if file is not None:
            self.model.ask(file)

    def _asked(self, text: str) -> None:
        theme.style(self.problem, role="good")
        self.problem.setText(text)
        self.read_button.setFocus()

    def _choose(self) -> None:
        file = dialogs.open_file(self, _("选县里的答复"), "*.czk")
        if file is not None:
            self.model.answer = file
            self._show_page(1)
            theme.style(self.problem, role="good")
            self.problem.setText(_("已选 {file}。恢复码填县里念的那一串。").format(file=file.name))

    def _show_page(self, page: int) -> None:
        self.problem.setText("")
        self.stack.setCurrentIndex(page)
        for n in range(self.stack.count()):  # only the page shown determines the height
            policy = QSizePolicy.Policy.Preferred if n == page else QSizePolicy.Policy.Ignored
            self.stack.widget(n).setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        (self.password, self.code, self.write_button)[page].setFocus()

    def _open(self) -> None:
        self.model.open(self.user.currentText(), self.password.text())

    def _recover(self) -> None:
        self.model.recover(self.code.text(), self.user.currentText(), self.new_password.text(), self.again.text())

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        # on a small screen the message may be below the visible part
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.problem))
        here = self.stack.currentIndex()
        if here == 2:
            return
        line = self.password if not here else self.code if self.new_password.text() == self.again.text() else self.again
        line.selectAll()
        line.setFocus()

    def _busy(self, busy: bool) -> None:
        self.card.setEnabled(not busy)  # the whole card, so that a second Enter presses nothing else
        theme.style(self.problem, role="muted" if busy else "bad")
        if busy:
            self.problem.setText(_("请稍等…"))


def build(program: Program) -> UnlockView:
    """Return the password page; the store it opens is shown in the main window."""
    model = UnlockModel(program)
    view = UnlockView(model, place=program.preferences.text("place"))
    model.opened.connect(program.opened)
    model.setParent(view)
    view.practice.connect(program.practise)
    view.restore.connect(lambda: ask_restore(view, program, instead=program.home / "backups", name=view.user.currentText()))
    return view
