"""Turns records and figures about a person into the text of the person's page. Secret fields are masked unless `plain`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from db.changes import Change as Entry
from desktop.people.columns import category_tone
from desktop.people.shown import Change, Chip, Grant, Income, Member, PersonShown, Spell, Training
from domain import divisions
from domain.clock import when
from domain.divisions import Region
from domain.fields import KINDS
from domain.identity import age_on
from domain.income import Income as IncomeFigures
from domain.money import yuan_grouped
from domain.periods import add_months
from domain.records import CategorySpan, ClaimStep, Employment, Enrolment, HouseholdIncome, MonthlyCheck, Person
from domain.words import _
from services import person as found
from services.cards import rule_names
from services.key_changes import UnconfirmedChange, day
from services.person import PersonPage
from services.training import outcome_of

_PERSON = Person.KIND.by_name
_MONEY = HouseholdIncome.KIND.by_name["wages"]
_CHIP_TONES = {
    "workshop": "good",
    "post": "good",
    "county": "good",
    "city": "good",
    "province": "good",
    "outside": "info",
    "abroad": "info",
    "idle": "warn",
}
_STATE_TONES = {"paid": "good", "approved": "good", "returned": "warn", "refused": "bad", "recovered": "bad", "draft": "plain"}
_OUTCOME_TONES = {"completed": "good", "dropped": "warn", "refused": "warn", "enrolled": "info"}
_FACTS = ("nation", "education", "school_state", "health", "labour", "political")
_LATER_FACTS = ("payee_relation", "number", "residence", "died_on", "acting_for", "note")


def present(page: PersonPage, today: str, *, plain: bool, period: tuple[int, tuple[str, str]], author: str = "") -> PersonShown:
    """Return everything that a person's page shows on the local day `today`; `period`: the income period by its year and days; `author`:
    the user who looks at the page."""
    person, month = page.person, today[:7]
    return PersonShown(
        id=person.id,
        name=person.name,
        facts=_who(page, today),
        chips=_chips(page),
        document=_PERSON["document"].show(person.document),
        id_number=_PERSON["id_number"].show(person.id_number, plain=plain),
        phone=_PERSON["phone"].show(person.phone, plain=plain),
        plain=plain,
        fields=list(_fields(page, plain=plain)),
        members=[_member(member, person.id, today) for member in page.members],
        living=sum(not member.person.died_on for member in page.members),
        household_id=person.household_id,
        spells=[spell for one in page.spells if (spell := _spell(one, month)) is not None],
        checks={of: _mark(check) for of, check in page.checks.items()},
        month=month,
        wish=_("需求 {day}").format(day=page.wish.opened_on) if page.wish else "",
        wish_id=page.wish.id if page.wish else "",
        promises=_promises(page),
        visits=page.visits[:2],
        visit_count=page.visit_count,
        grants=[_grant(grant) for grant in page.grants],
        trainings=[*_trainings(page), *_terms(page)],
        answers=page.answers,
        wage_year=period[0],
        wage_period=period[1],
        wages=_wages(page),
        paid=[one for one in page.wages if one.counted],
        income=_income(page),
        next_income=page.to_collect,
        history=_history(page, plain=plain),
        can_repeat_check=month not in page.checks and add_months(month, -1) in page.checks,
        to_explain=tuple(one.id for one in page.unconfirmed if one.pending.event.by == author),
        deleted=person.deleted_at is not None,
    )


def _who(page: PersonPage, today: str) -> str:
    person, home = page.person, page.household
    age = _("{n} 岁").format(n=_age(person, today)) if _age(person, today) else ""
    where = " ".join(part for part in (divisions.name(person.village) or "", (home.group or "") if home else "") if part)
    return "　".join(part for part in (_PERSON["sex"].show(person.sex), age, where, _PERSON["relation"].show(person.relation)) if part)


def _age(person: Person, today: str) -> str:
    """Age in full years; of a dead person, at death; "" if it is not known."""
    day = min(today, person.died_on or today)
    return str(age_on(person.birth, day)) if person.birth and person.birth <= day else ""


def _chips(page: PersonPage) -> list[Chip]:
    label = CategorySpan.KIND.by_name["category"].label_of
    chips = [(label(code), category_tone(code)) for code in sorted(set(page.standing.categories))]
    if page.person.labour == "weak":
        chips.append((_("弱劳动力"), "warn"))
    if page.unconfirmed:  # details are among the facts: a sentence here would push the number out of a narrow window
        against = any(one.pending.dispute for one in page.unconfirmed)
        chips.append((_("有异议"), "bad") if against else (_("待确认"), "warn"))
    word, sort = page.chip
    if page.person.deleted_at is not None:
        chips.append((_("已删除"), "bad"))
    return [*chips, (word, _CHIP_TONES.get(sort, "plain"))]


def _fields(page: PersonPage, *, plain: bool) -> Iterator[tuple[str, str]]:
    person, home = page.person, page.household
    values = person.__dict__

    def field(name: str) -> Iterator[tuple[str, str]]:
        text = _PERSON[name].show(values[name], plain=plain)
        if text:
            yield _(_PERSON[name].label), text

    for one in page.unconfirmed:
        yield _("待确认"), _unconfirmed(one, plain=plain)
    for name in _FACTS:
        yield from field(name)
    if page.spans:
        yield _("身份"), "\n".join(_span(span) for span in page.spans)
    if person.bank_account:
        account = _PERSON["bank_account"].show(person.bank_account, plain=plain)
        yield _("社保卡"), " ".join(part for part in (person.bank_name or "", account) if part)
    if home is not None:
        for name in ("number", "address"):
            if home[name]:
                yield _(KINDS["household"].by_name[name].label), str(home[name])
    for name in _LATER_FACTS:
        yield from field(name)


def _unconfirmed(one: UnconfirmedChange, *, plain: bool) -> str:
    """What was changed, and whose confirmation it waits for."""
    event, pending = one.pending.event, one.pending
    old, new = one.shown(plain=plain)
    text = _("{label}由 {old} 改为 {new}，{who} {day} 改的，已经在用。").format(
        label=one.label(), old=old or _("（空）"), new=new or _("（空）"), who=event.name, day=day(event.at)
    )
    if pending.reason:
        text += _("原因：{why}。").format(why=pending.reason)
    if pending.dispute:
        return text + _("{who}有异议：{why}。核实后改正，或者写明原因。").format(who=pending.disputed_by, why=pending.dispute)
    return text + _("等乡镇或县里另一个人核实；在那以前，批准和发钱的人会看到提醒。")


def _span(span: CategorySpan) -> str:
    word = span.shown("category")
    if span.start and span.end:
        return _("{word}（{start} 至 {end}）").format(word=word, start=span.start, end=span.end)
    if span.end:
        return _("{word}（至 {end}）").format(word=word, end=span.end)
    return _("{word}（{start} 起）").format(word=word, start=span.start) if span.start else word


def _member(member: found.Member, here: str, today: str) -> Member:
    person = member.person
    role = " ".join(part for part in (_PERSON["relation"].show(person.relation), _age(person, today)) if part)
    word, sort = member.chip
    return Member(person.id, person.name, role, (word, _CHIP_TONES.get(sort, "plain")), person.id == here)


def _spell(spell: found.Spell, month: str) -> Spell | None:
    within = spell.months(month)
    if within is None:
        return None
    tone = "info" if spell.region in (Region.OUTSIDE, Region.ABROAD) else "good"
    return Spell(*within, spell.where or Employment.KIND.by_name["channel"].show(spell.channel), tone)


def _mark(check: MonthlyCheck) -> str:
    """ "done" for a month of work, otherwise a short word for the reason."""
    idle = {"school": _("在校"), "no_wish": _("无意愿"), "unable": _("无劳力"), "unemployed": _("待业")}
    return idle.get(check.status, "done")


def _promises(page: PersonPage) -> list[tuple[str, int, int]]:
    if page.promise is None:
        return []
    given = page.promise
    return [(_("指导"), given.guidance, 1), (_("岗位"), given.jobs, 3), (_("培训"), given.training, 1)]


def _grant(grant: found.Grant) -> Grant:
    claim = grant.claim
    state = ClaimStep.KIND.by_name["to_state"].show(grant.state)
    amount = yuan_grouped(grant.paid or claim.amount)
    if grant.owed:
        state = _("差额待补发")
    return Grant(
        str(claim.year),
        _(rule_names().get(claim.rule, claim.rule)),
        amount,
        (state, _STATE_TONES.get(grant.state, "info")),
        grant.paid_on or "",
    )


def _trainings(page: PersonPage) -> Iterator[Training]:
    fields = Enrolment.KIND.by_name
    for enrolment, course in page.trainings:
        days = _("{n}/{all} 天").format(n=enrolment.days_present, all=enrolment.days_total) if enrolment.days_total else ""
        score = _("成绩 {score}").format(score=enrolment.score) if enrolment.score is not None else ""
        dates = f"{course.start} – {course.end[5:]}" if course else ""
        outcome = outcome_of(enrolment.outcome, enrolment.certificate) or "enrolled"
        yield Training(
            course.title if course else _("培训"),
            "　".join(part for part in (dates, days, score) if part),
            (fields["outcome"].label_of(outcome), _OUTCOME_TONES.get(outcome, "plain")),
        )


def _terms(page: PersonPage) -> Iterator[Training]:
    for term in page.schooling:
        fields = term.KIND.by_name
        yield Training(term.school, fields["term"].show(term.term), (fields["stage"].show(term.stage), "info"))


def _wages(page: PersonPage) -> dict[str, int]:
    sums: dict[str, int] = {}
    for employer in page.wages:
        for month, amount in employer.months.items():
            sums[month] = sums.get(month, 0) + amount
    return sums


def _income(page: PersonPage) -> Income | None:
    if page.income is None or page.income.latest is None:
        return None
    latest, line = page.income.latest, page.income.line
    fields = HouseholdIncome.KIND.by_name
    values = {"first": latest.period.start[:7], "last": latest.period.end[:7], "n": latest.months}
    covered = _("{first} 至 {last}") if latest.whole else _("{first} 至 {last}，已记 {n} 个月")
    parts = [(_(fields[name].label), fields[name].show(amount)) for name, amount in latest.parts.items() if amount]
    return Income(latest.year, covered.format(**values), parts, _MONEY.show(latest.per_head), _to_line(latest, line))


def _to_line(latest: IncomeFigures, line: int | None) -> tuple[str, str]:
    if line is None:
        return _("{year} 年监测线还没有填").format(year=latest.year), "plain"
    if latest.per_head >= line:
        return _("已过监测线"), "good"
    values, tone = (_("低于监测线 {gap} 元"), "bad") if latest.whole else (_("离监测线还差 {gap} 元"), "plain")
    return values.format(gap=_MONEY.show(line - latest.per_head)), tone


def _history(page: PersonPage, *, plain: bool) -> list[Change]:
    """The changes, latest first; what was set when the person was registered is one line."""
    whole = {
        "I": _("登记（{how}）").format(how=page.imported) if page.imported else _("登记"),
        "D": _("删除"),
        "R": _("恢复"),
        "C": _("核对冲突"),
    }
    lines = [(line.at, Change(when(line.at), line.by, f"{line.what}　{line.new}")) for line in page.lost]
    for (at, by, what), group in groupby(page.history, key=lambda entry: (entry.at, entry.by, entry.what)):
        texts = [_words(entry, plain=plain) for entry in group] if what == "U" else [whole.get(what, what)]
        lines += [(at, Change(when(at), by, text)) for text in texts]
    ordered = sorted(lines, key=lambda line: line[0]) if page.lost else lines
    return [change for _at, change in reversed(ordered)]


def _words(entry: Entry, *, plain: bool) -> str:
    declared = _PERSON[entry.field]
    old, new = (declared.show(value, plain=plain) or _("（空）") for value in (entry.old, entry.new))
    return _("{field}：{old} → {new}").format(field=_(declared.label), old=old, new=new)
