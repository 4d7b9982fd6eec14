"""Signing in, and how many passwords may be tried.

Whoever guesses must not keep an official out. So tries are counted by address and name together, by address, and by name (generously: one
address alone never uses them up), and not at all together with those of a browser from which the user signed in before: it keeps a mark
(OWASP: device cookies), which counts for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl, urlencode

from db import acts
from db.county import County
from domain.words import _, lazy
from server.console import accounts
from server.console.answers import Reply, Sent, plain
from server.console.markup import Page, address, element, field, notice
from server.limits import Rate

_MAX_NAME: Final = 40
_MOST_FAILING: Final = 1000
"""Most addresses with wrong tries that are counted; all begin anew when there are more."""


class Guesses:
    """The tries of one server process."""

    def __init__(self) -> None:
        self._known = Rate(10, 60.0)
        self._here = Rate(10, 60.0)
        self._address = Rate(30, 10.0)
        self._name = Rate(100, 20.0)
        self._all = Rate(60, 2.0)
        self._code = Rate(10, 600.0)

    def wait_with_code(self, name: str) -> float:
        """Count a try by somebody who knows the password, in a browser that is not the user's: at the other limits a one-time code of six
        digits would be found within months."""
        return self._code.take(name)

    def wait(self, name: str, came_from: str, mark: str) -> float:
        """Count a try; seconds that it has to wait. `mark`: of a browser that the user is known to use, "" for others. Who waits for one
        limit counts for none of the following."""
        if mark:
            return self._known.take(mark)
        here = self._here.take(f"{came_from} {name}")
        return here or self._address.take(came_from) or self._name.take(name) or self._all.take("")


class Entrance:
    """Where users sign in."""

    def __init__(self, county: County, now: Callable[[], float], guesses: Guesses) -> None:
        self._county, self._now, self._guesses = county, now, guesses
        self._failed: Counter[tuple[str, str]] = Counter()

    def sign_in(self, sent: Sent) -> Reply:
        """`/sign-in`: the form, and what was sent with it."""
        if sent.method != "POST":
            over = _("登录已过期，请再登录。刚才提交的没有办理。") if sent.query.get("over") == "form" else _("登录已过期，请再登录。")
            return _signing_in(over if sent.query.get("over") else "", 200, sent.query.get("to", ""))
        to = sent.form.get("to", "")
        if not sent.own:
            return _signing_in(_("这次登录不是从本页来的，没有办理。请再登录一次。"), 403)
        name, now = sent.form.get("name", "").strip(), int(self._now())
        known = self._mark(name, sent.marks)
        waits = self._guesses.wait(name[:_MAX_NAME], sent.came_from, known)
        if waits:
            return _signing_in(too_many(waits), 429, to)
        with self._county.read() as session:
            user = accounts.known(session, name, sent.form.get("password", ""), now)
            cookie = accounts.token(session, user, now) if user is not None else ""
            mark = accounts.device_mark(session, user.name) if user is not None else ""
            codes = user is not None and not known and accounts.uses_codes(session, user.name)
        if codes and (waits := self._guesses.wait_with_code(name)):
            return _signing_in(too_many(waits), 429, to)
        if user is not None:
            with self._county.write() as session:
                if accounts.use_up(session, user.name, sent.form.get("code", "").strip(), now):
                    acts.keep(session, lazy("登录控制台"), user.author)
                    return Reply(303, to=_back(to), cookie=cookie, mark=None if known else (accounts.device_cookie(user.name), mark))
        self._note_failure(name, sent.came_from)
        wrong = _("用户名、密码或动态码不对。动态码每个只能用一次。忘了的，请管理服务器的人用 cunzhan-server console add 重设。")
        return _signing_in(wrong, 403, to)

    def _note_failure(self, name: str, came_from: str) -> None:
        """Log the first, the tenth, the hundredth … failure of an address with a name, so that guessing leaves a trace but no flood. A name
        without an account is not logged: it may be a password that was typed into the wrong field."""
        with self._county.read() as session:
            whose = name if name in {one.name for one in accounts.accounts(session)} else ""
        if len(self._failed) >= _MOST_FAILING:
            self._failed.clear()
        self._failed[whose, came_from] += 1
        times = str(self._failed[whose, came_from])
        if times.strip("0") == "1":
            with self._county.write() as session:
                who = f"{whose or '?'}@county"
                acts.keep(session, lazy("登录控制台没有成功，来自 {address}，第 {n} 次", address=came_from or "?", n=times), who)

    def _mark(self, name: str, marks: Mapping[str, str]) -> str:
        given = marks.get(accounts.device_cookie(name), "")
        with self._county.read() as session:
            return given if given and accounts.knows_device(session, name, given) else ""


def too_many(seconds: float) -> str:
    """What is said to whoever has to wait."""
    return _("试错的次数太多，请 {n} 秒后再试。").format(n=int(seconds) + 1)


def to_sign_in(sent: Sent) -> str:
    """Where one signs in, and returns to the page that was asked for."""
    over = ("form" if sent.method == "POST" else "page") if sent.cookie else ""
    query = f"?{urlencode(sent.query)}" if sent.query and sent.method != "POST" else ""
    return address("/sign-in", to=sent.path + query if sent.path != "/" else "", over=over)


def _back(to: str) -> str:
    """The address of the page that `to_sign_in` named. It stays below the console, whatever somebody wrote there."""
    path, _mark, query = to.partition("?")
    return address(path if path.startswith("/") else "/", dict(parse_qsl(query)))


def _signing_in(message: str = "", status: int = 200, to: str = "") -> Reply:
    form = element(
        "form",
        element("input", type="hidden", name="to", value=to) if to else None,
        field(_("用户"), "name", required=True, autocomplete="username", autofocus=True),
        field(_("密码"), "password", type="password", required=True, autocomplete="current-password"),
        field(_("动态码（没有设就空着）"), "code", inputmode="numeric", autocomplete="one-time-code"),
        element("button", _("登录")),
        method="post",
        action=address("/sign-in"),
        class_="sign-in",
    )
    return plain(Page(_("登录"), [notice(message, "bad") if message else None, form], status))
