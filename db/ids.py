"""Row ids: unique even if a disk is cloned, and equal on two laptops for rows with a natural key."""

import hashlib
import secrets
import threading
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.fields import Kind
from domain.values import canonical_json


class IdSource:
    """UUIDs of one program run: 64-bit random salt of the run ‖ 24 bits of the station ‖ 40-bit counter."""

    def __init__(self, station: str) -> None:
        self.salt = secrets.token_hex(8)
        prefix = self.salt + hashlib.sha256(station.encode()).hexdigest()[:6]
        self._prefix = f"{prefix[:8]}-{prefix[8:12]}-{prefix[12:16]}-{prefix[16:20]}-{prefix[20:]}"
        self._counter = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """The next id."""
        with self._lock:
            self._counter += 1
            counter = self._counter
        return f"{self._prefix}{counter:010x}"


def natural_id(kind: Kind, village: str, values: Mapping[str, Any]) -> str:
    """The id of a row that the program creates: hash of kind, scope and the stored values of the key fields."""
    key = [kind.name, village, *(kind.by_name[name].to_stored(values[name]) for name in kind.key)]
    return _hashed(key)


def joint_id(kind: Kind, village: str, *parts: str) -> str:
    """The id of a row without a natural key that two laptops must create as one: hash of kind, scope and the `parts` it derives from."""
    return _hashed([kind.name, village, *parts])


def _hashed(key: list[Any]) -> str:
    return str(UUID(bytes=hashlib.sha256(canonical_json(key).encode()).digest()[:16]))
