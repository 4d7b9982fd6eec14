"""Columns of a household's members side by side: 配偶姓名, 子女1身份证号, 长子, 成员2与户主关系."""

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
    """A member's column: whose (`turn`: which of several children), and whether name, number or relation to the head; a bare 配偶 does not
    say which."""

    who: str
    turn: str
    names: bool
    numbers: bool
    relations: bool


@lru_cache(maxsize=4096)  # of whatever cells a stranger's sheet may hold
def kin_column(word: str) -> KinColumn | None:
    """What a compared heading says of a member of a household; None when it does not."""
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
        return None  # 本人 is whom a row is about, with the head beside
    names = hit["what"] in ("姓名", "名字")
    return KinColumn(hit["who"], hit["turn"], names, hit["what"] is not None and not names, False)
