"""Money: integer fen internally, yuan wherever people write or read it."""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

from domain.errors import FieldError
from domain.han_amounts import han_yuan
from domain.words import _

MAX_FEN = 10**13  # a hundred billion yuan: anything above is a typing error
_AMOUNT = re.compile(r"[+-]?(?:\d+|\d{1,4}(?:,\d{3,4})+)?(?:\.\d*)?(?:[eE]\+?\d{1,2})?")  # rejects 1,00 and 1_0
_SPACED = re.compile(r"(?<=\d)\s(?=\d{3}(?!\d))")
_WRITTEN_YUAN = re.compile(
    r"(?P<month>每?月)?[￥¥]?(?P<n>[+-]?\d[\d,]{0,12}(?:\.\d{1,8})?)(?P<unit>[千万])?元?(?P<whole>整?)(?P<per>[/每](?:人)?月)?", re.ASCII
)
_REMARK = re.compile(r"[（(](?:不?[包管含][^()（）\d]{1,6}|税[前后]|左右)[)）]$")
"""What is said about pay beside the amount: 4500（包吃住）."""
_UNITS = {"千": 1_000, "万": 10_000, None: 1}


def written_yuan(text: str) -> str | None:
    """Normalise an amount with a unit: `1.2万元` → `12000`, `1.2千元` → `1200`, `3000元/月`, `3000（包吃住）` and `三千元` → `3000`. None
    for any other notation."""
    if (whole := han_yuan(text)) is not None:
        return str(whole)
    written = re.sub(r"\s+", "", text).replace("，", ",").replace("−", "-")
    plain = _REMARK.sub("", written)
    match = _WRITTEN_YUAN.fullmatch(plain)
    if match is None or (plain == written and not any(match[part] for part in ("month", "unit", "whole", "per"))):
        return None
    try:
        amount = Decimal(match["n"].replace(",", "")) * _UNITS[match["unit"]]
    except InvalidOperation:
        return None
    return f"{amount:f}"


def fen(value: object) -> int:
    """Integer fen of yuan written as text or number (`520`, `"520.5"`, `"3,800"`, `￥12`); more than two places are refused."""
    if isinstance(value, bool):
        raise FieldError(_("应为金额"), "money")
    if isinstance(value, int):
        amount = Decimal(value)
    elif isinstance(value, float):
        amount = _float_yuan(value)
    else:
        text = _SPACED.sub(",", str(value).strip()).replace("，", ",").removeprefix("￥").removeprefix("¥").removesuffix("元").strip()
        try:
            amount = Decimal(text.replace(",", "") if _AMOUNT.fullmatch(text) else "no amount")
        except InvalidOperation:
            raise FieldError(_("「{value}」不是金额").format(value=value), "money") from None
    if not amount.is_finite() or abs(amount) * 100 > MAX_FEN:
        raise FieldError(_("金额过大"), "money")
    cents = amount * 100
    if cents != cents.to_integral_value():
        low = cents.to_integral_value(ROUND_FLOOR)
        text = _("金额最多写到分，请写成 {low} 或 {high}")
        raise FieldError(text.format(low=yuan_text(int(low)), high=yuan_text(int(low) + 1)), "money")
    return int(cents)


def _float_yuan(value: float) -> Decimal:
    """A float from a sheet or JSON as Decimal: binary rounding noise (520.1 = 520.09999…) is dropped, a real third place is not."""
    if value != value:  # NaN
        raise FieldError(_("应为金额"), "money")
    if abs(value) > MAX_FEN:
        raise FieldError(_("金额过大"), "money")
    return Decimal(repr(value)) if "e" not in repr(value) else Decimal(value)


def yuan_text(value: int) -> str:
    """Fen as yuan with two places: `52000` → `"520.00"`."""
    return yuan_grouped(value).replace(",", "")


def yuan_grouped(value: int) -> str:
    """Fen as yuan with thousands separators: `123450` → `"1,234.50"`."""
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 100:,}.{abs(value) % 100:02d}"


def yuan_typed(value: int) -> str:
    """Fen as yuan for editing, without places if they are zero: `498`, `1293.50`."""
    return yuan_text(value).removesuffix(".00")


def yuan_read(value: int) -> str:
    """Fen as yuan for sentences and table cells: `1,293`, `1,293.50`."""
    return yuan_grouped(value).removesuffix(".00")


def share(amount: int, part: int, whole: int) -> int:
    """`amount × part ÷ whole` in fen, halves rounded up (`domain.md` §3.5)."""
    return int((Decimal(amount) * part / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP))
