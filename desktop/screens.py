"""Pictures of every page: for the demonstration, the README and looking at what was made.

grab_pages(window, folder)                                       # 01-today.png, 02-people.png … at the window's own size
grab_pages(window, folder, [(1366, 768), (1024, 600)])           # 01-today-1366x768.png …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from desktop.main_window import MainWindow

SETTLE = 5000
"""Milliseconds after which a page is taken as it is."""


def grab_pages(
    window: MainWindow,
    folder: Path,
    sizes: Sequence[tuple[int, int]] = (),
    *,
    open_with: Mapping[str, Mapping[str, object]] | None = None,
) -> list[Path]:
    """Open each page of the window (with the arguments of `open_with`, by page) and save `NN-page.png`; answers the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for width, height in sizes or [(window.width(), window.height())]:
        window.resize(width, height)
        for number, key in enumerate(window.page_keys, 1):
            window.open(key, **(open_with or {}).get(key, {}))
            settle(window)
            size = f"-{width}x{height}" if sizes else ""
            files.append(save(window, folder / f"{number:02d}-{key}{size}.png"))
    return files


def save(widget: QWidget, file: Path) -> Path:
    """Save a picture of a widget; raises OSError when it cannot be written."""
    if not widget.grab().save(str(file)):
        raise OSError(f"cannot write {file.name}")
    return file


def settle(window: MainWindow) -> None:
    """Let work that was asked for be done and shown, as a person would wait for it."""
    loop = QEventLoop()
    look, limit = QTimer(interval=20), QTimer(singleShot=True, interval=SETTLE)
    quiet = 0

    def ask() -> None:
        nonlocal quiet
        quiet = 0 if window.jobs.busy else quiet + 1
        if quiet > 2:
            loop.quit()

    look.timeout.connect(ask)
    limit.timeout.connect(loop.quit)
    look.start()
    limit.start()
    loop.exec()
    look.stop()
    limit.stop()
