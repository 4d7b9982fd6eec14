"""Early warnings (`domain.md` §9.5), as far as stored facts allow. Pure: the same records and day give the same warnings.

A13 and A16 are declared here but found by `services.alerts`, since policy packs are not records. A10, A11 and A15 use the months and the
income period of the provincial document, unless `instead` gives others; the rules in force decide who may soon claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from domain import divisions, periods
from domain.alert_rule import Alert, Find, Found, Tone, Watch
from domain.claims import apart
from domain.divisions import Region
from domain.grouping import by_key
from domain.income import line_at, paid_within, poor
from domain.periods import Spell, add_days, add_months, clip, first_day, income_period, income_year, last_day, longest, reached_on
from domain.post_month import OLDEST_ON_POST
from domain.promise import NEEDED, promise
from domain.quality_people import age
from domain.quality_work import WORKING_STATES, student
from domain.records import Appointment, Claim, Employer, Employment, Household, MonitorLine, Payment, Person, RightsIssue, Schooling
from domain.records.people import ABLE, LIFTED, WORKING_AGE
from domain.register import Register, holds
from domain.words import _

UNVERIFIED_DAYS: Final = 35
RETURNED_DAYS: Final = 30
RETURNED_LONG_AGO: Final = 180
ENDING_DAYS: Final = 30
NEARLY_DAYS: Final = 15
MONTHS_AWAY: Final = 3
NEARLY_SHARE: Final = 90  # per cent of the monitor line
DROP_SHARE: Final = 90
DROP_LEAST: Final = 10  # people: a percentage of fewer says nothing
WISH_DAYS: Final = 30
TERM_MONTHS: Final = 6
RECOGNISED_PEOPLE: Final = 5
WORKSHOPS: Final = ("workshop", "community_factory", "satellite_factory", "heritage_workshop")
"""Types of recognition that article 十五 rewards."""

WATCHES: list[Watch] = []
"""Every alert rule, the gravest first."""


def watch(code: str, title: str, tone: Tone) -> Callable[[Find], Find]:
    """Declare an alert rule."""

    def declare(find: Find) -> Find:
        WATCHES.append(Watch(code, title, tone, find))
        return find

    return declare


def warnings(register: Register, on: str, instead: Mapping[str, Find] | None = None) -> list[Alert]:
    """All warnings of a day, by severity, then by due date. `instead`: replacement finders, by code."""
    found: list[Alert] = []
    for declared in WATCHES:
        own = [declared.alert(*each) for each in (instead or {}).get(declared.code, declared.find)(register, on)]
        found += sorted(own, key=lambda alert: (alert.due, alert.kind, alert.id))
    return found


def _days_apart(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _this_month(on: str) -> str:
    """The due date of a present state: the first of the month, so that once dealt with it reappears next month."""
    return f"{on[:7]}-01"


def _can_work(register: Register, person: Person, on: str) -> bool:
    if person.labour not in ABLE or (age(person, on) or 0) not in WORKING_AGE or person.died_on:
        return False
    return not student(person) and not _in_term(register, person, on)


def _in_term(register: Register, person: Person, on: str) -> bool:
    """Whether a school term on record, which lasts half a year, includes a day."""
    terms = (one for one in register.by(Schooling, "person_id").get(person.id, ()) if one.state not in ("suspended", "dropped"))
    return any(one.term_start <= on < add_months(one.term_start[:7], TERM_MONTHS) for one in terms)


def _at_work(register: Register, person_id: str, on: str) -> bool:
    person = register.people.get(person_id)
    if person is not None and person.died_on and person.died_on <= on:
        return False  # an open-ended spell or post
    return person_id in register.at_work(on)


# -- bad -------------------------------------------------------------------------------------------------------------------


@watch("A6", "欠薪或两个月没有工资", "bad")
def unpaid(register: Register, on: str) -> Found:
    """An open complaint about wages; a workshop spell without a wage in the two full months before."""
    for issue in register.all(RightsIssue):
        if issue.type == "wage_arrears" and issue.closed_on is None and issue.on <= on:
            yield issue, issue.on, _("{name} 反映欠薪，还没办结").format(name=register.name(issue.person_id))
    missed = (add_months(on[:7], -2), add_months(on[:7], -1))
    for spell in register.all(Employment):
        if spell.channel != "workshop" or not holds(spell.start, spell.end, on) or spell.start[:7] > missed[0] or len(spell.start) < 7:
            continue
        months = {wage.month for wage in register.wages.get(spell.id, ())}
        if months.isdisjoint(missed):
            since = max((add_months(month, 1) for month in months if month < missed[0]), default=spell.start[:7])
            yield spell, last_day(missed[1]), _("{name} 从 {month} 起没有工资记录").format(name=register.name(spell.person_id), month=since)


@watch("A8", "公益岗人员不宜在岗", "bad")
def unfit_holder(register: Register, on: str) -> Found:
    """A holder who died, turns 70, works elsewhere or goes to school."""
    for held in register.all(Appointment):
        person = register.people.get(held.person_id)
        if person is None or not holds(held.start, held.exit_on, on):
            continue
        elsewhere = [spell for spell in register.working(person.id, on) if spell.channel != "public_post"]
        if person.died_on:
            yield held, person.died_on, _("{name} 已去世，公益岗还没退").format(name=register.name(person.id))
        elif (age(person, add_days(on, ENDING_DAYS)) or 0) >= OLDEST_ON_POST:
            yield held, _last_birthday(person), _("{name} 满 70 周岁，应办退岗").format(name=register.name(person.id))
        elif elsewhere:
            yield held, first_day(elsewhere[0].start), _("{name} 在公益岗，又在别处务工").format(name=register.name(person.id))
        elif student(person):
            yield held, held.start, _("{name} 在公益岗，又是在校生").format(name=register.name(person.id))


def _last_birthday(person: Person) -> str:
    born = person.birth or ""
    year = int(born[:4]) + OLDEST_ON_POST
    return f"{year}-03-01" if born[5:] == "02-29" else f"{year}-{born[5:]}"


@watch("A12", "疑似重复发放", "bad")
def paid_twice(register: Register, on: str) -> Found:
    """Two paid claims of one person under one rule for one year, unless for different months, terms or courses."""
    paid = {payment.claim_id for payment in register.all(Payment) if payment.bank_result != "failed" and payment.amount > 0}
    alike = by_key(
        ((claim.rule, claim.person_id, claim.year), claim) for claim in register.all(Claim) if claim.id in paid and claim.person_id
    )
    for (_rule, person_id, year), claims in alike.items():
        for claim in (each for each in claims if any(each is not one and not apart(each, one) for one in claims)):
            yield claim, f"{year}-12-31", _("{name} {year} 年同一项补助发放了两次").format(name=register.name(person_id), year=year)


@watch("A7", "协议或意外险到期", "bad")
def ending(register: Register, on: str) -> Found:
    """A post holder's agreement or insurance that ends within thirty days, or has ended, without a successor. Not for the dead, whose
    post must be ended instead (A8)."""
    for held in register.all(Appointment):
        person = register.people.get(held.person_id)
        if not holds(held.start, held.exit_on, on) or (person is not None and person.died_on):
            continue
        name = register.name(held.person_id)
        for rows, word in ((register.agreements, _("协议")), (register.insurances, _("意外险"))):
            last = max(rows.get(held.id, ()), key=lambda row: (row.end, row.id), default=None)
            if last is not None and last.end <= add_days(on, ENDING_DAYS):
                message = _("{name} 的{what}已于 {end} 到期") if last.end < on else _("{name} 的{what} {end} 到期")
                yield last, last.end, message.format(name=name, what=word, end=last.end)


watch("A15", "人均纯收入低于监测线", "bad")(poor)


# -- may be lost ---------------------------------------------------------------------------------------------------------------


@watch("A1", "由就业转为失业", "warn")
def lost_work(register: Register, on: str) -> Found:
    """Working in one monthly check, unemployed in the next."""
    since = add_months(on[:7], -1)
    for person_id, checks in register.monthly.items():
        by_month = {check.month: check for check in checks if check.month <= on[:7]}
        latest = by_month[max(by_month)] if by_month else None
        if latest is None or latest.status != "unemployed" or latest.month < since:
            continue
        before = by_month.get(add_months(latest.month, -1))
        if before is not None and before.status in WORKING_STATES:
            yield latest, last_day(latest.month), _("{name} 由务工转为待业").format(name=register.name(person_id))


@watch("A5", "零就业家庭", "warn")
def nobody_works(register: Register, on: str) -> Found:
    """A household with people able to work, none of whom works."""
    for household in register.all(Household):
        members = register.members.get(household.id, ())
        able = [person for person in members if _can_work(register, person, on)]
        if able and not any(_at_work(register, person.id, on) for person in members):
            head = next((person for person in members if person.relation == "户主"), able[0])
            yield household, _this_month(on), _("{name} 家 {count} 个劳动力都没有就业").format(name=head.name, count=len(able))


@watch("A3", "返乡 30 天没有安排", "warn")
def back_home(register: Register, on: str) -> Found:
    """Work that ended a month ago or more, with nothing since and no job wish entered."""
    for person_id, spells in register.spells.items():
        person = register.people.get(person_id)
        ends = [(last_day(spell.end), spell) for spell in spells if spell.end is not None]
        if person is None or not ends or not _can_work(register, person, on) or _at_work(register, person_id, on):
            continue
        end, spell = max(ends, key=lambda pair: (pair[0], pair[1].id))
        wished = any(wish.closed_on is None or wish.opened_on >= end for wish in register.wishes.get(person_id, ()))
        if not wished and add_days(on, -RETURNED_LONG_AGO) <= end <= add_days(on, -RETURNED_DAYS):
            days = _days_apart(end, on)
            yield (
                spell,
                add_days(end, RETURNED_DAYS),
                _("{name} 返乡已 {days} 天，没有新的务工，也没有登记就业需求").format(name=register.name(person.id), days=days),
            )


@watch("A9", "车间停产或带动人数不足", "warn")
def weak_workshop(register: Register, on: str) -> Found:
    """A recognised workshop that is idle, or employs fewer lifted people than its recognition requires."""
    hired: dict[str, set[str]] = defaultdict(set)
    for spell in register.all(Employment):
        if spell.employer_id and holds(spell.start, spell.end, on) and LIFTED & register.categories(spell.person_id, on):
            hired[spell.employer_id].add(spell.person_id)
    for employer in _recognised(register, on, ("workshop",)):
        if employer.state in ("idle", "closed"):
            state = Employer.KIND.by_name["state"].show(employer.state)
            yield employer, _this_month(on), _("“{name}”已认定，但状态是{state}").format(name=employer.name, state=state)
        elif (count := len(hired[employer.id])) < RECOGNISED_PEOPLE:
            message = _("“{name}”带动脱贫人口 {count} 人，少于 {least} 人")
            yield employer, _this_month(on), message.format(name=employer.name, count=count, least=RECOGNISED_PEOPLE)


def _recognised(register: Register, on: str, types: Collection[str]) -> Iterator[Employer]:
    documents = {
        document["employer_id"]
        for document in register.records("recognition")
        if document["type"] in types and holds(document["start"], document["end"], on)
    }
    return (employer for employer in register.all(Employer) if employer.id in documents)


@watch("A14", "有需求 30 天没推荐满岗位", "warn")
def unserved(register: Register, on: str) -> Found:
    """A job wish open for over thirty days with fewer than three suitable jobs."""
    return too_few_jobs(register, on, NEEDED[1])


def too_few_jobs(register: Register, on: str, owed: int) -> Found:
    """A job wish open for over thirty days with fewer suitable jobs than `owed`."""
    for wishes in register.wishes.values():
        for wish in wishes:
            person = register.people.get(wish.person_id)
            if person is not None and person.died_on:
                continue
            if wish.closed_on is None and wish.opened_on < add_days(on, -WISH_DAYS):
                birth = person.birth if person else None
                given = promise(wish, register.services.get(wish.person_id, ()), register.vacancies, birth, register.courses)
                if given.jobs < owed:
                    name = register.name(wish.person_id)
                    message = _("{name} 有就业需求，已推荐 {count} 个岗位").format(name=name, count=given.jobs)
                    yield wish, add_days(wish.opened_on, WISH_DAYS), message


def fell(now: int, before: int) -> bool:
    """Whether the number at work dropped sharply: by a tenth or more of at least ten people."""
    return before >= DROP_LEAST and now * 100 <= before * DROP_SHARE


@watch("A4", "务工人数比上月少一成", "warn")
def fewer_working(register: Register, on: str) -> Found:
    """Ten per cent fewer people of a village at work than at the end of last month."""
    before_day = last_day(add_months(on[:7], -1))
    now: dict[str, int] = defaultdict(int)
    before: dict[str, int] = defaultdict(int)
    for person in register.all(Person):
        now[person.village] += _at_work(register, person.id, on)
        before[person.village] += _at_work(register, person.id, before_day)
    for village in sorted(before):
        if fell(now[village], before[village]):
            name = divisions.called(village)
            yield (
                village,
                before_day,
                _("{name}务工 {now} 人，上月末 {before} 人").format(name=name, now=now[village], before=before[village]),
            )


@watch("A2", "超过 35 天没有核实", "warn")
def unverified(register: Register, on: str) -> Found:
    """A person at work who has not been checked for 35 days."""
    for person in (person for person in register.all(Person) if not person.died_on):
        spells = register.working(person.id, on)
        if not spells:
            continue
        months = [check.month for check in register.monthly.get(person.id, ()) if check.month <= on[:7]]
        if not months and any(len(spell.start) < 7 for spell in spells):
            continue
        since = min(on, last_day(max(months))) if months else last_day(min(spell.start for spell in spells))
        if _days_apart(since, on) > UNVERIFIED_DAYS:
            yield (
                person,
                add_days(since, UNVERIFIED_DAYS),
                _("{name} 已 {days} 天没有核实务工情况").format(name=register.name(person.id), days=_days_apart(since, on)),
            )


@watch("A13", "政策或县里的参数快到期", "warn")
def policy_ending(_register: Register, _on: str) -> Found:
    """Declared only: records do not show it (see `services.alerts`)."""
    yield from ()


@watch("A16", "县里的政策包用不了", "bad")
def policy_unusable(_register: Register, _on: str) -> Found:
    """Declared only: records do not show it (see `services.alerts`)."""
    yield from ()


# -- to gain ---------------------------------------------------------------------------------------------------------------------


@watch("A10", "快满务工月数，可申请交通补助", "good")
def nearly_three_months(register: Register, on: str) -> Found:
    """A person of a policy group who works in another province and will complete three months there within fifteen days."""
    return nearly_away(register, on, MONTHS_AWAY)


def nearly_away(register: Register, on: str, months: int) -> Found:
    """As `nearly_three_months`, for the number of months that a rule requires."""
    year = (f"{on[:4]}-01-01", f"{on[:4]}-12-31")
    for person_id, spells in register.spells.items():
        away = [spell for spell in spells if divisions.region(spell.place, spell.village) is Region.OUTSIDE]
        if not any(holds(spell.start, spell.end, on) for spell in away) or not _in_a_group(register, person_id):
            continue
        day = reached_on(_inside(away, year), months)
        if day is not None and on < day <= add_days(on, NEARLY_DAYS):
            said = {"name": register.name(person_id), "days": _days_apart(on, day), "months": months}
            ongoing = max((spell for spell in away if holds(spell.start, spell.end, on)), key=lambda spell: spell.id)
            yield ongoing, day, _("{name} 再干 {days} 天满 {months} 个月，可申请交通补助").format(**said)


def _in_a_group(register: Register, person_id: str) -> bool:
    """Whether any policy may apply to a person at all. Which groups count and until when is left to the rules in force
    (`services.alerts`): 脱贫不稳定户 stay 脱贫人口 after their risk is cleared."""
    return any(span.category != "ordinary" for span in register.spans.get(person_id, ()))


def _inside(spells: Sequence[Employment], year: tuple[str, str]) -> list[Spell]:
    """The longest extent of each spell within the year; open spells continue."""
    whole = [longest(spell.start, spell.end, year[1]) for spell in spells]
    return [part for spell in whole if spell is not None and (part := clip(spell, *year)) is not None]


@watch("A11", "车间报酬快到监测线", "good")
def nearly_at_the_line(register: Register, on: str) -> Found:
    """A person of a policy group paid at least ninety per cent of the monitor line of their village, but not all of it, by a recognised
    workshop or other carrier."""
    return nearly_paid(register, on, periods.INCOME_PERIOD_START)


def nearly_paid(register: Register, on: str, period_start: str) -> Found:
    """As `nearly_at_the_line`, for the income period of a rule, which begins on `period_start` (`10-01`)."""
    year = income_year(on, period_start)
    period = income_period(year, period_start)
    lines = [line for line in register.all(MonitorLine) if line.year == year]
    carriers = {employer.id for employer in _recognised(register, on, WORKSHOPS)}
    paid: dict[tuple[str, str], int] = defaultdict(int)
    spells: dict[tuple[str, str], Employment] = {}
    for spell in register.all(Employment):
        if spell.employer_id in carriers and (amount := paid_within(register.wages.get(spell.id, ()), period)):
            paid[spell.employer_id, spell.person_id] += amount
            spells[spell.employer_id, spell.person_id] = spell
    for (employer_id, person_id), amount in paid.items():
        person = register.people.get(person_id)
        holding = line_at(lines, year, person.village) if person is not None else None
        line = holding.amount if holding is not None else 0
        if amount < line and amount * 100 >= line * NEARLY_SHARE and _in_a_group(register, person_id):
            name, gap = register.name(person_id), Payment.KIND.by_name["amount"].show(line - amount)
            yield spells[employer_id, person_id], period.end, _("{name} 离监测线还差 {gap} 元").format(name=name, gap=gap)
