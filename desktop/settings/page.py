"""The page 设置."""

from __future__ import annotations

from collections.abc import Mapping

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.preferences import UNNOTED
from desktop.settings.about import about_card, ask_upgrade
from desktop.settings.policy_model import PolicyModel
from desktop.settings.policy_tab import PolicyTab
from desktop.settings.users_tab import UsersTab, cards
from desktop.settings.view_model import BackupState, CountyState, SettingsModel
from desktop.station import Station
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Card, button, label
from desktop.widgets.inputs import Number, captioned
from desktop.widgets.layout import Item, holder, row
from desktop.widgets.printers import print_slip, recovery_words
from desktop.widgets.tabs import Later, TabStack
from domain import clock
from domain.clock import when
from domain.words import LANGUAGES, _, language


class SettingsPage(Page):
    """A tab for each subject."""

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, _("设置"))
        self.model, self.policies = self.own(SettingsModel(frame, station)), self.own(PolicyModel(frame, station))
        self._station = station
        self._pressed: QWidget | None = None
        self.stack = TabStack(
            {
                "users": (_("用户和密码"), lambda: self.users),
                "policy": (_("政策"), lambda: self.policy),
                "backup": (_("备份"), self._backup),
                "county": (_("县服务器"), self._county),
                "look": (_("显示和语言"), self._look),
                "about": (_("关于"), self._about),
            }
        )
        self.body.addWidget(self.stack, 1)
        self.model.code_made.connect(self._show_code)
        self.model.busy.connect(self._set_busy)

    def opened(self, **args: object) -> None:
        """Load the state; `tab=` chooses the tab, `code=True` focuses the button for a new recovery code."""
        self.model.load()
        if "policy" in self.__dict__:
            self.policies.load()
        if args.get("tab"):
            self.stack.tabs.choose(str(args["tab"]))
            keyboard.enter(self.stack.stack.currentWidget())
        if args.get("code"):
            self.users.new_code.setFocus(Qt.FocusReason.TabFocusReason)

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
    def users(self) -> UsersTab:
        """The tab of users, passwords and keys."""
        made = UsersTab(self, self.model, lambda: FormPrinter(self.frame, self._station).show(self, "handover"))
        self.model.load()
        return made

    @Later
    def policy(self) -> PolicyTab:
        """The tab of policy packs."""
        made = PolicyTab(self.frame, self.policies)
        self.policies.load()
        return made

    def _show_code(self, code: str) -> None:
        self.frame.preferences.keep(UNNOTED, 1)
        dialog = dialogs.Dialog(self, _("新的恢复码"))
        dialog.body.addWidget(label(code, "figure", selectable=True))  # in large letters, to be copied by hand
        dialog.body.addWidget(label(_("请抄在纸上，和印章放在一起，不要存在这台电脑里。"), wrap=True))
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
        made = cards(now, auto)
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
        made = cards(card, self.enrol_card)
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
            self.county_detail.setText(_("不加入也可以用全部功能；加入以后，联网时数据会自动上报和接收。"))

    # -- about ------------------------------------------------------------------------------------

    def _about(self) -> QWidget:
        self.handed_out = label("", "strong", wrap=True)
        made = cards(about_card(lambda online: ask_upgrade(self, self.frame, self._station, online=online), self.handed_out))
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
        return cards(size, colours, words)

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


build = SettingsPage
