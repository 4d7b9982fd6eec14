"""Returns to the program from which a release was upgraded: automatically if the new one does not open, or on request.

note(file, text)             writes a small file into the folder of a release
remember(folder, program)    records in the new program's folder from which one it was upgraded
opened()                     the window of this program has opened; its start need not be watched any more
did_not_open(folder)         a release ended before that; the second time it is abandoned
go_back(folder)              programs that handed over to a release hand over to the one before it again
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
"""File in a release's folder: the folder it was upgraded from, and the migration head of that program's tables."""
_FAILED = "failed.txt"
"""File in a release's folder: its window did not open."""


def note(file: Path, text: str) -> None:
    """Write one of the small files that releases keep in their folders, replacing it even if it is read-only. Raises `OSError`."""
    _make_writable(file)
    write_whole(file, text.encode())
    file.chmod(0o644)  # other users of this computer open the same program


def _make_writable(file: Path) -> None:
    """On Windows a read-only file can be neither replaced nor deleted; somebody may have set that for a whole folder."""
    with suppress(OSError):
        file.chmod(0o644)


def remember(folder: Path, program: Path) -> None:
    """Record in a new program's folder that it was upgraded from this one."""
    note(folder / _FROM, f"{program.name}\n{HEAD}")


def previous(folder: Path) -> Path | None:
    """The folder of the program it was upgraded from; None if unknown or deleted."""
    name, _head = _read(folder)
    before = folder.parent / name
    return before if name and before.name == name and (before / PROGRAM).is_file() else None


def previous_here() -> Path | None:
    """`previous` for the running program."""
    return previous(Path(sys.executable).parent) if getattr(sys, "frozen", False) else None


def opened() -> None:
    """Record that this program opened its window on this computer."""
    if getattr(sys, "frozen", False):
        with suppress(OSError):  # the folder belongs to another user of this computer
            (Path(sys.executable).parent / OPENED).touch()


def did_not_open(folder: Path) -> Path | None:
    """Record that a release ended before its window opened; returns the folder of the program to open instead, None if unknown. The second
    time, go back to that program."""
    before = previous(folder)
    with suppress(OSError):
        if before is not None and (folder / _FAILED).exists():
            go_back(folder)
        else:
            (folder / _FAILED).touch()
    return before


def did_not_open_message(name: str) -> str:
    """The message of the program that was opened instead of the release in the folder `name`."""
    text = _(
        "新版本（{name}）在这台电脑上没有打开，现在打开的是原来的 {now}。数据都在，没上传的改动一条不丢。请告诉县里。"
        "\n\n如果原来的程序说数据是新版程序写的：数据已经升级，原来的程序读不了。不要恢复备份，等县里送来修好的新版本"
        "，解开打开就能接着用。"
    )
    return text.format(name=name, now=VERSION)


def go_back(folder: Path) -> Path:
    """Let the programs that hand over to this release hand over to the one before it; returns its folder. Raises `DomainError` if there is
    none."""
    before = previous(folder)
    if before is None:
        raise DomainError(_("旁边没有升级前的程序，退不回去。"))
    for pointer in folder.parent.glob(f"*/{NEWER}"):
        if pointer.read_bytes().strip() != folder.name.encode():  # unrelated folders may lie beside it
            continue
        if pointer.parent == before:
            _make_writable(pointer)
            waited(pointer.unlink)
        else:
            note(pointer, before.name)
    _make_writable(folder / _FAILED)
    (folder / _FAILED).unlink(missing_ok=True)
    return before


def go_back_here() -> Path:
    """`go_back` from the running program. Also raises `DomainError` if the program before cannot read this one's tables."""
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
        text = _("没有改成：{reason}。程序所在的文件夹要能写入。")
        raise DomainError(text.format(reason=os_reason(error))) from None


def _read(folder: Path) -> tuple[str, str]:
    try:
        name, _line, head = (folder / _FROM).read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return "", ""
    return name.strip(), head.strip()
