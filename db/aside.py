"""Unsent changes in the data that a restore moved aside. They are in no other place, so the program says so until people have dealt with
the folder: it holds a small file with their number, because the next restore replaces the store's settings too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from db import exchange, keys
from db.engine import busy, problem, sqlite_engine
from db.files import STORE_FILE
from db.key_swap import ASIDE
from db.keys import KEY_FILE
from domain.errors import CunzhanError
from domain.words import _

MARK = "unsent.txt"
"""Name of the file with the number of unsent changes; empty if that is not known."""


@dataclass(frozen=True)
class Aside:
    """A folder with data from before a restore, of which `unsent` changes were not sent; None if nobody could tell."""

    folder: str
    unsent: int | None

    def sentence(self) -> str:
        """What it is, and what to do about it."""
        many = _("{n} 条").format(n=self.unsent) if self.unsent is not None else _("可能有")
        text = _(
            "恢复备份以前没有交上去的改动（{many}）还在数据文件夹的 {folder} 里，没有丢，但是不会自己上传。"
            "要交，请用 cunzhan --home 指到它同步一次，或请县管理员帮忙；办完把这个文件夹移走，就不再提醒。"
        )
        return text.format(many=many, folder=self.folder)


@contextmanager
def held(home: Path, key: bytes, user: str | None, password: str) -> Iterator[int | None]:
    """Keep other programs from writing to the store in `home` inside the block; yields how many of its changes were not sent.

    That is None if the store opens neither with this key nor with this password: whoever writes to it is then told only afterwards. Raises
    `DomainError` if another program is in the middle of writing.
    """
    found = [key]
    with suppress(CunzhanError):
        found.append(keys.unlock_with_either(keys.read(home / KEY_FILE), user, password))
    with ExitStack() as stack:
        yield next((left for each in found if (left := _locked(stack, home, each)) is not None), None)


def _locked(stack: ExitStack, home: Path, key: bytes) -> int | None:
    with ExitStack() as mine:
        engine = sqlite_engine(home / STORE_FILE, key)
        mine.callback(engine.dispose)
        try:
            conn = mine.enter_context(engine.connect().execution_options(begin="IMMEDIATE"))
            mine.enter_context(conn.begin())
            left = exchange.unsent_in(conn)
        except Exception as error:  # another key, a damaged file, an older release: whatever it is, the restore goes on
            if busy(error):
                raise problem(error) from error
            return None
        stack.push(mine.pop_all())
        return left


def mark(folder: Path, left: int | None) -> None:
    """Write the number of unsent changes into the folder for the present data; nothing if there are none. Raises `OSError`."""
    if left != 0:
        (folder / MARK).write_text(str(left or ""), encoding="ascii")


def waiting(home: Path) -> list[Aside]:
    """The folders with unsent changes that are still there, by name."""
    found = []
    for folder in sorted(path.parent for path in home.glob(f"{ASIDE}*/{MARK}")):
        with suppress(OSError, ValueError):
            if (folder / STORE_FILE).exists():
                text = (folder / MARK).read_text(encoding="ascii")
                found.append(Aside(folder.name, int(text) if text else None))
    return found
