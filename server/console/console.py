"""Which page answers a request, and what is checked before: the session, a password given by somebody else, the form's key."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from db.county import County
from db.session import Session
from domain.errors import CunzhanError, NotFound
from domain.words import N_, _
from server.console import account, accounts, figures, ledgers, overview, stations, trend
from server.console.account import OwnAccount
from server.console.accounts import User
from server.console.answers import Act, Asked, File, Reply, Sent, Show
from server.console.entrance import Entrance, Guesses, to_sign_in
from server.console.markup import Page, address, element, link, notice, written
from services.reports.month_figures import Counted

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
    trend.PATH: trend.trend,
    "/figures.xlsx": figures.as_workbook,
    "/figures.csv": figures.as_csv,
    "/stations": stations.stations,
    "/stations/revoke": stations.revoking,
    "/stations/codes": stations.slips,
    "/ledgers": ledgers.ledgers,
    "/held": overview.held_changes,
    "/matches": overview.matches,
    "/acts": overview.done,
    account.HERE: account.account,
}
_ACTS: Final[Mapping[str, Act]] = {"/stations": stations.do}


class Console:
    """The console of one server process."""

    def __init__(self, county: County, now: Callable[[], float] = time.time) -> None:
        self._county = county
        self._now = now
        guesses = Guesses()
        self._entrance, self._own = Entrance(county, now, guesses), OwnAccount(county, now, guesses)
        self._kept: dict[str, tuple[tuple[Any, ...], float, Counted]] = {}

    def answer(self, sent: Sent) -> Reply:
        """Answer a request. There is nothing here as long as there is no account."""
        with self._county.read() as session:
            if not accounts.accounts(session):
                return Reply(404)
            user = accounts.user_of(session, sent.cookie, int(self._now()))
            issued = user is not None and accounts.issued(session, user.name)
        if sent.path == "/sign-in":
            return self._entrance.sign_in(sent) if user is None else Reply(303, to=address("/"))
        if user is None:
            return Reply(303, to=to_sign_in(sent), cookie="" if sent.cookie else None)
        if issued and sent.path not in (account.HERE, "/sign-out"):
            return Reply(303, to=address(account.HERE))
        if sent.method == "POST":
            return self._do(sent, user)
        with self._county.read() as session:
            return self._shown(session, user, sent, self._page(session, user, sent))

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _page(self, session: Session, user: User, sent: Sent) -> Page | File:
        path, rest = ("/ledgers", tuple(sent.path.split("/")[2:])) if sent.path.startswith("/ledgers/") else (sent.path, ())
        show = ledgers.ledger if rest else _PAGES.get(path)
        try:
            if show is None:
                raise NotFound(_("没有这一页。"))
            asked = Asked(user, accounts.form_key(session, user), rest, sent.query, base=sent.base, kept=self._kept)
            page, first = show(asked, session), account.said(asked, session)
            return replace(page, parts=[notice(first), *page.parts]) if first and isinstance(page, Page) else page
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
        if genuine and sent.path == account.HERE:
            page = self._own_account(sent, user)
        elif act is None or not user.acts or not genuine:
            page = Page(_("没有办理"), [notice(_("这一步没有办理：登录过期了，或者您的用户只能看。请回到总览再试。"), "warn")], 403)
        else:
            page = self._done(act, Asked(user, key, form=sent.form), sent.path)
        if isinstance(page, Reply):
            return page
        with self._county.read() as session:
            return self._shown(session, user, sent, page)

    def _own_account(self, sent: Sent, user: User) -> Page | Reply:
        try:
            return self._own.do(sent, user)
        except CunzhanError as error:
            return _failed(error, sent.path)

    def _done(self, act: Act, asked: Asked, path: str) -> Page | Reply:
        try:
            with self._county.write() as session:
                accounts.one_at_a_time(session, asked.user.name)  # a button pressed twice
                done = act(asked, session)
                if isinstance(done, Page):
                    return done
                to = account.told(session, asked.user, done.path, done.said, **done.query)
                return Reply(303, to=to, cookie=accounts.token(session, asked.user, int(self._now())))
        except CunzhanError as error:
            return _failed(error, path)

    def _shown(self, session: Session, user: User, sent: Sent, page: Page | File) -> Reply:
        now = int(self._now())
        if isinstance(page, File):
            return Reply(200, page.content, cookie=accounts.token(session, user, now), file=page.name, media=page.media)
        here = next((path for path, _name in ENTRIES if sent.path == path or sent.path.startswith(f"{path}/")), "")
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
