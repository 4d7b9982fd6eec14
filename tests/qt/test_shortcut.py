"""The icon on the desktop, in a home folder of the test's own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop import shortcut
from desktop.settings.about import about_card
from domain.errors import DomainError
from domain.release import PROGRAM

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the folders of Windows cannot be moved for a test")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, folder in (("HOME", ""), ("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    (tmp_path / "Desktop").mkdir()
    return tmp_path


@pytest.fixture
def packed(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = home / "村站通 100% $new" / PROGRAM
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


def entry(file: Path) -> dict[str, str]:
    first, *lines = file.read_text(encoding="utf-8").splitlines()
    assert first == "[Desktop Entry]"
    return dict(line.split("=", 1) for line in lines)


def test_the_icon_opens_this_program(home: Path, packed: Path) -> None:
    assert shortcut.missing() and shortcut.program() == packed
    shortcut.put(packed)
    assert not shortcut.missing()
    on_desktop, in_menu = home / "Desktop" / "村站通.desktop", home / "data" / "applications" / "村站通.desktop"
    assert entry(on_desktop) == entry(in_menu)
    assert on_desktop.stat().st_mode & 0o111
    told = entry(on_desktop)
    once = told["Exec"].replace("\\\\", "\\")
    assert (once[0], once[-1]) == ('"', '"') and re.sub(r"\\(.)", r"\1", once[1:-1]).replace("%%", "%") == str(packed)
    assert "<svg" in Path(told["Icon"]).read_text(encoding="utf-8")
    shortcut.put(packed)  # once more: a folder that was moved


def test_a_program_from_source_offers_none(home: Path) -> None:
    assert shortcut.program() is None and not shortcut.missing()


def test_a_desktop_that_cannot_be_written_is_told(home: Path, packed: Path) -> None:
    (home / "Desktop").rmdir()
    (home / "Desktop").touch()
    with pytest.raises(DomainError, match="没有放成"):
        shortcut.put(packed)


def test_the_settings_put_it_there(home: Path, packed: Path, qtbot) -> None:
    card = about_card(lambda _online: None, QLabel())
    qtbot.addWidget(card)
    next(made for made in card.findChildren(QPushButton) if made.text() == "在桌面放图标").click()
    assert not shortcut.missing()
    assert any("桌面上有" in shown.text() for shown in card.findChildren(QLabel))
