"""The card 钥匙 U 盘: a stick that has to be plugged in when the password is entered."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox

from db import key_stick
from desktop.drives import drives
from desktop.settings.asking import ask_lines, until_done
from desktop.settings.view_model import SettingsModel
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, button, label
from desktop.widgets.inputs import choices, hidden_line
from domain.words import _


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
