"""What 服务 does: list wishes and vacancies, tell what each person was given, record services. Knows neither session nor widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal

from desktop.jobs import Jobs
from desktop.record_model import RecordModel, Records
from desktop.widgets.ledger_table import Source
from desktop.widgets.reasons import Reason
from domain.records import Service
from domain.words import _

GUIDANCE, JOB, TRAINING = ("guidance", "job", "training")
"""The three services of the promise, in its order."""


@dataclass(frozen=True)
class Offer:
    """A vacancy or course that can be chosen, with what speaks for and against it in one line."""

    id: str
    title: str
    note: str = ""
    fits: bool = True


@dataclass(frozen=True)
class Client:
    """A person with an open wish."""

    wish_id: str
    person_id: str
    name: str


@dataclass(frozen=True)
class Start:
    """What the window of a new service begins with."""

    type: str
    clients: Sequence[Client]
    offers: Sequence[Offer] = ()

    @property
    def title(self) -> str:
        """The service and for whom: 岗位推荐：王秀兰."""
        names = _("、").join(client.name for client in self.clients[:3])
        more = _("等 {n} 人").format(n=len(self.clients)) if len(self.clients) > 3 else ""
        return _("{service}：{names}").format(service=type_words(self.type), names=names + more)


@dataclass(frozen=True)
class Entry:
    """A service as it is to be recorded for everybody named; `close` ends their wishes with it."""

    type: str
    clients: Sequence[Client]
    values: Mapping[str, Any]
    close: bool = False


@dataclass(frozen=True)
class Account:
    """What one wish was given, the latest first."""

    wish_id: str
    heading: str
    given: Sequence[Reason]


@dataclass(frozen=True)
class Uses:
    """What the page needs done; every call waits for the database.

    Filters: `lights` has `state` (guidance, job, training, done); `wishes` has `state` (open, closed), `vacancies` too (open, expired)."""

    lights: Source
    counts: Callable[[], Mapping[str, int]]
    account: Callable[[str], Account]
    wishes: Source
    vacancies: Source
    start: Callable[[str, Sequence[str], str], Start]
    """`start(type, ids of wishes, id of the vacancy or "")`"""
    give: Callable[[Entry], int]
    close: Callable[[Sequence[str], str, str], int]
    """`close(ids of wishes, day, reason)`"""
    reopen: Callable[[Sequence[str]], int]
    records: Records
    advert: Callable[[Sequence[str], str], str]
    """`advert(ids of vacancies, reason to tell phones or "")`"""
    user: str
    home: str
    """Code of the station's place."""


class ServiceModel(RecordModel):
    """The state behind the page."""

    counted = Signal(object)
    account_found = Signal(object)
    started = Signal(object)
    advert_found = Signal(str)

    def __init__(self, jobs: Jobs, uses: Uses) -> None:
        super().__init__(jobs, uses.records)
        self.uses = uses
        self.wish_id = ""

    def count(self) -> None:
        """How many wishes still owe what, in the background."""
        self._jobs.run(self.uses.counts, self.counted.emit, key="service-counts", later=True)

    def look_at(self, wish_id: str) -> None:
        """Tell what this wish was given; `account_found` brings it."""
        self.wish_id = wish_id
        if wish_id:
            self._jobs.run(lambda: self.uses.account(wish_id), self._told, key="service-account")

    def _told(self, account: Account) -> None:
        if account.wish_id == self.wish_id:
            self.account_found.emit(account)

    # -- services -----------------------------------------------------------------------------------

    def start(self, type: str, wishes: Sequence[str], vacancy_id: str = "") -> None:
        """Fetch what the window of a new service needs; `started` brings it."""
        if wishes:
            self._jobs.run(lambda: self.uses.start(type, wishes, vacancy_id), self.started.emit, key="service-start")

    def give(self, entry: Entry) -> None:
        """Record a service; one act for all."""
        said = _("已记{service} {n} 人").format(service=type_words(entry.type), n=len(entry.clients))
        self.act(lambda: self.uses.give(entry), lambda _n: said)

    def close(self, wishes: Sequence[str], on: str, reason: str) -> None:
        """End wishes."""
        self.act(lambda: self.uses.close(wishes, on, reason), lambda n: _("已结束就业需求 {n} 条").format(n=n))

    def reopen(self, wishes: Sequence[str]) -> None:
        """Take the end of wishes away."""
        self.act(lambda: self.uses.reopen(wishes), lambda n: _("已重新打开就业需求 {n} 条").format(n=n))

    def advertise(self, vacancies: Sequence[str], reason: str = "") -> None:
        """Write the text of vacancies; `advert_found` brings it."""
        self._jobs.run(lambda: self.uses.advert(vacancies, reason), self.advert_found.emit, key="service-advert")


def type_words(type: str) -> str:
    """The service as the forms call it."""
    return Service.KIND.by_name["type"].show(type)
