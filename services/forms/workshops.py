"""Papers that a workshop or another unit submits: its employees, their wages, and the application based on both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from db.session import Session
from domain import divisions
from domain.claims import ENDED
from domain.errors import DomainError
from domain.han_amounts import capitals
from domain.money import yuan_grouped
from domain.records import Claim, Employment, Household, Person
from domain.words import _
from services import records
from services.claims import claims, submitted, work
from services.claims.claims import ClaimStatus
from services.claims.submitted import Submitted
from services.forms import handed_in
from services.forms.form import TOTAL, Cell, Form, Opinion
from services.forms.subjects import Subjects, date_words, label, place_name
from services.sheets import yuan
from services.standing import standings
from services.workshop.sheets import month_cells
from services.workshop.wages import WageSheet, paid_to, wage_sheet
from services.workshop.workshop import hires, recognised, workshop

ROSTER = (
    *("序号", "姓名", "性别", "身份证号码", "人员类别", "家庭住址", "岗位", "合同类型", "合同起止"),
    *("入职时间", "离职时间", "联系电话", "签字"),
)
APPLICATION = ("序号", "姓名", "身份证号码", "人员类别", "用工起止", "累计报酬（元）", "申请金额（元）")
WAGES = (*("序号", "姓名", "身份证号码"), *(f"{month}月" for month in (10, 11, 12, *range(1, 10))), *("期内支付合计", "达标", "签字"))
"""The months are October to September by default; the rules in force may begin the income period in another month."""
_PROMISE = (
    "本单位承诺：所填内容和所附花名册、工资发放凭证真实、准确、完整；没有为同一人在同一年度重复申请；愿意接受核查。"
    "如有虚报冒领，退回所领资金，并承担相应责任。"
)


def workshop_roster(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 8, first sheet: everybody who works or worked there. Raises `NotFound`."""
    on = session.today
    found = workshop(session, id, on)
    spells = [hire.employment for hire in hires(session, id, on)]
    about = Subjects(session, (), plain=plain)
    about.people = records.by_id(session, Person, (spell.person_id for spell in spells))
    about.households = records.by_id(session, Household, (person.household_id for person in about.people.values()))
    known = standings(session, {spell.person_id for spell in spells}, on)
    rows = [_hired(about, n, spell, known[spell.person_id].category_text()) for n, spell in enumerate(spells, 1)]
    heads = {"单位": found.employer.name, "认定文号": found.recognition.number or "" if found.recognition else "", "日期": date_words(on)}
    text = [f"在岗 {found.hired} 人，其中脱贫人口 {found.lifted} 人，监测对象 {found.monitored} 人。"]
    signed = ("填表人", "负责人", "单位（盖章）")
    title = "就业帮扶车间吸纳就业花名册"
    return Form(title, heads, columns=ROSTER, rows=rows, text=text, signatures=signed, wide=True)


def _hired(about: Subjects, number: int, spell: Employment, category: str) -> Sequence[Cell]:
    person: Person | None = about.people.get(spell.person_id)
    term = "无固定期限" if spell.open_ended else f"{spell.contract_start or ''}—{spell.contract_end or ''}".strip("—")
    household = about.households.get(person.household_id) if person else None
    address = "".join((divisions.name(person.village) or "" if person else "", about.of(household, "group")))
    who = (about.of(person, "name"), about.of(person, "sex"), about.of(person, "id_number"), category, address)
    contract = label("employment", "contract", spell.contract)
    return (number, *who, spell.job or "", contract, term, spell.start, spell.end or "", about.of(person, "phone"), "")


def workshop_wages(session: Session, id: str, year: int | None = None, *, plain: bool = False) -> Form:
    """No. 8, second sheet: the wages of an income period, with the monitoring line and who reached it. Raises `NotFound`."""
    sheet = wage_sheet(session, id, year, on=session.today)
    name = workshop(session, id, session.today).employer.name
    about = Subjects(session, (), plain=plain)
    about.people = records.by_id(session, Person, (line.person_id for line in sheet.lines))
    rows: list[Sequence[Cell]] = []
    for number, line in enumerate(sheet.lines, 1):
        gap = sheet.gap(line)
        reached = "" if gap is None else "是" if not gap else "否"
        who = (line.name, about.of(about.people.get(line.person_id), "id_number"))
        rows.append((number, *who, *month_cells(line.amounts, sheet.months), yuan(line.counted), reached, ""))
    heads = {
        "单位": name,
        "核算期": f"{date_words(sheet.start)}至{date_words(sheet.end)}",
        "监测线": f"{yuan_grouped(sheet.line)} 元" if sheet.line is not None else "未录入",
    }
    signed = ("填表人", "负责人", "单位（盖章）")
    text = _notes(sheet)
    columns = (*WAGES[:3], *(f"{int(month[5:])}月" for month in sheet.months), *WAGES[-3:])
    return Form(
        "就业帮扶车间工资发放表", heads, columns=columns, rows=rows, total=_wage_total(sheet), text=text, signatures=signed, wide=True
    )


def _notes(sheet: WageSheet) -> list[str]:
    """Notes on why the months of a line may not add up to its total, and why a line may not match its result."""
    notes = []
    if any(line.counted != line.total for line in sheet.lines):
        notes.append("各月按劳动月份列，期内支付合计按发放日期算：跨期发放的，两者不同。")
    if len({line.person_id for line in sheet.lines}) < len(sheet.lines):
        notes.append("同一人有几行的，达标与否按几行合计算。")
    return [*notes, sheet.gone] if sheet.gone else notes


def _wage_total(sheet: WageSheet) -> Sequence[Cell]:
    sums = [yuan(amount) for amount in sheet.month_totals()]
    return ("", TOTAL, "", *sums, yuan(sum(line.counted for line in sheet.lines)), "", "")


def employer_application(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 9: a unit's application for all its claims under one measure and year, as they were handed in; `id` is any of these claims.

    Raises `NotFound`, or `DomainError` for a claim that is not a unit's.
    """
    now = claims.standing(session, id)
    if now.claim.employer_id is None:
        raise DomainError(_("这笔申请是个人的，不用单位申请表。"))
    listed = _together(session, now.claim)
    both = [_today(session, now.claim, [each.claim for each in listed], plain=each) for each in dict.fromkeys((plain, False))]
    return _as_handed_in(session, now, listed, both[0], both[-1])


def own_part(session: Session, claim: Claim) -> Form:
    """What is kept of a unit's application by one claim: the unit, and the claim's own row."""
    found = _today(session, claim, [claim], plain=False)
    return Form(found.title, boxes=found.boxes, rows=list(found.rows.values()))


@dataclass(frozen=True)
class _Today:
    """A unit's application as it would be filled today: the boxes without the sums (above the last box), and the rows by claim id."""

    title: str
    boxes: Sequence[Sequence[tuple[str, str]]]
    rows: Mapping[str, Sequence[Cell]]


def _today(session: Session, asked: Claim, listed: Sequence[Claim], *, plain: bool) -> _Today:
    about = Subjects(session, listed, plain=plain)
    employer = about.employers.get(asked.employer_id)
    document = recognised(session, [str(asked.employer_id)], session.today).get(str(asked.employer_id))
    address = divisions.full_name(employer.place) if employer is not None and employer.place else ""
    boxes = [
        (("单位名称", about.of(employer, "name")), ("统一社会信用代码", about.of(employer, "uscc"))),
        (("单位类型", about.of(employer, "type")), ("认定文号", document.number or "" if document else "")),
        (("负责人", about.of(employer, "head")), ("联系电话", about.of(employer, "phone"))),
        (("单位地址", address or ""),),
        (("开户行", ""), ("账号", "")),
        (("申请项目", about.item(asked)), ("申请年度", str(asked.year))),
        (("政策依据", about.basis(asked)),),
    ]
    return _Today(f"{about.item(asked)}申请表", boxes, _claimed_for(session, about, listed))


def _as_handed_in(session: Session, now: ClaimStatus, listed: Sequence[ClaimStatus], today: _Today, masked: _Today) -> Form:
    """The application with the unit, rows and amounts that were kept, and what differs today. `masked`: as today's, with masked numbers."""
    kept = {each.claim.id: found for each in listed if (found := submitted.of(each)) is not None}
    own = kept.get(now.claim.id)
    rows, told = [], list(handed_in.changed_boxes(own, masked.boxes)) if own is not None else []
    for n, (id, row) in enumerate(today.rows.items(), 1):
        before, (current,) = kept[id].rows if id in kept else (), submitted.bounded([masked.rows[id]])
        changed = before and list(before[0][1:]) != current[1:]
        rows.append((n, *(before[0] if changed else row)[1:]))
        told += [f"{before[0][1]}：{'，'.join(handed_in.changed_cells(APPLICATION, before[0], current))}"] if changed else []
    amounts = {each.claim.id: kept[each.claim.id].amount if each.claim.id in kept else each.claim.amount for each in listed}
    boxes = handed_in.as_kept(own, today.boxes, masked.boxes) if own is not None else today.boxes
    text = handed_in.difference(own.on, told) if own is not None else []
    unkept = sum(submitted.handed_in(each) and each.claim.id not in kept for each in listed)
    text += [f"其中 {unkept} 笔{handed_in.UNKEPT}"] if unkept else []
    return _unit_form(session, replace(today, boxes=boxes), own, rows, amounts, listed, text)


def _unit_form(
    session: Session,
    today: _Today,
    own: Submitted | None,
    rows: Sequence[Sequence[Cell]],
    amounts: Mapping[str, int],
    listed: Sequence[ClaimStatus],
    text: Sequence[str],
) -> Form:
    total = sum(amounts.values())
    boxes = [
        *today.boxes[:-1],
        (("申请人数", str(len({each.claim.person_id for each in listed}))), ("申请金额（元）", yuan_grouped(total))),
        (("金额大写", capitals(total)),),
        today.boxes[-1],
    ]
    opinions = (
        Opinion("单位承诺", _PROMISE, "负责人（签字）：　　　　　　单位（盖章）　　　　年　　月　　日"),
        Opinion("乡镇审核意见"),
        Opinion("农业农村部门核对人员身份"),
        Opinion("人社部门审核意见"),
    )
    sums: Sequence[Cell] = ("", TOTAL, "", "", "", "", yuan(total))
    heads = {"填报单位": place_name(session), "填报时间": date_words(own.on if own is not None else session.today)}
    title = own.title if own is not None else today.title
    return Form(title, heads, boxes=boxes, columns=APPLICATION, rows=rows, total=sums, text=text, opinions=opinions)


def _together(session: Session, asked: Claim) -> list[ClaimStatus]:
    """The claims of the same unit, measure and year that have not ended, and `asked` in any case."""
    same = session.select(Claim, employer_id=asked.employer_id, rule=asked.rule, year=asked.year, order=("created_at", "id"))
    return [each for each in claims.standings(session, same) if each.state not in ENDED or each.claim.id == asked.id]


def _claimed_for(session: Session, about: Subjects, listed: Sequence[Claim]) -> dict[str, Sequence[Cell]]:
    """The rows by claim id."""
    first = listed[0]
    rule = about.rule(first)
    people = {claim.person_id for claim in listed if claim.person_id}
    period = work.period(rule, first.year) if rule is not None else ("", f"{first.year}-12-31")
    paid = paid_to(session, str(first.employer_id), people, period) if rule is not None and work.sums_wages(rule) else {}
    known = standings(session, people, period[1])
    rows: dict[str, Sequence[Cell]] = {}
    for n, claim in enumerate(listed, 1):
        if claim.person_id is None:
            continue  # a payment to the unit itself
        person, spells = about.people.get(claim.person_id), about.work[claim.id]
        months = "、".join(work.months(rule, claim.year, spell) for spell in spells) if rule else ""
        counted: Cell = yuan(paid[claim.person_id]) if claim.person_id in paid else ""
        who = (about.of(person, "name"), about.of(person, "id_number"), known[claim.person_id].category_text())
        rows[claim.id] = (n, *who, months, counted, yuan(claim.amount))
    return rows
