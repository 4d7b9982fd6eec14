"""The county's commands on stations: enrolment codes, devices, revocation, offline term; `enrol-all`: enrolment codes for every place of a
township or county that has no laptop yet, as a table, a workbook or slips to cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cli.console import table
from cli.county_access import acting, opened
from cli.program import Answer, Call, Usage
from db import keys
from db.lease import given
from domain import clock, divisions
from domain.errors import Stopped
from domain.words import _, lazy
from server import devices as desk
from sync.wire.link import server_url

if TYPE_CHECKING:
    from services.forms.slips import Slip


def enrol(call: Call) -> Answer:
    """Make a one-time enrolment code."""
    with opened(call, founding=True) as county, acting(county) as (session, keep):
        other = desk.other_county(session, call.args.scope)
        made = desk.make_code(session, call.args.scope, call.args.role, call.args.uses, closed=call.args.closed)
        keep(made.act)
        call.console.finish()
    if other:
        call.console.say(_("{other}写错了就用 codes withdraw {id} 收回。").format(other=other, id=made.id))
    if divisions.full_name(made.scope) is None:
        call.console.say(_("地名表里没有 {scope}，请核对站点代码；写错了就用 codes withdraw 收回。").format(scope=made.scope))
    text = _("{place}的注册码：{code}（{uses} 次，{until} 前有效）").format(
        place=made.place, code=made.code, uses=made.uses, until=clock.text(made.expires_at)
    )
    return Answer({"code": made.code, "expires_at": made.expires_at}, text)


def codes(call: Call) -> Answer:
    """List the enrolment codes that can still be used; or withdraw one."""
    args = call.args
    if (args.action is None) != (args.id is None):
        raise Usage(_("收回请写：codes withdraw ID"))
    if args.action is not None:
        with opened(call) as county, acting(county) as (session, keep):
            one = desk.withdraw(session, args.id)
            keep(one.withdrawal)
            call.console.finish()
        return Answer(asdict(one), one.withdrawn_sentence())
    with opened(call) as county, county.read() as session:
        found = desk.open_codes(session)
    head = (_("编号"), _("站点"), _("已用"), _("可用"), _("发出"), _("有效到"))
    rows = [(c.id, c.place, c.used, c.uses, clock.text(c.made_at), clock.text(c.expires_at)) for c in found]
    return Answer([asdict(c) for c in found], table(head, rows) if found else _("没有还能用的注册码。"))


def devices(call: Call) -> Answer:
    """List every device ever enrolled, or those without contact for `--late` days."""
    with opened(call) as county, county.read() as session:
        found = desk.with_users(session, desk.devices(session, call.args.late))
    none = _("还没有注册过的电脑。") if call.args.late is None else _("各站 {n} 天之内都来过。").format(n=call.args.late)
    head = (_("电脑"), _("站点"), _("谁在用"), _("上次同步"), _("版本"), _("待上传"), _("疑似复制"), _("与县不同"), _("先到"), _("状态"))
    rows = [
        (
            d.device,
            d.place,
            d.users,
            clock.text(d.last_sync) or _("还没有"),
            d.version,
            d.unsent,
            d.suspected,
            d.different,
            d.early,
            _("已停用") if d.revoked_at else "",
        )
        for d in found
    ]
    return Answer([asdict(d) for d in found], table(head, rows) if found else none)


def unlock(call: Call) -> Answer:
    """Unlock a laptop whose password and recovery code are lost: the answer file goes back to it, the code is told to its clerk."""
    from sync.county.keys import county_keys

    args = call.args
    if not args.reason.strip():
        raise Usage(_("请写明理由：谁来求助，怎么核实的。"))
    asked, reply = keys.read_slot(Path(args.file), "county"), call.target(args.reply, args.file)
    with opened(call) as county:
        private = county_keys(county).recovery
        with acting(county) as (session, keep):
            made = desk.unlock(session, private, asked, revoked=args.revoked)
            keep(lazy("给 {device} 新的恢复码：{reason}", device=made.device or "?", reason=args.reason))
            keys.write(reply, keys.KeyFile(1, [made.slot]))
            call.console.finish()
    value = {"device": made.device or None, "code": made.code, "file": str(reply)}
    who = f"{made.place} {made.device}" if made.device else _("一台没有写明编号的电脑，请当面核实")
    text = _("{who}：答复写在 {file}。把恢复码念给本人，不要和文件一起发：{code}")
    return Answer(value, text.format(who=who, file=reply, code=made.code))


def lease(call: Call) -> Answer:
    """Set or show the offline term: the days a station may go without the county and still show full numbers."""
    days = call.args.days
    with opened(call) as county:
        if days is not None:
            with acting(county) as (session, keep):
                desk.set_lease(session, days)
                keep(lazy("离网期限 {days} 天", days=days) if days else lazy("取消离网期限"))
                call.console.finish()
        with county.read() as session:
            now = given(session)
            late = len(desk.devices(session, now)) if now else 0
    if not now:
        return Answer({"days": 0, "late": 0}, _("没有离网期限：电脑多久不和县里交换，都照样显示完整号码。"))
    text = _("离网期限 {days} 天：这么久没有和县里交换的电脑不再显示、导出完整号码，交换一次就恢复。各站下次交换时知道。")
    more = _("现在有 {n} 台这么久没来过（devices --late {days}）。").format(n=late, days=now) if late else ""
    return Answer({"days": now, "late": late}, text.format(days=now) + more)


def revoke(call: Call) -> Answer:
    """Revoke a device."""
    with opened(call) as county, acting(county) as (session, keep):
        before = next((d.revoked_at for d in desk.devices(session) if d.device == call.args.device), None)
        found = desk.revoke(session, call.args.device)
        if before is None:
            keep(lazy("停用 {device}", device=found.device))
        call.console.finish()
    if before is not None:
        text = _("{place} {device} 在 {at} 就停用了，这次没有改动。")
        return Answer(asdict(found), text.format(place=found.place, device=found.device, at=clock.text(before)))
    return Answer(asdict(found), found.revoked_sentence())


_ENDINGS = (".xlsx", ".html")
_MAX_NAMED = 8


def enrol_all(call: Call) -> Answer:
    """Make a code for every place without a laptop and without a code that still works; `--again` replaces those codes."""
    args = call.args
    files = [call.target(name) for name in args.files]
    if any(file.suffix.lower() not in _ENDINGS for file in files):
        raise Usage(_("文件名的结尾写 .xlsx（一张表）或 .html（剪开的纸条，用浏览器打印）。"))
    server = server_url(args.server) if args.server else ""
    with opened(call, founding=True) as county:
        with county.read() as session:
            other = desk.other_county(session, args.scope)
        if other:
            _ask(call, other)
        with _kept_if_saved(files), acting(county) as (session, keep):
            found = desk.make_codes(session, args.scope, args.role, again=args.again)
            for gone in found.withdrawn:
                keep(gone.withdrawal)
            for made in found.made:
                keep(made.act)
            if found.made:
                _write([_slip(made) for made in found.made], files, args.scope, server)
            call.console.finish()
    if files and found.made and not server:
        call.console.say(_("没有写 --server，纸上的服务器地址空着，请照 serve 写出的「各站填的地址」填上。"))
    value = {
        "codes": [{**asdict(made), "place": _name(made.scope)} for made in found.made],
        "withdrawn": [one.id for one in found.withdrawn],
        "waiting": list(found.waiting),
        "enrolled": list(found.enrolled),
        "files": [str(file) for file in files if found.made],
    }
    return Answer(value, _told(found, files))


def _ask(call: Call, other: str) -> None:
    """Say that the area is in another county; at a terminal, go on only if that is meant."""
    if not call.console.answers:
        call.console.say(other + _("写错了就用 codes withdraw 编号 收回。"))
    elif not call.console.agreed(other + _("真要给那里的每一处发注册码吗？输入 是 再按回车；直接回车不发。")):
        raise Stopped(_("什么都没有改变。"))


def _told(found: desk.CodesMade, files: list[Path]) -> str:
    head = (_("站点"), _("代码"), _("注册码"), _("编号"), _("有效到"))
    rows = [(_name(one.scope), one.scope, one.code, one.id, clock.text(one.expires_at)) for one in found.made]
    lines = [table(head, rows, most=60), ""] if rows else []
    lines.append(_("发了 {n} 个注册码，各用一次。").format(n=len(rows)) if rows else _("没有要发的。"))
    if found.withdrawn:
        lines.append(_("早先发的 {n} 个收回了，旧纸条不能再用。").format(n=len(found.withdrawn)))
    if rows and files:
        lines.append(_("已写到 {files}。注册码只显示这一次，请收好。").format(files=_("、").join(str(file) for file in files)))
    elif rows:
        lines.append(_("注册码只显示这一次。要打印：加上文件名 .xlsx（一张表）或 .html（剪开的纸条），连 --again 再打一遍，前面的就收回。"))
    if found.waiting:
        names = _("、").join(_name(scope) for scope in found.waiting[:_MAX_NAMED]) + ("…" if len(found.waiting) > _MAX_NAMED else "")
        text = _("{n} 处早先发的还能用，没有另发：{names}。纸条丢了加 --again，旧的收回，发新的。")
        lines.append(text.format(n=len(found.waiting), names=names))
    if found.enrolled:
        lines.append(_("{n} 处已有电脑，没有发；换电脑用 enrol 单发。").format(n=len(found.enrolled)))
    return "\n".join(lines)


def _write(slips: list[Slip], files: list[Path], scope: str, server: str) -> None:
    from services.forms import slips as paper

    for file in files:
        paper.write(slips, file, f"{_name(scope)}村站通注册码", server)


def _slip(made: desk.Code) -> Slip:
    from services.forms.slips import Slip

    return Slip(_name(made.scope), made.scope, made.code, made.id, clock.text(made.expires_at))


@contextmanager
def _kept_if_saved(files: list[Path]) -> Iterator[None]:
    """Put the files back as they were if anything fails: the codes in them were not saved, and those of earlier slips still work."""
    before = {file: file.read_bytes() if file.is_file() else None for file in files}
    try:
        yield
    except BaseException:
        for file, content in before.items():
            with suppress(OSError):
                if content is not None and file.read_bytes() != content:
                    file.write_bytes(content)
                elif content is None and file.is_file():
                    file.unlink()
        raise


def _name(scope: str) -> str:
    """A place within the county, as its people know it: 横头山镇解放村."""
    return "".join(divisions.names_in_county(scope)) or divisions.called(scope)
