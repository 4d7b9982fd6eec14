"""How the county stands, as its administrator sees it: `cunzhan-server status`, and the words at the start of the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from db.backup import LAST_BACKUP
from db.bundles import early
from db.exchange import device, entry, held_change
from db.local import RESTORED, get_meta
from db.session import Session
from domain import clock, divisions
from domain.words import _

LATE_DAYS = 30
"""A station from which nothing came for so long is late, as on the page 乡镇."""
_NAMED = 20


@dataclass(frozen=True)
class Standing:
    """`entries`: of the logs; `devices`: with a right to exchange; `unsent`: changes that waited at them when they last came; `held`: what
    could not be applied; `late`: devices of which nothing came for `LATE_DAYS` days. `restored_at`: when the database was put back from a
    backup, or a station first showed that it must have been; `not_back`: devices that have not come since, which may hold what the county
    lost."""

    entries: int
    devices: int
    unsent: int
    held: int
    early: int
    """Batches that sticks brought before what they continue."""
    late: int
    last_backup: str | None
    restored_at: str | None
    not_back: list[str]

    def restored_sentence(self) -> str:
        """What an administrator must know after a restore; empty when every station has come since."""
        if self.restored_at is None or not self.not_back:
            return ""
        return _("县级数据在 {at} 从备份恢复过：各站同步时会自动补交县里缺的。还有 {n} 台电脑没有来过，请催它们同步：{names}").format(
            at=clock.said(self.restored_at), n=len(self.not_back), names=_named(self.not_back)
        )


def _named(stations: Sequence[str]) -> str:
    """Which stations, by their villages as well: nobody knows a laptop by its number. Of hundreds only the first."""
    said = [" ".join(filter(None, (divisions.name(station.partition("-")[0]), station))) for station in stations[:_NAMED]]
    return _("、").join(said) + (_("等") if len(stations) > _NAMED else "")


def came_before(day: str) -> ColumnElement[bool]:
    """Devices with a right to exchange of which nothing came since a moment; one that never came counts from its enrolment."""
    return device.c.revoked_at.is_(None) & (func.coalesce(device.c.last_sync, device.c.enrolled_at) < day)


def standing(session: Session) -> Standing:
    """How the county stands now."""
    conn, restored = session.conn, get_meta(session, RESTORED)
    active = device.c.revoked_at.is_(None)
    away = select(device.c.station).where(active, or_(device.c.last_sync.is_(None), device.c.last_sync < (restored or "")))
    return Standing(
        entries=conn.execute(select(func.count()).select_from(entry)).scalar_one(),
        devices=conn.execute(select(func.count()).select_from(device).where(active)).scalar_one(),
        unsent=int(conn.execute(select(func.coalesce(func.sum(device.c.unsent), 0)).where(active)).scalar_one()),
        held=conn.execute(select(func.count()).select_from(held_change).where(held_change.c.released_at.is_(None))).scalar_one(),
        early=early(conn),
        late=conn.execute(select(func.count()).select_from(device).where(came_before(session.ago(LATE_DAYS)))).scalar_one(),
        last_backup=get_meta(session, LAST_BACKUP),
        restored_at=restored,
        not_back=[] if restored is None else list(conn.execute(away.order_by(device.c.scope, device.c.station)).scalars()),
    )
