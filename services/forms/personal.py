"""Papers that an applicant signs: the application with its promise, the authorisation of an agent, the proof of work, and the statement
instead of it."""

from __future__ import annotations

from collections.abc import Sequence

from db.session import Session
from domain.money import yuan_grouped, yuan_text
from domain.records import Claim, Employment, Person, Travel
from services.claims import claims
from services.forms import handed_in
from services.forms.form import Cell, Form, Opinion
from services.forms.subjects import Subjects, date_words, employer_of, place_of
from services.sheets import yuan

_TITLE = "申请表"
WORK = ("序号", "起止时间", "务工地点", "务工单位", "工种", "月工资（元）")
_PROMISE = (
    "本人承诺：所填内容和提供的材料真实、准确、完整；同一年度没有在别处重复申领此项补助；情况有变化及时告知村委会。"
    "如有虚报冒领，自愿退回所领补助，并承担相应责任。"
)
_TRUST = (
    "因本人不能亲自办理，现委托上述受托人代为办理{year}年度{item}的申请、提交材料和签收有关文书。"
    "受托人在上述范围内办理的事项，本人均予承认。"
)
_UNPROVEN = "，因　　　　　　　　　　　　　未能取得务工证明，现将务工情况如实说明如下："


def application(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 1: the application for a person's claim, with the promise, as it was handed in. Raises `NotFound`."""
    now = claims.standing(session, id)
    today = of_today(session, now.claim, plain=plain)
    return handed_in.of_person(now, today, of_today(session, now.claim) if plain else today)


def of_today(session: Session, claim: Claim, *, plain: bool = False) -> Form:
    """The application as it would be filled today."""
    about = Subjects(session, [claim], plain=plain)
    person = about.people.get(claim.person_id)
    boxes = _person(about, claim, person)
    boxes += [
        (("申请年度", str(claim.year)), ("申请金额（元）", yuan_grouped(claim.amount) if claim.amount else "待核定")),
        (("往返交通费", _fares(session, claim)), ("申请日期", date_words(claim.filed_on))),
        (("政策依据", about.basis(claim)),),
    ]
    opinions = (
        Opinion("承诺书", _PROMISE, "承诺人（签字、按手印）：　　　　　　年　　月　　日"),
        Opinion("村委会初审意见"),
        Opinion("乡镇审核意见"),
        Opinion("县级审核意见"),
    )
    rows = _work(session, about.work[claim.id])
    return Form(f"{about.item(claim)}{_TITLE}", boxes=boxes, columns=WORK if rows else (), rows=rows, opinions=opinions)


def delegation(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 2: the authorisation of an agent who acts for the applicant, as the claim was handed in. Raises `NotFound`."""
    claim, signed, value = _repeated(session, id, plain=plain, work=False)
    boxes = [
        (("委托人", value["姓名"]), ("联系电话", value["联系电话"])),
        (("身份证号码", value["身份证号码"]),),
        (("受托人", ""), ("与委托人关系", "")),
        (("受托人身份证号码", ""), ("受托人电话", "")),
    ]
    text = [
        _TRUST.format(year=claim.year, item=signed.title.removesuffix(_TITLE)),
        "委托期限：自　　　年　　月　　日至　　　年　　月　　日。",
    ]
    signatures = ("委托人（签字、按手印）", "受托人（签字、按手印）")
    return Form("委托代办书", boxes=boxes, text=[*text, *signed.text], signatures=signatures, closing=_BLANK_DAY)


def work_proof(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 3: the confirmation by the employer or by a private person who gave odd jobs, as the claim was handed in. Raises `NotFound`."""
    _claim, signed, value = _repeated(session, id, plain=plain, work=True)
    at = WORK.index("务工单位")
    places = list(dict.fromkeys("".join(str(cell or "") for cell in row[at : at + 1]) or "其他雇主" for row in signed.rows))
    who = f"兹证明{value['姓名']}（身份证号码：{value['身份证号码']}）在"
    if len(places) > 1:  # none of them can confirm what the others paid
        seal = "联系电话：　　　　　　　　（盖章或雇主签字）　　　　年　　月　　日"
        opinions = tuple(Opinion(place, "在本单位务工的情况属实，特此证明。", seal) for place in places)
        return Form(
            "务工证明", opening=[f"{who}下列单位务工，情况如下："], columns=WORK, rows=signed.rows, text=signed.text, opinions=opinions
        )
    statement = f"{who}我处务工，情况如下："
    text = ["以上情况属实，特此证明。", *signed.text]
    names = ("用工单位（盖章）或雇主（签字）", "联系电话")
    return Form("务工证明", opening=[statement], columns=WORK, rows=signed.rows, text=text, signatures=names, closing=_BLANK_DAY)


def work_statement(session: Session, id: str, *, plain: bool = False) -> Form:
    """No. 4: the applicant's own statement if there is no proof of work, as the claim was handed in. Raises `NotFound`."""
    _claim, signed, value = _repeated(session, id, plain=plain, work=True)
    statement = f"本人{value['姓名']}（身份证号码：{value['身份证号码']}）{_UNPROVEN}"
    opinions = (
        Opinion("说明人", "以上情况属实，如有虚假，由本人承担责任。", "（签字、按手印）　　　　　　年　　月　　日"),
        Opinion("证明人（两人）", "", "姓名：　　　　　电话：　　　　　　　　姓名：　　　　　电话：　　　　　　"),
        Opinion("村委会核实意见"),
    )
    return Form("务工情况说明", opening=[statement], columns=WORK, rows=signed.rows, opinions=opinions, text=signed.text)


_BLANK_DAY = ("　　　年　　月　　日",)


def _repeated(session: Session, id: str, *, plain: bool, work: bool) -> tuple[Claim, Form, dict[str, str]]:
    """The claim, and what another paper repeats of its application as handed in: who applies, by label, and if `work` the rows."""
    now = claims.standing(session, id)
    own = {"姓名", "身份证号码"} if work else {"姓名", "身份证号码", "联系电话"}
    today = handed_in.part(of_today(session, now.claim, plain=plain), own, rows=work)
    masked = handed_in.part(of_today(session, now.claim), own, rows=work) if plain else today
    found = today if now.claim.employer_id else handed_in.of_person(now, today, masked, rows=work)
    return now.claim, found, {label: value for row in found.boxes for label, value in row}


def _person(about: Subjects, claim: Claim, person: Person | None) -> list[tuple[tuple[str, str], ...]]:
    household = about.households.get(person.household_id) if person else None
    return [
        (("姓名", about.names(claim)), ("性别", about.of(person, "sex")), ("出生日期", about.of(person, "birth"))),
        (("身份证号码", about.number(claim)), ("联系电话", about.of(person, "phone"))),
        (("家庭住址", about.home(person)),),
        (("户编号", about.of(household, "number")), ("人员类别", about.category(person, f"{claim.year}-12-31"))),
        (("社保卡账号", about.of(person, "bank_account")), ("开户行", about.of(person, "bank_name"))),
    ]


def _work(session: Session, spells: Sequence[Employment]) -> list[Sequence[Cell]]:
    names = employer_of(session, spells)
    return [
        (
            n,
            f"{spell.start} 至 {spell.end or '今'}",
            place_of(spell),
            names[spell.id],
            spell.job or "",
            yuan(spell.monthly_wage) if spell.monthly_wage else "",
        )
        for n, spell in enumerate(spells, 1)
    ]


def _fares(session: Session, claim: Claim) -> str:
    """The recorded fares of the claim's year."""
    found = session.select(Travel, person_id=claim.person_id, year=claim.year, order=("id",))
    words = [f"{word} {yuan_text(fare)} 元" for each in found for word, fare in (("去", each.outward), ("返", each.homeward)) if fare]
    return "，".join(words)
