"""`cunzhan-server console`: who may sign in to the county's web console, and the certificate that a browser is to trust; `serve` runs the
server."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from hashlib import sha256
from ssl import PEM_cert_to_DER_cert

from cli.access import only
from cli.console import table
from cli.county_access import acting, opened
from cli.program import Answer, Call, Usage
from domain.release import FETCHED
from domain.words import _, lazy
from server.authority import authority
from server.console import accounts

_TAKES = {"add": ("readonly", "codes", "own")}


def console(call: Call) -> Answer:
    """`console list`, `console add NAME`, `console remove NAME` and `console certificate FILE`."""
    action, name = call.args.action, call.args.name
    only(call.args, "console", _TAKES, action)
    if (action == "list") != (name is None):
        wanted = _("console list 后面不写用户名。") if action == "list" else _("请写明用户名，或证书写到哪个文件。")
        raise Usage(wanted)
    return {"list": _list, "add": _add, "remove": _remove, "certificate": _certificate}[action](call)


def _list(call: Call) -> Answer:
    with opened(call) as county, county.read() as session:
        found = accounts.accounts(session)
    none = _("还没有用户，控制台没有开。用 cunzhan-server console add 姓名 添加。")
    rows = [(one.name, _(accounts.ROLES[one.role]), _("要") if one.codes else "") for one in found]
    return Answer([asdict(one) for one in found], table((_("用户"), _("权限"), _("动态码")), rows) if found else none)


def _add(call: Call) -> Answer:
    name, role = call.args.name.strip(), "readonly" if call.args.readonly else "admin"
    password = call.console.password(_("给 {user} 设密码（至少 8 位）：").format(user=name), twice=True)
    with opened(call, founding=True) as county, acting(county) as (session, keep):
        again = any(one.name == name for one in accounts.accounts(session))
        uri = accounts.add(session, name, role, password, codes=call.args.codes, issued=not call.args.own)
        keep(lazy("控制台用户 {name}（{role}）", name=name, role=lazy(accounts.ROLES[role])))
        call.console.finish()
    text = _("{name} 可以登录控制台了（{role}）：服务器运行时，用浏览器打开它的地址加 /console。")
    scan = _("把下面这一行做成二维码，或把 secret= 后面的一串输入手机上的身份验证器；只显示这一次：") + f"\n{uri}" if uri else ""
    reset = _("原来就有 {name}：密码、权限和动态码都按这次的重设了，他已登录的要重新登录。").format(name=name) if again else ""
    said = "\n".join(filter(None, (reset, text.format(name=name, role=_(accounts.ROLES[role])), scan)))
    return Answer({"name": name, "role": role, "uri": uri or None}, said)


def _remove(call: Call) -> Answer:
    with opened(call) as county, acting(county) as (session, keep):
        accounts.remove(session, call.args.name)
        keep(lazy("删去控制台用户 {name}", name=call.args.name))
        call.console.finish()
        left = len(accounts.accounts(session))
    text = _("已删去 {name}，他马上就退出了。").format(name=call.args.name)
    return Answer({"name": call.args.name, "left": left}, text if left else text + _("没有用户了，控制台也关了。"))


def _certificate(call: Call) -> Answer:
    file = call.target(call.args.name)
    with opened(call) as county, county.write() as session:
        certificate = authority(session).certificate
    file.write_text(certificate, encoding="ascii")
    print_ = sha256(PEM_cert_to_DER_cert(certificate)).hexdigest().upper()
    told = _("县里的根证书写在 {file}。装进浏览器所在电脑的“受信任的根证书颁发机构”，浏览器就不再警告。装之前核对指纹（SHA-256）：{print}")
    return Answer({"file": str(file), "sha256": print_}, told.format(file=file, print=print_))


def serve(call: Call) -> Answer:
    """Serve until Ctrl-C or a termination signal."""
    from server.serve import reachable
    from server.serve import serve as run
    from server.status import standing

    if not 0 <= call.args.port <= 65535 or not 1 <= call.args.workers <= 64:
        raise Usage(_("端口应在 0 到 65535，进程数应在 1 到 64。"))

    def ready(url: str) -> None:
        call.console.print(f'{{"url": "{url}"}}' if call.args.json else _("县服务器：{url}（Ctrl-C 停止）").format(url=url))
        reached = reachable(url)
        if reached:
            call.console.say(_("各站填的地址：{urls}").format(urls=_("，或 ").join(reached)))

    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    with opened(call, founding=True) as county, suppress(KeyboardInterrupt):
        with county.read() as session:
            message = standing(session).restored_sentence()
        if message:
            call.console.say(message)
        run(county, call.args.host, call.args.port, call.home / FETCHED, workers=call.args.workers, ready=ready)
    return Answer(None, silent=True)
