"""The kinds of rule a pack may use. A kind is code; everything a document may word differently is one of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.policy.case import Kind
from domain.policy.rules import (
    agreement,
    base,
    carrier,
    placement,
    post,
    post_pay,
    production,
    schooling,
    services,
    training,
    travel,
    work_training,
)

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        placement.KIND,
        travel.KIND,
        base.KIND,
        production.KIND,
        carrier.KIND,
        work_training.KIND,
        post.KIND,
        agreement.KIND,
        post_pay.KIND,
        services.KIND,
        training.KIND,
        schooling.KIND,
    )
}
