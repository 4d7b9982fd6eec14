"""Public-welfare posts and their holders: quota, agreements, insurance and irregularities (articles 二十五 to 二十八).

    posts(session, on)                       every post with its holders
    holders(session, on, post_id)            every appointment
    appoint(session, post_id, person_id, …)  with its agreement and insurance, in one act

`services.posts.pay` keeps attendance and pay by month.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from db.mapping import table
from db.session import Session
from domain.errors import DomainError, FieldError
from domain.fields import kind_of
from domain.insured import uncovered
from domain.periods import Spell, add_days, add_months
from domain.post_month import OLDEST_ON_POST, TERM_MONTHS, too_long
from domain.quality_people import age
from domain.records import Agreement, Appointment, Insurance, Person, Post
from domain.words import _
from services import records
from services.standing import employed, holding, names, standings

SOON: Final = 30
"""Days before the end of an agreement from which its renewal is due."""
AGREEMENT, INSURANCE = (tuple(f.name for f in paper.KIND.fields if not f.ref) for paper in (Agreement, Insurance))
"""Fields of the papers of a holder that are entered, besides whose they are."""

P = TypeVar("P", Agreement, Insurance)


@dataclass(frozen=True)
class PostLine:
    """A post and its number of holders on the day."""

    post: Post
    holders: int

    @property
    def free(self) -> int:
        """Places left; below zero when there are more holders than the quota."""
        return self.post.quota - self.holders


@dataclass(frozen=True)
class Holder:
    """One appointment with the person and post; the ID number is masked. `matters`: what is not in order; `current`:
    held on the day."""

    appointment: Appointment
    post: Post | None
    person: Person | None
    id_number: str
    category: str
    agreements: Sequence[Agreement]
    insurances: Sequence[Insurance]
    current: bool
    matters: Sequence[str] = ()

    @property
    def agreement(self) -> Agreement | None:
        """The latest agreement."""
        return _latest(self.agreements)

    @property
    def insurance(self) -> Insurance | None:
        """The latest insurance."""
        return _latest(self.insurances)

    @property
    def name(self) -> str:
        """The person's name."""
        return self.person.name if self.person is not None else ""

    @property
    def post_name(self) -> str:
        """The name of the post."""
        return self.post.name if self.post is not None else ""


# -- reading -----------------------------------------------------------------------------------------------------------------


def posts(session: Session, on: str) -> list[PostLine]:
    """Every post with its number of holders on the day, by name."""
    held = Counter(a.post_id for a in session.select(Appointment, holding(table("appointment"), on, "start", "exit_on")))
    return [PostLine(post, held[post.id]) for post in session.select(Post, order=("pinyin", "id"))]


def holders(session: Session, on: str, post_id: str | None = None) -> list[Holder]:
    """Every appointment, of one post or of all, the current ones first, then by post and name."""
    held = session.select(Appointment, post_id=post_id) if post_id else session.select(Appointment)
    found = described(session, held, on)
    return sorted(found, key=lambda holder: not holder.current)


def described(session: Session, appointments: Sequence[Appointment], on: str) -> list[Holder]:
    """Appointments with their related records, by post and name."""
    known = records.by_id(session, Post, (a.post_id for a in appointments))
    people = records.by_id(session, Person, (a.person_id for a in appointments))
    counted = standings(session, (id for id in people if id), on)
    ids = [a.id for a in appointments]
    agreements = session.by_parent(Agreement, "appointment_id", ids)
    insurances = session.by_parent(Insurance, "appointment_id", ids)
    away = _working_elsewhere(session, on)
    masked = kind_of("person").by_name["id_number"]
    order = {id: n for n, id in enumerate(names(session, [id for id in people if id]))}
    made = []
    for a in appointments:
        person, own = people.get(a.person_id), (agreements[a.id], insurances[a.id])
        current = a.start <= on and (a.exit_on is None or a.exit_on >= on)
        matters = _matters(person, *own, on, a.person_id in away) if current else ()
        category = counted[a.person_id].category_text() if a.person_id in counted else ""
        number = masked.show(person.id_number) if person is not None else ""
        made.append(Holder(a, known.get(a.post_id), person, number, category, *own, current, matters))
    return sorted(
        made, key=lambda h: (h.post_name, h.appointment.post_id, order.get(h.appointment.person_id, len(order)), h.appointment.id)
    )


def _working_elsewhere(session: Session, on: str) -> set[str]:
    e = table("employment")
    return set(session.conn.execute(employed(on, e.c.channel != "public_post")).scalars())


def _latest(papers: Iterable[P]) -> P | None:
    return max(papers, key=lambda record: (record.end, record.start, record.id), default=None)


def _matters(person: Person | None, agreements: Sequence[Agreement], insurances: Sequence[Insurance], on: str, away: bool) -> Sequence[str]:
    """What is not in order, the gravest first (`domain.md` R25, R28; warnings A7 and A8)."""
    found = []
    if person is not None and person.died_on:
        found.append(_("已于 {day} 去世，应办退岗").format(day=person.died_on))
    elif person is not None and (age(person, on) or 0) >= OLDEST_ON_POST:
        found.append(_("已满 {n} 周岁").format(n=OLDEST_ON_POST))
    if away:
        found.append(_("又在别处务工"))
    held = [a for a in agreements if a.start <= on <= a.end]
    last = _latest(agreements)
    if last is None:
        found.append(_("没有协议"))
    elif not held:
        found.append(_("协议已于 {day} 到期").format(day=last.end) if last.end < on else _("协议从 {day} 起").format(day=last.start))
    elif last.end <= add_days(on, SOON):
        found.append(_("协议 {day} 到期").format(day=last.end))
    found += [_("协议超过一年") for a in held if too_long(a)][:1]
    for agreement in held[:1]:
        bare, first = uncovered(Spell(agreement.start, agreement.end), insurances)
        if bare:
            found.append(_("协议期内从 {day} 起 {n} 天没有意外险").format(day=first, n=bare))
    covered = _latest(insurances)
    if covered is not None and on <= covered.end <= add_days(on, SOON):
        found.append(_("意外险 {day} 到期").format(day=covered.end))
    return found


# -- writing -----------------------------------------------------------------------------------------------------------------


def appoint(
    session: Session, values: Mapping[str, Any], agreement: Mapping[str, Any] | None = None, insurance: Mapping[str, Any] | None = None
) -> str:
    """Appoint a person to a post, with agreement and insurance if given, and return the appointment's id.

    Raises `DomainError` when the person already holds a post or the quota is full: the county sets posts and quotas, and nobody may hold
    two posts (R25).
    """
    post, start = session.existing(Post, str(values["post_id"]), _("这个岗位不存在，或已被删除。")), str(values["start"])
    t = table("appointment")
    on_post = session.select(Appointment, holding(t, start, "start", "exit_on"))
    if any(a.person_id == values["person_id"] for a in on_post):
        raise DomainError(_("此人已在一个公益岗上。一人只能一岗，请先办退岗。"))
    taken = sum(a.post_id == post.id for a in on_post)
    if taken >= post.quota:
        raise DomainError(_("「{post}」定额 {quota} 人，已满。要增加请先改岗位数量。").format(post=post.name, quota=post.quota))
    id = records.save(session, "appointment", values)
    for kind, own in (("agreement", agreement), ("insurance", insurance)):
        if own:
            records.save(session, kind, {**own, "appointment_id": id})
    return id


def renew(session: Session, kind: str, values: Mapping[str, Any], ids: Iterable[str]) -> int:
    """Add the same agreement or insurance to each of these appointments; returns their number. Raises `FieldError`."""
    return len([records.save(session, kind, {**values, "appointment_id": id}) for id in ids])


def leave(session: Session, ids: Iterable[str], day: str, reason: str | None = None) -> int:
    """End appointments (退岗) and return how many were ended. `day`: the last day on the post, or the day of death if that was earlier.

    An appointment that ended earlier keeps its last day. Raises `FieldError` for a day before the appointment began, `DomainError` where
    nothing changed.
    """
    left = 0
    for id in ids:
        known = session.existing(Appointment, id)
        if known.exit_on and known.exit_on < day:
            continue
        if day < known.start:
            raise FieldError(_("退岗时间早于上岗时间（{day}）").format(day=known.start), "exit_on")
        person = session.get(Person, known.person_id)
        died = person.died_on if isinstance(person, Person) else None
        records.save(session, "appointment", {"exit_on": max(known.start, min(day, died or day)), "exit_reason": reason}, id)
        left += 1
    if not left:
        raise DomainError(_("选中的人在那以前都已经退岗，没有改动。如果退岗时间写错了，请打开这条聘用修改。"))
    return left


def next_term(holder: Holder, kind: str, on: str) -> tuple[str, str]:
    """First and last day of the next agreement or insurance (`kind`): a year from the day after the last one or from the appointment.

    An insurance runs to the end of the agreement that the present one does not cover, if there is one.
    """
    agreement, insurance = holder.agreement, holder.insurance
    if kind == "insurance" and agreement is not None and (insurance is None or insurance.end < agreement.end):
        start = agreement.start if insurance is None else max(agreement.start, add_days(insurance.end, 1))
        return start, agreement.end
    last = insurance if kind == "insurance" else agreement
    start = add_days(last.end, 1) if last is not None else holder.appointment.start
    if last is None and year_from(start) < on:  # an appointment of years ago that never had one starts today
        start = on
    return start, year_from(start)


def year_from(start: str) -> str:
    """The last day of the year that starts on a day: 2026-02-01 → 2027-01-31."""
    month, day = add_months(start[:7], TERM_MONTHS), start[8:]
    if start[5:] == "02-29":
        return f"{month}-28"
    return add_days(f"{month}-{day}", -1)
