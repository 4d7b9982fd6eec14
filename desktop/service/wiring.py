"""服务 with the store behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from db.mapping import table
from db.session import Session
from desktop.page import Frame, Page
from desktop.service import presenting
from desktop.service.match_model import PEOPLE, Found, MatchModel
from desktop.service.page import ServicePage
from desktop.service.view_model import GUIDANCE, JOB, Account, Client, Entry, ServiceModel, Start, Uses, type_words
from desktop.station import Station
from desktop.widgets.ledger_table import Row, Source, View
from desktop.wiring.forms import form_tools
from desktop.wiring.lists import query_of
from desktop.wiring.records import records
from domain import clock
from domain.records import JobWish
from domain.words import _
from services import employment_services as services
from services import listing, promised, standing
from services.listing import Filter


def build(frame: Frame, station: Station) -> Page:
    """The page and its view models."""
    uses = Uses(
        lights=Source(station.reading(_lights), station.reading(_light_rows)),
        counts=station.reading(_counts),
        account=station.reading(_account),
        wishes=Source(station.reading(_wishes), station.reading(_wish_rows)),
        vacancies=Source(station.reading(_vacancies), station.reading(_vacancy_rows)),
        start=station.reading(_start),
        give=station.writing(lambda entry: _("记{service}").format(service=type_words(entry.type)), _give),
        close=station.writing(lambda ids, on, reason: _("结束就业需求 {n} 条").format(n=len(ids)), services.close_wishes),
        reopen=station.writing(lambda ids: _("重新打开就业需求 {n} 条").format(n=len(ids)), services.reopen),
        records=records(station),
        advert=lambda ids, reason: _advert(station, ids, reason),
        user=station.store.user,
        home=station.store.scope,
    )
    model, matches = ServiceModel(frame.jobs, uses), MatchModel(frame.jobs, station.reading(_found))
    return ServicePage(frame, model, matches, form_tools(frame, station)).keeping(model, matches)


# -- one-three-one ----------------------------------------------------------------------------------------------------


def _lights(session: Session, view: View) -> Sequence[str]:
    found: Sequence[str] = services.open_wishes(session)
    if view.search or view.order:
        live = set(found)
        found = [id for id in listing.ids(session, query_of("job_wish", replace(view, filters={}))) if id in live]
    state = view.filters.get("state")
    if state is None:
        return found
    today = clock.today()
    promises, needed = services.promises(session, found, today), promised.needed(session, today)
    if state == "done":
        return [id for id in found if id in promises and promises[id].complete(needed)]
    return [id for id in found if id in promises and promises[id].owes(needed)[state]]


def _light_rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    return [presenting.light_row(line) for line in services.lines(session, ids, clock.today())]


def _counts(session: Session) -> dict[str, int]:
    today = clock.today()
    needed = promised.needed(session, today)
    owed = [promise.owes(needed) for promise in services.promises(session, services.open_wishes(session), today).values()]
    counted = {kind: sum(one[kind] for one in owed) for kind in ("guidance", "job", "training")}
    return {"all": len(owed), **counted, "done": sum(not any(one.values()) for one in owed)}


def _account(session: Session, wish_id: str) -> Account:
    (line,) = services.lines(session, [wish_id], clock.today()) or (None,)
    heading = _("{name}：{day} 起").format(name=line.name, day=line.wish.opened_on) if line else ""
    return Account(wish_id, heading, [presenting.account_line(*one) for one in services.account_of(session, wish_id, clock.today())])


# -- services ---------------------------------------------------------------------------------------------------------


def _start(session: Session, type: str, wishes: Sequence[str], vacancy_id: str) -> Start:
    today = clock.today()
    clients = [Client(line.wish.id, line.wish.person_id, line.name) for line in services.lines(session, wishes, today)]
    if type == GUIDANCE:
        return Start(type, clients)
    if type == JOB:
        found = [one for one in services.for_wish(session, wishes[0], today) if vacancy_id in ("", one.vacancy.id)]
        return Start(type, clients, presenting.offers(found))
    return Start(type, clients, presenting.course_offers(services.courses(session, today), today))


def _give(session: Session, entry: Entry) -> int:
    for client in entry.clients:
        values = {**entry.values, "type": entry.type, "person_id": client.person_id}
        services.give(session, values, close=client.wish_id if entry.close else "")
    return len(entry.clients)


def _found(session: Session, side: str, id: str) -> Found:
    today = clock.today()
    if side == PEOPLE:
        candidates = services.for_wish(session, id, today)
        (line,) = services.lines(session, [id], today) or (None,)
        return presenting.found(side, candidates, _("适合{name}的岗位").format(name=line.name if line else ""))
    candidates = services.for_vacancy(session, id, today)
    (vacancy,) = services.vacancy_lines(session, [id])
    return presenting.found(side, candidates, _("适合「{title}」的人").format(title=vacancy.vacancy.title))


# -- wishes and vacancies -----------------------------------------------------------------------------------------------


def _wishes(session: Session, view: View) -> Sequence[str]:
    state = {"open": (Filter("closed_on", "empty"),), "closed": (Filter("closed_on", "filled"),)}.get(view.filters.get("state", ""), ())
    return listing.ids(session, query_of("job_wish", replace(view, filters={}), state))


def _wish_rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    wishes = session.select(JobWish, table(JobWish).c.id.in_(ids))
    people = standing.names(session, {wish.person_id for wish in wishes})
    return [presenting.wish_row(wish, people.get(wish.person_id, "")) for wish in wishes]


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


def _vacancy_rows(session: Session, ids: Sequence[str], keys: Sequence[str]) -> list[Row]:
    return [presenting.vacancy_row(line, clock.today()) for line in services.vacancy_lines(session, ids)]


def _advert(station: Station, ids: Sequence[str], reason: str) -> str:
    if not reason:
        return station.reading(services.advert_text)(ids)
    with station.store.applying() as session:  # it keeps who looked at phones and why
        return services.advert_text(session, ids, reason=reason)
