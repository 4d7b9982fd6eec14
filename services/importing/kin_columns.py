"""Recognises columns for several members of a household in one row: 配偶姓名, 子女1身份证号, 长子, 成员2与户主关系."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from domain.fields import declaration
from domain.records import Person

HEAD, CHILD, MEMBER = "户主", "子女", "成员"
_COLUMN = re.compile(
    r"(?:家庭)?(?P<who>[一-龥]{1,4}?)\(?(?P<turn>[一二三四五六\d]?)\)?的?"
    r"(?P<what>姓名|名字|公民身份号码|居民身份证号码?|身份证号码?|身份证|证件号码|(?:与户主)?关系)?"
)


class KinColumn(NamedTuple):
    """A member's column: the member (`turn` numbers several children), and whether it holds the name, the number or the relation to the
    head. A bare 配偶 states none of them."""

    who: str
    turn: str
    names: bool
    numbers: bool
    relations: bool


@lru_cache(maxsize=4096)  # bounded, because a sheet may hold any text
def kin_column(word: str) -> KinColumn | None:
    """The member's column that a `plain` heading stands for, or None."""
    hit = _COLUMN.fullmatch(word)
    relation = declaration(Person.relation)
    if hit is not None and hit["who"] == MEMBER and hit["turn"]:
        what = hit["what"] or ""
        return KinColumn(MEMBER, hit["turn"], what in ("姓名", "名字"), "证" in what or "号码" in what, what.endswith("关系"))
    if (
        hit is None
        or (hit["what"] or "").endswith("关系")
        or not (hit["who"] in (HEAD, CHILD) or relation.code_of(hit["who"]) in (relation.choices or {}).keys() - {HEAD})
    ):
        return None  # 本人 is the person the row is about; the head has another column
    names = hit["what"] in ("姓名", "名字")
    return KinColumn(hit["who"], hit["turn"], names, hit["what"] is not None and not names, False)
