"""The USB sticks that are plugged in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStorageInfo

from db.removable import removable
from domain.words import _


@dataclass(frozen=True)
class Drive:
    """A stick: its root folder, name, and free bytes."""

    root: Path
    name: str
    free: int

    @property
    def title(self) -> str:
        """The text shown: KINGSTON（E:） 空 3.2 GB."""
        size = f"{self.free / 2**30:.1f} GB" if self.free >= 2**30 else f"{self.free // 2**20} MB"
        place = str(self.root).rstrip("\\/") or str(self.root)
        return _("{name}（{place}）　空 {size}").format(name=self.name or _("U 盘"), place=place, size=size)


def drives() -> list[Drive]:
    """Return the writable sticks, by root folder."""
    found = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        if volume.isValid() and volume.isReady() and not volume.isReadOnly() and not volume.isRoot() and removable(root):
            found.append(Drive(Path(root), volume.name(), volume.bytesAvailable()))
    return sorted(found, key=lambda drive: str(drive.root))
