"""The page 设置. 政策 shows packs with their dates, parameters to be confirmed, 与省级文件不同之处, and compares two versions person by
person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QComboBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from desktop import theme
from desktop.page import Frame, Page
from desktop.paper.forms import FormPrinter
from desktop.preferences import UNNOTED
from desktop.settings.about import about_card, ask_upgrade
from desktop.settings.policy_model import ChangeShown, PackShown, Policies, PolicyModel
from desktop.settings.users_tab import UsersTab, cards
from desktop.settings.view_model import BackupState, CountyState, SettingsModel
from desktop.station import Station
from desktop.widgets import dialogs, keyboard
from desktop.widgets.basics import Card, Chip, EmptyState, button, label
from desktop.widgets.inputs import Choices, Number
from desktop.widgets.layout import Item, clear, column, grid, holder, row, scrolled
from desktop.widgets.ledger_model import in_memory
from desktop.widgets.ledger_table import Column, LedgerTable, Source
from desktop.widgets.printers import print_slip, recovery_words
from desktop.widgets.tabs import Later, TabStack
from domain import clock, divisions
from domain.clock import when
from domain.money import yuan_grouped
from domain.words import LANGUAGES, _, language

CHANGES_HEIGHT = 320


class PolicyTab(QWidget):
    """The cards, one below the other."""

    def __init__(self, frame: Frame, model: PolicyModel) -> None:
        super().__init__()
        self._frame, self.model = frame, model
        self.packs, self.unset, self.departures = column(spacing=10), column(spacing=4), column(spacing=4)
        packs, unset, departures = Card(_("政策包")), Card(_("待县里确认的参数")), Card(_("与省级文件不同之处"))
        packs.add(self.packs)
        unset.add(label(_("文件没有写明数额的，县里确认以前不计算，判定显示「参数未配置」；参考值不会自动使用。"), "muted", wrap=True))
        unset.add(self.unset)
        self.draft = button(_("导出参数确认单…"), self._draft, icon="file-text")
        self.draft.setVisible(model.drafts)
        self.late = ""
        unset.add_row(None, self.draft)
        departures.add(self.departures)
        content = column(packs, unset, departures, self._comparison(), None, spacing=12, margins=(0, 0, 6, 0))
        area = scrolled(holder(content))
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that the tab opens at its top, and the arrow keys scroll it
        area.setAccessibleName(_("政策包"))
        self.setLayout(column(area, spacing=0))
        model.found.connect(self._show)
        model.compared.connect(self._compared)

    def _comparison(self) -> Card:
        card = Card(_("比较两个版本"))
        card.add(label(_("把登记的人都按两个版本各判一遍，列出结果或金额不同的人。不改任何数据，可以随时停止。"), "muted", wrap=True))
        self.before, self.after = Choices(), Choices()
        for box, name in ((self.before, _("现在的版本")), (self.after, _("另一个版本"))):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(16)
        self.go = button(_("比对"), self._compare, kind="primary", hint="F7", within=self)
        self.sum = label("", "strong")
        card.add_row(self.before, label(_("与"), "muted"), self.after, self.go, self.sum, None)
        self.empty = EmptyState(_("还没有比对"), _("选两个版本，按「比对」。"), icon="scale")
        self.table = LedgerTable(self._frame, self._list(), key="policy-changes", empty=self.empty, title=_("变化的人"))
        self.table.setMinimumHeight(theme.px(CHANGES_HEIGHT))
        self.table.opened.connect(self._open)
        card.add(self.table)
        return card

    def _list(self) -> Source:
        columns: list[Column[ChangeShown]] = [
            Column("name", _("姓名"), 90, lambda one: one.name, style="strong"),
            Column("item", _("补助项目"), 190, lambda one: one.item),
            Column("year", _("年度"), 60, lambda one: one.year),
            Column("before", _("按前一个版本"), 170, lambda one: one.before),
            Column("after", _("按后一个版本"), 170, lambda one: one.after),
            Column("difference", _("相差（元）"), 100, lambda one: one.difference, _signed, right=True),
        ]
        return in_memory(columns, lambda _view: self.model.changes)

    def _show(self, found: Policies) -> None:
        clear(self.packs)
        for sentence in found.unusable:
            self.packs.addWidget(label(sentence, "bad", wrap=True))
        for pack in found.packs:
            self.packs.addWidget(_pack_lines(pack))
        self.late = found.draft_expired
        _fill(self.unset, found.unset, _("没有待县里确认的参数。"))
        _fill(self.departures, found.departures, _("没有改动省级文件的补充规定。"))
        _offer(self.before, found.packs, 0)
        _offer(self.after, found.packs, min(1, len(found.packs)))
        self.table.reload()

    def _draft(self) -> None:
        if self.late and not dialogs.ask(self, _("政策已经到期"), self.late, yes=_("照样导出")):
            return
        file = dialogs.save_as(self, _("保存到"), _("参数确认单.toml"), "TOML (*.toml)")
        if file is not None:
            self.model.draft(file)

    def _compare(self) -> None:
        if self.before.currentData() == self.after.currentData():
            self._frame.message(_("请选两个不同的版本。"))
            return
        self.model.compare(str(self.before.currentData()), str(self.after.currentData()))

    def _compared(self) -> None:
        changes = self.model.changes
        self.empty.say(_("没有变化"), _("两个版本对登记的人结果都一样。"))
        total = sum(one.difference for one in changes)
        people = len({one.person_id for one in changes})
        text = _("{people} 人有变化，合计 {amount} 元").format(people=people, amount=_signed(total))
        self.sum.setText(text if changes else "")
        self.table.reload()

    def _open(self, id: str) -> None:
        change = next((one for one in self.model.changes if one.id == id), None)
        if change is not None and change.person_id:
            self._frame.open("people", id=change.person_id)


def _signed(amount: int) -> str:
    return f"{'+' if amount > 0 else ''}{yuan_grouped(amount)}"


def _pack_lines(shown: PackShown) -> QWidget:
    pack, origin = shown.pack, _("县里签发") if shown.pack.signer else _("程序自带")
    head = row(label(pack.id, "strong"), label(pack.version, "muted"), Chip(shown.state, shown.tone), Chip(origin, "plain"), None)
    dates = _("{start} 至 {end}").format(start=pack.start, end=pack.end)
    facts = "　".join(filter(None, (divisions.called(pack.area), dates, pack.source)))
    late = [label(shown.expired, "warn", wrap=True)] if shown.expired else []
    return holder(column(head, label(pack.title, wrap=True), label(facts, "small", wrap=True), *late, spacing=2))


def _fill(into: QVBoxLayout, lines: Sequence[tuple[str, ...]], nothing: str) -> None:
    """Fill in the lines as columns of equal width, or one sentence if there are none."""
    clear(into)
    if not lines:
        into.addWidget(label(nothing, "muted"))
        return
    table = grid(across=20, down=6, shares=(0, 1))
    for number, line in enumerate(lines):
        for index, text in enumerate(line):
            table.addWidget(label(text, "strong" if index == 0 else "", wrap=index == 1), number, index)
    into.addWidget(holder(table))


def _offer(box: QComboBox, packs: Sequence[PackShown], first: int) -> None:
    """Offer the packs in use, then each pack; keep the choice."""
    kept = box.currentData()
    box.clear()
    box.addItem(_("现在在用的"), "")
    for shown in packs:
        box.addItem(f"{shown.pack.id} {shown.pack.version}", shown.pack.id)
    index = box.findData(kept) if kept is not None else first
    box.setCurrentIndex(max(0, index))


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
        self.county_state = label("", "strong", wrap=True)
        self.county_detail = label("", "muted", wrap=True, selectable=True)
        go = button(_("到「同步」里办"), lambda: self.frame.open("sync", tab="story"), icon="refresh")
        self.model.county_found.connect(self._show_county)
        self.model.load()
        card = Card(_("县服务器"))
        card.add(self.county_state, self.county_detail, row(go, None))
        return cards(card)

    def _show_county(self, state: CountyState) -> None:
        if state.revoked:
            title = _("县里已停用这台电脑")
            text = _("没上传的都在本机，照常录入。县里给的新注册码填在「同步」里；没有网络，填在「同步 → U 盘」里。")
        elif state.enrolled and not state.server:
            title, text = _("已用 U 盘加入县里"), _("用 U 盘交换就行。通了网，把县里给的地址和注册码填在「同步」里，就能自动同步。")
        elif state.enrolled:
            facts = [_("服务器地址 {server}").format(server=state.server), _("本机编号 {device}").format(device=state.device)]
            title, text = _("已加入县服务器"), "　".join(facts)
        else:
            title, text = _("还没有加入县服务器"), _("不加入也可以用全部功能；加入以后，联网时数据会自动上报和接收。")
        self.county_state.setText(title)
        self.county_detail.setText(text)

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
