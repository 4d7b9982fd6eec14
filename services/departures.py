"""Sentences about people the county moved out of a station's village or into it, and about a merged village: for the page 同步 and
`cunzhan sync`."""

from __future__ import annotations

from db.exchange import Arrived, Departed, arrived, closed_into, departed
from db.session import Session
from domain import clock, divisions
from domain.words import _

_MAX_LISTED = 20


def closed_sentence(place: str) -> str:
    """The sentence for a village that was merged into the one called `place`."""
    told = _("县里已把本村并入{place}，名册和台账都转过去了，所以这里空了，不是丢了。这里没上传的照常同步，会一起转过去。")
    return (told + _("以后请用{place}的电脑办；这台电脑要给{place}用，请县管理员来另建一份数据，用{place}的注册码。")).format(place=place)


def departed_sentence(one: Departed, when: str) -> str:
    """周桂英　11-27 09:12 迁到胜利村，记录在那边. `when` is shown unchanged."""
    to = divisions.called(one.entered)
    return _("{name}　{at} 迁到{place}，记录在那边").format(name=one.name, at=when, place=to)


def arrived_sentence(one: Arrived, when: str) -> str:
    """周桂英　11-27 09:12 从外村迁来. `when` is shown unchanged."""
    words = (
        _("{name}　{at} 从外村迁来，以前的记录都在")
        if one.housed
        else _("{name}　{at} 从外村迁来，还没有分到户，请打开他的页面按 F2 选一户")
    )
    return words.format(name=one.name, at=when)


def sentences(session: Session, read: int) -> list[str]:
    """Sentences for what an exchange brought: the village was merged, or people left or entered it. `read`: how far its log was read
    before."""
    into = closed_into(session, session.scope)
    if into:  # what leaves it from then on goes the same way
        return [closed_sentence(divisions.called(into))] if closed_into(session, session.scope, after=read) else []
    left = [departed_sentence(one, clock.day_of(one.at)) for one in departed(session, session.scope, _MAX_LISTED, after=read)]
    came = arrived(session, session.scope, _MAX_LISTED, after=read) if read else ()  # the first exchange brings everybody
    return [*left, *(arrived_sentence(one, clock.day_of(one.at)) for one in came)]
