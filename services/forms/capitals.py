"""Converts money to the Chinese capital numerals of official letters and receipts (大写)."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
_TENS: Final = ("", "拾", "佰", "仟")
_GROUPS: Final = ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """Fen in capital numerals: `1234500` → 壹万贰仟叁佰肆拾伍元整. A negative amount begins with 负."""
    yuan, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif cents and yuan:
        text += "零"
    text += f"{_DIGITS[cents]}分" if cents else "" if jiao else "整"
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
            text += ("零" if gap and text else "") + _DIGITS[digit] + _TENS[place]
        gap = not digit
    return text
