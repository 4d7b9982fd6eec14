"""Commands for the county's database: backup, restore, status, migrate, check; and those that list or export its records."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from cli.access import kind_named, reason
from cli.county_access import opened, operator, unwritable, viewing
from cli.exchange import held_answer
from cli.program import FAULT, Answer, Call
from db import acts
from db import county_backup as backups
from db.county import County
from db.session import Session
from domain import clock
from domain.errors import StoreDamaged
from domain.release import VERSION
from domain.words import _, lazy
from server.status import LATE_DAYS, OLD_BACKUP_DAYS, standing
from sync.county.keys import county_keys
from sync.replica.audit import verify


def backup(call: Call) -> Answer:
    """Write a checked, encrypted backup while the server runs."""
    file = call.target(call.args.file)
    password = call.console.password(_("备份的密码："), twice=True)
    with opened(call) as county:
        made = backups.backup(county, file, password)
    text = _("备份已写好并核对过：{file}，{records} 条记录，{entries} 批存档，{size:.1f} MB。没有密码谁也打不开它。")
    return _answer(made, text)


def restore(call: Call) -> Answer:
    """Replace the county's database with a backup."""
    password = call.console.password(_("备份的密码："))
    with opened(call, founding=True) as county:
        made = backups.restore(county, Path(call.args.file), password, _sound, force=call.args.force, note=_note)
    kept = _("原来的数据另存为 {kept}。").format(kept=made.kept) if made.kept else ""
    text = _("已从备份恢复 {records} 条记录，{entries} 批存档。{kept}请重启正在运行的县服务器；各站同步时会自动补交县里缺的。")
    return _answer(made, text, kept=kept)


def status(call: Call) -> Answer:
    """Show the county's state, and which stations have not connected since it was restored."""
    with opened(call) as county:
        with county.read() as session:
            found = standing(session)
        full, (size, free) = unwritable(county), county.space()
    parts = (
        _("版本 {version}").format(version=VERSION),
        _("{n} 台电脑").format(n=found.devices),
        _("其中 {n} 台 {days} 天没来（devices --late {days}）").format(n=found.late, days=LATE_DAYS) if found.late else "",
        _("另有 {n} 台已停用").format(n=found.revoked) if found.revoked else "",
        _("曾疑似复制 {n} 台（devices）").format(n=found.suspected) if found.suspected else "",
        _("曾与县里不同 {n} 台（devices）").format(n=found.different) if found.different else "",
        _("各站程序：{versions}").format(versions=_("、").join(f"{v or '?'} × {n}" for v, n in found.versions.items()))
        if set(found.versions) - {VERSION}
        else "",
        _("{n} 批存档").format(n=found.entries),
        _("各站待上传 {n} 条").format(n=found.unsent),
        _("搁置 {n} 条").format(n=found.held),
        _("先到 {n} 批，等前面缺的（devices）").format(n=found.early) if found.early else "",
        _("备份 {at}").format(at=clock.text(found.last_backup) or _("还没有")) + _backup_age(found.backup_days),
        _("数据库 {size:.1f} MB").format(size=size / 2**20),
        "" if free is None else _("磁盘还剩 {free:.1f} GB").format(free=free / 2**30),
        found.restored_sentence(),
        _("这台服务器的时钟比收到过的还早 {n} 天，请校准（timedatectl）。").format(n=found.clock_behind) if found.clock_behind else "",
        full,
    )
    value = asdict(found) | {"version": VERSION, "bytes": size, "free": free, "writable": not full}
    return Answer(value, _("　").join(filter(None, parts)), FAULT if full else 0)


def migrate(call: Call) -> Answer:
    """Create or upgrade the schema (which opening the database does) and print its version."""
    from db.upgrade import version

    with opened(call, founding=True) as county, county.read() as session:
        found = version(session.conn)
    return Answer({"version": found}, _("数据库结构是最新的（{version}）。").format(version=found))


def check(call: Call) -> Answer:
    """Check every page of the database, every log entry (position, hash, signature and author's chain) and every file."""
    from cli.audit import missing_text, spoilt_text
    from db import contents
    from db.backup import sound

    with opened(call) as county:
        keys = county_keys(county)
        with county.read() as session:
            pages = sound(session)
            found, spoilt, missing = verify(session, keys.public), contents.spoilt(session), contents.missing(session)
        full = unwritable(county)
    sealed = pages and found.ok
    ok = sealed and not spoilt and not missing
    value = {**asdict(found), "ok": ok, "pages": pages, "writable": not full, "spoilt": [id for _scope, id in spoilt]}
    value |= {"missing": [id for _scope, id in missing]}
    text = (_("数据库完好，{n} 批都与封存时一样。") if sealed else _("数据库不完好：{bad}")).format(
        n=found.entries, bad=found.first_bad or "pages"
    )
    text += spoilt_text(spoilt) + missing_text(missing)
    if ok and found.erased:
        text += _("其中 {erased} 批的个人信息已按规定删除。").format(erased=found.erased)
    if ok and found.undated:
        text += _("其中 {n} 批是旧版程序收的，收到的时间没有签名。").format(n=found.undated)
    code = StoreDamaged.exit_code if not ok else FAULT if full else 0
    return Answer(value, _("　").join(filter(None, (text, full))), code)


def _backup_age(days: int | None) -> str:
    """The age of the last backup, if worth mentioning."""
    return _("（{n} 天以前，请查备份的定时任务）").format(n=days) if days and days >= OLD_BACKUP_DAYS else ""


def _note(session: Session, file: Path) -> None:
    acts.keep(session, lazy("从备份 {file} 恢复", file=file.name), operator())


def _sound(county: County) -> None:
    keys = county_keys(county)
    with county.read() as session:
        found = verify(session, keys.public)
    if not found.ok:
        raise StoreDamaged(_("备份里的存档不完好（{bad}），没有恢复。请换一份备份。").format(bad=found.first_bad))


def _answer(made: backups.CountyBackup, text: str, **words: str) -> Answer:
    size = made.bytes / 2**20
    value = asdict(made) | {"file": str(made.file), "kept": str(made.kept) if made.kept else None}
    return Answer(value, text.format(file=made.file, records=made.records, entries=made.entries, size=size, **words))


def export(call: Call) -> Answer:
    """Export the county's records, as at a station. Showing secrets is logged in the county's database."""
    from cli.rosters import ALL, written

    kind = call.args.kind if call.args.kind == ALL else kind_named(call.args.kind).name
    why = reason(call)
    with opened(call) as county:
        viewing(county, f"export {kind}", why)
        with county.read() as session:
            return written(call, session, kind, plain=why is not None)


def held(call: Call) -> Answer:
    """List changes held anywhere in the county, with reasons. Showing secrets is logged in the county's database."""
    why = reason(call)
    with opened(call) as county:
        viewing(county, "held", why)
        with county.read() as session:
            return held_answer(session, plain=why is not None)
