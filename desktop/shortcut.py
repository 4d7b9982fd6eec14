"""An icon on the desktop that opens the program, and an entry in the system's menu. Only for a packed program.

On Linux they are files of the freedesktop Desktop Entry Specification 1.5; on Windows shortcuts, made by Qt.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QFile, QStandardPaths

from desktop.theme import icon_svg
from domain.errors import DomainError, os_reason
from domain.release import PROGRAM
from domain.words import _

_NAME = "村站通"
"""Of the icon, in any language: also of the window's program on Windows."""
_DESKTOP, _MENU = QStandardPaths.StandardLocation.DesktopLocation, QStandardPaths.StandardLocation.ApplicationsLocation
_TINT = "#1f6f54"
_TRUSTING = 5.0
"""Seconds that GNOME may take to note an icon as trusted."""


def missing() -> bool:
    """Whether this is a packed program without an icon on the desktop."""
    return program() is not None and any(not file.exists() for file in _files(_DESKTOP))


def program() -> Path | None:
    """What an icon opens; None for a program run from source, and in a system without a desktop folder."""
    if not getattr(sys, "frozen", False) or not any(_files(_DESKTOP)):
        return None
    folder = Path(sys.executable).parent
    return folder / (f"{_NAME}.exe" if sys.platform == "win32" else PROGRAM)


def put(opens: Path) -> None:
    """Put the icon on the desktop and into the menu, in place of earlier ones. Raises `DomainError`."""
    try:
        for file in (*_files(_MENU), *_files(_DESKTOP)):
            file.parent.mkdir(parents=True, exist_ok=True)
            if sys.platform == "win32":
                if not QFile.link(str(opens), str(file)):
                    raise PermissionError
            else:
                _write_entry(file, opens)
    except OSError as error:
        told = _("桌面图标没有放成：{reason}。程序不受影响；也可以右键点程序的文件，自己发送到桌面。")
        raise DomainError(told.format(reason=os_reason(error))) from error


def _files(where: QStandardPaths.StandardLocation) -> Iterator[Path]:
    folder = QStandardPaths.writableLocation(where)
    if folder:
        yield Path(folder) / f"{_NAME}{'.lnk' if sys.platform == 'win32' else '.desktop'}"


def _write_entry(file: Path, opens: Path) -> None:
    icon = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)) / "icons" / "cunzhan.svg"
    icon.parent.mkdir(parents=True, exist_ok=True)
    icon.write_text(icon_svg("home", _TINT), encoding="utf-8")
    lines = ("[Desktop Entry]", "Type=Application", f"Name={_NAME}", f"Exec={_quoted(opens)}", f"Icon={icon}", "Terminal=false")
    file.write_text("\n".join((*lines, "Categories=Office;", "")), encoding="utf-8")
    file.chmod(0o755)
    with suppress(OSError, subprocess.SubprocessError):  # other desktops than GNOME ask for nothing more
        asked = ["gio", "set", str(file), "metadata::trusted", "true"]
        subprocess.run(asked, timeout=_TRUSTING, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _quoted(path: Path) -> str:
    """A path as an argument of `Exec`: two levels of escapes, as the specification wants them."""
    argument = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in str(path)).replace("%", "%%")
    return '"' + argument.replace("\\", "\\\\") + '"'
