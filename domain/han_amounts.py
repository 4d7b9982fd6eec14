"""Amounts in Chinese numerals, as on payrolls, receipts and official letters: `三千元`, `壹仟贰佰元整`."""

from __future__ import annotations

import re
from typing import Final

_DIGITS: Final = {
    sign: value
    for value, signs in enumerate(("零〇", "一壹", "二贰两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for sign in signs
}
_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_AMOUNT: Final = re.compile(f"(?:人民币)?([{''.join(_DIGITS)}{''.join(_UNITS)}万]+)[元圆](?:整|正)?")


def han_yuan(text: str) -> int | None:
    """Whole yuan of an amount in Chinese numerals that ends in 元; None for other text, and for 一万二, which omits its last unit."""
    match = _AMOUNT.fullmatch(re.sub(r"\s+", "", text))
    if match is None:
        return None
    parts = match[1].split("万")
    if len(parts) > 2 or (len(parts) == 2 and not parts[0]):
        return None
    values = [_below_ten_thousand(part, first=at == 0) for at, part in enumerate(parts)]
    if None in values:
        return None
    amount = 0
    for value in values:
        amount = amount * 10_000 + (value or 0)
    return amount


def _below_ten_thousand(text: str, *, first: bool) -> int | None:
    """A number below ten thousand; each unit smaller than the one before, a last digit only after 十 or 零."""
    if not text:
        return 0
    amount, last, digit, zero = 0, 10_000, None, not first
    for sign in text:
        unit = _UNITS.get(sign)
        if unit is None:
            if digit is not None:
                return None
            value = _DIGITS[sign]
            zero, digit = (True, None) if value == 0 else (zero, value)
        elif unit >= last or (digit is None and not (unit == 10 and (amount == 0 or zero))):
            return None
        else:
            amount, last, digit, zero = amount + (digit or 1) * unit, unit, None, False
    if digit is not None and last not in (10, 10_000) and not zero:
        return None
    if digit is not None and last == 10_000 and not first and not text.startswith(("零", "〇")):
        return None
    return amount + (digit or 0)


_RANGE = re.compile(
    r"(?P<low>[￥¥]?\d[\d,.]*[千万]?元?)(?:(?:[-~～—－至到]+(?P<high>\d[\d,.]*[千万]?元?))|以上|及以上|起)(?P<per>[/每]月)?"
)


_AT_LEAST = re.compile(r"\s*(?:不低于|不少于|至少)(?=[￥¥]?\d)")


def upper(text: str) -> str | None:
    """The upper end of an amount given as a range (`4000-5000元/月`); None of other text."""
    match = _RANGE.fullmatch(re.sub(r"\s+", "", text))
    return match["high"] if match is not None else None


def lower(text: str) -> str:
    """The lower end of an amount given as a range or a bound (`4000-5000元/月`, `3000元以上`, `不低于3000元`); other text as it is."""
    bound = _AT_LEAST.match(text)
    if bound:
        return text[bound.end() :]
    match = _RANGE.fullmatch(re.sub(r"\s+", "", text))
    if match is None:
        return text
    high = match["high"] or ""
    unit = next((sign for sign in "千万" if sign in high and not re.search("[千万元]", match["low"])), "")  # 3-5千元
    return match["low"] + unit


_CAPITALS: Final = "零壹贰叁肆伍陆柒捌玖"
_TENS: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """Fen in capital numerals: `1234500` → 壹万贰仟叁佰肆拾伍元整. A negative amount begins with 负."""
    yuan, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_CAPITALS[jiao]}角"
    elif cents and yuan:
        text += "零"
    text += f"{_CAPITALS[cents]}分" if cents else "" if jiao else "整"
    return ("负" if fen < 0 else "") + (text if fen else "零元整")


def _whole(number: int) -> str:
    """A whole number in groups of four digits; skipped places between two groups are written as one 零."""
    text, gap = "", False
    for place in range(len(_GROUPS) - 1, -1, -1):
        part = number // 10_000**place % 10_000
        if part:
            text += ("零" if text and (gap or part < 1000) else "") + _thousands(part) + _GROUPS[place]
        gap = not part
    return text


def _thousands(part: int) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = part // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _CAPITALS[digit] + _TENS[place]
        gap = not digit
    return text
