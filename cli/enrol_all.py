"""`enrol-all`: enrolment codes for every place of a township or county that has no laptop yet, as a table, a workbook or slips to cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cli.console import table
from cli.county_access import acting, opened
from cli.program import Answer, Call, Usage
from domain import clock, divisions
from domain.errors import Stopped
from domain.words import _
from server import devices as desk
from sync.wire.link import server_url

if TYPE_CHECKING:
    from services.forms.slips import Slip

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
