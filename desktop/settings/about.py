"""The tab 关于: the version of the program, upgrades, and the licences of its parts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop import shortcut, theme
from desktop.settings.upgrading import ask_go_back
from desktop.widgets.basics import Card, button, label
from desktop.widgets.dialogs import Dialog
from desktop.widgets.layout import holder, row
from desktop.widgets.spoken import live_label
from domain.errors import DomainError
from domain.release import VERSION
from domain.words import _
from services.upgrading.previous_program import previous_here

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
