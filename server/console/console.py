"""Which page answers a request, and what is checked before: the session, the form's key, the number of guesses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from db import acts
from db.county import County
from db.session import Session
from domain.errors import CunzhanError, NotFound
from domain.words import N_, _
from server.console import accounts, figures, ledgers, overview, stations, waiting
from server.console import acts as acts_page
from server.console.accounts import User
from server.console.asked import Act, Asked, File, Show
from server.console.markup import Page, address, element, link, notice, written
from server.console.markup import field as text_field
from server.limits import Rate
from services.month_figures import Counted

COOKIE = "cunzhan_console"
ENTRIES: Final = (
    ("/", N_("总览")),
    ("/figures", N_("统计")),
    ("/stations", N_("电脑和注册码")),
    ("/ledgers", N_("台账")),
    ("/held", N_("搁置")),
    ("/matches", N_("重复登记")),
    ("/acts", N_("操作记录")),
)
_PAGES: Final[Mapping[str, Show]] = {
    "/": overview.overview,
    "/figures": figures.figures,
    "/figures/behind": figures.behind,
    "/figures.xlsx": figures.as_workbook,
    "/figures.csv": figures.as_csv,
    "/stations": stations.stations,
    "/stations/revoke": stations.revoking,
    "/ledgers": ledgers.ledgers,
    "/held": waiting.held_changes,
    "/matches": waiting.matches,
    "/acts": acts_page.done,
}
_ACTS: Final[Mapping[str, Act]] = {"/stations": stations.do}


@dataclass(frozen=True)
class Sent:
    """A browser's request. `path` below `/console`; `own`: whether the browser says that one of our own pages sent it."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    cookie: str = ""
    came_from: str = ""
    own: bool = True


@dataclass(frozen=True)
class Reply:
    """The answer: a page, or `to`, the address to go on to. `cookie`: its new value, None to leave it, "" to delete it. `file`, `media`:
    name and type of a file to save."""

    status: int
    content: bytes = b""
    to: str = ""
    cookie: str | None = None
    file: str = ""
    media: str = "text/html; charset=utf-8"


class Console:
    """The console of one server process."""

    def __init__(self, county: County, now: Callable[[], float] = time.time) -> None:
        self._county = county
        self._now = now
        self._guesses = Rate(10, 60.0)
        self._all_guesses = Rate(60, 2.0)
        self._kept: dict[str, tuple[tuple[Any, ...], float, Counted]] = {}

    def answer(self, sent: Sent) -> Reply:
        """Answer a request. There is nothing here as long as there is no account."""
        with self._county.read() as session:
            if not accounts.accounts(session):
                return Reply(404)
            user = accounts.user_of(session, sent.cookie, int(self._now()))
        if sent.path == "/sign-in":
            return self._sign_in(sent) if user is None else Reply(303, to=address("/"))
        if user is None:
            return Reply(303, to=_to_sign_in(sent), cookie="" if sent.cookie else None)
        if sent.method == "POST":
            return self._do(sent, user)
        with self._county.read() as session:
            return self._shown(session, user, sent, self._page(session, user, sent))

    # -- signing in ----------------------------------------------------------------------------------------------------

    def _sign_in(self, sent: Sent) -> Reply:
        if sent.method != "POST":
            over = _("登录已过期，请再登录。刚才提交的没有办理。") if sent.query.get("over") == "form" else _("登录已过期，请再登录。")
            return _signing_in(over if sent.query.get("over") else "", 200, sent.query.get("to", ""))
        to = sent.form.get("to", "")
        if not sent.own:
            return _signing_in(_("这次登录不是从本页来的，没有办理。请再登录一次。"), 403)
        name, now = sent.form.get("name", "").strip(), int(self._now())
        waits = (  # who is refused for their address counts for nobody else
            self._guesses.take(f"address {sent.came_from}") or self._guesses.take(f"name {name[:40]}") or self._all_guesses.take("")
        )
        if waits:
            return _signing_in(_("试错的次数太多，请 {n} 秒后再试。").format(n=int(waits) + 1), 429, to)
        with self._county.read() as session:
            user = accounts.known(session, name, sent.form.get("password", ""), now)
            cookie = accounts.token(session, user, now) if user is not None else ""
        if user is not None:
            with self._county.write() as session:
                if accounts.use_up(session, user.name, sent.form.get("code", "").strip(), now):
                    acts.keep(session, _("登录控制台"), user.author)
                    return Reply(303, to=_back(to), cookie=cookie)
        wrong = _("用户名、密码或动态码不对。动态码每个只能用一次。忘了的，请管理服务器的人用 cunzhan-server console add 重设。")
        return _signing_in(wrong, 403, to)

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _page(self, session: Session, user: User, sent: Sent) -> Page | File:
        path, rest = ("/ledgers", tuple(sent.path.split("/")[2:])) if sent.path.startswith("/ledgers/") else (sent.path, ())
        show = ledgers.ledger if rest else _PAGES.get(path)
        try:
            if show is None:
                raise NotFound(_("没有这一页。"))
            return show(Asked(user, accounts.form_key(session, user), rest, sent.query, kept=self._kept), session)
        except CunzhanError as error:
            return _failed(error, sent.path)

    def _do(self, sent: Sent, user: User) -> Reply:
        """Do what a form asks for, in one transaction, and show what came of it."""
        act = _ACTS.get(sent.path)
        with self._county.read() as session:
            key = accounts.form_key(session, user)
        genuine = sent.own and accounts.same(sent.form.get("key", ""), key)
        if genuine and sent.path == "/sign-out":
            with self._county.write() as session:
                accounts.sign_out(session, user)
            return Reply(303, to=address("/sign-in"), cookie="")
        if act is None or not user.acts or not genuine:
            page = Page(_("没有办理"), [notice(_("这一步没有办理：登录过期了，或者您的用户只能看。请回到总览再试。"), "warn")], 403)
        else:
            page = self._done(act, Asked(user, key, form=sent.form), sent.path)
        with self._county.read() as session:
            return self._shown(session, user, sent, page)

    def _done(self, act: Act, asked: Asked, path: str) -> Page:
        try:
            with self._county.write() as session:
                return act(asked, session)
        except CunzhanError as error:
            return _failed(error, path)

    def _shown(self, session: Session, user: User, sent: Sent, page: Page | File) -> Reply:
        now = int(self._now())
        if isinstance(page, File):
            return Reply(200, page.content, cookie=accounts.token(session, user, now), file=page.name, media=page.media)
        here = next((path for path, _name in reversed(ENTRIES) if sent.path == path or sent.path.startswith(f"{path}/")), "/")
        key = element("input", type="hidden", name="key", value=accounts.form_key(session, user))
        leave = element("form", key, element("button", _("退出"), class_="plain"), method="post", action=address("/sign-out"))
        content = written(
            page,
            place=_("村站通 · 县控制台"),
            entries=[(path, _(name)) for path, name in ENTRIES],
            here=here,
            user=user.name,
            leave=leave,
        )
        return Reply(page.status, content, cookie=accounts.token(session, user, now))


def _failed(error: CunzhanError, path: str) -> Page:
    """What went wrong, and the way back to the page at `path`, if there is one."""
    there = not isinstance(error, NotFound) or path in _PAGES
    back = link(_("回去重填"), address(path)) if there else link(_("回到总览"), address("/"))
    return Page(_("没有办成"), [notice(str(error), "bad"), back], 404 if isinstance(error, NotFound) else 400)


def refused(status: int) -> Reply:
    """What is said where there is no page: no account yet, a request that is too much, or a database that does not answer."""
    match status:
        case 404:
            said = _("控制台还没有开。请管理服务器的人用 cunzhan-server console add 姓名 添加用户。")
        case 429:
            said = _("请求太多，没有办理。请过几秒再试。")
        case 408 | 413:
            said = _("这一步没有办理：内容太长，或者没有传完。请回到前一页再试。")
        case _:
            said = _("县级数据库现在用不了，这一步没有办理。请过一会儿再试；一直这样，请看服务器的日志。")
    return _reply(Page(_("没有办成"), [notice(said, "bad"), link(_("回到总览"), address("/"))], status))


def _to_sign_in(sent: Sent) -> str:
    """Where one signs in, and returns to the page that was asked for."""
    over = ("form" if sent.method == "POST" else "page") if sent.cookie else ""
    query = f"?{urlencode(sent.query)}" if sent.query and sent.method != "POST" else ""
    return address("/sign-in", to=sent.path + query if sent.path != "/" else "", over=over)


def _back(to: str) -> str:
    """The address of the page that `_to_sign_in` named. It stays below the console, whatever somebody wrote there."""
    path, _mark, query = to.partition("?")
    return address(path if path.startswith("/") else "/", dict(parse_qsl(query)))


def _signing_in(message: str = "", status: int = 200, to: str = "") -> Reply:
    form = element(
        "form",
        element("input", type="hidden", name="to", value=to) if to else None,
        text_field(_("用户"), "name", required=True, autocomplete="username", autofocus=True),
        text_field(_("密码"), "password", type="password", required=True, autocomplete="current-password"),
        text_field(_("动态码（没有设就空着）"), "code", inputmode="numeric", autocomplete="one-time-code"),
        element("button", _("登录")),
        method="post",
        action=address("/sign-in"),
        class_="sign-in",
    )
    return _reply(Page(_("登录"), [notice(message, "bad") if message else None, form], status))


def _reply(page: Page) -> Reply:
    """A page for somebody who did not sign in."""
    return Reply(page.status, written(page, place=_("村站通 · 县控制台"), entries=[], here="", user=""))
