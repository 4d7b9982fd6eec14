"""Fetches a newer release of the program from the county's server, from the byte where it broke off. Only the county's signature, which
`services.upgrading.program_package` checks, decides whether it is used."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

from db.files import write_whole
from db.store import Store
from domain.errors import DomainError, InputUnusable, Refused, os_reason
from domain.progress import Progress, unwatched
from domain.release import FETCHED, PACKAGE, VERSION, WORD, number, system
from domain.words import _
from sync.replica import identity
from sync.wire.columns import WireError
from sync.wire.connection import Transport
from sync.wire.link import Link, connect, malformed_answer
from sync.wire.messages import ProgramAsked, ProgramOffered, pack, read

_MOST = 2**30
_ROOM = 2**28
"""Bytes left free on the disk of the store, in which changes are to be saved and a backup made before the upgrade."""


def fetch(store: Store, progress: Progress = unwatched, transport: Transport | None = None) -> Path | None:
    """Fetch what the county offers this station into its data folder; None if there is nothing newer.

    Raises `Unreachable` (what has come is kept), `Refused` where the station belongs to no county, `Stopped` from `progress`.
    """
    with store.read() as session:
        me = identity.load(session)
    if me is None or not me.server:
        raise Refused(_("这台电脑还没有注册到县里，不能向县里要升级包。请用 U 盘上的升级包。"))
    asked = ProgramAsked(me.scope, system(), VERSION)
    with connect(me.server, me.ca, transport) as link:
        offer = _asked(link, asked)
        hit = PACKAGE.fullmatch(offer.name)
        if not offer.name:
            return None
        if hit is None or number(hit[2]) <= number(VERSION) or not 0 < offer.size <= _MOST:
            raise malformed_answer()
        try:
            return _fetched(store.home / FETCHED, link, asked, offer, progress)
        except OSError as error:
            raise InputUnusable(_("升级包没有存下：{reason}。下次从断的地方接着下载。").format(reason=os_reason(error))) from None


def _asked(link: Link, asked: ProgramAsked) -> ProgramOffered:
    body = link.post("/program", pack(asked), named=False)
    if not body:
        raise DomainError(_("县里的服务器是老版本的，还不会发升级包。请用 U 盘上的升级包，或请县里先升级。"))
    try:
        return read(ProgramOffered, body)
    except WireError as error:
        raise malformed_answer() from error


def _fetched(folder: Path, link: Link, asked: ProgramAsked, offer: ProgramOffered, progress: Progress) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    file, unfinished, word = (folder / f"{offer.name}{more}" for more in ("", ".part", WORD))
    if not (word.exists() and word.read_bytes() == offer.word):  # another release, or another archive of the same
        for other in folder.iterdir():
            with suppress(OSError):
                other.unlink()
        write_whole(word, offer.word)
    if not (file.exists() and file.stat().st_size == offer.size):
        if shutil.disk_usage(folder).free < offer.size + _ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _continue(unfinished, link, asked, offer, progress)
        os.replace(unfinished, file)
    return file


def _continue(unfinished: Path, link: Link, asked: ProgramAsked, offer: ProgramOffered, progress: Progress) -> None:
    with unfinished.open("ab") as written:
        if written.tell() > offer.size:
            written.truncate(0)
            written.seek(0)
        while (here := written.tell()) < offer.size:
            progress(here >> 10, offer.size >> 10, _("正在下载升级包（KB）"))
            answer = _asked(link, ProgramAsked(asked.scope, asked.system, asked.have, offer.name, here))
            piece = answer.piece
            if not answer.name:
                raise DomainError(_("县里把这个升级包收回了，没有再下载。原来的程序照常用，过几天再检查新版本。"))
            if not piece or here + len(piece) > offer.size:
                raise malformed_answer()
            written.write(piece)
            written.flush()
