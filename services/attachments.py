"""Attachments of a record: adding a file, listing, handing it out again, removing. How content travels is `sync.station.attachments`'
affair."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import Select, select

from db import contents, unmasked
from db.among import among
from db.files import regular
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain.attachments import HEAD, MAX_SIZE, acts_by_itself, clean_name, is_sha256, is_whole, media_type
from domain.errors import DomainError, InputUnusable, NotFound, os_reason
from domain.fields import Kind, kind_of
from domain.records import Attachment
from domain.words import _
from services import records
from services.files import written

MOST = 50
"""Attachments of one record."""


@dataclass(frozen=True)
class Attached:
    """An attachment as lists show it. `state`: here (and at the county) · unsent (only here) · missing (not here yet)."""

    id: str
    record_id: str
    name: str
    media_type: str
    size: int
    state: str
    at: str
    by: str

    @property
    def state_text(self) -> str:
        """The state for people."""
        return {"here": _("县里已有"), "unsent": _("待上传"), "missing": _("还没传到本机")}[self.state]

    @property
    def size_text(self) -> str:
        """The size as text."""
        return f"{self.size / 2**20:.1f} MB" if self.size >= 2**20 else f"{max(self.size // 1024, 1)} KB"


def add(session: Session, kind: str | Kind, record_id: str, file: Path, *, called: str = "") -> str:
    """Attach a file, under its own name or the name `called`, and return the attachment's id; a file already attached is not added again.
    Raises `InputUnusable`, `NotFound`, `DomainError` or `Refused`."""
    session.existing(kind, record_id)
    return put(session, record_id, file.name, _read(file), called=called)


def add_all(files: Sequence[Path], add: Callable[[Path], object]) -> int:
    """Attach files chosen together and return their number. Raises the errors of `add`, saying that none was attached."""
    try:
        return len([add(file) for file in files])
    except (InputUnusable, DomainError) as error:
        if len(files) == 1:
            raise
        raise InputUnusable(_("{reason}一起选的 {n} 个文件都没有附上。").format(reason=error, n=len(files))) from None


def put(session: Session, record_id: str, file_name: str, data: bytes, *, called: str = "") -> str:
    """Attach bytes to an id, whether or not a record has it, and return the attachment's id; otherwise like `add`."""
    if len(data) > MAX_SIZE:
        raise InputUnusable(_("「{name}」超过 {n} MB，请先压缩或缩小照片。").format(name=clean_name(file_name), n=MAX_SIZE // 2**20))
    name = clean_name(f"{called}{PurePath(file_name).suffix}" if called else file_name)
    type = media_type(name, data[:HEAD])
    if acts_by_itself(data):
        told = _("「{name}」里带有会自己运行的程序，没有收下。请打印出来拍照，或重新打印成 PDF，再选那一份。")
        raise InputUnusable(told.format(name=name))
    present = attachments(session, [record_id])
    sha = contents.keep(session, data)
    for one in present:
        if session.existing(Attachment, one.id).sha256 == sha and one.name.startswith(clean_name(called) if called else ""):
            return one.id  # one file may serve as two documents: under another name it is attached again
    name = _free(name, {one.name for one in present}) if called else name
    if len(present) >= MOST:
        raise DomainError(_("一条记录最多 {n} 个附件。").format(n=MOST))
    values = {"record_id": record_id, "name": name, "media_type": type, "sha256": sha, "size": len(data)}
    return records.save(session, "attachment", values)


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with a number appended where it is taken."""
    stem, dot, ending = name.rpartition(".")
    names = (name if n == 1 else f"{stem} {n}{dot}{ending}" for n in range(1, MOST + 2))
    return next((one for one in names if one not in taken), name)


def _read(file: Path) -> bytes:
    name = clean_name(file.name)
    try:
        with regular(file) as stream:
            data = stream.read(MAX_SIZE + 1)
    except OSError as error:
        told = _("读不了「{name}」：{reason}。请看它还在不在、U 盘是否插好，再选一次。")
        raise InputUnusable(told.format(name=name, reason=os_reason(error))) from None
    if len(data) > MAX_SIZE:
        raise InputUnusable(_("「{name}」超过 {n} MB，请先压缩或缩小照片。").format(name=name, n=MAX_SIZE // 2**20))
    if not data or not is_whole(data):
        raise InputUnusable(_("「{name}」没有拷完整，没有收下。请从手机或 U 盘重新拷一份再选。").format(name=name))
    return data


def attachments(session: Session, record_ids: Collection[str] | None = None) -> list[Attached]:
    """The attachments of some records or of all, in order of creation."""
    t = table("attachment")
    query = with_contents().where(t.c.deleted_at.is_(None))
    if record_ids is not None:
        query = query.where(among(t.c.record_id, record_ids))
    return [_attached(row) for row in session.conn.execute(query)]


def with_contents() -> Select[Any]:
    """Select of every attachment, including deleted ones, in order of creation, with the columns that `state_of` needs."""
    t, c = table("attachment"), contents.content
    names = ("id", "record_id", "village", "name", "media_type", "size", "sha256", "created_at", "created_by", "deleted_at")
    joined = select(*(t.c[name] for name in names), c.c.size.label("here"), c.c.sent_at).outerjoin(c, c.c.sha256 == t.c.sha256)
    return joined.order_by(t.c.created_at, t.c.id)


def state_of(row: Any) -> str:
    """The state of a row of `with_contents`: missing, here or unsent."""
    return "missing" if row.here is None else "here" if row.sent_at else "unsent"


def _attached(row: Any) -> Attached:
    size, made = row.size or 0, (row.created_at or "", row.created_by or "")
    return Attached(row.id, row.record_id, clean_name(row.name or ""), row.media_type or "", size, state_of(row), *made)


def content(session: Session, id: str) -> tuple[str, bytes]:
    """Name and bytes of an attachment whose content is here. Raises `NotFound` or `InputUnusable`.

    A file from another laptop is as untrusted as any other: its name is cleaned, and its bytes must match the name's type.
    """
    one = session.existing(Attachment, id, _("没有这个附件，或已被删除。"))
    if not is_sha256(one.sha256) or contents.size(session, one.sha256) is None:
        raise NotFound(_("这个附件的内容还没有传到本机。联网同步后会取回。"))
    data = contents.read(session, one.sha256)
    if sha256(data).hexdigest() != one.sha256:
        raise InputUnusable(_("这个附件的内容已经不是传上来的那份：磁盘出过错，或有人绕过程序改过。请从备份恢复，或请县里查对。"))
    name = clean_name(one.name or "")
    media_type(name, data[:HEAD])
    return name, data


def to_be_saved(session: Session, id: str) -> tuple[str, bytes]:
    """Like `content`, for viewing or saving outside the store. This is logged, since a photo of a card shows its number. May raise
    `Revoked`."""
    unmasked.log_view(session, f"attachment {id}", _("看或另存附件"))
    return content(session, id)


def save_as(data: bytes, file: Path) -> Path:
    """Write content to a file atomically and return the file. Raises `InputUnusable`."""
    with written(file) as unfinished:
        unfinished.write_bytes(data)
    return file


def holders(session: Session, kind: str | Kind, id: str) -> list[str]:
    """The record ids whose attachments belong to a record: for a person, also those of the records merged with theirs."""
    name = kind_of(kind).name
    return selves(session, root(session, id)) if name == "person" else [id]


def ask_for(session: Session, id: str) -> bool:
    """Request the content with the next exchange; False when nothing can or need be fetched. Only township and county stations need to."""
    one = session.get(Attachment, id)
    if one is None or not is_sha256(one.sha256) or contents.size(session, one.sha256) is not None:
        return False
    contents.want(session, one.sha256)
    return True


def remove(session: Session, id: str) -> None:
    """Soft-delete an attachment. Its content is removed later, and only where the county holds it."""
    records.delete(session, "attachment", id)
