"""Finds what the headings of a sheet ask about people, by the words of the rosters."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from functools import cache

from domain.fields import KINDS
from domain.words import _
from services.filling.options import listed
from services.importing.columns.binding import Binding
from services.importing.columns.matching import PERSON_KEYS, bind, word_of, words_of
from services.importing.columns.recognising import recognise
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import plain
from services.importing.tables.headings import Heading, month_of_heading
from services.importing.tables.rosters import SAME_FIELD, Roster, asked_columns, common_columns, field_of, rosters
from services.importing.tables.title_months import year_of
from services.lists.listing import Filter

KINDS_ASKED = (
    *("person", "household", "employment", "category_span", "employer", "appointment", "post", "agreement", "insurance"),
    *("attendance", "post_pay", "wage", "job_wish", "schooling", "enrolment", "course", "monthly_check", "household_income"),
)
"""Kinds whose records belong to one person; the first that knows a heading takes it."""
HEAD, HEAD_NUMBER = "household.head", "household.head_number"
RELATION = "person.relation"
_MEMBER = frozenset({"家庭成员", "成员"})
"""Headings for names, if the relation to the head of the household is asked too."""
NAME, NUMBER = PERSON_KEYS
NEVER = frozenset({"sign", "total", "item", "record.id", "record.village"})
"""Columns that are never filled in: signatures, totals and this program's own ids."""
_IN_BRACKETS = re.compile(r"\(([^()]+)\)$")
_INSIDE = re.compile("[内外]")
"""Brackets after a place that ask whether it is inside the county or province, not where it is."""
_LEVELS = {"province": ("省", "省份"), "city": ("市", "地市"), "county": ("县", "区县", "县区", "县市区")}
OTHERS = re.compile(
    "配偶|监护人|联系人|(?:经办|推荐|介绍|担保|代理|代办|填表|负责|审核|帮扶|责任|见证|照料|代缴|包保|包联|供养)人|干部|领导|书记|主任|家长"
    "|法人|法定代表|甲方|网格员|联络员|工作队|队员|组长|家庭成员|父亲|母亲|子女|家属|亲属|意见"
)
"""Words in a heading or label for another person, to whom a number or telephone beside it belongs."""
_NUMBERS = (NUMBER, "person.phone")
_VAGUE = frozenset({"状态", "类型", "结果", "等级", "到期时间", "到期日期"})
"""Headings too vague to fill in without a group heading above them."""
_EARNED = ("wage.amount", "post_pay.amount")
_PAY = re.compile("工资|岗位补贴|公益性?岗")
_CONTRACT = re.compile("(?:劳动|用工|聘用|劳务|服务)?(?:合同|协议)")
_OF_CONTRACT = {
    "employment.start": "employment.contract_start",
    "employment.end": "employment.contract_end",
    "work.range": "contract.range",
    "appointment.start": "agreement.start",
    "appointment.exit_on": "agreement.end",
}
"""Columns below a group heading for a contract → what they are of it."""
LIMITS = (
    (re.compile("妇女(?!联)|女性"), Filter("sex", "=", "female")),
    (re.compile("残疾人(?!联)"), Filter("health", "has", "残疾")),
)
"""Words in the title of a table without names → whom alone it is about."""
_WHICH_SUBSIDY = re.compile("(?:补助|补贴)(?:项目|类别|类型|种类|名称|事项|政策)")


@cache
def _roster(known_as: str) -> Roster:
    """The columns that a sheet similar to that roster can ask for; the roster's own words come first."""
    own = next((one for one in rosters() if one.name == known_as), None)
    kinds = tuple(kind for kind in dict.fromkeys((*(own.kinds if own else ()), *KINDS_ASKED)) if kind in KINDS_ASKED)
    words, more = own.columns if own else {}, asked_columns()
    columns = {target: (*words.get(target, ()), *more.get(target, ())) for target in (*words, *more)}
    return Roster("asked", "", kinds, ("person",), columns=columns)


def of_one_person() -> Roster:
    """The columns that a form about one person can ask for."""
    return _roster("")


def heading_words() -> frozenset[str]:
    """The words of columns that can be filled in; beside a column of names they make a row of headings."""
    return frozenset(word for word, target in words_of(of_one_person()).items() if target not in (*PERSON_KEYS, *NEVER, "row"))


def vague(heading: Heading, word: str | None) -> bool:
    """Whether a heading, or the word that it matches, is too vague to fill in."""
    return word in _VAGUE or heading.words[0] in _VAGUE


@cache
def _one_kind(kind: str) -> Roster:
    """As `_roster`, for a sheet similar to the plain list of one kind."""
    made = _roster("")
    return replace(made, kinds=tuple(dict.fromkeys((kind, *made.kinds)))) if kind in KINDS_ASKED else made


def asked(found: FoundTable) -> Binding:
    """Bind each column of a table to what it asks for. In a table that names only the head of each household, a row is about the head."""
    read = recognise(found, None, found.sheet.name)
    name = read.roster.name if read is not None else ""
    binding = bind(found, _one_kind(name[1:]) if name.startswith("@") else _roster(name))
    words, others = words_of(binding.roster), _columns_of_others(binding)
    wrong = [target for target, heading in binding.columns.items() if vague(heading, word_of(heading, words)) or heading.index in others]
    for target in wrong:
        binding.unmatched.append(binding.columns.pop(target))
    if HEAD in binding.columns and RELATION in binding.columns and NAME not in binding.columns:
        member = next((heading for heading in binding.unmatched if heading.words[-1] in _MEMBER), None)
        if member is not None:
            binding.unmatched.remove(member)
            binding.columns[NAME] = member
    elif HEAD in binding.columns and NAME not in binding.columns:
        binding.columns[NAME] = binding.columns.pop(HEAD)  # a number beside it is the head's
    elif HEAD_NUMBER in binding.columns and not {NAME, NUMBER} & binding.columns.keys():
        binding.columns[NUMBER] = binding.columns.pop(HEAD_NUMBER)
    _separate_head_columns(binding)
    return binding


def _separate_head_columns(binding: Binding) -> None:
    """Columns between 户主 and the person's name belong to the head; the person's own are further right, or missing."""
    words = words_of(binding.roster)
    for target in [target for target, heading in binding.columns.items() if _of_head(binding, target, heading)]:
        binding.unmatched.append(binding.columns.pop(target))
        own = (one for one in binding.unmatched if words.get(word_of(one, words) or "") == target and not _of_head(binding, target, one))
        if (heading := next(own, None)) is not None:
            binding.unmatched.remove(heading)
            binding.columns[target] = heading


def _columns_of_others(binding: Binding) -> set[int]:
    """The indices of number and telephone columns that follow another person's name (帮扶责任人, 联系电话)."""
    words, found, behind = words_of(binding.roster), set(), False
    for heading in sorted((*binding.columns.values(), *binding.unmatched), key=lambda one: one.index):
        target = words.get(word_of(heading, words) or "")
        behind = of_others(target or "", heading.words[-1]) or (behind and target in _NUMBERS)
        found |= {heading.index} if behind and target in _NUMBERS else set()
    return found


def of_others(target: str, words: str) -> bool:
    """Whether a heading or label that asks for `target` ("" for nothing on record) is another person, to whom a number or telephone beside
    it belongs."""
    return (not target or target.startswith("employer.")) and OTHERS.search(plain(words)) is not None


def of_a_card(target: str, heading: Heading) -> bool:
    """Whether the number of a disability card is asked for, which is not the person's ID number."""
    return target == NUMBER and "残疾" in heading.text and "身份" not in heading.text


def _of_head(binding: Binding, target: str, heading: Heading) -> bool:
    head, name = binding.columns.get(HEAD), binding.columns.get(NAME)
    between = head is not None and name is not None and head.index < heading.index < name.index
    return between and target != RELATION and (target.startswith("person.") or target == "age")


def of_heads(binding: Binding) -> bool:
    """Whether a table has one row for each household."""
    heading = binding.columns.get(NAME)
    return heading is not None and HEAD not in binding.columns and any(word in common_columns()[HEAD] for word in heading.words)


def targets(binding: Binding, questions: Container[str] = ()) -> Iterator[tuple[str, Heading]]:
    """The targets to fill in and their headings, from left to right; several may have the same target (出生日期, 出生年月). A month is
    `@2026-03`, a survey question `?` and its text."""
    words, others = words_of(binding.roster), _columns_of_others(binding)
    found = list(binding.columns.items())
    for heading in binding.unmatched:
        question = next((word for word in heading.words if word in questions), None)
        word = word_of(heading, words)
        if question is not None:
            found.append((f"?{question}", heading))
        elif word is not None and not vague(heading, word) and heading.index not in others:
            found.append((words[word], heading))
    found = [(_precise_target(binding, target, heading), heading) for target, heading in found if target not in NEVER]
    own = [
        one for one in found if one[0] not in PERSON_KEYS or binding.columns.get(one[0]) is one[1]
    ]  # a second number is another person's
    found = [one for one in own if one[0]]
    found += [(f"@{month}", heading) for heading, month in binding.months]
    found += [(f"@{month}", heading) for heading in binding.unmatched if (month := _month_of(heading))]
    yield from sorted(found, key=lambda one: one[1].index)


def _month_of(heading: Heading) -> str:
    """The month of a column whose year only the group heading above it names; "" for none."""
    month, year = month_of_heading(heading.words[-1]), year_of(heading.words[:1])
    return f"{year}-{month[1]:02d}" if month is not None and month[0] is None and year else ""


def subsidies(binding: Binding) -> list[str]:
    """The columns for the amount of a subsidy, which is neither wages nor the pay of a post (务工交通补助发放表：发放金额)."""
    words = words_of(binding.roster)
    there = [*binding.columns.items(), *((words.get(word_of(one, words) or ""), one) for one in binding.unmatched)]
    return [heading.text for target, heading in there if target in _EARNED and _of_a_subsidy(binding, heading)]


def _of_a_subsidy(binding: Binding, heading: Heading) -> bool:
    headings = (*binding.columns.values(), *binding.unmatched)
    told = any(binding.headlines.tell(subject) for subject in ("subsidy_title", "gift_title"))
    return (told or any(_WHICH_SUBSIDY.search(one.text) for one in headings)) and _PAY.search(heading.text) is None


def _precise_target(binding: Binding, target: str, heading: Heading) -> str:
    """The precise target of a heading, considering its position and brackets: the head's data, the province of a place; "" if not on
    record."""
    if of_a_card(target, heading) or (target in _EARNED and _of_a_subsidy(binding, heading)):
        return ""
    if _of_head(binding, target, heading):
        return f"head.{target.rpartition('.')[2]}"
    if target == NAME and of_heads(binding):
        return HEAD  # also if a row has only the number of another member
    if target in _OF_CONTRACT and _CONTRACT.match(heading.words[0]):
        return _OF_CONTRACT[target]
    if target == "employment.place" and (hit := _IN_BRACKETS.search(heading.words[-1])) is not None:
        inside = "standing.region" if listed(heading.text, "standing.region") else ""
        return next((f"work.{level}" for level, words in _LEVELS.items() if hit[1] in words), inside if _INSIDE.search(hit[1]) else target)
    return target


def called(target: str) -> str:
    """The user's name for a target: 务工就业：开始时间."""
    if target.startswith("head."):
        return _("户主的{field}").format(field=called("age" if target == "head.age" else target.replace("head.", "person.", 1)))
    if target == "kin.relation":
        return _("和表上的人的关系")
    f = field_of(target)
    if f is None:
        words = asked_columns().get(target) or common_columns().get(target)
        return words[0] if words else _("摸排：{question}").format(question=target[1:]) if target[:1] == "?" else target[1:]
    kind = KINDS[SAME_FIELD.get(target, target).partition(".")[0]]
    return _(f.label) if kind.name in ("person", "household") else _("{kind}：{field}").format(kind=_(kind.label), field=_(f.label))
