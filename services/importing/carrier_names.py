"""Finds the workshop or other carrier that a title names, and the type of a carrier by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

_CARRIER = re.compile(
    r"([一-龥a-zA-Z()]{1,40}(?:帮扶车间|扶贫车间|车间|社区工厂|卫星工厂|工坊|合作社|公司|基地|工厂|服装厂|加工厂|家庭农场))"
)
_CARRIER_LEAD = re.compile(r"^(?:附件|附表|关于|年度|年|月份|月|日|第|期|[)(])+")
_BARE = re.compile("(?:就业|帮扶|扶贫|乡村|农村|专业|企业)*(?:车间|工坊|合作社|公司|基地|工厂)")
"""A name that gives only the sort of carrier; another line may have the full name."""
_CARRIER_TYPES = (
    ("社区工厂", "community_factory"),
    ("卫星工厂", "satellite_factory"),
    ("非遗", "heritage_workshop"),
    ("工坊", "heritage_workshop"),
    ("车间", "workshop"),
    ("合作社", "cooperative"),
    ("家庭农场", "family_farm"),
    ("基地", "base"),
)
ENTERPRISE = "enterprise"
"""The type of an employer whose name has none of these words."""


def carrier_type(name: str) -> str:
    """The type of employer that a carrier's name indicates: 解放村就业帮扶车间 → `workshop`."""
    return next((code for word, code in _CARRIER_TYPES if word in name), ENTERPRISE)


def carrier_of(titles: Sequence[str]) -> str:
    """The workshop, factory, cooperative or company that the titles name; empty if they name none."""
    hits = filter(None, (_CARRIER.search(plain_title(title)) for title in titles))
    names = [_CARRIER_LEAD.sub("", hit[1]).strip("()") for hit in hits]
    return next((name for name in names if not _BARE.fullmatch(name)), next(iter(names), ""))


def plain_title(title: str) -> str:
    """A title normalised for searching: half-width brackets, and one space for each run of white space."""
    return re.sub(r"\s+", " ", title.replace("（", "(").replace("）", ")")).strip()
