"""Upgrading the program from a stick or the county's server: choosing the package, checking its signature, and switching to the new
program."""

from __future__ import annotations

import atexit
import subprocess
import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop.jobs import Progress
from desktop.page import Frame
from desktop.station import Station
from desktop.widgets import dialogs
from domain.release import VERSION, environment
from domain.words import _

if TYPE_CHECKING:
    from services.upgrading.program_package import ProgramPackage

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
