"""The kinds of rule that packs may use. A kind is code; whatever documents may state differently is a parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from domain.policy.case import RuleKind
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

KINDS: Final[Mapping[str, RuleKind]] = {
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
