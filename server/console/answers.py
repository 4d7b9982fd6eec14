"""What a browser sends and is answered, apart from HTTP, and the request as the console's pages see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from db.session import Session
from domain.words import _
from server.console.accounts import User
from server.console.markup import Page, address, element, link, notice, written
from services.reports.month_figures import Counted


@dataclass(frozen=True)
class Sent:
    """A browser's request. `path` below `/console`; `own`: whether the browser says that one of our own pages sent it; `base`: the
    address of the server as the browser knows it; `marks`: by the names of their cookies, the marks of `accounts.device_mark`."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    cookie: str = ""
    came_from: str = ""
    own: bool = True
    base: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """The answer: a page, or `to`, the address to go on to. `cookie`: its new value, None to leave it, "" to delete it; `mark`: another,
    with the end of its name; `file`, `media`: name and type of a file to save."""

    status: int
    content: bytes = b""
    to: str = ""
    cookie: str | None = None
    mark: tuple[str, str] | None = None
    file: str = ""
    media: str = "text/html; charset=utf-8"


def plain(page: Page) -> Reply:
    """A page for somebody who did not sign in."""
    return Reply(page.status, written(page, place=_("村站通 · 县控制台"), entries=[], here="", user=""))


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
    return plain(Page(_("没有办成"), [notice(said, "bad"), link(_("回到总览"), address("/"))], status))


PER_PAGE = 50
"""Lines of a page of a list."""
_MAX_TEXT = 200


@dataclass(frozen=True)
class Asked:
    """Somebody's request. `rest`: the part of the path after the page's own; `form`: what was sent, if something is to be done; `base`:
    the server's address as the browser knows it; `kept`: figures counted before by this process, by month, with version and time."""

    user: User
    form_key: str
    rest: tuple[str, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    base: str = ""
    kept: dict[str, tuple[tuple[Any, ...], float, Counted]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A parameter, shortened to a sensible length; "" if it is missing."""
        return self.query.get(name, "").strip()[:_MAX_TEXT]

    def number(self, name: str, default: int, most: int) -> int:
        """A parameter that is a whole number from 1 to `most`; otherwise the default."""
        given = self.query.get(name, "")
        return int(given) if given.isascii() and given.isdecimal() and 1 <= len(given) < 9 and 1 <= int(given) <= most else default

    def form_of(self, does: str, to: str, *parts: Element, class_: str | None = None) -> Element:
        """A form that does something: it carries the key of the session, and to the address `to` what it `does`."""
        keys = [element("input", type="hidden", name=name, value=value) for name, value in (("key", self.form_key), ("does", does))]
        return element("form", *keys, *parts, method="post", action=to, class_=class_)


@dataclass(frozen=True)
class File:
    """A file to save instead of a page."""

    name: str
    content: bytes
    media: str


Show = Callable[[Asked, Session], Page | File]
"""Makes a page from what is in the database."""


@dataclass(frozen=True)
class Next:
    """The page to go on to after something was done, so that reloading does nothing again, and what it is to say."""

    path: str
    said: str
    query: Mapping[str, str] = field(default_factory=dict)


Act = Callable[[Asked, Session], Page | Next]
"""Does what a form asks for, in one transaction."""
