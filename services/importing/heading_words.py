"""Normal forms of headings, by which they are compared."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

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
"""What a questionnaire writes around the thing it asks for, as in 1、您的姓名？"""
_LATIN = re.compile(r"(?<=[一-龥)])/?[a-z][a-z./&’-]*$|^[a-z][a-z./&’-]*(?=[一-龥]{2})")
"""The same heading in English, before or after the Chinese."""
_ALIKE = (
    (re.compile("日期"), "时间"),
    (re.compile("起始"), "开始"),
    (re.compile("终止|截[止至]|到期"), "结束"),
    (re.compile("^(开始|结束)(务工|就业|工作|外出|用工|聘用|上岗|培训)(?=时间|$)"), r"\2\1"),
    (re.compile("(?<=开始|结束)时间$"), ""),
    (re.compile("(?<=[^起])止$"), "结束"),
    (re.compile("(?<=.)起$"), "开始"),
    (re.compile("企业|公司"), "单位"),
    (re.compile("(?<=单位)名称$"), ""),
    (re.compile("外出务工|就业"), "务工"),
    (re.compile("劳务协议(?=.)"), "协议"),
    (re.compile("(?<=^务工)(?:地点?)?(?:所在)?地?(?=省|市|城市|县|区县)"), ""),
    (re.compile("(?<=^务工)(?:省份)$"), "省"),
    (re.compile("(?<=^务工)(?:城市|市州)$"), "市"),
    (re.compile("(?<=^务工)(?:县市?区|区县)$"), "县"),
    (re.compile("社会保障卡"), "社保卡"),
    (re.compile("^(劳动(?:能力|力|技能))(?:类型|类别|属性|状况|情况|状态)$"), r"\1"),
    (re.compile("^(?:本月|当月)(?=..)"), ""),
    (re.compile("(?:惠民)?惠农(?=.)|(?<=卡)银行|之间|的(?=.)"), ""),
)
"""Words that offices write in several ways, and the one form compared."""
_SQUARE = str.maketrans("[]〔〕【】{}", "()()()()")


def plain(text: object) -> str:
    """A heading as it is compared: half-width, lower case, brackets of one sort, no blanks, line breaks or asterisks."""
    if isinstance(text, date):
        return f"{text.year}年{text.month}月"
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    text = str(text)
    if text[:1].isdigit():
        text = _QUESTION.sub("", text, count=1)
    return _NOISE.sub("", half_width(text)).translate(_SQUARE).casefold()


def without_brackets(word: str) -> str:
    """A `plain` heading without what is in brackets: `月工资(元)` → `月工资`."""
    return _BRACKETED.sub("", word)


def loosely(word: str) -> str:
    """The same also without whose it is and words like 情况: `员工姓名(必填)` → `姓名`, `劳动能力情况` → `劳动能力`."""
    bare = _LATIN.sub("", _ASKED.sub("", without_brackets(word)))
    whose = _WHOSE.match(bare)
    return _ABOUT.sub("", bare[whose.end() :] if whose else bare)


@lru_cache(maxsize=8192)  # fields of people are in the list of every kind
def alike(word: str) -> str:
    """The same with one word for each of `_ALIKE`: `就业起始日期` and `开始务工时间` → `务工开始`."""
    bare = loosely(word)
    for written, said in _ALIKE:
        bare = written.sub(said, bare)
    return bare
