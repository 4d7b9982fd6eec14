"""Puts the content of attachments on a stick and takes it from one, at a station. It goes after the records in the same sealed body, up to
the bytes that a stick is given.

Content that the county is not known to hold is enclosed, the oldest first. Of content it said it holds, only the hash goes along, once a
day, in case the county was put back from a backup. What is missing here is asked for; the county's answer brings it, in ranges if one
answer is too small.
"""

from __future__ import annotations

from db import contents
from db.session import Session
from domain.attachments import MAX_SIZE, is_sha256
from sync.wire import bundle
from sync.wire.messages import MOST_FILES, Files, Piece

_PIECE = 512 * 1024
_SOURCE = "county"


def enclosed(session: Session) -> Files | None:
    """What goes up; None if there are no files."""
    known = [one for one in contents.to_offer(session) if is_sha256(one[0]) and 0 < one[1] <= MAX_SIZE][:MOST_FILES]
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
    wanted = [(bytes.fromhex(sha), contents.held(session, _SOURCE, sha)) for sha, _size in contents.to_fetch(session)[:MOST_FILES]]
    return Files(offered=offered, pieces=pieces, wanted=wanted) if offered or wanted else None


def take(session: Session, files: Files) -> tuple[int, int]:
    """Note what the county holds and keep what came; answers how many whole files went up and came. Applied late or twice it changes
    nothing."""
    sent = received = 0
    for (sha, size), held in zip(files.offered, files.held, strict=False):
        was = contents.sent(session, sha.hex())
        if held == size:
            contents.note_sent(session, sha.hex())
            sent += not was
        elif was and held >= 0:  # it was put back from a backup
            contents.forget_sent(session, sha.hex())
    sizes = dict(contents.to_fetch(session))
    for piece in files.pieces:
        name = piece.sha256.hex()
        whole = sizes.get(name, 0)
        if (
            whole
            and contents.size(session, name) is None
            and contents.add(session, _SOURCE, name, whole, (piece.start, piece.body)) == whole
        ):
            contents.note_sent(session, name)
            received += 1
    contents.sweep(session)
    return sent, received
