"""The command that opens the window: the only one that loads Qt."""

from __future__ import annotations

import os
import signal
import sys

from cli.console import PASSWORD_VARIABLE
from cli.program import Answer, Call, Usage
from domain.words import _


def desktop(call: Call) -> Answer:
    """Open the window and stay until it is closed."""
    if not _has_screen():
        raise Usage(_("这里没有屏幕，打不开窗口。在命令行里用：cunzhan --help"))
    from desktop.app import main

    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Qt's event loop would not notice it; what is saved is safe
    return Answer(None, code=main(call.home, call.args.user or "", os.environ.get(PASSWORD_VARIABLE, ""), call.args.lang or ""))


def _has_screen() -> bool:
    """Whether a window can be shown: always on Windows and macOS, elsewhere with a display or a named Qt platform."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
