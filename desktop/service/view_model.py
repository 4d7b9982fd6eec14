"""The view models of 服务: lists wishes and vacancies, finds the services given, and records services; in 匹配 the person or vacancy
chosen, and what matches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.service import presenting
from desktop.service.presenting import GUIDANCE, JOB, PEOPLE, Account, MatchGroup, NewService, Pair, Start, type_words
from desktop.station import Station
from desktop.view_model import RecordModel, ViewModel
from desktop.widgets.ledger_model import Source, View
from desktop.wiring.lists import query_of
from domain import clock
from domain.records import JobWish
from domain.words import N_, _, lazy
from services import employment_services, records, standing
from services import employment_services as services
from services.employment_services import VacancyLine, WishLine
from services.lists import listing
from services.lists.listing import Filter


class ServiceModel(RecordModel):
    """The state of the page."""

    counted = Signal(object)
    account_found = Signal(object)
    started = Signal(object)
    advert_found = Signal(str)

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.user, self.home = station.store.user, station.store.scope
        self.lights = Source(presenting.lights(self.home), station.reading(_lights), station.reading(_light_lines))
        """Filter: `state` (guidance, job, training, done)."""
        self.wishes = Source(presenting.wishes(self.home), station.reading(_wishes), station.reading(_wish_lines))
        """Filter: `state` (open, closed)."""
        self.vacancies = Source(presenting.vacancies(), station.reading(_vacancies), station.reading(_vacancy_lines))
        """Filter: `state` (open, expired)."""
        self.match_people = replace(self.lights, columns=presenting.match_people())
        self.match_jobs = replace(self.vacancies, columns=presenting.match_jobs())
        self.wish_id = ""

    def count(self) -> None:
        """Count in the background how many wishes lack which service."""
        self._jobs.run(self._station.reading(_counts), self.counted.emit, key="service-counts", later=True)

    def person_of(self, wish_id: str) -> str:
        """Return whose wish it is; blocks on the database."""
        return self._station.read(lambda session: session.existing(JobWish, wish_id).person_id)

    def look_at(self, wish_id: str) -> None:
        """Load the services given for this wish; emits `account_found`."""
        self.wish_id = wish_id
        if wish_id:
            self._jobs.run(lambda: self._station.read(_account, wish_id), self._account_found, key="service-account")

    def _account_found(self, account: Account) -> None:
        if account.wish_id == self.wish_id:
            self.account_found.emit(account)

    # -- services -----------------------------------------------------------------------------------

    def start(self, type: str, wishes: Sequence[str], vacancy_id: str = "") -> None:
        """Load what the dialog of a new service needs; emits `started`."""
        if wishes:
            self._jobs.run(lambda: self._station.read(_start, type, wishes, vacancy_id), self.started.emit, key="service-start")

    def give(self, entry: NewService) -> None:
        """Record a service, for all its clients as one act."""
        service = type_words(entry.type)
        message = _("已记{service} {n} 人").format(service=service, n=len(entry.clients))
        self.act(lambda: self._station.write(lazy("记{service}", service=service), _give, entry), lambda _none: message)

    def close(self, wishes: Sequence[str], on: str, reason: str | None) -> None:
        """End wishes on a day."""
        self.end_all(N_("结束就业需求 {n} 条"), services.close_wishes, wishes, on, reason, _("已结束就业需求 {n} 条"))

    def reopen(self, wishes: Sequence[str]) -> None:
        """Remove the end of wishes."""
        label = lazy("重新打开就业需求 {n} 条", n=len(wishes))
        self.act(lambda: self._station.write(label, services.reopen, wishes), lambda n: _("已重新打开就业需求 {n} 条").format(n=n))

    def advertise(self, vacancies: Sequence[str], reason: str = "") -> None:
        """Write the text of vacancies, with phone numbers only if a reason is given; emits `advert_found`."""
        self._jobs.run(lambda: self._advert(vacancies, reason), self.advert_found.emit, key="service-advert")

    def _advert(self, ids: Sequence[str], reason: str) -> str:
        if not reason:
            return self._station.read(services.advert_text, ids)
        with self._station.store.applying() as session:  # records who looked at phone numbers and why
            return services.advert_text(session, ids, reason=reason)


def _lights(session: Session, view: View) -> Sequence[str]:
    found: Sequence[str] = services.open_wishes(session)
    if view.search or view.order:
        live = set(found)
        found = [id for id in listing.ids(session, query_of("job_wish", replace(view, filters={}))) if id in live]
    state = view.filters.get("state")
    if state is None:
        return found
    today = clock.today()
    promises, needed = services.promises(session, found, today), employment_services.services_needed(session, today)
    if state == "done":
        return [id for id in found if id in promises and promises[id].complete(needed)]
    return [id for id in found if id in promises and promises[id].owes(needed)[state]]


def _light_lines(session: Session, ids: Sequence[str], _keys: Sequence[str]) -> Mapping[str, WishLine]:
    return {line.wish.id: line for line in services.lines(session, ids, clock.today())}


def _counts(session: Session) -> dict[str, int]:
    today = clock.today()
    needed = employment_services.services_needed(session, today)
    owed = [promise.owes(needed) for promise in services.promises(session, services.open_wishes(session), today).values()]
    counted = {kind: sum(one[kind] for one in owed) for kind in ("guidance", "job", "training")}
    return {"all": len(owed), **counted, "done": sum(not any(one.values()) for one in owed)}


def _account(session: Session, wish_id: str) -> Account:
    (line,) = services.lines(session, [wish_id], clock.today()) or (None,)
    heading = _("{name}：{day} 起").format(name=line.name, day=line.wish.opened_on) if line else ""
    return Account(wish_id, heading, [presenting.account_line(*one) for one in services.account_of(session, wish_id, clock.today())])


def _start(session: Session, type: str, wishes: Sequence[str], vacancy_id: str) -> Start:
    today = clock.today()
    clients = services.lines(session, wishes, today)
    if type == GUIDANCE:
        return Start(type, clients)
    if type == JOB:
        found = [one for one in services.for_wish(session, wishes[0], today) if vacancy_id in ("", one.vacancy.id)]
        return Start(type, clients, presenting.offers(found))
    return Start(type, clients, presenting.course_offers(services.courses(session, today), today))


def _give(session: Session, entry: NewService) -> None:
    for client in entry.clients:
        values = {**entry.values, "type": entry.type, "person_id": client.wish.person_id}
        services.give(session, values, close=client.wish.id if entry.close else "")


def _wishes(session: Session, view: View) -> Sequence[str]:
    state = {"open": (Filter("closed_on", "empty"),), "closed": (Filter("closed_on", "filled"),)}.get(view.filters.get("state", ""), ())
    return listing.ids(session, query_of("job_wish", replace(view, filters={}), state))


def _wish_lines(session: Session, ids: Sequence[str], _keys: Sequence[str]) -> Mapping[str, presenting.Wish]:
    wishes = records.by_id(session, JobWish, ids)
    people = standing.names(session, {wish.person_id for wish in wishes.values()})
    return {wish.id: presenting.Wish(wish, people.get(wish.person_id, "")) for wish in wishes.values()}


def _vacancies(session: Session, view: View) -> Sequence[str]:
    state, bare = view.filters.get("state"), replace(view, filters={})
    over = (Filter("expires_on", "<", clock.today()),)
    if state == "expired":
        return listing.ids(session, query_of("vacancy", bare, over))
    found = listing.ids(session, query_of("vacancy", bare))
    if state == "open":
        gone = set(listing.ids(session, query_of("vacancy", View(), over)))
        found = [id for id in found if id not in gone]
    return found


def _vacancy_lines(session: Session, ids: Sequence[str], _keys: Sequence[str]) -> Mapping[str, VacancyLine]:
    return {line.vacancy.id: line for line in services.vacancy_lines(session, ids)}


class MatchModel(ViewModel):
    """The choice at the left and the matches at the right."""

    shown = Signal()

    def __init__(self, frame: Frame, station: Station) -> None:
        super().__init__(frame, station)
        self.side = PEOPLE
        self.id = ""
        self.only_fitting = True
        self.found = MatchGroup("", ())

    def choose(self, side: str, id: str) -> None:
        """Find what matches a person or a vacancy."""
        self.side, self.id = side, id
        if id:
            self._jobs.run(lambda: self._station.read(_matching, side, id), lambda found: self._show(side, id, found), key="matches")
        else:
            self._show(side, id, MatchGroup("", ()))

    def reload(self) -> None:
        """Load again."""
        self.choose(self.side, self.id)

    def narrow(self, only_fitting: bool) -> None:
        """Show or leave out matches excluded by a hard requirement."""
        self.only_fitting = only_fitting
        self.shown.emit()

    def pairs(self) -> list[Pair]:
        """Return the matches to show, best first."""
        return [pair for pair in self.found.pairs if pair.fits or not self.only_fitting]

    def _show(self, side: str, id: str, found: MatchGroup) -> None:
        if (side, id) == (self.side, self.id):
            self.found = found
            self.shown.emit()


def _matching(session: Session, side: str, id: str) -> MatchGroup:
    today = clock.today()
    if side == PEOPLE:
        candidates = services.for_wish(session, id, today)
        (line,) = services.lines(session, [id], today) or (None,)
        return presenting.found(side, candidates, _("适合{name}的岗位").format(name=line.name if line else ""))
    candidates = services.for_vacancy(session, id, today)
    (vacancy,) = services.vacancy_lines(session, [id])
    return presenting.found(side, candidates, _("适合「{title}」的人").format(title=vacancy.vacancy.title))
