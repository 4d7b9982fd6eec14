"""Columns of a household's members side by side: 配偶姓名, 子女1身份证号, 长子."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from domain.fields import declaration
from domain.records import Person

HEAD, CHILD = "户主", "子女"
_COLUMN = re.compile(
    r"(?P<who>[一-龥]{1,4}?)\(?(?P<turn>[一二三四五六\d]?)\)?的?"
    r"(?P<what>姓名|名字|公民身份号码|居民身份证号码?|身份证号码?|身份证|证件号码)?"
)


class KinColumn(NamedTuple):
    """Whose column it is (`turn`: which of several children), and whether of the name or the number; neither is said in 配偶 alone."""

    who: str
    turn: str
    names: bool
    numbers: bool


@lru_cache(maxsize=4096)  # of whatever cells a stranger's sheet may hold
def kin_column(word: str) -> KinColumn | None:
    """What a compared heading says of a member of a household; None when it does not."""
    hit = _COLUMN.fullmatch(word)
    relation = declaration(Person.relation)
    if hit is None or not (hit["who"] in (HEAD, CHILD) or relation.code_of(hit["who"]) in (relation.choices or {}).keys() - {HEAD}):
        return None  # 本人 is whom a row is about, with the head beside
    names = hit["what"] in ("姓名", "名字")
    return KinColumn(hit["who"], hit["turn"], names, hit["what"] is not None and not names)
