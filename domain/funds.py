"""Fund ceilings (资金额度): what a county may pay from a fund in a year, stored as a county `target` whose indicator names the fund."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from domain.records.choices import FUND_SYNONYMS, FUNDS
from domain.words import N_, _

_WORD: Final = "额度"
SEPARATE: Final = "审核与拨付不能是同一人"
"""The indicator of a county target whose value 1 bars whoever reviewed or approved a claim from paying it, from that year on (decision
060)."""
CEILINGS: Final[Mapping[str, str]] = MappingProxyType(
    {f"{label}{_WORD}": code for code, label in FUNDS.items()} | {f"{label}{_WORD}": code for label, code in FUND_SYNONYMS.items()}
)
"""The fund (code) by indicator: `就业补助资金额度`, `衔接资金额度` …; the target's value is in whole yuan."""
OVER: Final = N_(
    "{fund} {year} 年额度 {ceiling} 元，已拨 {spent} 元，还能拨 {left} 元；这次 {amount} 元，超过额度，不能拨。请减少笔数或先追加额度。"
)


def indicator(fund: str) -> str:
    """The indicator of the target that holds a fund's ceiling."""
    return f"{FUNDS[fund]}{_WORD}"


def is_rule(named: str) -> bool:
    """Whether an indicator is a rule for payments (a fund's ceiling, `SEPARATE`), and so not a target to reach."""
    return named.strip() in (*CEILINGS, SEPARATE)


def fund_named(text: str) -> str | None:
    """The code of a fund given by its code, its name or a short name; None when there is no such fund."""
    known = {label: code for code, label in FUNDS.items()} | FUND_SYNONYMS
    return text if text in FUNDS else known.get(text.strip())


def label(fund: str) -> str:
    """The display name of a fund."""
    return _(FUNDS.get(fund, fund))
