"""Data checks on people and households (`domain.md` §7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any, Final

from domain import divisions, identity
from domain.bounds import outside
from domain.fields import KINDS, Field, declaration
from domain.grouping import by_key
from domain.identity import Problem
from domain.likeness import pair_id
from domain.periods import add_days
from domain.quality_rule import Finder, Found, order_pairs, order_problem, rule
from domain.records import CategorySpan, Household, Person
from domain.records.people import ABLE, MONITORED
from domain.register import KINDS_READ, Register
from domain.values import Type
from domain.words import _

NUMBERED: Final = identity.CITIZENS
LARGE_HOUSEHOLD: Final = 7
SHARED_BY: Final = 3
OF_AGE_LATELY: Final = range(16, 25)
"""Ages at which a person may still have the data of a roster made when they were a child."""
MONTH_DAYS: Final = 31
TWO_MONTHS_DAYS: Final = 61


def age(person: Person, on: str) -> int | None:
    """Age in full years on a day, None when the birth date is unknown."""
    try:
        return identity.age_on(person.birth, on) if person.birth else None
    except ValueError:
        return None


def _numbered(register: Register) -> Iterator[Person]:
    return (person for person in register.all(Person) if person.document in NUMBERED and person.id_number)


def _number_problem(problems: frozenset[Problem]) -> Finder:
    def find(register: Register, on: str) -> Found:
        found = register.once(f"id problems {on}", lambda: list(_wrong_numbers(register, on)))
        for person, problem in found:
            if problem in problems:
                yield person, _("{name}：{problem}").format(name=register.name(person.id), problem=identity.explain(problem, _("证件号码")))

    return find


def _wrong_numbers(register: Register, on: str) -> Iterator[tuple[Person, Problem]]:
    for person in _numbered(register):
        problem = identity.id_problem(person.id_number, on=on)
        if problem is None and person.original_number:
            problem = identity.id_problem(person.original_number, on=on)
        if problem is not None:
            yield person, problem


rule("E01", "证件号码位数不对", "对照身份证或户口簿，补全 18 位号码；残疾人证为 20 位或 22 位")(
    _number_problem(frozenset({Problem.LENGTH, Problem.DIGITS_LOST}))
)
rule("E02", "证件号码校验不通过", "对照身份证逐位核对")(
    _number_problem(frozenset({Problem.CHECKSUM, Problem.BIRTH_DATE, Problem.CHARACTERS, Problem.DISABILITY}))
)


@rule("E03", "证件号码像是凑数", "找本人核实真实号码")
def made_up_number(register: Register, on: str) -> Found:
    """A number that holds 99999."""
    for person in _numbered(register):
        if "99999" in person.id_number:
            yield person, _("{name}：证件号码含 99999").format(name=register.name(person.id))


@rule("E04", "证件号码重复", "确认是不是同一个人：是则合并（「同步 → 疑似同一人」，可以一起合并），不是则更正号码")
def same_number(register: Register, on: str) -> Found:
    """Two people whose numbers have the same first eighteen characters."""
    numbers = (
        (person.id_number if len(person.id_number) == 18 else identity.id18(person.id_number), person) for person in _numbered(register)
    )
    by_number = by_key((number, person) for number, person in numbers if not identity.placeholder(number))
    for same in by_number.values():
        for person in same if len(same) > 1 else ():
            others = _("、").join(sorted(other.name for other in same if other is not person))
            yield person, _("{name} 与 {others} 的证件号码相同").format(name=register.name(person.id), others=others)


@rule("E05", "性别与证件号码不一致", "核对性别，或更正证件号码")
def other_sex(register: Register, on: str) -> Found:
    """A sex that contradicts the 17th digit of the number."""
    for person in _numbered(register):
        if person.sex and identity.sex_of(person.id_number) not in (None, person.sex):
            yield person, _("{name}：性别与证件号码第 17 位不一致").format(name=register.name(person.id))


@rule("E06", "出生日期与证件号码不一致", "核对出生日期，或更正证件号码")
def other_birth(register: Register, on: str) -> Found:
    """A birth date that contradicts the number."""
    for person in _numbered(register):
        if person.birth and identity.birth_of(person.id_number) not in (None, person.birth):
            yield person, _("{name}：出生日期与证件号码不一致").format(name=register.name(person.id))


def _related(register: Register, relation: str) -> dict[str, list[Person]]:
    return by_key(
        (person.household_id, person)
        for person in register.all(Person)
        if person.household_id and person.relation == relation and not person.died_on
    )


@rule("E07", "户主与配偶性别相同", "核对两人的性别和与户主关系")
def couple_of_one_sex(register: Register, on: str) -> Found:
    """Head and spouse of the same sex."""
    spouses = _related(register, "配偶")
    for household_id, heads in _related(register, "户主").items():
        for spouse in spouses.get(household_id, ()):
            if spouse.sex and spouse.sex == heads[0].sex:
                yield spouse, _("{name} 与户主 {head} 性别相同").format(name=register.name(spouse.id), head=heads[0].name)


@rule("E08", "一户没有户主", "换户主（人员页按 Ctrl+H）")
def no_head(register: Register, on: str) -> Found:
    """A household with members and no living head."""
    heads = _related(register, "户主")
    dead = by_key((one.household_id, one) for one in register.all(Person) if one.relation == "户主" and one.died_on)
    for household in register.all(Household):
        members = register.members.get(household.id, ())
        if not members or household.id in heads:
            continue
        if late := dead.get(household.id):
            text = _("{name} 等 {count} 人的户：户主{head}已去世，请换户主（人员页按 Ctrl+H）")
            yield household, text.format(name=members[0].name, count=len(members), head=late[0].name)
        else:
            yield household, _("{name} 等 {count} 人的户没有户主").format(name=members[0].name, count=len(members))


def _more_than_one(relation: str) -> Finder:
    def find(register: Register, on: str) -> Found:
        for household_id, found in _related(register, relation).items():
            household = register.households.get(household_id)
            if len(found) > 1 and household is not None:
                names = _("、").join(sorted(person.name for person in found))
                yield household, _("一户有 {count} 个{relation}：{names}").format(count=len(found), relation=_(relation), names=names)

    return find


rule("E09", "一户有两个户主", "只留一个户主，其余改为实际关系")(_more_than_one("户主"))
rule("E10", "户主有两个配偶", "核对与户主关系")(_more_than_one("配偶"))


def _unknown(f: Field, values: Iterable[Any]) -> dict[Any, str]:
    """The values that are not among a field's choices; of a set, the first item that is not."""
    items = ((value, value if f.type is Type.SET else (value,)) for value in values)
    unknown = ((value, [item for item in those if item not in (f.choices or ())]) for value, those in items)
    return {value: those[0] for value, those in unknown if those}


@rule("E11", "内容不在选项内", "重新选择")
def not_in_list(register: Register, on: str) -> Found:
    """A stored code that is not among the choices of its field: relation, labour and every other closed field."""
    for name in KINDS_READ:
        rows = register.records(name)
        for f in KINDS[name].fields if rows else ():
            if f.choices is None:
                continue
            values = list(map(attrgetter(f.name), rows))
            wrong = _unknown(f, set(values) - {None})  # the few values there are, not the many records
            for record, value in zip(rows, values, strict=True) if wrong else ():
                if value in wrong:
                    yield record, _("{label}“{value}”不在选项内").format(label=_(f.label), value=wrong[value])


@rule("E13", "开始晚于结束", "核对起止日期")
def wrong_order(register: Register, on: str) -> Found:
    """A start after its end, in every kind."""
    for name in KINDS_READ:
        rows = register.records(name)
        later: set[int] = set()  # places of the rows that may be wrong
        for pair in order_pairs(KINDS[name]) if rows else ():
            bounds = enumerate(map(attrgetter(*pair), rows))
            later |= {n for n, (low, high) in bounds if low is not None and high is not None and low > high}
        for record in (rows[n] for n in sorted(later)):
            problem = order_problem(record.KIND, record.__dict__)
            if problem is not None:
                person = register.name(record.get("person_id") or record.id)
                yield record, _("{label}：{text}").format(label=person, text=problem) if person else str(problem)


@rule("E15", "持残疾人证却填健康", "把健康状况改为残疾")
def disabled_but_healthy(register: Register, on: str) -> Found:
    """A number of 20 or 22 characters with 健康 as the state of health."""
    for person in register.all(Person):
        if _disability_number(person) and person.health and "健康" in person.health:
            yield person, _("{name}：证件号码是残疾人证号码，健康状况却是健康").format(name=register.name(person.id))


@rule("E16", "填残疾却没有残疾人证号码", "补填残疾人证号码，或更正健康状况")
def disabled_without_number(register: Register, on: str) -> Found:
    """残疾 without a disability number."""
    for person in register.all(Person):
        if person.health and "残疾" in person.health and not _disability_number(person) and person.document != "disability":
            yield person, _("{name}：健康状况是残疾，没有残疾人证号码").format(name=register.name(person.id))


def _disability_number(person: Person) -> bool:
    return any(number is not None and len(number) in (20, 22) for number in (person.id_number, person.original_number))


@rule("E17", "出生日期不合理", "核对出生日期")
def unlikely_birth(register: Register, on: str) -> Found:
    """Born before 1900 or in the future."""
    limits = declaration(Person.birth).bounds.limits(on)
    for person in register.all(Person):
        if person.birth and outside(person.birth, limits):
            yield person, _("{name}：出生日期早于 1900 年或在将来").format(name=register.name(person.id))


@rule("E18", "必填项为空", "补填")
def incomplete(register: Register, on: str) -> Found:
    """A required field without a value."""
    for record in register.incomplete:
        for f in record.KIND.fields:
            if f.required and record.get(f.name) is None:
                yield record, _("{label}没有填").format(label=_(f.label))


@rule("W03", "不满 16 周岁却有劳动能力", "把劳动技能改为无劳动力，或更正出生日期")
def child_with_labour(register: Register, on: str) -> Found:
    """Under 16 with labour ability."""
    for person in register.all(Person):
        years = age(person, on)
        if years is not None and years < 16 and person.labour in ABLE:
            yield person, _("{name}：{years} 岁，劳动技能不是无劳动力").format(name=register.name(person.id), years=years)


@rule("W04", "年富力强却填无劳动力", "核实劳动技能")
def adult_without_labour(register: Register, on: str) -> Found:
    """16 to 59, healthy, not a student, with weak or no labour. For those who came of age lately health may be unknown: a roster
    recorded `none` while they were children, and nobody has asked since."""
    for person in register.all(Person):
        years = age(person, on)
        healthy = person.health == frozenset({"健康"}) and person.school_state is None and not person.died_on
        untold = not (person.health or person.school_state or person.died_on)
        name = register.name(person.id)
        if years in OF_AGE_LATELY and untold and person.labour == "none":
            yield person, _("{name} 满 16 周岁了，劳动技能还是无劳动力：上学的填在校生状况，不上学的更正劳动技能").format(name=name)
        elif years is not None and 16 <= years < 60 and healthy and person.labour in ("weak", "lost", "none"):
            label = Person.KIND.by_name["labour"].show(person.labour)
            yield person, _("{name}：{years} 岁、健康、非在校生，劳动技能却是{labour}").format(name=name, years=years, labour=label)


@rule("W10", "号码可疑", "核对电话、银行卡号或信用代码；写在备注、开户行里的号码，挪到它自己的栏里")
def doubtful_number(register: Register, on: str) -> Found:
    """Phones, bank cards and credit codes that fail their check, and unmasked personal numbers in free text."""
    for name in ("household", "person", "employer"):
        checked = [(f, cache(f.doubt)) for f in KINDS[name].fields if f.check is not None or f.free_text]  # many say the same
        for record in register.records(name):
            for f, doubt in checked:
                value = record.get(f.name)
                problem = doubt(value) if value else None
                if problem is not None:
                    who = register.name(record.id) or record.get("name") or ""
                    said = identity.explain(problem, _(f.label))
                    yield record, _("{label}：{text}").format(label=who, text=said) if who else said


@rule("W14", "纳入监测一个月以上没有帮扶措施", "登记已采取的措施，或尽快落实")
def monitored_without_help(register: Register, on: str) -> Found:
    """Monitored for over a month without work, post, training, service or wish since."""
    active = _active_people(register)
    limit = add_days(on, -MONTH_DAYS)
    for span in _monitored(register):
        unaided = span.person_id not in active and span.person_id in register.people
        if unaided and span.end is None and span.start and span.start <= limit:
            yield span, _("{name} 自 {start} 纳入监测，没有帮扶记录").format(name=register.name(span.person_id), start=span.start)


def _monitored(register: Register) -> Iterator[CategorySpan]:
    """Spans of monitored people, and of 防止返贫致贫对象, who replace them from 2026 on."""
    return (span for span in register.all(CategorySpan) if span.category in MONITORED or span.category == "prevention_target")


def _active_people(register: Register) -> set[str]:
    kinds = ("employment", "appointment", "enrolment", "service", "job_wish", "visit", "claim")
    return {record["person_id"] for kind in kinds for record in register.records(kind) if record.get("person_id")}


@rule("W15", "纳入两个月内就消除风险", "核实风险是否真的消除")
def cleared_too_soon(register: Register, on: str) -> Found:
    """A monitored span shorter than two months."""
    for span in _monitored(register):
        exact = span.start is not None and span.end is not None and len(span.start) == len(span.end) == 10
        if exact and str(span.start) <= str(span.end) <= add_days(str(span.start), TWO_MONTHS_DAYS):
            yield span, _("{name} 纳入监测不到两个月就消除风险").format(name=register.name(span.person_id))


@rule("W16", "监测对象没有纳入时间", "补填识别监测时间")
def monitored_since_when(register: Register, on: str) -> Found:
    """A monitored span without a start."""
    for span in _monitored(register):
        if span.start is None:
            yield span, _("{name} 的监测类别没有开始时间").format(name=register.name(span.person_id))


@rule("W18", "没有归到户", "选择所在的户")
def without_household(register: Register, on: str) -> Found:
    """A person without a household."""
    for person in register.all(Person):
        if not person.household_id and not person.died_on:
            yield person, _("{name} 没有归到户").format(name=register.name(person.id))


@rule("W19", "没有身份认定", "补填人员类别")
def without_category(register: Register, on: str) -> Found:
    """A person without any category span."""
    for person in register.all(Person):
        if person.id not in register.spans and not person.died_on:
            yield person, _("{name} 没有身份认定").format(name=register.name(person.id))


@rule("W20", "所属村不在村名单内", "联系县里核对区划代码")
def unknown_village(register: Register, on: str) -> Found:
    """An unknown village code."""
    seen: dict[str, bool] = {}
    for household in register.all(Household):
        if not seen.setdefault(household.village, divisions.exists(household.village)):
            seen[household.village] = True  # one line per village is enough
            yield household, _("区划代码 {code} 不在村名单内").format(code=household.village)


@rule("I01", "人口多的户", "核实是否应当分户")
def large_household(register: Register, on: str) -> Found:
    """Seven people or more."""
    for household in register.all(Household):
        members = register.members.get(household.id, ())
        if len(members) >= LARGE_HOUSEHOLD:
            head = next((person for person in members if person.id == household.head_id), members[0])
            yield household, _("{name}家登记了 {count} 人").format(name=head.name, count=len(members))


@rule("I02", "多人同一个账号", "核实收款人与本人关系")
def shared_account(register: Register, on: str) -> Found:
    """Three people or more with one account."""
    for same in by_key((person.bank_account, person) for person in register.all(Person) if person.bank_account).values():
        for person in same if len(same) >= SHARED_BY else ():
            yield person, _("{name} 的社保卡账号有 {count} 人在用").format(name=register.name(person.id), count=len(same))


@rule("I03", "多人同一个电话", "补填各人自己的电话")
def shared_phone(register: Register, on: str) -> Found:
    """Three people or more with one telephone; one finding a number, at the first of them."""
    for same in by_key((person.phone, person) for person in register.all(Person) if person.phone).values():
        if len(same) >= SHARED_BY:
            yield same[0], _("{name}等 {count} 人登记的是同一个电话").format(name=same[0].name, count=len(same))


@rule("I04", "整户无劳动力", "核实是否应纳入兜底保障")
def household_without_labour(register: Register, on: str) -> Found:
    """Nobody in the household can work."""
    for household in register.all(Household):
        members = register.members.get(household.id, ())
        if members and not any(person.labour in ABLE for person in members):
            yield household, _("{name} 户没有劳动力").format(name=members[0].name)


@rule("I05", "疑似同一个人", "核对两条记录，是同一个人则合并")
def same_person(register: Register, on: str) -> Found:
    """Two people with the same name and birth date but different numbers, unless somebody found them to be two people."""
    alike = by_key(((person.name, person.birth), person) for person in register.all(Person) if person.birth)
    for same in alike.values():
        numbers = {person.id: identity.id18(person.id_number) for person in same} if len(same) > 1 else {}
        for person in same if len(set(numbers.values())) > 1 else ():
            others = (other for other in numbers if numbers[other] != numbers[person.id])
            if all(pair_id(person.id, other) in register.apart for other in others):
                continue
            yield person, _("{name} 有 {count} 人同名同生日").format(name=person.name, count=len(same))


@rule("I09", "户里没有人，户主在另一户", "删除空户，或把人迁回来")
def left_empty(register: Register, on: str) -> Found:
    """A household whose head lives in another: two laptops divided one family under different heads, and everybody followed one of them.
    A household kept empty on purpose has no head."""
    for household in register.all(Household):
        head = register.people.get(household.head_id or "")
        if head is not None and head.household_id not in (None, household.id) and not register.members.get(household.id):
            yield household, _("没有人的户，户主 {name} 在另一户").format(name=head.name)
