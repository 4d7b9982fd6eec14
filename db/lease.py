"""The offline term (decision 049): how long a laptop may go without contact with its county and still show numbers in full. The county
sends the term with every answer, and it counts from the latest. A county that sends none sets no term."""

from __future__ import annotations

from dataclasses import dataclass

from db.local import REVOKED, get_meta, set_meta
from db.session import Session, seconds
from domain.errors import Refused, Revoked
from domain.words import _

SETTING = "lease"
"""Setting of a station: the term in days; the time of the county's answer by the county's clock and by this computer's (Unix seconds);
and the most seconds ever seen to have passed since."""
COUNTY_SETTING = "lease_days"
"""Setting of the county: the term in days that it gives."""
MIN_DAYS, MAX_DAYS = 7, 3650
"""Shortest and longest term in days: no village has to connect more often than weekly."""
_DAY = 86_400
_WARN_DAYS = 7
"""Days before the end from which the user is warned; for a short term, its last third."""


@dataclass(frozen=True)
class Lease:
    """A term of `days`, of which `left` remain; a day that has begun counts as whole. With 0 left it is over."""

    days: int
    left: int

    @property
    def over(self) -> bool:
        """Whether the term is over, so that no number is shown in full."""
        return self.left == 0

    @property
    def near(self) -> bool:
        """Whether the end is near or past."""
        return self.left <= min(_WARN_DAYS, self.days // 3)

    def sentence(self) -> str:
        """What applies or will apply, and what to do; empty while the end is not near."""
        if self.over:
            message = _(
                "这台电脑 {days} 天没有和县里交换，过了县里定的离网期限：完整的证件号、电话、账号先不显示，也不能导出，附件不能另存。"
                "照常录入，数据都在，不会丢；同步一次，或用 U 盘和县里来回一次，马上恢复。"
            )
            return message.format(days=self.days)
        message = _(
            "离网期限还剩 {left} 天：到时没有和县里交换，完整的证件号、电话、账号就先不显示。请同步一次，没有网络就用 U 盘来回一次。"
        )
        return message.format(left=self.left) if self.near else ""


def given(session: Session) -> int:
    """The term in days that the county gives its stations; 0 for no term."""
    return int(get_meta(session, COUNTY_SETTING) or 0)


def record_term(session: Session, days: int, at: int, asked_at: str | None = None) -> None:
    """Take in a county's answer of `at` (Unix seconds by its clock): a term of `days` begins; 0 ends it. `asked_at`: when this station
    wrote the file that it answers, as the answer may have lain unread since."""
    if days or get_meta(session, SETTING):
        set_meta(session, SETTING, f"{min(days, MAX_DAYS)} {at} {seconds(asked_at or session.at)} 0" if days else None)


def unnoticed(session: Session) -> bool:
    """Whether another day or more of the term has passed that is not recorded yet (`notice`)."""
    kept = _kept(session)
    return kept is not None and _passed(session, kept) >= kept[3] + _DAY


def notice(session: Session) -> None:
    """Record how much of the term has passed, so that setting the clock back does not regain it."""
    kept = _kept(session)
    if kept is not None and unnoticed(session):
        set_meta(session, SETTING, " ".join(map(str, (*kept[:3], _passed(session, kept)))))


def lease(session: Session) -> Lease | None:
    """The present term; None if there is none."""
    kept = _kept(session)
    if kept is None:
        return None
    left = kept[0] * _DAY - max(kept[3], _passed(session, kept))
    return Lease(kept[0], max(0, -(-left // _DAY)))


def refusal(session: Session) -> Refused | None:
    """The error for showing or exporting numbers in full, if the county revoked this laptop or the term is over; otherwise None."""
    if get_meta(session, REVOKED):
        return Revoked()
    term = lease(session)
    return Refused(term.sentence()) if term is not None and term.over else None


def _kept(session: Session) -> tuple[int, ...] | None:
    kept = get_meta(session, SETTING)
    return None if kept is None else tuple(map(int, kept.split()))


def _passed(session: Session, kept: tuple[int, ...]) -> int:
    """Seconds since the county's answer. Either clock may have been wrong then or corrected since, so the smaller non-negative
    difference counts."""
    now = seconds(session.at)
    return min((since for since in (now - kept[1], now - kept[2]) if since >= 0), default=0)
