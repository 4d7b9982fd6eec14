"""Attachment contents on a stick, at a station. They follow the records in the same sealed body, up to a limit of bytes.

Contents that the county is not known to have are enclosed, the oldest first. Of contents it has confirmed, only the hash is sent, once a
day, in case the county was restored from a backup. Contents missing here are requested; the county's answer has them, in ranges if one
answer is too small.
"""

from __future__ import annotations

from db import contents
from db.session import Session
from sync.station.attachments import SOURCE, TransferResult, sendable
from sync.wire import bundle
from sync.wire.messages import MOST_FILES, Files, Piece

_PIECE = 512 * 1024


def enclosed(session: Session) -> Files | None:
    """Return the contents to enclose; None if there are no files."""
    known = sendable(contents.to_offer(session))[:MOST_FILES]
    offered: list[tuple[bytes, int]] = []
    pieces: list[Piece] = []
    left = bundle.FILES_BUDGET
    for sha, size in known:
        if contents.sent(session, sha):
            offered.append((bytes.fromhex(sha), size))
        elif size <= left and len(pieces) + size // _PIECE < MOST_FILES:
            offered.append((bytes.fromhex(sha), size))
            starts = range(0, size, _PIECE)
            pieces += [Piece(bytes.fromhex(sha), start, contents.read(session, sha, start, _PIECE)) for start in starts]
            left -= size
    wanted = [(bytes.fromhex(sha), contents.held(session, SOURCE, sha)) for sha, _size in contents.to_fetch(session)[:MOST_FILES]]
    return Files(offered=offered, pieces=pieces, wanted=wanted) if offered or wanted else None


def take(session: Session, files: Files) -> TransferResult:
    """Record which contents the county has and store received ones. Returns how many files were sent and received. Idempotent, also when
    applied late."""
    done = TransferResult()
    for (sha, size), held in zip(files.offered, files.held, strict=False):
        was = contents.sent(session, sha.hex())
        if held == size:
            contents.note_sent(session, sha.hex())
            done.sent += not was
        elif was and held >= 0:  # it was restored from a backup
            contents.forget_sent(session, sha.hex())
    sizes = dict(contents.to_fetch(session))
    for piece in files.pieces:
        name = piece.sha256.hex()
        whole = sizes.get(name, 0)
        if (
            whole
            and contents.size(session, name) is None
            and contents.add(session, SOURCE, name, whole, (piece.start, piece.body)) == whole
        ):
            contents.note_sent(session, name)
            done.received += 1
    contents.sweep(session)
    return done
