"""Public notices (公示) of claims: making them, closing them with a result, and the sheet to post.

`domain.notices` defines what a notice shows, `domain.workdays` when it ends. Making a notice moves its claims into the state of that
notice; closing it lets them move on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict, Unpack

from db import changes, wrong_clock
from db.session import Session
from domain import claims as path
from domain import clock, divisions, words, workdays
from domain.errors import DomainError, Refused
from domain.notices import NoticeItem, Subject, lines
from domain.policy.case import Rule
from domain.quality_people import age
from domain.records import Claim, ClaimStep, Employer, Employment, Household, Notice, Person
from domain.values import Type, check_text
from domain.words import _
from services import policies, records
from services.claims import claims, posted, steps, twins
from services.claims import work as claim_work
from services.lists.titles import titles

MAX_DAYS = 60
USUAL_DAYS = {"calendar": 7, "working": 5}
"""The usual number of days of a notice, by kind of day; fewer are allowed but pointed out."""
MAX_CLAIMS = 2000
"""Claims of one notice, which has to remain readable on a wall."""
_ADULT = 18
_LABELS = {"village": "村", "township": "乡镇", "county": "县"}


@dataclass(frozen=True)
class PostedNotice:
    """A notice as posted. `last_day`: the last day it is shown; `holidays_known`: whether the public holidays of its years are announced;
    `left_out`: number of claims left out of a notice to be made because they have no amount."""

    notice: Notice
    last_day: str
    holidays_known: bool
    lines: Sequence[NoticeItem]
    left_out: int = 0
    remarks: Sequence[str] = ()
    """Which lines are not as posted, and where they differ from today's records."""

    @property
    def total(self) -> int:
        """The sum of the amounts (fen)."""
        return sum(line.amount for line in self.lines)


class How(TypedDict, total=False):
    """Options of a new notice. `claim_ids`: by default every claim that waits for one; `day_kind`: calendar (the default) or working."""

    claim_ids: Iterable[str] | None
    day_kind: str
    place: str | None
    phone: str | None


def last_day(notice: Notice) -> str:
    """The last day of a notice; the day of posting counts."""
    return workdays.last_day(notice.start, notice.days, notice.day_kind or "calendar")


def make(session: Session, level: str, start: str, days: int, **how: Unpack[How]) -> str:
    """Make a notice, move its claims into the notice's state and return its id.

    Raises `Refused` where the level is not this station's or the user may not, `DomainError` where a claim cannot be put on notice.
    """
    chosen, _left_out = _to_show(session, level, start, days, how.get("claim_ids"))
    given = {name: value for name, value in _given(chosen, level, start, days, how).items() if value is not None}
    made = records.save(session, "notice", {**given, "village": session.scope})
    lines = _to_post(session, Notice(id="", village=session.scope, **given), chosen).lines
    for each, line in zip(chosen, lines, strict=True):
        if each.state != path.NOTICES[level]:  # claims of a repeated notice are in that state already
            steps.step(session, each.claim.id, path.NOTICES[level], posted.text(line))
        elif session.role == "county":
            posted.keep(session, each.claim, made, line)
    return made


def preview(session: Session, level: str, start: str, days: int, **how: Unpack[How]) -> PostedNotice:
    """The sheet that `make` would produce; nothing is written. Raises the errors of `make`."""
    chosen, left_out = _to_show(session, level, start, days, how.get("claim_ids"))
    given = _given(chosen, level, start, days, how)
    return replace(_to_post(session, Notice(id="", village=session.scope, **given), chosen), left_out=left_out)


def _to_post(session: Session, notice: Notice, chosen: Sequence[claims.ClaimStatus]) -> PostedNotice:
    """The sheet of a new notice. One that is repeated without a new review shows what was reviewed; only the county corrects claims."""
    again = [each.claim for each in chosen if each.state == path.NOTICES[notice.level]] if session.role != "county" else []
    kept = posted.latest(session, notice.level, again, session.at)
    return _with_kept(session, notice, kept, kept)


def _given(chosen: Sequence[claims.ClaimStatus], level: str, start: str, days: int, how: How) -> dict[str, Any]:
    ids = tuple(each.claim.id for each in chosen)
    values = {"day_kind": how.get("day_kind", "calendar"), "place": how.get("place"), "phone": how.get("phone")}
    return {"level": level, "start": start, "days": days, "claims": ids, **values}


def _to_show(session: Session, level: str, start: str, days: int, ids: Iterable[str] | None) -> tuple[list[claims.ClaimStatus], int]:
    """The claims to put on a notice, and the number of waiting claims left out because they have no amount."""
    check_text(Type.DATE, start)
    if level not in path.NOTICES or not 1 <= days <= MAX_DAYS:
        raise DomainError(_("公示级别应为村、乡镇或县，天数应为 1 到 {n} 天。").format(n=MAX_DAYS))
    if session.role not in path.MOVES[path.NOTICES[level]].levels:
        raise Refused(_("本站不能发{level}级公示。").format(level=_(_LABELS[level])))
    return _chosen(session, level, ids)


def _chosen(session: Session, level: str, ids: Iterable[str] | None) -> tuple[list[claims.ClaimStatus], int]:
    state = path.NOTICES[level]
    if ids is None:
        due = _waiting(session, level)
        found = [each for each in due if each.claim.amount > 0] or due
    else:
        due = found = [claims.standing(session, id) for id in dict.fromkeys(ids)]
    wrong = next((each for each in found if each.state not in (*path.MOVES[state].origins, state)), None)
    if wrong is not None:
        label = path.state_label(wrong.state)
        raise DomainError(_("有一笔申请现在是「{state}」，还不能公示。请先办完前面的步骤。").format(state=label))
    twins.refuse_any(session, found)
    before = steps.latest_notices(session, level) if any(each.state == state for each in found) else {}
    if any(each.state == state and (last := before.get(each.claim.id)) is not None and last.result is None for each in found):
        raise DomainError(_("有一笔申请正在公示，不用再公示一次。"))
    if not found:
        raise DomainError(_("没有等着公示的申请。请先在「办理」里初审通过。"))
    _check_amounts(session, found)
    if len(found) > MAX_CLAIMS:
        raise DomainError(_("一次最多公示 {n} 笔，请分几次。").format(n=MAX_CLAIMS))
    return found, len(due) - len(found)


def left_out_words(count: int) -> str:
    """The remark on claims left out of a notice because they have no amount; "" for none."""
    return _("，另有 {n} 笔申请金额是 0.00 元，没有列入").format(n=count) if count else ""


def _check_amounts(session: Session, found: Sequence[claims.ClaimStatus]) -> None:
    """Raise `DomainError` for claims without an amount: nobody can object to an amount set only after the notice."""
    empty = [each.claim.id for each in found if each.claim.amount <= 0]
    if empty:
        name = titles(session, "claim", empty[:1]).get(empty[0], empty[0][:8])
        text = _("{name}：申请金额是 0.00 元，公示了也不能批准。请先退回，把缺的事实登记好再初审，金额会重新算。")
        others = _("共有 {n} 笔是这样，请先挑出来。").format(n=len(empty)) if len(empty) > 1 else ""
        raise DomainError(text.format(name=name) + others)


def _waiting(session: Session, level: str) -> list[claims.ClaimStatus]:
    """The claims due for a notice of this level, including those moved into its state without a notice."""
    origins = path.MOVES[path.NOTICES[level]].origins
    shown = steps.latest_notices(session, level)
    due = [each for each in claims.listing(session) if session.may_write(each.claim.village)]
    return [each for each in due if each.state in origins or (each.state == path.NOTICES[level] and each.claim.id not in shown)]


def refuse_gone(session: Session, notice: Notice) -> None:
    """Raise `Refused` where a notice is to be deleted whose claims were not sent back: nothing else shows that they were on notice."""
    named = claims.standings(session, records.by_id(session, Claim, notice.claims or ()).values())
    count = sum(now.state in path.PATH[1:] for now in named)
    if count:
        text = _(
            "这次公示里有 {n} 笔申请在办或办完了，公示是凭据，不能删除。刚发错的按 Ctrl+Z 撤销；已经贴出去的，登记「有异议」再重新公示。"
        )
        raise Refused(text.format(n=count))


def refuse_early(ends: str, today: str) -> None:
    """Raise `DomainError` where a notice may not be closed as `clear` yet because it is still posted."""
    if today < ends:
        raise DomainError(_("公示到 {day} 才满，现在还不能登记「无异议」。").format(day=ends))


def close(session: Session, id: str, result: str) -> Notice:
    """Enter a notice's result: `clear` or `objected`. Before its last day only an objection can be entered."""
    notice = session.existing(Notice, id, _("没有这次公示，或已被删除。"))
    if not session.may_write(notice.village) or session.role not in path.MOVES[path.NOTICES[notice.level]].levels:
        raise Refused(_("这次公示不是本站发的，本站不能登记结果。"))
    if notice.result is not None:
        raise DomainError(_("这次公示的结果已经登记过了。"))
    if result not in ("clear", "objected"):
        raise DomainError(_("结果应为 clear（无异议）或 objected（有异议）。"))
    if result == "objected" and not steps.objections(session, id):
        raise DomainError(_("这次公示还没有登记过异议。请先在「补助 → 公示」按「记一条异议」，写明谁反映、反映什么，再登记「有异议」。"))
    if result == "clear":
        refuse_early(last_day(notice), session.today)
    if result == "clear" and steps.open_objections(session, id):
        raise DomainError(_("这次公示收到过异议，还没有写明处理情况。请在「补助 → 公示」按「处理异议」写明，或登记为「有异议」。"))
    changes.update(session, "notice", id, {"result": result})
    found = session.get(Notice, id)
    assert isinstance(found, Notice)  # it was there a moment ago, in this transaction
    return found


# -- what to point out about a notice: it is allowed, but whoever checks later should see it --------------------------------


def backdated(session: Session, listed: Iterable[Notice]) -> dict[str, str]:
    """Notice id → sentence, for notices that start before the review they follow, or before a claim was filed. Clerks enter notices from
    paper afterwards; the sentence distinguishes those from notices posted in time."""
    late = [notice for notice in listed if notice.start < clock.day_of(_made_at(session, notice))]
    found = records.by_id(session, Claim, (id for notice in late for id in notice.claims or ()))
    taken = claims.steps_of(session, (str(id) for id in found)) if found else {}
    told = {}
    for notice in late:
        named = [found[id] for id in notice.claims or () if id in found]
        reviewed = max((_reviewed_on(notice, taken.get(claim.id, ()), _made_at(session, notice)) for claim in named), default="")
        filed = max((claim.filed_on or "" for claim in named), default="")
        if notice.start < reviewed:
            told[notice.id] = _("补记：公示从 {start} 起，早于 {day} 的审核").format(start=notice.start, day=reviewed)
        elif notice.start < filed:
            told[notice.id] = _("补记：公示从 {start} 起，早于 {day} 的申请").format(start=notice.start, day=filed)
    return told


def _made_at(session: Session, notice: Notice) -> str:
    return notice.created_at or session.at


def _reviewed_on(notice: Notice, taken: Iterable[ClaimStep], made_at: str) -> str:
    """The day of the last review of the notice's level before the notice was entered; "" if there was none."""
    reviews = path.MOVES[path.NOTICES[notice.level]].origins
    return max((clock.day_of(step.at) for step in taken if step.to_state in reviews and step.at <= made_at), default="")


def too_short(notice: Notice) -> str:
    """The sentence about a notice of fewer days than usual; "" for others."""
    kind = notice.day_kind or "calendar"
    if notice.days >= USUAL_DAYS[kind]:
        return ""
    text = _("只公示 {n} 个工作日，一般是 {usual} 个") if kind == "working" else _("只公示 {n} 天，一般是 {usual} 天")
    return text.format(n=notice.days, usual=USUAL_DAYS[kind])


def remarks(session: Session, notice: Notice) -> list[str]:
    """What to point out to whoever makes a notice."""
    lacking = [word for word, value in ((_("公示地点"), notice.place), (_("监督电话"), notice.phone)) if not value]
    empty = _("没有填{what}，群众不知道到哪里看、向谁反映").format(what=_("、").join(lacking)) if lacking else ""
    found = [wrong_clock.warning(session), *backdated(session, [notice]).values(), too_short(notice), empty]
    return [each for each in found if each]


# -- the sheet -------------------------------------------------------------------------------------------------------------


def sheet(session: Session, id: str) -> PostedNotice:
    """A notice with its lines as they were posted, masked. Raises `NotFound`."""
    notice = session.existing(Notice, id, _("没有这次公示。"), deleted=True)
    named = _named(session, notice)
    made = _with_kept(session, notice, posted.lines(session, notice, named), {claim.id for claim in named})
    with words.chinese():
        told = [_("{day} 改过：{what}").format(day=clock.day_of(one.at), what=what) for what, one in posted.edited(session, notice)]
        remark = _("公示发出以后，{what}。").format(what=_("；").join(told))
    return replace(made, remarks=[*made.remarks, remark]) if told else made


def _named(session: Session, notice: Notice) -> list[Claim]:
    found = records.by_id(session, Claim, notice.claims or ())
    return [found[claim_id] for claim_id in notice.claims or () if claim_id in found]


def _with_kept(session: Session, notice: Notice, kept: Mapping[str, NoticeItem], expected: Collection[str]) -> PostedNotice:
    """The sheet with the lines that were kept, and with today's for the other claims. `expected`: claims that should have a kept line."""
    named, ends = _named(session, notice), last_day(notice)
    known = notice.day_kind != "working" or (workdays.known(notice.start) and workdays.known(ends))
    names = policies.rules(session).names
    with words.chinese():  # whatever the language of the window
        today = [replace(line, item=names.get(line.item, line.item)) for line in lines(_subjects(session, named, notice.start))]
        now = {claim.id: line for claim, line in zip(named, today, strict=True)}
        absent = len(notice.claims or ()) - len(named)
        told = list(posted.remarks({id: line for id, line in now.items() if id in expected}, kept, absent))
    return PostedNotice(notice, ends, known, posted.numbered([kept.get(id, line) for id, line in now.items()]), remarks=told)


def _subjects(session: Session, named: Sequence[Claim], on: str) -> list[Subject]:
    people = records.by_id(session, Person, [claim.person_id for claim in named])
    employers = records.by_id(session, Employer, [claim.employer_id for claim in named])
    households = records.by_id(session, Household, [person.household_id for person in people.values()])
    heads = records.by_id(session, Person, [household.head_id for household in households.values()])
    rules = policies.rules(session)
    work = claim_work.spells(session, named, rules)
    subjects = []
    for claim in named:
        person, employer = people.get(claim.person_id), employers.get(claim.employer_id)
        household = households.get(person.household_id) if person else None
        subject = _subject(claim, person, employer, household, heads, on)
        subjects.append(replace(subject, line=_worked(subject.line, work[claim.id], rules.of(claim.pack, claim.rule), claim.year)))
    return subjects


def _subject(
    claim: Claim,
    person: Person | None,
    employer: Employer | None,
    household: Household | None,
    heads: dict[str | None, Person],
    on: str,
) -> Subject:
    names = [each.name for each in (person, employer) if each is not None]
    village = divisions.name(claim.village) or ""
    line = NoticeItem(
        number=0,
        name=_("、").join(names),
        village=f"{village}{household.group or ''}" if household else village,
        item=claim.rule,
        amount=claim.amount,
    )
    if person is None:
        return Subject(line, None, None)
    head = heads.get(household.head_id) if household else None
    minor = person.birth is not None and (age(person, on) or _ADULT) < _ADULT
    return Subject(line, head.name if head and head.id != person.id else None, person.id_number, minor)


def _worked(line: NoticeItem, spells: Sequence[Employment], rule: Rule | None, year: int) -> NoticeItem:
    """The line, with the places and months of the work the claim is based on."""
    if rule is None or not spells:
        return line
    months = dict.fromkeys(claim_work.months(rule, year, spell) for spell in spells)
    return replace(line, place=claim_work.places(spells), months="、".join(months))
