"""Program releases that the county offers over the network: archives in a folder beside its database, for all stations or first for those
of some areas (`program publish FILE --to CODE`)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from db.files import regular, write_whole
from domain.errors import InputUnusable, NotFound, os_reason
from domain.release import PACKAGE, WORD, number
from domain.scopes import within
from domain.words import _
from sync.wire.messages import ProgramAsked, ProgramOffered

PIECE = 512 * 1024
"""Bytes of an archive in one answer."""
_LIST = "offered.json"
_MOST_WORD = 4096


@dataclass(frozen=True)
class Offered:
    """A published archive; `areas`: codes of the areas whose stations get it, empty for all."""

    name: str
    version: str
    system: str
    areas: Sequence[str]

    def to(self, scope: str) -> bool:
        """Whether a station of this scope gets it."""
        return not self.areas or any(within(scope, area) for area in self.areas)


def offered(folder: Path) -> list[Offered]:
    """Return the published archives, the latest version first."""
    found = []
    for name, areas in _areas(folder).items():
        hit = PACKAGE.fullmatch(name)
        if hit is not None and (folder / name).is_file():
            found.append(Offered(name, hit[2], hit[3], areas))
    return sorted(found, key=lambda one: number(one.version), reverse=True)


def publish(folder: Path, file: Path, areas: Sequence[str]) -> Offered:
    """Publish an archive that has the county's word beside it; again to change its areas. Raises `InputUnusable`."""
    hit = PACKAGE.fullmatch(file.name)
    word = file.with_name(file.name + WORD)
    assert hit is not None, "the county has vouched for it"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for one in (word, file):
            if one.parent.resolve() != folder.resolve():
                unfinished = folder / f".{one.name}"
                shutil.copyfile(one, unfinished)
                os.replace(unfinished, folder / one.name)
        _keep(folder, {**_areas(folder), file.name: list(areas)})
    except OSError as error:
        raise InputUnusable(_("「{file}」没有存成：{reason}").format(file=file.name, reason=os_reason(error))) from None
    return Offered(file.name, hit[2], hit[3], areas)


def withdraw(folder: Path, name: str) -> None:
    """Withdraw an archive. Raises `NotFound`."""
    kept = dict(_areas(folder))
    if kept.pop(name, None) is None:
        raise NotFound(_("没有发布过「{name}」。").format(name=name[:80]))
    _keep(folder, kept)
    for one in (folder / name, folder / (name + WORD)):
        one.unlink(missing_ok=True)


def announced(folder: Path, scope: str, have: str) -> list[tuple[str, str]]:
    """Return the latest release for each system that is published for a station of `scope` and newer than the one it has."""
    latest: dict[str, str] = {}
    for one in offered(folder):
        if one.to(scope) and number(one.version) > number(have):
            latest.setdefault(one.system, one.version)
    return sorted(latest.items())


def answer(folder: Path, asked: ProgramAsked) -> ProgramOffered:
    """Return the release for a station, or a piece of one offered before."""
    for one in offered(folder):
        if one.system == asked.system and one.to(asked.scope) and number(one.version) > number(asked.have) and asked.name in ("", one.name):
            return _offer(folder, one.name) if not asked.name else _piece(folder / one.name, asked.start)
    return ProgramOffered()


def _offer(folder: Path, name: str) -> ProgramOffered:
    with regular(folder / (name + WORD)) as file:
        return ProgramOffered(name, (folder / name).stat().st_size, file.read(_MOST_WORD))


def _piece(file: Path, start: int) -> ProgramOffered:
    with regular(file) as opened:
        size = os.fstat(opened.fileno()).st_size
        opened.seek(min(start, size))
        return ProgramOffered(file.name, size, b"", opened.read(PIECE))


def _areas(folder: Path) -> Mapping[str, list[str]]:
    try:
        return msgspec.json.decode((folder / _LIST).read_bytes(), type=dict[str, list[str]])
    except (OSError, msgspec.DecodeError):
        return {}


def _keep(folder: Path, areas: Mapping[str, list[str]]) -> None:
    write_whole(folder / _LIST, msgspec.json.encode(areas))
