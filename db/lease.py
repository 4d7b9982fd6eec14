"""How long this laptop may stay without a word of its county and still show numbers in full: the county says it with every answer
(decision 049), and here is counted since the last. Where the county says nothing there is no such term."""

from __future__ import annotations

from dataclasses import dataclass

from db.local import REVOKED, get_meta, set_meta
from db.session import Session, seconds
from domain.errors import Refused, Revoked
from domain.words import _

KEPT = "lease"
"""Setting of a station: the days it was given, when its county answered by the county's clock and by this computer's (Unix seconds), and
the most seconds that were ever seen to have passed since."""
GIVEN = "lease_days"
"""Setting of the county: the days it gives."""
LEAST, MOST = 7, 3650
"""Days that a county may give: a village is not asked to come more often than every week."""
_DAY = 86_400
_WARNED = 7
"""Days before its end from which it is told, of a short term its last third."""


@dataclass(frozen=True)
class Lease:
    """A term of `days` of which `left` remain, one that has begun counted whole; with 0 it is over."""

    days: int
    left: int

    @property
    def over(self) -> bool:
        """Whether no number is shown in full."""
        return self.left == 0

    @property
    def near(self) -> bool:
        """Whether its end is near, or past."""
        return self.left <= min(_WARNED, self.days // 3)

    def sentence(self) -> str:
        """What is or will be, and what to do; empty while the end is not near."""
        if self.over:
            told = _(
                "这台电脑 {days} 天没有和县里交换，过了县里定的离网期限：完整的证件号、电话、账号先不显示，也不能导出，附件不能另存。"
                "照常录入，数据都在，不会丢；同步一次，或用 U 盘和县里来回一次，马上恢复。"
            )
            return told.format(days=self.days)
        told = _("离网期限还剩 {left} 天：到时没有和县里交换，完整的证件号、电话、账号就先不显示。请同步一次，没有网络就用 U 盘来回一次。")
        return told.format(left=self.left) if self.near else ""


def given(session: Session) -> int:
    """The days the county gives its stations; 0 for no term."""
    return int(get_meta(session, GIVEN) or 0)


def heard(session: Session, days: int, at: int) -> None:
    """The county's answer of `at`, Unix seconds by its clock, was taken in now: a term of so many days begins, 0 ends it."""
    if days or get_meta(session, KEPT):
        set_meta(session, KEPT, f"{min(days, MOST)} {at} {seconds(session.at)} 0" if days else None)


def unnoticed(session: Session) -> bool:
    """Whether a day or more of the term went by that is not kept yet (`notice`)."""
    kept = _kept(session)
    return kept is not None and _passed(session, kept) >= kept[3] + _DAY


def notice(session: Session) -> None:
    """Keep how much of the term went by: a clock put back does not give it again."""
    kept = _kept(session)
    if kept is not None and unnoticed(session):
        set_meta(session, KEPT, " ".join(map(str, (*kept[:3], _passed(session, kept)))))


def lease(session: Session) -> Lease | None:
    """The term as it stands; None without one."""
    kept = _kept(session)
    if kept is None:
        return None
    left = kept[0] * _DAY - max(kept[3], _passed(session, kept))
    return Lease(kept[0], max(0, -(-left // _DAY)))


def refusal(session: Session) -> Refused | None:
    """Why nothing is shown or exported in full here, where the county took this laptop's right away or its term is over; else None."""
    if get_meta(session, REVOKED):
        return Revoked()
    term = lease(session)
    return Refused(term.sentence()) if term is not None and term.over else None


def _kept(session: Session) -> tuple[int, ...] | None:
    kept = get_meta(session, KEPT)
    return None if kept is None else tuple(map(int, kept.split()))


def _passed(session: Session, kept: tuple[int, ...]) -> int:
    """Seconds since the answer by either clock: one of them may have been wrong then, or put right since, so that the lesser counts of
    what is not negative."""
    now = seconds(session.at)
    return min((since for since in (now - kept[1], now - kept[2]) if since >= 0), default=0)
