"""Looking for what was to be erased: in every column, and in what is packed in batches and pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import zstandard
from sqlalchemy import Connection, inspect

from sync.wire.columns import WireError
from sync.wire.envelope import open_batch

NAME, NUMBER, PHONE, CARD = "欧阳若兰", "23082619700101002X", "13800138000", "6217001234567890123"
WORDS = (NAME, NUMBER, PHONE, CARD, NUMBER[::-1], PHONE[::-1], "ou yang ruo lan", "说她腿疼")


def traces(conn: Connection, words: Sequence[str] = WORDS) -> set[tuple[str, str]]:
    """Tables and words found in them, in any column, also in what is packed in batches and pieces."""
    found = set()
    for name in inspect(conn).get_table_names():
        for row in conn.exec_driver_sql(f'SELECT * FROM "{name}"'):
            for value in row:
                data = b"\n".join(unpacked(bytes(value))) if isinstance(value, bytes | memoryview) else str(value).encode()
                found |= {(name, word) for word in words if word.encode() in data}
    return found


def unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    try:
        batch = open_batch(data)
        yield repr(batch.header).encode()
        yield "\n".join(str(change) for change in batch.changes()).encode()
    except WireError:
        pass
    if data[:4] == zstandard.FRAME_HEADER:
        yield zstandard.ZstdDecompressor().decompressobj().decompress(data)
