"""Normal forms of headings for comparison."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from datetime import date
from functools import lru_cache

from domain.identity import half_width
from services.importing.tables.rosters import spelled

KEPT = 8192
"""Words whose normal forms are kept."""
_NOISE = re.compile(r"[\s*:：'\"“”、·★☆]+")
_BRACKETED = re.compile(r"(?<![账帐卡]号)\([^()]*\)|\((?!户主|家长|监护人)[^()]*\)")
"""An explanation in brackets, which can be left out. 账号(户主) is excluded because it is another person's account."""
_PERSON_WORD = re.compile(
    "(?:家庭成员|成员|员工|职工|工人|(?:外出|转移)?务工人员|就业人员|从业人员|上岗人员|聘用人员|劳动者|参训人员|学员|申请人|申领人|求职人|求职者|本人|人员|外出人员|返乡人员|介绍人员|投保人员)(?=..)"
    "|(?:受助学生|学生|子女|残疾人|(?:脱贫|贫困|农村)?劳动力|脱贫人口|(?:监测|帮扶|补贴|补助|资助)对象|享受人|受益人|被保险人|参保人|申报人|报名人|妇女|创业者|创业人员|经营者|收款人|客户|领款人)"
    "(?=姓名|公民|居民|身份|证件|联系|电话|手机|性别|年龄)"
)
_FILLER = re.compile("(?<=..)(?:情况|状况)$")
_QUESTION = re.compile(r"\s*(?:[Qq]\d{1,2}\s*[_、.．:：]?|\d{1,2}\s*[、.．])(?=\s*[一-龥]{2})")
"""The number that forms put before a question: 1、姓名, Q1_姓名."""
_QUESTION_PHRASE = re.compile("^(?:请(?:填写|输入|选择|提供))?(?:[您你](?:目前|现在)?的?)?(?=..)|(?:是(?:多少|什么|哪里?))?[?？。]$")
"""Phrases around what a questionnaire asks for, as in 1、您的姓名？"""
_ENGLISH = re.compile(r"(?<=[一-龥)])/?[a-z][a-z./&’-]*$|^[a-z][a-z0-9_./&’-]*(?=[一-龥]{2})")
"""An English translation before or after the Chinese heading, or the code of a database's field before it: aac003姓名."""
_ALIKE = (
    (re.compile("^[上下]半年(?=务工|就业|外出|打工)"), ""),
    (re.compile("(?:外出)?打工|^在外(?=地|工|单位|企业|时间|就业)"), "务工"),
    (re.compile("(?<=^务工)去向(?=地点|地址|省|市|县|单位|企业)"), ""),
    (re.compile("^(?:现|目前|当前)(?=务工|就业|工作|从业|开始)|^转移(?=就业|务工)"), ""),
    (re.compile("^(?:最?新|现在?|目前|(?:变更|更新)后)(?=联系|电话|手机)"), ""),
    (re.compile("日期|年月日?$|(?<=[始止束至])日$"), "时间"),
    (re.compile("起始"), "开始"),
    (re.compile("终止|截[止至]|到期"), "结束"),
    (re.compile("^(开始|结束)(务工|就业|从业|工作|外出|用工|聘用|上岗|培训)(?=时间|$)"), r"\2\1"),
    (re.compile("(?<=开始|结束)时间$"), ""),
    (re.compile("(?<=[^起])止$"), "结束"),
    (re.compile("(?<=.)起$"), "开始"),
    (re.compile("企业|公司"), "单位"),
    (re.compile("(?<=单位)(?:名|全)称$"), ""),
    (re.compile("外出务工|就业|从业(?=地|单位|时间|开始|结束|形式|方式|渠道|类型|区域|工种|岗位)"), "务工"),
    (re.compile("(?<=^务工)(?:情况|信息)(?=地点|地址|单位|开始|结束|省|市|县)"), ""),
    (re.compile("劳务协议(?=.)"), "协议"),
    (re.compile("^(?:签[订署])?(?:劳动)?(?=合同(?:开始|结束))|^签[订署](?=协议(?:开始|结束))"), ""),
    (re.compile("(?<=^务工)(?:地[点址]?)?(?:所在)?地?(?=省|市|城市|县|区县)"), ""),
    (re.compile("(?<=^务工)(?:省份)$"), "省"),
    (re.compile("(?<=^务工)(?:城市|市州)$"), "市"),
    (re.compile("(?<=^务工)(?:县市?区|区县)$"), "县"),
    (re.compile("社会保障卡"), "社保卡"),
    (re.compile("^(劳动(?:能力|力|技能))(?:类型|类别|属性|状况|情况|状态)$"), r"\1"),
    (re.compile("^(?:本月|当月)(?=..)"), ""),
    (re.compile("(?:惠民)?惠农(?=.)|(?<=卡)银行|之间|的(?=.)"), ""),
)
"""Variants of words that offices write in several ways → the form used for comparison."""
_WHEN = "(?:(?:什么|啥)时候|何时|哪天|几月份?)"
_WHERE = "(?:哪儿?里?|哪个地方|什么地方|啥地方)"
_SHARES = "(?:工资|收入|薪资|薪酬|薪水|报酬)"
_BY_FORM = (
    (re.compile("户名$"), "户名"),
    (
        re.compile(
            "^(?:(?:家庭)?成员|员工|职工|工人|学员|学生|求职[者人]|劳动者|被介绍人|参训人员|聘用人员|投诉[人者]|报名人|领料人"
            "|(?:务工|干活|出门|外出|出去|在外)的?人)$"
        ),
        "姓名",
    ),
    (re.compile(f"^(?:务工|工作|打工)?(?:每个?|平均)?月(?:平均|均)?(?:务工)?{_SHARES}(?:水平|大约|约)?$"), "月工资"),
    (
        re.compile("^(?:务工|工作|打工|转移)(?:所在)?(?:地点?)?省(?:份)?市(?:[县区]|县区|区县)?$|^(?:务工|外出|转移|输出)[去流]向$"),
        "务工地点",
    ),
    (re.compile("^(?:返岗|复工|返工)(?:务工)?(?:地点?|[去流]向)$|^(?:转移|输出)(?:所在)?地点?$"), "务工地点"),
    (re.compile("^(?:前往|派往|外派|务工|目的|出境|工作)(?:国家?|国别)(?:[和或]?地区)?$"), "务工地点"),
    (re.compile("^(?:出境|出国|离境)(?:务工)?时间$"), "开始时间"),
    (re.compile("^(?:聘用|聘任|选聘|续聘|续签|服务|上岗|安置|在岗|管护)(?:起止(?:时间)?|期限|期间|年限|期)$|^聘期$"), "协议起止"),
    (re.compile("^上岗的?岗位(?:名称)?$"), "岗位名称"),
    (re.compile("^(?:岗位)?月?(?:补[贴助]|待遇)(?:标准|额)$"), "补贴标准"),
    (re.compile("^[去往]程(?:车票|票价|路费|车费|交通费|票款)(?:金额)?$"), "去程金额"),
    (re.compile("^[返回]程(?:车票|票价|路费|车费|交通费|票款)(?:金额)?$"), "返程金额"),
    (
        re.compile("^(?:是否|有无|有没有)?签[订署]?(?:了)?(?:用工|劳动|劳务)?(?:合同|协议)[/或和及](?:用工|劳动|劳务)?(?:合同|协议)$"),
        "是否签订合同",
    ),
    (re.compile(f"{_WHEN}(?:开始)?(?:外出|出去)?(?:务工|就业|工作|打工|上班)"), "开始时间"),
    (re.compile(f"^{_WHEN}(?:外?出|出去|走|去|离家|出门)[的了]*$"), "开始时间"),
    (re.compile(f"^{_WHEN}(?:返乡|返回|回|回来|回家|回村|到家)[的了]*$"), "结束时间"),
    (
        re.compile(f"^(?:目前|现在|现)?(?:在|去|到|上)?{_WHERE}(?:务工|就业|工作|打工|上班|干活)?[了呢]?$|^(?:打工|务工|干活)的?地方$"),
        "务工地点",
    ),
    (re.compile(f"^(?:想|愿意?|打算|希望)(?:在|去|到|上){_WHERE}(?:务工|就业|工作|打工|上班|干活)?$"), "意向地"),
    (re.compile("^(?:想|愿意?|打算|希望)(?:[干做找学]|从事)点?(?:啥|什么|何种|哪种)样?的?(?:活|工作|行业|职业)?$"), "意向工种"),
    (re.compile("^(?:介绍|推荐)[到至去](?:何|哪个?|什么)?单位$"), "推荐单位"),
    (re.compile("^(?:在外|在那儿?|在外面)?(?:[干做]的?|从事)(?:啥|什么|何种|哪种)(?:活|工作|行业|职业|的)?$"), "工种"),
    (re.compile("^(?:一个月|每个?月)(?:能|大约|大概)*(?:挣|收入|工资|开支)(?:大约|大概|多少|钱|元)*$"), "月工资"),
    (re.compile("^(?:职[务业位]|岗位)[/或](?:工种|岗位)$|^工种[/或](?:职[务业位]|岗位)$"), "工种"),
    *(
        (re.compile(f"^(?:外出)?(?:务工|就业|工作|从业|打工)(?:去向|(?:所在)?地点?)?[-(]{at}(?:/.*)?[)]?$"), f"务工所在{part}")
        for at, part in (("省份?", "省"), ("地?市", "市"), ("(?:[区县]|县区|区县)", "县"))
    ),
    (re.compile("(?:是否|有无|有没有)(?!.*(?:培训|创业)).*(?:意愿|愿望)$"), "就业意愿"),
    (re.compile("^(?:实际|应发|实发|拟发)(?:岗位)?补[贴助](?:金额|资金|款)?$"), "补贴金额"),
    (re.compile("^(?:实(?:际)?(?:发|付|领|得)|到手|税后|净发)(?:放|得|到)?(?:工资|薪资|薪酬|报酬|金额|数额?|款|合计)*$"), "实发工资"),
)
"""Patterns for headings with too many variants to list → the word they stand for: 惠农卡户名, 是否有外出务工意愿."""
_PART_OF_A_PLACE = re.compile(r"(?:省|市|县)(?:份|\(.*\))?|县?区|区县")
"""Below 务工情况 such a heading is part of the work place; alone it is part of the home address."""
_PART_IN_BRACKETS = re.compile(
    "(?:外出)?(?:务工|就业|工作|从业|打工|转移|输出).*(?<![省市县区])[(](?:省份?|地?市|市?州|县?区|县|区县|县市)[)]$"
)
"""就业地(省): only a part of the place."""
_JOINTS = re.compile("[(].*[)]$|[^a-z]")
"""What databases put between the words of a heading: start_date, ID No., Salary (yuan)."""
_SQUARE = str.maketrans("[]〔〕【】{}", "()()()()")


def plain(text: object) -> str:
    """A heading normalised for comparison: half-width, lower case, one sort of brackets, without spaces, line breaks or asterisks."""
    if isinstance(text, date):
        return f"{text.year}年{text.month}月"
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    return _plain(str(text))


@lru_cache(maxsize=KEPT)  # the same few words are compared with the columns of every roster
def _plain(text: str) -> str:
    if text[:1].isdigit() or text[:1] in "Qq":
        text = _QUESTION.sub("", text, count=1)
    word = _NOISE.sub("", half_width(text)).translate(_SQUARE).casefold()
    return spelled().get(_JOINTS.sub("", word), word) if word.isascii() else word


def without_brackets(word: str) -> str:
    """A `plain` heading without brackets and their content: `月工资(元)` → `月工资`."""
    return _BRACKETED.sub("", word)


def loosely(word: str) -> str:
    """As `without_brackets`, and without the word for the person it is about and words like 情况: `员工姓名(必填)` → `姓名`, `劳动能力情况`
    → `劳动能力`."""
    bare = _ENGLISH.sub("", _QUESTION_PHRASE.sub("", without_brackets(word)))
    whose = _PERSON_WORD.match(bare)
    return _FILLER.sub("", bare[whose.end() :] if whose else bare)


@lru_cache(maxsize=KEPT)  # fields of people occur in the list of every kind
def alike(word: str) -> str:
    """As `loosely`, with each variant in `_ALIKE` replaced: `就业起始日期` and `开始务工时间` → `务工开始`."""
    bare = loosely(word)
    for variant, replacement in _ALIKE:
        bare = variant.sub(replacement, bare)
    return bare


def known_by(words: Sequence[str], known: Container[str]) -> str | None:
    """The first of a heading's `words` that is in `known`: unchanged, without brackets, by `loosely`, by `alike`, or by its form; otherwise
    None. If the last word may be part of an address, all forms of its combination with the heading above come first."""
    return next((word for word in _forms(tuple(words)) if word in known), None)


@lru_cache(maxsize=KEPT)  # each heading is compared with the columns of some forty rosters
def _forms(words: tuple[str, ...]) -> tuple[str, ...]:
    forms = [(word,) * 4 if _PART_IN_BRACKETS.match(word) else (word, without_brackets(word), loosely(word), alike(word)) for word in words]
    tried = [form for one in (forms if _PART_OF_A_PLACE.fullmatch(words[-1]) else zip(*forms, strict=True)) for form in one]
    return (*tried, *(word for form, word in _BY_FORM if any(map(form.search, tried))))
