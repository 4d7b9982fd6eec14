"""The registry of pages: key, name and Alt-letter in the navigation, icon, and levels at which the page is shown.

A page is made by `build(frame, station)` of the module `desktop.<key>.page`, when it is first opened, so that the window appears quickly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from domain.words import N_, P_

if TYPE_CHECKING:
    from desktop.page import Frame, Page
    from desktop.station import Station

    Build = Callable[[Frame, Station], Page]


@dataclass(frozen=True)
class Entry:
    """A page: its key for `frame.open` (also its folder), its name (Chinese, translated when shown), Alt-letter, icon, and the levels that
    see it."""

    key: str
    word: str
    letter: str
    icon: str
    in_navigation: bool = True
    levels: tuple[str, ...] = ("village", "township", "county")

    def build(self) -> Build:
        """Import the page's module and return its factory."""
        made: Build = import_module(f"desktop.{self.key}.page").build
        return made


ENTRIES = (
    Entry("today", N_("今日"), "J", "calendar"),
    Entry("people", P_("人员"), "R", "users"),
    Entry("register", N_("登记"), "", "user-plus", in_navigation=False),
    Entry("work", N_("务工"), "W", "briefcase"),
    Entry("workshop", P_("车间"), "C", "building-factory-2"),
    Entry("posts", P_("公益岗"), "G", "shield"),
    Entry("training", N_("培训"), "P", "school"),
    Entry("service", N_("服务"), "F", "message"),
    Entry("survey", N_("摸排"), "M", "clipboard"),
    Entry("benefits", N_("补助"), "B", "currency-yuan"),
    Entry("reports", N_("报表"), "Y", "chart-bar"),
    Entry("ledgers", N_("台账"), "Z", "notebook"),
    Entry("township", N_("乡镇"), "X", "building-community", levels=("township", "county")),
    Entry("importing", N_("导入"), "", "file-import", in_navigation=False),
    Entry("sync", N_("同步"), "T", "refresh"),
    Entry("settings", N_("设置"), "S", "settings"),
)


def entries(level: str) -> list[Entry]:
    """Return the pages of a station of `level` (village, township, county), in the order of the navigation."""
    return [entry for entry in ENTRIES if level in entry.levels]


_PAGES_OF_KINDS = {
    "person": "people",
    "household": "people",
    "employer": "workshop",
    "course": "training",
    "post": "posts",
    "appointment": "posts",
    "agreement": "posts",
    "insurance": "posts",
    "notice": "benefits",
    "job_wish": "service",
    "vacancy": "service",
    "survey": "survey",
}


def page_of(kind: str) -> str:
    """Return the key of the page that shows records of `kind`: 台账 for kinds without a page of their own."""
    return _PAGES_OF_KINDS.get(kind, "ledgers")
