"""The page 设置."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QComboBox, QLineEdit, QRadioButton, QWidget

from db.local import ROLES, Account
from desktop import theme
from desktop.lock import MINUTES
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.preferences import UNNOTED
from desktop.settings.about import about_card
from desktop.settings.asking import ask_lines, until_done
from desktop.settings.policy_model import PolicyModel
from desktop.settings.policy_tab import PolicyTab
from desktop.settings.stick_card import StickCard
from desktop.settings.upgrading import ask_upgrade
from desktop.settings.view_model import BackupState, CountyState, SettingsModel
from desktop.station import Station
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Card, Chip, button, label, rule
from desktop.widgets.inputs import Number, captioned, choices, hidden_line
from desktop.widgets.layout import Item, clear, column, holder, row, scrolled
from desktop.widgets.printers import print_slip, recovery_words
from desktop.widgets.tabs import Later, TabStack
from domain import clock
from domain.clock import when
from domain.words import LANGUAGES, _, language


class SettingsPage(Page):
    """A tab for each subject."""

    def __init__(
        self,
        frame: Frame,
        model: SettingsModel,
        policies: PolicyModel,
        paper: Callable[[QWidget, str], None],
        upgrade: Callable[[QWidget, bool], None],
    ) -> None:
        """`paper(parent, form)` shows a form about the station for printing; `upgrade(parent, online)` looks for a newer release."""
        super().__init__(frame, _("设置"))
        self.model, self.policies, self._paper = model, policies, paper
        self._pressed: QWidget | None = None
        self._user_buttons: dict[tuple[str, str], QWidget] = {}
        self.stack = TabStack(
            {
                "users": (_("用户和密码"), self._users),
                "policy": (_("政策"), lambda: self.policy),
                "backup": (_("备份"), self._backup),
                "county": (_("县服务器"), self._county),
                "look": (_("显示和语言"), self._look),
                "about": (_("关于"), lambda: self._about(upgrade)),
            }
        )
        self.body.addWidget(self.stack, 1)
        model.code_made.connect(self._show_code)
        model.busy.connect(self._set_busy)

    def opened(self, **args: object) -> None:
        """Load the state; `tab=` chooses the tab, `code=True` focuses the button for a new recovery code."""
        self.model.load()
        if "policy" in self.__dict__:
            self.policies.load()
        if args.get("tab"):
            self.stack.tabs.choose(str(args["tab"]))
            keyboard.enter(self.stack.stack.currentWidget())
        if args.get("code"):
            self.new_code.setFocus(Qt.FocusReason.TabFocusReason)

    def _set_busy(self, busy: bool) -> None:
        """Disable everything during work; afterwards the focus returns to where it was."""
        if busy and self.stack.isEnabled():
            self._pressed = self.stack.focusWidget()
        self.stack.setEnabled(not busy)
        if not busy and self._pressed is not None:
            if shiboken6.isValid(self._pressed):
                self._pressed.setFocus()
            self._pressed = None

    @Later
    def policy(self) -> PolicyTab:
        """The tab of policy packs."""
        made = PolicyTab(self.frame, self.policies)
        self.policies.load()
        return made

    # -- users ------------------------------------------------------------------------------------

    def _users(self) -> QWidget:
        card = Card(_("这台电脑的用户"))
        self.user_lines = column(spacing=0)
        card.add(self.user_lines)
        self.add_user = button(_("增加用户"), self._ask_user, icon="user-plus")
        self.by_admin = label(_("增加、停用用户，换恢复码和密钥，要本站管理员来做。"), "muted", wrap=True)
        card.add_row(self.add_user, None)
        card.add(self.by_admin)
        mine = Card(_("我的密码和 PIN"))
        mine.add(label(_("PIN 是 4 到 8 位数字，离开一会儿回来时用它解锁，比密码快。"), "muted", wrap=True))
        change = button(_("改密码"), self._ask_password, icon="key")
        self.pin = button(_("设 PIN"), self._ask_pin)
        self.no_pin = button(_("取消 PIN"), self.model.drop_pin)
        self.no_pin.hide()
        mine.add_row(change, self.pin, self.no_pin, None)
        code = Card(_("恢复码"))
        code.add(label(_("忘记密码时用恢复码打开数据。换新以后，旧的恢复码就作废。"), "muted", wrap=True))
        self.new_code = button(_("换一个恢复码"), self._ask_new_code)
        code.add_row(self.new_code, None)
        key = Card(_("数据密钥"))
        key.add(
            label(
                _("改密码、停用用户、换钥匙 U 盘和恢复码时自动换新，旧密码配着旧备份也打不开现在的数据。备份到过别人手里，也可以自己换。"),
                "muted",
                wrap=True,
            )
        )
        self.new_key = button(_("换新密钥…"), self._ask_new_key)
        key.add_row(self.new_key, None)
        lock = Card(_("离开时自动锁定"))
        self.idle = Number()
        self.idle.setRange(0, 120)
        self.idle.setSuffix(_(" 分钟不操作就锁定"))
        self.idle.setSpecialValueText(_("不自动锁定"))
        self.idle.setValue(round(self.frame.preferences.number("idle_minutes", MINUTES)))
        self.idle.setAccessibleName(_("多少分钟不操作就锁定"))
        self.idle.valueChanged.connect(lambda minutes: self.frame.preferences.keep("idle_minutes", minutes))
        lock.add_row(self.idle, label(_("下次打开程序时生效。没填完的内容不会丢。"), "muted", wrap=True))
        over = Card(_("交接"))
        over.add(
            label(
                _("换人时打一张清单：手里有什么、办到哪一步、还差什么，移交人、接收人、监交人签字。清单上写着交接的步骤。"),
                "muted",
                wrap=True,
            )
        )
        self.handover = button(_("交接清单"), lambda: self._paper(self, "handover"), icon="printer")
        over.add_row(self.handover, None)
        made = _tab(card, mine, StickCard(self.model), code, key, over, lock)
        self.model.users_found.connect(self._show_users)
        self.model.load()
        return made

    def _show_users(self, users: list[Account]) -> None:
        before = self.focusWidget()
        pressed = next((key for key, made in self._user_buttons.items() if made is before), None)
        clear(self.user_lines)
        self._user_buttons.clear()
        admin = any(user.name == self.model.user and user.role == "admin" for user in users)
        for made in (self.add_user, self.new_code, self.new_key):
            made.setEnabled(admin)
        self.by_admin.setVisible(not admin)
        if not (has_pin := any(user.name == self.model.user and user.has_pin for user in users)) and before is self.no_pin:
            self.pin.setFocus()
        self.no_pin.setVisible(has_pin)
        for user in users:
            chips: list[Item] = [Chip(_(ROLES[user.role]), "good" if user.role == "admin" else "plain")]
            chips += [Chip(_("有 PIN"), "info")] if user.has_pin else []
            chips += [Chip(_("已停用"), "bad")] if user.disabled else []
            chips += [label(_("（您）"), "muted")] if user.name == self.model.user else []
            stop: list[Item] = []
            if user.name != self.model.user and not user.disabled and admin:
                role = button(_("改角色"), partial(self._ask_role, user), kind="small")
                reset = button(_("重设密码"), partial(self._ask_reset, user.name), kind="small")
                disable = button(_("停用"), partial(self._ask_disable, user.name), kind="small")
                stop = [reset, role, disable]
                self._user_buttons |= {(user.name, "reset"): reset, (user.name, "role"): role, (user.name, "disable"): disable}
            line = holder(row(label(user.name, "strong"), *chips, None, *stop))
            line.setFixedHeight(theme.px(38))
            self.user_lines.addWidget(line)
            self.user_lines.addWidget(rule())
        if pressed is not None:
            self._user_buttons.get(pressed, self.add_user).setFocus()

    def _ask_user(self) -> None:
        dialog = dialogs.Dialog(self, _("增加用户"), _("每人一个用户，录入的内容会记在各人名下。"))
        name, password, again = QLineEdit(), hidden_line(), hidden_line()
        role = _roles("clerk")
        ask_lines(dialog, {_("姓名"): name, _("角色"): role, _("密码，至少 8 位"): password, _("再输一次密码"): again})
        add = self.model.add_user
        until_done(dialog, _("增加"), lambda refused: add(name.text(), str(role.currentData()), password.text(), again.text(), refused))

    def _ask_role(self, user: Account) -> None:
        dialog = dialogs.Dialog(self, _("改 {name} 的角色").format(name=user.name), _("改动的原因会记下来。"))
        role, reason = _roles(user.role), QLineEdit()
        ask_lines(dialog, {_("角色"): role, _("原因"): reason})
        change = self.model.change_role
        until_done(dialog, _("改角色"), lambda refused: change(user.name, str(role.currentData()), reason.text(), refused))

    def _ask_reset(self, name: str) -> None:
        text = _("他忘了密码时用。录入过的、填了一半的都在；原来的 PIN 和钥匙 U 盘不再用。谁重设的会记下来。")
        dialog = dialogs.Dialog(self, _("重设 {name} 的密码").format(name=name), text)
        new, again = hidden_line(), hidden_line()
        ask_lines(dialog, {_("新密码，至少 8 位"): new, _("再输一次新密码"): again})
        reset = self.model.reset_password
        until_done(dialog, _("重设密码"), lambda refused: reset(name, new.text(), again.text(), refused))

    def _ask_disable(self, name: str) -> None:
        text = _(
            "停用后此人不能再打开本机数据，已录入的内容都保留。填了一半没有保存的，别人看不到，请他先打开存好。别的村站通窗口请先关上。"
        )
        if dialogs.ask(self, _("停用 {name}？").format(name=name), text, yes=_("停用"), danger=True):
            self.model.disable_user(name)

    def _ask_password(self) -> None:
        dialog = dialogs.Dialog(self, _("改密码"))
        old, new, again = hidden_line(), hidden_line(), hidden_line()
        ask_lines(dialog, {_("现在的密码"): old, _("新密码，至少 8 位"): new, _("再输一次新密码"): again})
        change = self.model.change_password
        until_done(dialog, _("改密码"), lambda refused: change(old.text(), new.text(), again.text(), refused))

    def _ask_pin(self) -> None:
        dialog = dialogs.Dialog(self, _("设 PIN"))
        pin, again = hidden_line(), hidden_line()
        ask_lines(dialog, {_("4 到 8 位数字"): pin, _("再输一次 PIN"): again})
        until_done(dialog, _("设 PIN"), lambda refused: self.model.set_pin(pin.text(), again.text(), refused))

    def _ask_new_code(self) -> None:
        if dialogs.ask(self, _("换一个恢复码？"), _("旧的恢复码会立刻作废。请准备好纸笔。"), yes=_("换新"), danger=True):
            self.model.new_code()

    def _ask_new_key(self) -> None:
        text = _("本机数据用新密钥重新加密，各人的密码、U 盘和恢复码照旧。几万人的数据要等几秒。别的村站通窗口请先关上。")
        if dialogs.ask(self, _("换新密钥？"), text, yes=_("换新")):
            self.model.renew_key()

    def _show_code(self, code: str) -> None:
        self.frame.preferences.keep(UNNOTED, 1)
        dialog = dialogs.Dialog(self, _("新的恢复码"), code + "\n\n" + _("请抄在纸上，和印章放在一起，不要存在这台电脑里。"))
        out = button(_("打印"), lambda: print_slip(dialog, *recovery_words(code, self.frame.place)), icon="printer")
        dialog.body.addWidget(holder(row(out, None)))
        dialog.add_button(_("抄好了"), accept=True, kind="primary")
        out.setFocus()  # so that pressing Enter once too often does not close the only copy
        if dialog.run():
            self.frame.preferences.keep(UNNOTED, None)

    # -- backups ----------------------------------------------------------------------------------

    def _backup(self) -> QWidget:
        now = Card(_("备份"))
        self.last_backup = label("", "strong")
        now.add(self.last_backup)
        now.add(label(_("备份文件是加密的，可以放心拷到 U 盘。每份写好后都会自动打开核对一遍。"), "muted", wrap=True))
        make = button(_("现在备份…"), self._ask_backup, kind="primary", icon="device-floppy")
        now.add_row(make, button(_("恢复演练…"), self._ask_drill), None)
        auto = Card(_("自动备份"))
        self.every = Number()
        self.every.setRange(0, 30)
        self.every.setSuffix(_(" 天一次"))
        self.every.setSpecialValueText(_("不自动备份"))
        self.every.setAccessibleName(_("几天自动备份一次"))
        self.folder = QLineEdit()
        self.folder.setAccessibleName(_("自动备份的文件夹"))
        self.folder.setPlaceholderText(_("空着就放在本机数据文件夹里；最好选另一块盘或 U 盘"))
        choose = button(_("选择…"), self._choose_folder, kind="small")
        keep = button(_("保存"), lambda: self.model.keep_schedule(self.folder.text().strip(), self.every.value()))
        auto.add_row(label(_("多久一次"), "muted"), None)
        auto.add_row(self.every, None)
        auto.add_row(label(_("放在哪里"), "muted"), None)
        auto.add_row(self.folder, choose)
        auto.add_row(keep, label(_("只留最近 7 份自动备份。"), "muted"), None)
        made = _tab(now, auto)
        self.model.backup_found.connect(self._show_backup)
        self.model.load()
        return made

    def _show_backup(self, state: BackupState) -> None:
        self.last_backup.setText(_("上次备份：{when}").format(when=when(state.last)))
        self.every.setValue(state.every_days)
        self.folder.setText(state.folder)

    def _ask_backup(self) -> None:
        name = f"{_('村站通备份')}-{clock.now():%Y%m%d}.zip"
        file = dialogs.save_as(self, _("备份到"), name, "*.zip")
        if file is not None:
            self.model.backup(file)

    def _ask_drill(self) -> None:
        file = dialogs.open_file(self, _("选一份备份"), "*.zip", start=self.folder.text())
        if file is None:
            return
        password = dialogs.ask_text(self, _("恢复演练"), _("做这份备份时您的密码"), secret=True)
        if password:
            self.model.drill(file, password)

    def _choose_folder(self) -> None:
        folder = dialogs.open_folder(self, _("自动备份的文件夹"), start=self.folder.text())
        if folder is not None:
            self.folder.setText(str(folder))

    # -- county -----------------------------------------------------------------------------------

    def _county(self) -> QWidget:
        card = Card(_("县服务器"))
        self.county_state = label("", "strong", wrap=True)
        self.county_detail = label("", "muted", wrap=True, selectable=True)
        card.add(self.county_state)
        card.add(self.county_detail)
        self.enrol_card = Card(_("加入县服务器"), edge="amber")
        self.server, self.code = QLineEdit(), QLineEdit()
        self.server.setPlaceholderText("https://")
        self.code.setPlaceholderText("7K3M-9QTX-4C2D-8HWA")
        self.enrol_card.add(label(_("注册码由县里发放，只能用一次。"), "muted", wrap=True))
        for line, name in ((self.server, _("服务器地址")), (self.code, _("注册码"))):
            self.enrol_card.add(*captioned(name, line, ""))
        join = button(_("加入"), lambda: self.model.enrol(self.server.text(), self.code.text()), kind="primary", hint="Enter", writes=True)
        self.enrol_card.add_row(join, None)
        keyboard.run_on(self.enrol_card, join.click)
        made = _tab(card, self.enrol_card)
        self.model.county_found.connect(self._show_county)
        self.model.load()  # only now: widgets shown before they have a parent open as windows
        return made

    def _show_county(self, state: CountyState) -> None:
        self.enrol_card.setVisible(not state.server or state.revoked)
        if state.revoked:
            self.server.setText(self.server.text() or state.server)
            self.county_state.setText(_("县里已停用这台电脑"))
            self.county_detail.setText(_("没上传的都在本机，照常录入。县里给的新注册码填在下面；没有网络，填在「同步 → U 盘」里。"))
        elif state.enrolled and not state.server:
            self.county_state.setText(_("已用 U 盘加入县里"))
            self.county_detail.setText(_("用 U 盘交换就行。通了网，把县里给的地址和注册码填在下面，就能自动同步。"))
        elif state.enrolled:
            self.county_state.setText(_("已加入县服务器"))
            facts = [_("服务器地址 {server}").format(server=state.server), _("本机编号 {device}").format(device=state.device)]
            self.county_detail.setText("　".join(facts))
        else:
            self.county_state.setText(_("还没有加入县服务器"))
            self.county_detail.setText(_("单机可以用全部功能；加入以后，联网时数据会自动上报和接收。"))

    # -- about ------------------------------------------------------------------------------------

    def _about(self, upgrade: Callable[[QWidget, bool], None]) -> QWidget:
        self.handed_out = label("", "strong", wrap=True)
        made = _tab(about_card(lambda online: upgrade(self, online), self.handed_out))
        self.model.release_found.connect(self._show_release)
        self.model.load()
        return made

    def _show_release(self, version: str) -> None:
        self.handed_out.setVisible(bool(version))
        self.handed_out.setText(_("县里发了新版本 {version}，可以升级。").format(version=version) if version else "")

    # -- look -------------------------------------------------------------------------------------

    def _look(self) -> QWidget:
        size = Card(_("字号"))
        sizes = {f"{round(one * 100)} %": one for one in theme.TEXT_SIZES}
        size.add(self._radios(sizes, theme.scale(), "text_size"))
        colours = Card(_("颜色"))
        looks = {_(one.label): one.name for one in theme.THEMES.values()}
        colours.add(self._radios(looks, theme.current().name, "theme"))
        words = Card(" · ".join(dict.fromkeys((_("语言"), "Language"))))
        words.add(self._radios({word: key for key, word in LANGUAGES.items()}, language(), "language"))
        return _tab(size, colours, words)

    def _radios(self, choices: Mapping[str, str | float], chosen: str | float, name: str) -> QWidget:
        group = QButtonGroup(self)
        made: list[Item] = []
        for word, value in choices.items():
            radio = QRadioButton(word)
            radio.setObjectName(f"{name}={value}")
            radio.setChecked(value == chosen)
            radio.clicked.connect(lambda _on=False, value=value: self.frame.change_look(name, value))
            group.addButton(radio)
            made.append(radio)
        return holder(row(*made, None, spacing=24))


def _tab(*cards: QWidget) -> QWidget:
    return scrolled(holder(column(*cards, None, spacing=12, margins=(0, 0, 6, 0))))


def _roles(chosen: str) -> QComboBox:
    made = choices(_("角色"), {key: _(word) for key, word in ROLES.items()})
    made.setCurrentIndex(list(ROLES).index(chosen))
    return made


def build(frame: Frame, station: Station) -> Page:
    """Build the page and its view models."""
    model, policies = SettingsModel(frame, station), PolicyModel(frame, station)

    def upgrade(parent: QWidget, online: bool) -> None:
        ask_upgrade(parent, frame, station, online=online)

    return SettingsPage(frame, model, policies, FormPrinter(frame, station).show, upgrade).keeping(model, policies)
