"""Amounts written loosely: 约4000, 5k, 6千5, 四千五, and (100.00) as accountants write a negative one."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.words import _

_ABOUT = re.compile(r"^(?:大?约|大概|差不多)\s*|\s*(?:左右|上下|多)(?:元)?$")
_THOUSANDS = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)[kK](?:/月)?", re.ASCII)
_SPOKEN = re.compile(r"(\d{1,2})([千万])(\d)(?:元|块)?", re.ASCII)
"""6千5, 1万2."""
_HAN_DIGITS = str.maketrans("一二两三四五六七八九", "1223456789")
_HAN_SPOKEN = re.compile("[一二两三四五六七八九][千万][一二三四五六七八九]?(?:元|块)?")
"""四千五, 三千; with further units (四千五百元) it is a numeral like any other."""
_BRACKETED = re.compile(r"\(\s*[￥¥]?(\d[\d,]*(?:\.\d{1,2})?)\s*\)", re.ASCII)


def loose_amount(text: str, *, signed: bool) -> tuple[str, str]:
    """The amount that a text means, and the warning about it; other text as it is, without one. A `signed` amount is a payment, which may
    be negative but not approximate."""
    if signed:
        negative = _BRACKETED.fullmatch(text)
        if negative is None:
            return text, ""
        amount = f"-{negative[1]}"
        return amount, _("「{text}」按 {amount} 元导入，请核对").format(text=text[:20], amount=amount)
    bare = _ABOUT.sub("", text)
    if _HAN_SPOKEN.fullmatch(bare):
        bare = bare.translate(_HAN_DIGITS)
    if thousands := _THOUSANDS.fullmatch(bare):
        bare = f"{(Decimal(thousands[1]) * 1000).normalize():f}"
    if spoken := _SPOKEN.fullmatch(bare):
        bare = str((int(spoken[1]) * 10 + int(spoken[3])) * (100 if spoken[2] == "千" else 1000))
    if bare == text or not bare[:1].isdigit():
        return text, ""
    return bare, _("「{text}」不是准数，按 {amount} 元导入，请核对").format(text=text[:20], amount=bare.removesuffix("元")[:20])
