"""Console output: the answer on standard output, everything else on standard error.

Widths count Chinese characters as two columns, so that tables are aligned on a terminal.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import signal
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from types import FrameType
from typing import Any, TextIO

from domain.errors import Refused, Stopped
from domain.words import _

PASSWORD_VARIABLE = "CUNZHAN_PASSWORD"
STANDARD = "-"
"""Stands for standard input or output in place of a file name."""
_BAR = 24
_DRAW_EVERY = 0.1  # seconds
_WIDE = frozenset("WFA")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that a terminal would obey rather than show: controls other than tab and line feed, and marks that reverse the text."""


@dataclass
class Console:
    """The terminal, or the streams that replace it."""

    out: TextIO = field(default_factory=lambda: sys.stdout or StringIO())  # a program without a console has neither
    err: TextIO = field(default_factory=lambda: sys.stderr or StringIO())
    stopping: bool = False
    """Ctrl-C was pressed: the next `progress` raises Stopped."""
    stoppable: bool = False
    """A long operation that calls `progress` is running."""
    finishing: bool = False
    """The operation is being saved, or is done: Ctrl-C comes too late and is ignored."""
    _drawn: float = 0.0
    _line: int = 0

    def __post_init__(self) -> None:
        for stream in (self.out, self.err):
            if hasattr(stream, "reconfigure"):  # the same bytes on every machine: Windows would also end lines in its own way
                stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def say(self, text: str) -> None:
        """Print a message for the user on standard error."""
        self.clear()
        print(shown(text), file=self.err, flush=True)

    def print(self, text: str) -> None:
        """Print the answer on standard output."""
        self.clear()
        print(shown(text), file=self.out, flush=True)

    def progress(self, done: int, total: int, what: str) -> None:
        """Draw a progress bar, on a terminal only; raises Stopped after Ctrl-C."""
        self.stoppable = True
        self._stop_if_asked()
        now = time.monotonic()
        if not self.err.isatty() or (now - self._drawn < _DRAW_EVERY and done < total):
            return
        self._drawn = now
        filled = _BAR * done // total if total else 0
        bar = f"[{'#' * filled}{'.' * (_BAR - filled)}] {done:,}/{total:,}" if total else f"{done:,}"
        line = f"{what} {bar}"
        self.err.write("\r" + line + " " * max(0, self._line - width(line)))
        self.err.flush()
        self._line = width(line)

    def finish(self) -> None:
        """End the interruptible part: raises Stopped after Ctrl-C; from here on Ctrl-C is ignored."""
        self._stop_if_asked()
        self.finishing = True

    def _stop_if_asked(self) -> None:
        if self.stopping:
            raise Stopped(_("已停止，什么都没有改变。"))

    def clear(self) -> None:
        """Erase the progress bar."""
        if self._line:
            self.err.write("\r" + " " * self._line + "\r")
            self._line = 0

    @contextmanager
    def interruptible(self, *, leaving: bool) -> Iterator[None]:
        """The first Ctrl-C during a long operation stops it at a safe point; otherwise, and the second time, it stops at once.

        `leaving`: the process ends with the program. Python would then die of a late Ctrl-C, and the caller could not tell what became of
        the operation; it is ignored instead, so that the exit code is always one of ours.
        """

        def stop(_number: int, _frame: FrameType | None) -> None:
            if self.finishing:
                return
            if not self.stoppable or self.stopping:
                raise KeyboardInterrupt
            self.stopping = True
            self.say(_("正在停止……（再按一次 Ctrl-C 立即停止）"))

        try:
            before = signal.signal(signal.SIGINT, stop)
        except ValueError:  # not the main thread: the caller handles the keyboard
            yield
            return
        try:
            yield
        finally:
            self.finishing = True
            signal.signal(signal.SIGINT, signal.SIG_IGN if leaving else before)

    @staticmethod
    def given(most: int) -> bytes:
        """At most `most` bytes of standard input; empty if there is none."""
        return sys.stdin.buffer.read(most) if sys.stdin is not None else b""

    @property
    def answers(self) -> bool:
        """Whether somebody sits at a terminal who can answer a question."""
        return self.err.isatty() and sys.stdin is not None and sys.stdin.isatty()

    def agreed(self, question: str) -> bool:
        """Whether somebody at the terminal answers 是 or y to a question; anything else, and Ctrl-D, means no."""
        self.say(question)
        return sys.stdin.readline().strip().lower() in ("是", "y", "yes")

    def password(self, prompt: str = "", *, twice: bool = False) -> str:
        """The password from `CUNZHAN_PASSWORD`, otherwise typed without echo; `twice` for a new one. Raises Refused if nobody can type
        it, or if it is not text in the encoding of this computer."""
        given = os.environ.get(PASSWORD_VARIABLE)
        if given is not None:
            try:
                given.encode()
            except UnicodeEncodeError:
                unread = _("环境变量 {name} 里有认不出的字符，密码没有用上，没有改动任何内容。请在终端里直接输入密码。")
                raise Refused(unread.format(name=PASSWORD_VARIABLE)) from None
            return given
        nobody = Refused(_("没有密码：请在终端里运行，或设置环境变量 {name}。").format(name=PASSWORD_VARIABLE))
        if not self.err.isatty():
            raise nobody
        try:
            typed = getpass.getpass(prompt or _("密码："))
            same = not twice or getpass.getpass(_("再输入一次：")) == typed
        except EOFError:  # Ctrl-D, or a terminal without input
            raise nobody from None
        if not same:
            raise Refused(_("两次输入的密码不一样。没有改动任何内容。"))
        return typed


def as_json(value: object, stream: TextIO) -> str:
    """A value as JSON text; plain ASCII for a file or pipe on Windows, where PowerShell would decode UTF-8 with its own code page."""
    return json.dumps(value, ensure_ascii=sys.platform == "win32" and not stream.isatty(), allow_nan=False)


def picked(one: object, names: str) -> dict[str, Any]:
    """Some attributes of an object for a JSON object; `names` are separated by spaces."""
    return {name: getattr(one, name) for name in names.split()}


def shown(text: str) -> str:
    """Escape, as in JSON, the characters that a terminal would obey: names from other laptops, files and versions may hold anything.
    JSON text keeps its value."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def width(text: str) -> int:
    """The number of terminal columns of a text."""
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]], *, most: int = 40) -> str:
    """A text table: each column as wide as its widest cell, at most `most` columns."""
    cells = [[_cell(value, most) for value in row] for row in (head, *rows)]
    widths = [max(width(row[i]) for row in cells) for i in range(len(head))]
    lines = ["  ".join(text + " " * (widths[i] - width(text)) for i, text in enumerate(row)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def _cell(value: object, most: int) -> str:
    text = "" if value is None else shown(" ".join(str(value).split()))
    if width(text) <= most:
        return text
    kept = ""
    for char in text:
        if width(kept + char) > most - 2:
            break
        kept += char
    return kept + "…"
