"""The county's state for its administrator: `cunzhan-server status`, and the messages at the start of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, or_, select

from db import held
from db.backup import LAST_BACKUP
from db.bundles import early
from db.exchange import device, entry, scope_head
from db.local import RESTORED, get_meta
from db.session import Session
from db.snapshots import differing
from domain import clock, divisions
from domain.words import _

_VERSION = func.coalesce(device.c.version, "")
_VERSIONS = select(_VERSION, func.count()).group_by(_VERSION).order_by(_VERSION)
LATE_DAYS = 30
"""Days without contact after which a station is late, as on the page 乡镇."""
OLD_BACKUP_DAYS = 3
"""Days after which a backup is old; the timer makes one every night."""
_MAX_NAMED = 20


@dataclass(frozen=True)
class CountyStatus:
    """The county's state. `entries`: of the logs; `devices`: not revoked; `unsent`: changes waiting at them when they last connected;
    `held`: changes that could not be applied; `late`: devices without contact for `LATE_DAYS` days; `revoked`: devices that are revoked;
    `suspected`, `different`: numbers of devices with the marks of `server.devices`; `versions`: numbers of devices by program version;
    `clock_behind`: days by which this server's clock is behind the last times in its logs. `restored_at`: when the database was
    restored from a backup, or a station first showed that it must have been; `not_back`: devices that have not connected since, and may
    hold what the county lost."""

    entries: int
    devices: int
    unsent: int
    held: int
    early: int
    """Batches that arrived by stick before the ones they continue."""
    late: int
    revoked: int
    suspected: int
    different: int
    versions: dict[str, int]
    clock_behind: int
    last_backup: str | None
    backup_days: int | None
    """Days since then."""
    restored_at: str | None
    not_back: list[str]

    def restored_sentence(self) -> str:
        """What the administrator must know after a restore; empty once every station has connected since."""
        if self.restored_at is None or not self.not_back:
            return ""
        return _("县级数据在 {at} 从备份恢复过：各站同步时会自动补交县里缺的。还有 {n} 台电脑没有来过，请催它们同步：{names}").format(
            at=clock.text(self.restored_at), n=len(self.not_back), names=_named(self.not_back)
        )


def _named(stations: Sequence[str]) -> str:
    """Stations with the names of their villages, because nobody knows a laptop by its number. Only the first of many."""
    said = [" ".join(filter(None, (divisions.name(station.partition("-")[0]), station))) for station in stations[:_MAX_NAMED]]
    return _("、").join(said) + (_("等") if len(stations) > _MAX_NAMED else "")


def absent(session: Session, since: str) -> ColumnElement[bool]:
    """Condition: devices, not revoked, without contact since a moment; one that never connected counts from its enrolment. A contact in the
    future was recorded while this server's clock was ahead: when it was is unknown until the next one."""
    contact = func.coalesce(device.c.last_sync, device.c.enrolled_at)
    return device.c.revoked_at.is_(None) & ((contact < since) | (contact > session.ago(-1)))


def _behind(session: Session) -> int:
    last = (entry.c.scope == scope_head.c.scope) & (entry.c.seq == scope_head.c.seq)  # of each log; going through all takes seconds
    queries = select(func.max(entry.c.at)).where(last), select(func.max(device.c.last_sync))
    known = max(filter(None, (session.conn.execute(query).scalar() for query in queries)), default=session.at)
    return _days(session.at, known)


def _days(since: str, until: str) -> int:
    """Whole days between two record times; 0 if the second is earlier."""
    return max(0, (clock.in_china(until) - clock.in_china(since)).days)


def standing(session: Session) -> CountyStatus:
    """The county's present state."""
    conn, restored, saved = session.conn, get_meta(session, RESTORED), get_meta(session, LAST_BACKUP)

    def number(*where: ColumnElement[bool], of: Table = device) -> int:
        return conn.execute(select(func.count()).select_from(of).where(*where)).scalar_one()

    active = device.c.revoked_at.is_(None)
    away = select(device.c.station).where(or_(active & device.c.last_sync.is_(None), absent(session, restored or "")))
    return CountyStatus(
        entries=number(of=entry),
        devices=number(active),
        unsent=int(conn.execute(select(func.coalesce(func.sum(device.c.unsent), 0)).where(active)).scalar_one()),
        held=held.count(session),
        early=early(conn),
        late=number(absent(session, session.ago(LATE_DAYS))),
        revoked=number(~active),
        suspected=number(active, device.c.suspected > 0),
        different=len(set(conn.execute(select(device.c.station).where(active)).scalars()) & differing(session).keys()),
        versions=dict(conn.execute(_VERSIONS.where(active)).all()),
        clock_behind=_behind(session),
        last_backup=saved,
        backup_days=_days(saved, session.at) if saved else None,
        restored_at=restored,
        not_back=[] if restored is None else list(conn.execute(away.order_by(device.c.scope, device.c.station)).scalars()),
    )
