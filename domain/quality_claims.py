"""Data checks on claims."""

from __future__ import annotations

from domain.quality_rule import Catalogue, Found
from domain.register import Register

claims = Catalogue()


@claims.rule("E19", "同一人同一项报了两笔", "核对后只留一笔，多报的撤回；上级办的，退回或不予通过")
def twice(register: Register, on: str) -> Found:
    """Two claims for the same benefit. Found by `services.quality.quality`: the steps of claims are not in a register."""
    yield from ()
