"""Data checks on work, wages, training and the monthly check (`domain.md` §7)."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final

from domain import divisions
from domain.bounds import outside
from domain.divisions import Region
from domain.fields import KINDS, Record, declaration
from domain.grouping import by_key
from domain.periods import first_day, last_day
from domain.post_month import away_from_class
from domain.quality_repeats import repeated
from domain.quality_rule import Finder, Found, rule
from domain.records import (
    Appointment,
    Attendance,
    CategorySpan,
    Claim,
    Course,
    Employer,
    Employment,
    Enrolment,
    JobWish,
    MonthlyCheck,
    Person,
    PostPay,
    Service,
    Visit,
    Wage,
)
from domain.records.people import UNABLE
from domain.register import KINDS_READ, Register, holds
from domain.values import Type
from domain.words import N_, _

_WAGE: Final = declaration(Employment.monthly_wage)
_WAGES: Final = _WAGE.bounds.limits()
LOWEST_PAID: Final = 1_000
"""Least pay (fen) of a month with only a day or two of work; less is 万元 typed as 元."""
WORKING_STATES: Final = frozenset({"away", "workshop", "post", "flexible", "self"})
"""Monthly check states that mean work."""

SAYS_OF_WORK: Final = frozenset({"unemployed", "away", "workshop", "post"})
"""Monthly check states that spells of work contradict or confirm."""
PUBLIC_POST: Final = "public_post"
"""The channel of work on a public post."""
_LOCAL: Final = frozenset({PUBLIC_POST, "workshop"})
_DIED: Final = re.compile("(本人|已|因病|因)*(去世|死亡|病故|身故|亡故|过世|病逝)")
"""Matches a person's own death only: 父亲去世 is none."""
_ENDED: Final = ((Employment, "end_reason"), (Appointment, "exit_reason"), (JobWish, "close_reason"), (CategorySpan, "exit_kind"))
_HAPPENED: Final = (
    (Person, "died_on"),
    (JobWish, "opened_on"),
    (Service, "on"),
    (Visit, "on"),
    (Claim, "filed_on"),
    (Attendance, "month"),
    (PostPay, "month"),
    (Wage, "month"),
)
_STUDENT: Final = re.compile("^(?!学龄前|学前)")
_COMPANY: Final = re.compile(r"(有限责任公司|股份有限公司|有限公司|公司|厂|合作社|（.*?）|\(.*?\)|\s)+")


def _current(register: Register, on: str) -> Iterator[tuple[Person, Employment]]:
    """Spells of work in effect on the day, with their person."""
    for spell in register.all(Employment):
        person = register.people.get(spell.person_id)
        if person is not None and holds(spell.start, spell.end, on):
            yield person, spell


def student(person: Person) -> bool:
    """Whether the person is a student (pre-school excluded)."""
    return person.school_state is not None and _STUDENT.match(person.school_state) is not None


@rule("E14", "上一段务工还没结束就开始下一段", "补填或更正上一段的结束时间")
def overlapping_spells(register: Register, on: str) -> Found:
    """A spell that certainly starts before the previous one ended."""
    again = repeated(register)
    for person_id, spells in register.spells.items():
        in_order = sorted(spells, key=lambda spell: (first_day(spell.start), spell.id))
        for before, spell in pairwise(one for one in in_order if one.id not in again):
            if before.end is None or last_day(spell.start) < first_day(before.end):
                twin = spell.employer_id is not None and (spell.employer_id, spell.start) == (before.employer_id, before.start)
                text = (
                    _("{name}：{start} 在同一单位开始的务工登记了两条，请删去一条") if twin else _("{name}：{start} 开始的务工与上一段重叠")
                )
                yield spell, text.format(name=register.name(person_id), start=spell.start)


@rule("W01", "无劳动能力或弱劳动力却在外务工", "核实劳动技能或务工情况")
def working_without_labour(register: Register, on: str) -> Found:
    """Without labour but working; weak labour working outside the county."""
    for person, spell in _current(register, on):
        weak = person.labour == "weak"
        if person.labour in UNABLE or (weak and divisions.region(spell.place, spell.village) is not Region.COUNTY):
            label = Person.KIND.by_name["labour"].show(person.labour)
            yield spell, _("{name}：劳动技能是{labour}，却在务工").format(name=register.name(person.id), labour=label)


@rule("W02", "在校生却在务工", "核实是否已离校，或结束务工记录")
def working_student(register: Register, on: str) -> Found:
    """A student who works."""
    for person, spell in _current(register, on):
        if student(person):
            yield spell, _("{name} 是在校生，却在务工").format(name=register.name(person.id))


@rule("W06", "公益岗或车间务工地不在县内", "核对就业渠道或务工地")
def local_channel_far_away(register: Register, on: str) -> Found:
    """A public post or workshop outside the home county."""
    for spell in register.all(Employment):
        if spell.channel in _LOCAL and divisions.region(spell.place, spell.village) is not Region.COUNTY:
            yield spell, _("{name}：就业渠道在本地，务工地不在县内").format(name=register.name(spell.person_id))


@rule("W07", "务工地没有填到县", "补填到县（市、区）")
def coarse_place(register: Register, on: str) -> Found:
    """A work place known only as a city or province."""
    for spell in register.all(Employment):
        if divisions.coarse(spell.place):
            yield spell, _("{name}：务工地只填到市或省").format(name=register.name(spell.person_id))


@rule("W08", "在务工但信息不全", "补填所缺的内容")
def sparse_spell(register: Register, on: str) -> Found:
    """A current spell without employer, industry, monthly pay or 点对点."""
    for person, spell in _current(register, on):
        lacking = [name for name in ("industry", "monthly_wage", "point_to_point") if getattr(spell, name) is None]
        if spell.employer_id is None and not spell.employer_name:
            lacking.insert(0, "employer_name")
        if lacking:
            labels = _("、").join(_(Employment.KIND.by_name[name].label) for name in lacking)
            yield spell, _("{name}：没有填{labels}").format(name=register.name(person.id), labels=labels)


@rule("W09", "月工资过高或过低", "核对月工资（元）")
def unlikely_wage(register: Register, on: str) -> Found:
    """Above 30 000 or below 100 yuan a month, or paid above 30 000 or below 10 in one."""
    for spell in register.all(Employment):
        if outside(spell.monthly_wage, _WAGES):
            said = {"name": register.name(spell.person_id), "wage": _WAGE.show(spell.monthly_wage)}
            yield spell, _("{name}：月工资 {wage} 元").format(**said)
        for month, paid in sorted(_paid(register.wages.get(spell.id, ())).items()):
            if unlikely_pay(paid):
                message = _("{name}：{month} 的工资 {wage} 元").format(
                    name=register.name(spell.person_id), month=month, wage=Wage.KIND.by_name["amount"].show(paid)
                )
                yield spell, message


def unlikely_pay(paid: int) -> bool:
    """Whether the pay of a month (fen) looks mistyped: an extra zero, or 万元 for 元."""
    return paid > _WAGES[1] or 0 < paid < LOWEST_PAID


def _paid(wages: Iterable[Wage]) -> Counter[str]:
    """Pay by month, including corrections."""
    sums: Counter[str] = Counter()
    for wage in wages:
        sums[wage.month] += wage.amount
    return sums


@rule("W11", "同户同一电话，却在不同的县务工", "补填各人自己的电话")
def one_phone_two_places(register: Register, on: str) -> Found:
    """Two members with one phone who work in different counties."""
    for members in register.members.values():
        places: dict[str, set[str]] = defaultdict(set)
        for person in members:
            if person.phone:
                places[person.phone] |= {spell.place for spell in register.working(person.id, on)}
        for person in members:
            if person.phone and len(places[person.phone]) > 1 and register.working(person.id, on):
                yield person, _("{name} 与家人同一电话，务工地却不同").format(name=register.name(person.id))


@rule("W17", "已故人员仍有在办事项", "结束其务工、岗位和服务记录")
def active_after_death(register: Register, on: str) -> Found:
    """Work or a post that continues after death."""
    for person in register.all(Person):
        if person.died_on:
            later = [*register.working(person.id, on), *register.on_post(person.id, on)]
            for record in later if person.died_on < on else ():
                yield record, _("{name} 已去世，记录还没有结束").format(name=register.name(person.id))


@rule("W42", "去世以后还有务工或工资", "核对死亡日期和务工起止；是同名的人，改到本人名下")
def work_after_death(register: Register, on: str) -> Found:
    """Work that began or ended, and wages for months, after death (`domain.md` §10.1); work that goes on is W17."""
    work = _("{name}：{died} 去世，务工却记到 {when}")
    wages = _("{name}：{died} 去世，却有 {month} 的工资")
    for person in register.all(Person):
        died = person.died_on
        for spell in register.spells.get(person.id, ()) if died else ():
            last = max(spell.start, spell.end) if spell.end else ""
            if died and last[: len(died)] > died[: len(last)]:
                yield spell, work.format(name=register.name(person.id), died=died, when=last)
            for wage in register.wages.get(spell.id, ()):
                if died and wage.month > died[:7]:
                    yield wage, wages.format(name=register.name(person.id), died=died, month=wage.month)


@rule("W40", "因去世结束，本人却没有死亡日期", "人员页补填死亡日期；记错了人的，改回来")
def ended_by_a_death(register: Register, on: str) -> Found:
    """Work, a post, a wish or a category that ended because of a death that is not on the person's own record: the person is still paid
    and listed as living, or it was entered for a namesake."""
    for cls, why in _ENDED:
        for record in register.all(cls):
            person = register.people.get(record["person_id"])
            if person is not None and not person.died_on and _DIED.fullmatch(record[why] or ""):
                yield record, _("{name}：因去世结束，人员页却没有死亡日期").format(name=register.name(person.id))


@rule("W21", "工资月份不在务工期间", "核对工资月份或务工起止")
def wage_outside_spell(register: Register, on: str) -> Found:
    """A wage for a month outside its spell of work."""
    for wage in register.all(Wage):
        spell = register.employments.get(wage.employment_id)
        if spell is None:
            continue
        before, after = wage.month < spell.start[:7], spell.end is not None and wage.month[: len(spell.end)] > spell.end[:7]
        if before or after:
            yield wage, _("{name}：{month} 的工资不在务工期间").format(name=register.name(spell.person_id), month=wage.month)


@rule("W22", "更正后某月工资为负", "核对更正的金额")
def negative_month(register: Register, on: str) -> Found:
    """Corrections that subtract more than was paid."""
    for employment_id, wages in register.wages.items():
        spell = register.employments.get(employment_id)
        for month in sorted(month for month, amount in _paid(wages).items() if amount < 0):
            if spell is not None:
                yield spell, _("{name}：{month} 的工资合计为负").format(name=register.name(spell.person_id), month=month)


@rule("W29", "培训出勤天数不对", "核对出勤天数")
def more_present_than_held(register: Register, on: str) -> Found:
    """More days present than the course had, or less than none."""
    for enrolment in register.all(Enrolment):
        present, total = enrolment.days_present, enrolment.days_total
        name = register.name(enrolment.person_id)
        if present is not None and total is not None and (present > total or present < 0):
            yield enrolment, _("{name}：出勤 {present} 天，总共 {total} 天").format(name=name, present=present, total=total)
        elif present is not None and present < 0:
            yield enrolment, _("{name}：出勤 {present} 天").format(name=name, present=present)


@rule("W30", "同一时间参加两个培训班", "核对参训人员")
def two_courses_at_once(register: Register, on: str) -> Found:
    """One person in two courses whose days overlap."""
    again = repeated(register)
    for person_id, enrolments in register.enrolments.items():
        dated = [(register.courses[e.course_id], e) for e in enrolments if e.course_id in register.courses and e.id not in again]
        dated.sort(key=lambda pair: (pair[0].start, pair[1].id))
        for (before, _first), (course, enrolment) in pairwise(dated):
            if course.start <= before.end and course.id != before.id:
                yield (
                    enrolment,
                    _("{name} 同时在“{one}”和“{other}”").format(name=register.name(person_id), one=before.title, other=course.title),
                )


@rule("W50", "上课的日子又在县外务工", "核实哪一样是真的：更正务工起止，或更正参训名单")
def trained_while_away(register: Register, on: str) -> Found:
    """Days of a course on which the trainee worked outside the county."""
    for enrolment in register.all(Enrolment):
        course = register.courses.get(enrolment.course_id)
        if course is None or enrolment.outcome == "refused":
            continue
        for spell in away_from_class(course, register.spells.get(enrolment.person_id, ()), on):
            place = divisions.full_name(spell.place) or spell.place
            text = _("{name} 参加“{course}”的日子，又登记在{place}务工")
            yield enrolment, text.format(name=register.name(enrolment.person_id), course=course.title, place=place)


@rule("W31", "去世后参加培训", "核对参训人员")
def trained_after_death(register: Register, on: str) -> Found:
    """Training after the person's death."""
    for enrolment in register.all(Enrolment):
        person, course = register.people.get(enrolment.person_id), register.courses.get(enrolment.course_id)
        if person is not None and course is not None and person.died_on and person.died_on < course.start:
            yield enrolment, _("{name} 在培训前已去世").format(name=register.name(person.id))


@rule("W32", "月监测与务工记录不一致", "核对当月状态，或补登、结束务工记录")
def check_against_spells(register: Register, on: str) -> Found:
    """Unemployed in the monthly check while a spell covers the month, working without one, or something else than a public post or only
    a post."""
    neither = _("{name}：{month} 填在务工，却没有务工记录")
    sentences = {
        "unemployed": _("{name}：{month} 填待业，却有务工记录"),
        "post": _("{name}：{month} 填公益岗，却没有在岗记录，有别的务工记录"),
        "away": _("{name}：{month} 填外出务工，却在公益岗，没有别的务工记录"),
        "workshop": _("{name}：{month} 填帮扶车间，却在公益岗，没有别的务工记录"),
    }
    for person_id, checks in register.monthly.items():
        spells = [(spell.start, spell.end, spell.channel == PUBLIC_POST) for spell in register.spells.get(person_id, ())]
        spells += [(held.start, held.exit_on, True) for held in register.holders.get(person_id, ())]
        for check in checks:
            if check.status not in SAYS_OF_WORK:
                continue
            sorts = {on_post for start, end, on_post in spells if holds(start, end, f"{check.month}-15")}
            if bool(sorts) if check.status == "unemployed" else (check.status == "post") not in sorts:
                sentence = sentences[check.status] if sorts else neither
                yield check, sentence.format(name=register.name(person_id), month=check.month)


def _future(cls: type[Record], name: str, message: str) -> Finder:
    def find(register: Register, on: str) -> Found:
        for record in register.all(cls):
            value: Any = getattr(record, name)
            if value is not None and value > on:
                yield record, _(message).format(name=register.name(getattr(record, "person_id", "")))

    return find


rule("W33", "务工开始时间在将来", "核对开始时间")(_future(Employment, "start", N_("{name}：务工开始时间在将来")))
rule("W34", "月监测的月份在将来", "删除这条月监测，或更正月份")(_future(MonthlyCheck, "month", N_("{name}：月监测的月份在将来")))


@rule("W41", "登记的日子在将来", "更正日期；电脑日期不准那几天登记的，都核对一遍")
def yet_to_come(register: Register, on: str) -> Found:
    """An event that can only lie in the past but has a future date, as when entered while the computer's clock was ahead."""
    for cls, field in _HAPPENED:
        for record in register.all(cls):
            if (record[field] or "") > on:
                what = _(cls.KIND.by_name[field].label)
                yield record, _("{name}：{what} {when} 在将来").format(name=register.whose(record), what=what, when=record[field])


@rule("W35", "所属的记录已删除或不存在", "到回收站恢复所属的记录，或删除这一条")
def orphan(register: Register, on: str) -> Found:
    """A record whose owner no longer exists here, so that no page shows it."""
    for name in KINDS_READ:
        for f in KINDS[name].references():
            there = register.knows(str(f.ref)) if f.type is Type.ID and register.records(name) else None
            if there is not None:
                for row, id in ((row, getattr(row, f.name)) for row in register.records(name)):
                    if id and id not in there and (id in register.deleted or not KINDS[str(f.ref)].shared):
                        yield row, _lost(register, row, _(f.label), register.deleted.get(id, ""))


def _lost(register: Register, row: Record, field: str, title: str) -> str:
    """That the record in a field is gone, with its title and the person whose row it is, where they are known."""
    said = (_("{field}「{title}」已删除") if title else _("{field}已删除或不存在")).format(field=field, title=title)
    person = register.people.get(getattr(row, "person_id", None) or "")
    return _("{name}：{problem}").format(name=register.name(person.id), problem=said) if person is not None else said


@rule("W39", "只该有一条的登记了不止一条", "核对哪一条对，删除别的")
def twice(register: Register, on: str) -> Found:
    """Several records with the same natural key (a person's month, year or course), for instance because the old village wrote again about
    somebody who had moved."""
    for name in KINDS_READ:
        kind = KINDS[name]
        if not kind.key or not kind.by_hand or kind.append_only:
            continue
        key = attrgetter(*kind.key)
        for rows in register.by(kind.cls, kind.key[0]).values():
            if len(rows) == 1 or len(set(map(key, rows))) == len(rows):
                continue
            alike = by_key((key(row), row) for row in rows)
            for row, times in ((row, len(same)) for same in alike.values() if len(same) > 1 for row in same):
                when = row.get("month") or row.get("year")
                what = " ".join(map(str, filter(None, (when, _(kind.label)))))
                yield row, _("{name}：{what}登记了 {times} 条").format(name=register.whose(row), what=what, times=times)


@rule("I06", "单位名称相近", "确认是不是同一个单位，统一名称")
def alike_employers(register: Register, on: str) -> Found:
    """Employers with the same name, or with names that differ only in 有限公司, 公司, 厂 and brackets."""
    alike = by_key((_COMPANY.sub("", employer.name) or employer.name, employer) for employer in register.all(Employer))
    for same in alike.values():
        for employer in same if len(same) > 1 else ():
            others = {other.name for other in same} - {employer.name}
            times = sum(other.name == employer.name for other in same)
            text = _("“{name}”与“{others}”名称相近") if others else _("“{name}”登记了 {times} 次")
            yield employer, text.format(name=employer.name, others=_("、").join(sorted(others)), times=times)


@rule("I07", "培训班没有学员", "登记参训人员，或删除这个班")
def empty_course(register: Register, on: str) -> Found:
    """A course that has begun with nobody enrolled."""
    enrolled = {enrolment.course_id for enrolment in register.all(Enrolment)}
    for course in register.all(Course):
        if course.start <= on and course.id not in enrolled:
            yield course, _("“{title}”没有学员").format(title=course.title)
