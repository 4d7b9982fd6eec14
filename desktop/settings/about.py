"""The tab 关于: the version of the program, upgrades, and the licences of its parts."""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop import shortcut, theme
from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.widgets import dialogs
from desktop.widgets.basics import Card, button, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.layout import holder, row
from desktop.widgets.spoken import live_label
from domain.errors import DomainError
from domain.release import VERSION, environment
from domain.words import _
from services.upgrading.previous_program import previous_here

if TYPE_CHECKING:
    from services.upgrading.program_package import ProgramPackage

_OWN = "LICENSE"
_PARTS = (
    ("Qt 6 / PySide6", "LGPL-3.0", "packaging/licences/LGPL-3.0.txt"),
    ("Noto Sans CJK SC", "SIL OFL 1.1", "resources/fonts/OFL.txt"),
    ("Tabler Icons", "MIT", "resources/icons/LICENSE"),
)


def about_card(upgrade: Callable[[bool], None], handed_out: QWidget) -> QWidget:
    """Return the card. `upgrade` looks for a newer release, at the county's server (True) or in a file that the user chooses (False).
    `handed_out` shows the release that the county offers."""
    card = Card(_("村站通"))
    card.add(label(_("村级就业服务台账，离线可用，联网时与县服务器同步。"), wrap=True))
    card.add(label(_("版本 {version}　Qt {qt}").format(version=VERSION, qt=qVersion()), "muted", selectable=True))
    card.add(handed_out)
    online = button(_("检查新版本"), partial(upgrade, True), icon="refresh")
    from_file = button(_("从升级包升级"), partial(upgrade, False), icon="folder")
    card.add_row(online, from_file, label(_("没有网就用 U 盘上的升级包。"), "muted"), None)
    if (program := shortcut.program()) is not None:
        card.add(_icon_row(program))
    if previous_here() is not None:
        card.add_row(button(_("用回升级前的程序"), partial(ask_go_back, card), kind="link"), None)
    own = button(_("本程序的许可（Apache-2.0）"), partial(_show, card, _("村站通"), _OWN), kind="link")
    card.add_row(own, None)
    for name, licence, path in _PARTS:
        card.add_row(button(f"{name}　{licence}", partial(_show, card, name, path), kind="link"), None)
    return card


def _icon_row(program: Path) -> QWidget:
    outcome = live_label("muted")

    def put() -> None:
        try:
            shortcut.put(program)
        except DomainError as error:
            outcome.setText(str(error))
        else:
            outcome.setText(_("桌面上有「村站通」的图标了，以后从那里打开。"))

    return holder(row(button(_("在桌面放图标"), put, icon="home"), outcome, None))


def licences() -> list[Path]:
    """Return the licence files the card shows; an installed program has to include them."""
    return [theme.RESOURCES.parent / path for path in (_OWN, *(path for _name, _licence, path in _PARTS))]


def _show(parent: QWidget, name: str, path: str) -> None:
    file = theme.RESOURCES.parent / path
    dialog = Dialog(parent, name)
    text = QPlainTextEdit(file.read_text(encoding="utf-8") if file.exists() else _("许可文件不在安装目录里：{path}").format(path=path))
    text.setReadOnly(True)
    text.setAccessibleName(name)
    text.setMinimumSize(theme.px(680), theme.px(380))
    dialog.body.addWidget(text)
    dialog.add_button(_("关闭"), accept=True, kind="primary").setFocus()
    dialog.run()


_KINDS = "(cunzhan-*.zip cunzhan-*.tar.xz)"


def ask_upgrade(parent: QWidget, frame: Frame, station: Station, *, online: bool) -> None:
    """Ask for a package, or download the one the county's server offers, and upgrade after asking. Errors are shown."""
    from services.upgrading import program_package
    from sync.station import program_fetch

    chosen = None if online else dialogs.open_file(parent, _("选升级包"), f"{_('升级包')} {_KINDS}")
    if chosen is None and not online:
        return

    def look(progress: Progress) -> ProgramPackage | None:
        program_package.running()
        program_package.county_key(station.store)
        file = program_fetch.fetch(station.store, progress) if chosen is None else chosen
        return None if file is None else program_package.look_for(station.store, file, progress)

    def found(package: ProgramPackage | None) -> None:
        if package is None:
            frame.message(_("县里没有比 {now} 更新的版本，不用升级。").format(now=VERSION))
            return
        first = _("现在 {now}，升级到 {version}。").format(now=VERSION, version=package.version)
        then = _("先把新程序装在旁边试一遍，再备份，都正常才换过去；数据都在，没上传的改动一条不丢。")
        if not dialogs.ask(parent, _("升级村站通？"), f"{first}{package.voucher()}\n\n{then}", yes=_("升级")):
            return
        frame.run_long(
            _("正在升级"),
            lambda progress: program_package.upgrade(station.store, package, program_package.running(), progress),
            lambda _folder: _done(parent, package.version),
            lane="upgrade",
        )

    frame.run_long(_("下载升级包") if online else _("核对升级包"), look, found, lane="upgrade")


def ask_go_back(parent: QWidget) -> None:
    """Ask whether to go back to the program before the upgrade, if the present one does not work."""
    from services.upgrading import previous_program

    text = _("以后从快捷方式打开的就是升级前的程序。数据不动，没上传的改动一条不丢。请告诉县里哪里不对。")
    if not dialogs.ask(parent, _("用回升级前的程序？"), text, yes=_("用回")):
        return
    before = previous_program.go_back_here()
    dialogs.show_message(
        parent, _("已用回升级前的程序"), _("关掉这个窗口，再从快捷方式打开，就是原来的程序（{name}）。").format(name=before.name)
    )


def _done(parent: QWidget, version: str) -> None:
    text = _("新程序已装好，试运行正常。现在关掉旧程序，打开新程序吗？以后从原来的快捷方式打开，也是新程序。")
    if dialogs.ask(parent, _("已升级到 {version}").format(version=version), text, yes=_("打开新程序"), no=_("以后再说")):
        again = [sys.executable, *sys.argv[1:]]  # the present program starts the new one and checks whether it opens
        if parent.window().close():  # False if unsaved input keeps it open
            atexit.register(lambda: subprocess.Popen(again, env=environment()))  # after the store is closed
