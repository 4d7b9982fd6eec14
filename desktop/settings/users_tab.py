"""The tab 用户和密码 of the settings: the laptop's users, the own password and PIN, the recovery code, the data key, handing over, and the
key stick (钥匙 U 盘)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from db import key_stick
from db.local import ROLES, Account
from desktop import theme
from desktop.drives import drives
from desktop.lock import MINUTES
from desktop.page import Page
from desktop.settings.view_model import SettingsModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, Chip, button, label, rule
from desktop.widgets.inputs import Number, captioned, choices, hidden_line
from desktop.widgets.layout import Item, clear, column, fill, holder, row, scrolled
from desktop.widgets.spoken import live_label
from domain.words import _


def ask_lines(dialog: dialogs.Dialog, lines: Mapping[str, QWidget]) -> None:
    """Add captioned inputs to a dialog and focus the first."""
    for name, line in lines.items():
        fill(dialog.body, captioned(name, line))
    next(iter(lines.values())).setFocus()


def until_done(dialog: dialogs.Dialog, yes: str, do: Callable[[Callable[[Exception], None]], None]) -> None:
    """Ask until `do` succeeds. After a refusal the dialog is shown again with its input and the reason."""
    problem = live_label("bad")
    problem.hide()
    dialog.body.addWidget(problem)
    dialog.add_answers(yes)
    _run(dialog, problem, do)


def _run(dialog: dialogs.Dialog, problem: QLabel, do: Callable[[Callable[[Exception], None]], None]) -> None:
    """Run the dialog once. Partial functions instead of a closure that refers to itself: a dialog in a reference cycle would be deleted by
    Python's collector at any time, which crashes Qt."""
    if dialog.run():
        do(partial(_refused, dialog, problem, do))


def _refused(dialog: dialogs.Dialog, problem: QLabel, do: Callable[[Callable[[Exception], None]], None], error: Exception) -> None:
    problem.setText(str(error))
    problem.show()
    line = dialog.focusWidget()
    if isinstance(line, QLineEdit):
        line.selectAll()
    _run(dialog, problem, do)


class UsersTab(QWidget):
    """A card for each subject. `print_handover` shows the list of what is handed over."""

    def __init__(self, page: Page, model: SettingsModel, print_handover: Callable[[], None]) -> None:
        super().__init__()
        self.page, self.model = page, model
        self.user_lines = column(spacing=0)
        self.add_user = button(_("增加用户"), self._ask_user, icon="user-plus")
        self.by_admin = label(_("增加、停用用户，换恢复码和密钥，要本站管理员来做。"), "muted", wrap=True)
        self.pin = button(_("设 PIN"), self._ask_pin)
        self.no_pin = button(_("取消 PIN"), model.drop_pin)
        self.no_pin.hide()
        self.new_code = button(_("换一个恢复码"), self._ask_new_code)
        self.new_key = button(_("换新密钥…"), self._ask_new_key)
        self.idle = self._idle_minutes()
        self.handover = button(_("交接清单"), print_handover, icon="printer")
        self.buttons: dict[tuple[str, str], QWidget] = {}
        """By user and action."""
        change = button(_("改密码"), self._ask_password, icon="key")
        key = _("改密码、停用用户、换钥匙 U 盘和恢复码时自动换新，旧密码配着旧备份也打不开现在的数据。备份到过别人手里，也可以自己换。")
        over = _("换人时打一张清单：手里有什么、办到哪一步、还差什么，移交人、接收人、监交人签字。清单上写着交接的步骤。")
        users = Card(_("这台电脑的用户"))
        users.add(self.user_lines)
        users.add_row(self.add_user, None)
        users.add(self.by_admin)
        lock = Card(_("离开时自动锁定"))
        lock.add_row(self.idle, label(_("下次打开程序时生效。没填完的内容不会丢。"), "muted", wrap=True))
        made = cards(
            users,
            _card(_("我的密码和 PIN"), _("PIN 是 4 到 8 位数字，离开一会儿回来时用它解锁，比密码快。"), change, self.pin, self.no_pin),
            StickCard(model),
            _card(_("恢复码"), _("忘记密码时用恢复码打开数据。换新以后，旧的恢复码就作废。"), self.new_code),
            _card(_("数据密钥"), key, self.new_key),
            lock,
            _card(_("交接"), over, self.handover),
        )
        self.setLayout(column(made, spacing=0))
        model.users_found.connect(self._show_users)

    def _idle_minutes(self) -> Number:
        preferences, made = self.page.frame.preferences, Number()
        made.setRange(0, 120)
        made.setSuffix(_(" 分钟不操作就锁定"))
        made.setSpecialValueText(_("不自动锁定"))
        made.setValue(round(preferences.number("idle_minutes", MINUTES)))
        made.setAccessibleName(_("多少分钟不操作就锁定"))
        made.valueChanged.connect(lambda minutes: preferences.keep("idle_minutes", minutes))
        return made

    # -- the users ----------------------------------------------------------------------------------

    def _show_users(self, users: list[Account]) -> None:
        """Show the users, and what the present one may do. A line whose button had the focus gives it to the same button again."""
        before = self.page.focusWidget()
        pressed = next((key for key, made in self.buttons.items() if made is before), None)
        me = next((user for user in users if user.name == self.model.user), None)
        admin, has_pin = me is not None and me.role == "admin", me is not None and me.has_pin
        for made in (self.add_user, self.new_code, self.new_key):
            made.setEnabled(admin)
        self.by_admin.setVisible(not admin)
        if not has_pin and before is self.no_pin:
            self.pin.setFocus()
        self.no_pin.setVisible(has_pin)
        clear(self.user_lines)
        self.buttons.clear()
        for user in users:
            self.user_lines.addWidget(self._line(user, admin=admin))
            self.user_lines.addWidget(rule())
        if pressed is not None:
            self.buttons.get(pressed, self.add_user).setFocus()

    def _line(self, user: Account, *, admin: bool) -> QWidget:
        mine = user.name == self.model.user
        chips: list[Item] = [Chip(_(ROLES[user.role]), "good" if user.role == "admin" else "plain")]
        chips += [Chip(_("有 PIN"), "info")] if user.has_pin else []
        chips += [Chip(_("已停用"), "bad")] if user.disabled else []
        chips += [label(_("（您）"), "muted")] if mine else []
        actions: dict[tuple[str, str], QWidget] = {}
        if admin and not mine and not user.disabled:
            actions = {
                (user.name, "reset"): button(_("重设密码"), partial(self._ask_reset, user.name), kind="small"),
                (user.name, "role"): button(_("改角色"), partial(self._ask_role, user), kind="small"),
                (user.name, "disable"): button(_("停用"), partial(self._ask_disable, user.name), kind="small"),
            }
        self.buttons |= actions
        line = holder(row(label(user.name, "strong"), *chips, None, *actions.values()))
        line.setFixedHeight(theme.px(38))
        return line

    def _ask_user(self) -> None:
        dialog = dialogs.Dialog(self.page, _("增加用户"), _("每人一个用户，录入的内容会记在各人名下。"))
        name, password, again = QLineEdit(), hidden_line(), hidden_line()
        role = _roles("clerk")
        ask_lines(dialog, {_("姓名"): name, _("角色"): role, _("密码，至少 8 位"): password, _("再输一次密码"): again})
        add = self.model.add_user
        until_done(dialog, _("增加"), lambda refused: add(name.text(), str(role.currentData()), password.text(), again.text(), refused))

    def _ask_role(self, user: Account) -> None:
        dialog = dialogs.Dialog(self.page, _("改 {name} 的角色").format(name=user.name), _("改动的原因会记下来。"))
        role, reason = _roles(user.role), QLineEdit()
        ask_lines(dialog, {_("角色"): role, _("原因"): reason})
        change = self.model.change_role
        until_done(dialog, _("改角色"), lambda refused: change(user.name, str(role.currentData()), reason.text(), refused))

    def _ask_reset(self, name: str) -> None:
        text = _("他忘了密码时用。录入过的、填了一半的都在；原来的 PIN 和钥匙 U 盘不再用。谁重设的会记下来。")
        dialog = dialogs.Dialog(self.page, _("重设 {name} 的密码").format(name=name), text)
        new, again = hidden_line(), hidden_line()
        ask_lines(dialog, {_("新密码，至少 8 位"): new, _("再输一次新密码"): again})
        reset = self.model.reset_password
        until_done(dialog, _("重设密码"), lambda refused: reset(name, new.text(), again.text(), refused))

    def _ask_disable(self, name: str) -> None:
        text = _(
            "停用后此人不能再打开本机数据，已录入的内容都保留。填了一半没有保存的，别人看不到，请他先打开存好。别的村站通窗口请先关上。"
        )
        if dialogs.ask(self.page, _("停用 {name}？").format(name=name), text, yes=_("停用"), danger=True):
            self.model.disable_user(name)

    def _ask_password(self) -> None:
        dialog = dialogs.Dialog(self.page, _("改密码"))
        old, new, again = hidden_line(), hidden_line(), hidden_line()
        ask_lines(dialog, {_("现在的密码"): old, _("新密码，至少 8 位"): new, _("再输一次新密码"): again})
        change = self.model.change_password
        until_done(dialog, _("改密码"), lambda refused: change(old.text(), new.text(), again.text(), refused))

    def _ask_pin(self) -> None:
        dialog = dialogs.Dialog(self.page, _("设 PIN"))
        pin, again = hidden_line(), hidden_line()
        ask_lines(dialog, {_("4 到 8 位数字"): pin, _("再输一次 PIN"): again})
        until_done(dialog, _("设 PIN"), lambda refused: self.model.set_pin(pin.text(), again.text(), refused))

    def _ask_new_code(self) -> None:
        if dialogs.ask(self.page, _("换一个恢复码？"), _("旧的恢复码会立刻作废。请准备好纸笔。"), yes=_("换新"), danger=True):
            self.model.new_code()

    def _ask_new_key(self) -> None:
        text = _("本机数据用新密钥重新加密，各人的密码、U 盘和恢复码照旧。几万人的数据要等几秒。别的村站通窗口请先关上。")
        if dialogs.ask(self.page, _("换新密钥？"), text, yes=_("换新")):
            self.model.renew_key()


def _card(title: str, text: str, *actions: QWidget) -> Card:
    """A card with a text and its buttons."""
    card = Card(title)
    card.add(label(text, "muted", wrap=True))
    card.add_row(*actions, None)
    return card


def _roles(chosen: str) -> QComboBox:
    made = choices(_("角色"), {key: _(word) for key, word in ROLES.items()})
    made.setCurrentIndex(list(ROLES).index(chosen))
    return made


def cards(*made: QWidget) -> QWidget:
    """Cards below each other, as a tab of the settings has them."""
    return scrolled(holder(column(*made, None, spacing=12, margins=(0, 0, 6, 0))))


class StickCard(Card):
    """Shows whether the present user has one, and what can be done about it."""

    def __init__(self, model: SettingsModel) -> None:
        super().__init__(_("钥匙 U 盘"))
        self.model = model
        self.state = label("", wrap=True)
        self.make = button("", self._ask_make, icon="usb")
        self.spare = button(_("再做一个备用"), self._ask_spare)
        self.drop = button(_("不再用"), self._ask_drop)
        self.add(self.state)
        self.add_row(self.make, self.spare, self.drop, None)
        model.stick_found.connect(self._show)
        self._show("")

    def _show(self, stick: str) -> None:
        none = _("还没有启用。启用以后，打开数据除了密码，还要插着这个 U 盘：电脑丢了，密码也让人知道了，别人还是打不开。")
        used = _("正在用：打开数据要插着有「{file}」的 U 盘。打开以后可以拔下来，随身带走，别和电脑放在一起。")
        self.state.setText(used.format(file=key_stick.file_name(stick)) if stick else none)
        self.make.setText(_("换一个钥匙 U 盘…") if stick else _("做一个钥匙 U 盘…"))
        self.spare.setVisible(bool(stick))
        self.drop.setVisible(bool(stick))

    def _ask_make(self) -> None:
        sticks = self._sticks()
        if sticks is None:
            return
        text = _("U 盘里原有的文件不动，只加一个小文件，不要删它。U 盘丢了可以用恢复码打开，请先确认恢复码还在。")
        dialog = dialogs.Dialog(self, _("做钥匙 U 盘"), text)
        password = hidden_line()
        ask_lines(dialog, {_("U 盘"): sticks, _("您的密码"): password})
        password.setFocus()
        until_done(dialog, _("做钥匙"), lambda refused: self.model.use_stick(password.text(), str(sticks.currentData()), refused))

    def _ask_spare(self) -> None:
        sticks = self._sticks()
        if sticks is None:
            return
        dialog = dialogs.Dialog(self, _("做备用的钥匙 U 盘"), _("两个 U 盘都插着。备用的和印章放在一起。"))
        ask_lines(dialog, {_("写到哪个 U 盘"): sticks})
        until_done(dialog, _("做备用"), lambda refused: self.model.spare_stick(str(sticks.currentData()), refused))

    def _ask_drop(self) -> None:
        dialog = dialogs.Dialog(self, _("不再用钥匙 U 盘"), _("以后只凭密码就能打开。这一次 U 盘要插着。"))
        password = hidden_line()
        ask_lines(dialog, {_("您的密码"): password})
        until_done(dialog, _("不再用"), lambda refused: self.model.drop_stick(password.text(), refused))

    def _sticks(self) -> QComboBox | None:
        """A box of the sticks found; if there are none, a message says so, and None is returned."""
        found = {str(drive.root): drive.title for drive in drives()}
        if found:
            return choices(_("U 盘"), found)
        dialogs.show_message(self, _("没有找到 U 盘"), _("请插上 U 盘，等几秒再按。不能写的 U 盘（写保护）做不成钥匙。"))
        return None
