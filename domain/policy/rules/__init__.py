"""The kinds of rule a pack may use. A kind is code; everything a document may word differently is one of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.policy.case import Kind
from domain.policy.rules import agreement, carrier, post_pay, travel

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        travel.KIND,
        carrier.KIND,
        agreement.KIND,
        post_pay.KIND,
    )
}
