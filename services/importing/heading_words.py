"""How the words of a heading are compared: without what changes nothing of what a column is about."""

from __future__ import annotations

import re
from datetime import date

from domain.identity import half_width

_NOISE = re.compile(r"[\s*:：'\"“”、·★☆]+")
_BRACKETED = re.compile(r"\([^()]*\)")
_WHOSE = re.compile(
    "(?:家庭成员|成员|员工|职工|务工人员|就业人员|从业人员|上岗人员|聘用人员|劳动者|参训人员|学员|申请人|申领人|本人|人员)(?=..)"
    "|(?:受助学生|学生|子女|残疾人|(?:脱贫|贫困|农村)?劳动力|脱贫人口|(?:监测|帮扶|补贴|补助|资助)对象|享受人|受益人|被保险人|参保人|申报人|报名人|妇女)"
    "(?=姓名|公民|居民|身份|证件|联系|电话|手机|性别|年龄)"
)
_ABOUT = re.compile("(?<=..)(?:情况|状况)$")
_QUESTION = re.compile(r"\s*\d{1,2}\s*[、.．](?=\s*[一-龥]{2})")
_ASKED = re.compile("^(?:请(?:填写|输入|选择|提供))?(?:[您你](?:目前|现在)?的?)?(?=..)|(?:是(?:多少|什么|哪里?))?[?？。]$")
"""What a questionnaire writes around the thing it asks for: 1、您的姓名？"""
_LATIN = re.compile(r"(?<=[一-龥)])/?[a-z][a-z./&’-]*$|^[a-z][a-z./&’-]*(?=[一-龥]{2})")
"""The same heading in another language, beside or under it."""
_SQUARE = str.maketrans("[]〔〕【】{}", "()()()()")


def plain(text: object) -> str:
    """A heading for comparison: half-width, without blanks, line breaks and asterisks, brackets of one sort, lower case."""
    if isinstance(text, date):
        return f"{text.year}年{text.month}月"
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    text = str(text)
    if text[:1].isdigit():
        text = _QUESTION.sub("", text, count=1)
    return _NOISE.sub("", half_width(text)).translate(_SQUARE).casefold()


def without_brackets(word: str) -> str:
    """A compared heading without what stands in brackets: `月工资(元)` → `月工资`."""
    return _BRACKETED.sub("", word)


def loosely(word: str) -> str:
    """A compared heading without brackets, whose it is, and words like 情况: `员工姓名(必填)` → `姓名`, `劳动能力情况` → `劳动能力`."""
    bare = _LATIN.sub("", _ASKED.sub("", without_brackets(word)))
    whose = _WHOSE.match(bare)
    return _ABOUT.sub("", bare[whose.end() :] if whose else bare)
