"""The way back to the program that a release was upgraded from: by itself where the new one does not open, or when its user asks for it.

remember(folder, program)    in the folder of the new one, which it came from
opened()                     this program's window stands: from now on nobody watches its start
did_not_open(folder)         it ended in an error before that; the second time nothing hands over to it any more
go_back(folder)              what handed over to it hands over to the one before again
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from db.files import waited, write_whole
from db.upgrade import HEAD
from domain.errors import DomainError, os_reason
from domain.release import NEWER, OPENED, PROGRAM, VERSION
from domain.words import _

_FROM = "previous.txt"
"""In the folder of a release: the folder it was upgraded from, and the version of that program's tables."""
_FAILED = "failed.txt"
"""In the folder of a release: its window did not open."""


def remember(folder: Path, program: Path) -> None:
    """Note in a new program's folder that it was upgraded from this one."""
    line = folder / _FROM
    write_whole(line, f"{program.name}\n{HEAD}".encode())
    line.chmod(0o644)  # other users of this computer open the same program


def previous(folder: Path) -> Path | None:
    """The folder of the program it was upgraded from, None where that is not known or gone."""
    name, _head = _read(folder)
    before = folder.parent / name
    return before if name and before.name == name and (before / PROGRAM).is_file() else None


def previous_here() -> Path | None:
    """As `previous`, of the program that runs."""
    return previous(Path(sys.executable).parent) if getattr(sys, "frozen", False) else None


def opened() -> None:
    """Note that this program opened its window on this computer."""
    if getattr(sys, "frozen", False):
        with suppress(OSError):  # it belongs to another user of this computer
            (Path(sys.executable).parent / OPENED).touch()


def did_not_open(folder: Path) -> Path | None:
    """Note that a release ended before its window stood; answers the folder of the program to open instead, None if it is not known."""
    before = previous(folder)
    with suppress(OSError):
        if before is not None and (folder / _FAILED).exists():
            go_back(folder)
        else:
            (folder / _FAILED).touch()
    return before


def did_not_open_told(name: str) -> str:
    """What the program that was opened instead of the release of this folder's name says."""
    told = _(
        "新版本（{name}）在这台电脑上没有打开，现在打开的是原来的 {now}。数据都在，没上传的改动一条不丢。请告诉县里。"
        "\n\n如果原来的程序说数据是新版程序写的：数据已经升级，原来的程序读不了。不要恢复备份，等县里送来修好的新版本"
        "，解开打开就能接着用。"
    )
    return told.format(name=name, now=VERSION)


def go_back(folder: Path) -> Path:
    """Let what hands over to this release hand over to the program before it again; answers its folder. Raises `DomainError` where there is
    none."""
    before = previous(folder)
    if before is None:
        raise DomainError(_("旁边没有升级前的程序，退不回去。"))
    for line in folder.parent.glob(f"*/{NEWER}"):
        if line.read_bytes().strip() != folder.name.encode():  # a folder beside it may hold anything
            continue
        if line.parent == before:
            waited(line.unlink)
        else:
            write_whole(line, before.name.encode())
            line.chmod(0o644)
    (folder / _FAILED).unlink(missing_ok=True)
    return before


def go_back_here() -> Path:
    """`go_back` from the program that runs. Raises `DomainError` also where the one before does not read what this one wrote."""
    before, folder = previous_here(), Path(sys.executable).parent
    if before is not None and _read(folder)[1] != HEAD:
        raise DomainError(
            _(
                "这个版本已经把数据升级了，升级前的程序读不了，退不回去。数据都在。哪里不对请告诉县里，等修好的新版本。"
                "升级前的备份在数据文件夹的 backups 里，恢复它会丢掉升级以后还没交的，县里说要恢复才恢复。"
            )
        )
    try:
        return go_back(folder)
    except OSError as error:
        told = _("没有改成：{reason}。程序所在的文件夹要能写入。")
        raise DomainError(told.format(reason=os_reason(error))) from None


def _read(folder: Path) -> tuple[str, str]:
    try:
        name, _line, head = (folder / _FROM).read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return "", ""
    return name.strip(), head.strip()
