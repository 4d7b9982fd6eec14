"""A request as the console's pages see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from db.session import Session
from server.console.accounts import User
from server.console.markup import Page, element
from services.reports.month_figures import Counted

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
