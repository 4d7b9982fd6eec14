"""The order in which lists of record kinds are shown."""

from __future__ import annotations

from domain.fields import KINDS, Kind
from domain.words import N_, _

GROUPS = {
    "people": N_("户和人"),
    "work": N_("务工和车间"),
    "posts": N_("公益岗"),
    "training": N_("培训"),
    "services": N_("就业服务"),
    "money": N_("补助"),
    "catalogue": N_("名录和其他"),
}
"""Labels of `Kind.group`, in the order shown."""


def groups() -> dict[str, list[Kind]]:
    """Return all kinds by the label of their group, in order of declaration."""
    return {_(word): [kind for kind in KINDS.values() if kind.group == group] for group, word in GROUPS.items()}
