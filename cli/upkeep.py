"""Commands on the store: status, backup, restore, self-test."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from cli.access import opened
from cli.program import Answer, Call
from db import aside, contents, exchange, held, keys, lease, local, new_key, snapshots, wrong_clock
from db import backup as backups
from db.bundles import early
from domain import clock
from domain.errors import CannotWrite, StoreDamaged
from domain.release import VERSION
from domain.words import _
from services import policies
from sync.replica.identity import CLOCK

CLOCK_TOLERANCE = 120
"""Seconds by which this computer's clock may differ from the county's and still count as right."""


def backup(call: Call) -> Answer:
    """Write a checked, encrypted backup."""
    file = call.target(call.args.file)
    try:
        with opened(call) as store:
            made = backups.backup(store, file)
    except CannotWrite:
        made = backups.rescue(call.home, file, user=call.args.user, password=call.console.password())
    text = _("备份已写好并核对过：{file}，{records} 条记录，{size:.1f} MB。").format(
        file=made.file, records=made.records, size=made.bytes / 2**20
    )
    return Answer({"file": str(made.file), "bytes": made.bytes, "records": made.records}, text)


def restore(call: Call) -> Answer:
    """Replace the present data, which are kept beside it, with a backup."""
    there = keys.exists(call.home)
    made = backups.restore(call.home, Path(call.args.file), user=call.args.user, password=call.console.password())
    text = _("已从备份恢复 {records} 条记录。").format(records=made.records)
    text += _("原来的数据，连同没有交上去的改动，移到了 before-restore 文件夹，没有删除；要看、要交，把 --home 指到那里。") if there else ""
    return Answer({"home": str(call.home), "file": str(made.file), "records": made.records}, text)


def rekey(call: Call) -> Answer:
    """Encrypt the store under a new data key."""
    with opened(call) as store:
        made = new_key.by_admin(store)
    text = made.sentence() + (_("新的恢复码：{code}，请抄在纸上，和印章放在一起。").format(code=made.code) if made.code else "")
    return Answer({"code": made.code or None, "county": made.county}, text)


def status(call: Call) -> Answer:
    """Show what the window's status bar shows."""
    with opened(call) as store, store.read() as session:
        last, sound, term = exchange.last_exchange(session), backups.sound(session), lease.lease(session)
        value: dict[str, Any] = {
            "unsent": exchange.unsent(session),
            "last_sync": last.at if last else None,
            "last_backup": local.get_meta(session, backups.LAST_BACKUP),
            "store_ok": sound,
            "clock_ok": abs(int(local.get_meta(session, CLOCK) or 0)) <= CLOCK_TOLERANCE and not wrong_clock.behind(session),
            "version": VERSION,
            "packs": [{"id": pack.id, "version": pack.version} for pack in policies.here(session)] if sound else [],
            "files_unsent": contents.unsent(session) if sound else 0,
            "held": held.count(session) if sound else 0,
            "early": early(session.conn) if sound else 0,
            "revoked": local.get_meta(session, local.REVOKED) is not None,
            "lease": asdict(term) if term is not None else None,
            "aside": [asdict(one) for one in aside.waiting(store.home)],
            "different": len(snapshots.differences(session)) if sound else 0,  # nothing is reported of a damaged store
        }
    return Answer(value, _status_line(value, term), 0 if value["store_ok"] else StoreDamaged.exit_code)


def _status_line(value: dict[str, Any], term: lease.Lease | None) -> str:
    parts = (
        _("县里已停用这台电脑。数据都在本机，请联系县管理员。") if value["revoked"] else "",
        term.sentence() if term is not None else "",
        _("待上传 {n} 条").format(n=value["unsent"]),
        _("附件待传 {n} 个").format(n=value["files_unsent"]) if value["files_unsent"] else "",
        _("上次同步 {at}").format(at=clock.text(value["last_sync"]) or _("还没有")),
        _("备份 {at}").format(at=clock.text(value["last_backup"]) or _("还没有")),
        _("数据完好") if value["store_ok"] else _("数据已损坏，请用备份恢复"),
        _("时钟正常") if value["clock_ok"] else _("时钟不准"),
        _("版本 {version}").format(version=value["version"]),
        _("搁置 {n} 条").format(n=value["held"]) if value["held"] else "",
        _("先到 {n} 批，等前面缺的").format(n=value["early"]) if value["early"] else "",
        *(aside.Aside(**one).sentence() for one in value["aside"]),
        _("{n} 类记录与县里不同").format(n=value["different"]) if value["different"] else "",
    )
    return _("　").join(filter(None, parts))
