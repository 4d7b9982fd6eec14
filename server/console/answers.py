"""What a browser sends and is answered, apart from HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.words import _
from server.console.markup import Page, address, link, notice, written


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
