"""我的账号: a user's own password and one-time codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from db import acts
from db.county import County
from db.session import Session
from domain.errors import Misused
from domain.words import _, lazy
from server.console import accounts
from server.console.accounts import User
from server.console.answers import Asked, Reply, Sent
from server.console.entrance import Guesses, too_many
from server.console.markup import Page, Part, address, drawn, element, field, notice

HERE: Final = "/account"


def account(asked: Asked, session: Session) -> Page:
    """`/account`: changing the password, and setting up one-time codes."""
    issued = accounts.issued(session, asked.user.name)
    told = notice(_("现在的密码是别人给您的。请先改成只有您自己知道的，再用别的页面。"), "warn") if issued else None
    password = asked.form_of(
        "password",
        address(HERE),
        field(_("现在的密码"), "old", type="password", required=True, autocomplete="current-password"),
        field(_("新密码（至少 8 位）"), "new", type="password", required=True, minlength=8, autocomplete="new-password"),
        field(_("再输入一次新密码"), "again", type="password", required=True, minlength=8, autocomplete="new-password"),
        element("button", _("改密码")),
        class_="sign-in",
    )
    after = element("p", _("改好以后，您在别的浏览器里的登录都会退出。"))
    return Page(_("我的账号"), [told, element("h2", _("密码")), password, after, *(() if issued else _codes(asked, session))])


def _codes(asked: Asked, session: Session) -> Iterator[Part]:
    yield element("h2", _("动态码"))
    if accounts.uses_codes(session, asked.user.name):
        yield element("p", _("登录时要手机上的动态码。换手机请管理服务器的人用 cunzhan-server console add 加 --codes 重设。"))
        return
    secret, uri = accounts.offered(session, asked.user)
    typed = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    yield element(
        "p",
        _("用手机上的身份验证器（不用联网）扫这个二维码，或把下面一串输入进去，再把它显示的六位数填在这里。以后登录除了密码还要动态码。"),
    )
    form = asked.form_of(
        "codes",
        address(HERE),
        field(_("现在的密码"), "old", type="password", required=True, autocomplete="current-password"),
        field(_("手机显示的动态码"), "code", required=True, inputmode="numeric", autocomplete="one-time-code"),
        element("button", _("开始用动态码")),
        class_="sign-in",
    )
    beside = element("div", element("p", typed, class_="secret"), form)
    yield element("div", drawn(uri, _("动态码的二维码")), beside, class_="beside")


class OwnAccount:
    """Does what the forms of `/account` ask for. Each states the password, which is checked outside of any transaction that writes."""

    def __init__(self, county: County, now: Callable[[], float], guesses: Guesses) -> None:
        self._county, self._now, self._guesses = county, now, guesses

    def do(self, sent: Sent, user: User) -> Reply:
        """Change the password or set up codes. Raises `CunzhanError`."""
        if waits := self._guesses.wait(user.name, sent.came_from, f"session {user.name} {user.since}"):
            raise Misused(too_many(waits))
        with self._county.read() as session:
            before = accounts.verified(session, user.name, sent.form.get("old", ""))
        if before is None:
            raise Misused(_("现在的密码不对，没有改。"))
        if sent.form.get("does") == "codes":
            return self._take_up(sent, user)
        return self._change(sent, user, before)

    def _change(self, sent: Sent, user: User, before: str) -> Reply:
        new, now = sent.form.get("new", ""), int(self._now())
        if new != sent.form.get("again", ""):
            raise Misused(_("两次输入的新密码不一样，没有改。"))
        if new == sent.form.get("old", ""):
            raise Misused(_("新密码和现在的一样，没有改。请换一个。"))
        hashed = accounts.hash_of(new)
        with self._county.write() as session:
            accounts.change(session, user, before, hashed)
            acts.keep(session, lazy("改自己的控制台密码"), user.author)
            to = told(session, user, HERE, _("密码改好了。您在别的浏览器里的登录已经退出。"))
            return Reply(303, to=to, cookie=accounts.token(session, user, now))

    def _take_up(self, sent: Sent, user: User) -> Reply:
        now = int(self._now())
        with self._county.write() as session:
            accounts.take_up(session, user, "".join(sent.form.get("code", "").split()), now)
            acts.keep(session, lazy("给自己的控制台用户设动态码"), user.author)
            return Reply(303, to=told(session, user, HERE, _("动态码设好了，下次登录就要。")))


def told(session: Session, user: User, path: str, text: str, **query: str) -> str:
    """The address of a page that begins by saying something, which only this session can have written there."""
    return address(path, query, told=text, seal=accounts.sealed(session, user, text) if text else None)


def said(asked: Asked, session: Session) -> str:
    """What the page is to say first, as `told` put it into the address."""
    text = asked.query.get("told", "")
    return text if text and accounts.same(asked.query.get("seal", ""), accounts.sealed(session, asked.user, text)) else ""
