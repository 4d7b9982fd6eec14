"""The records of the open store for the view model of any area, each change one act with its label."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from db import local
from db.session import Session
from desktop.record_model import Drafts, Records, Values
from desktop.station import Station
from domain.errors import NotFound
from domain.fields import kind_of
from domain.words import _
from services import attachments, registry


def records(station: Station) -> Records:
    """Fetching, saving and deleting records."""

    def saving(kind: str, _values: Values, id: str | None, _base: Values | None) -> str:
        name = _(kind_of(kind).label)
        return _("修改{kind}").format(kind=name) if id else _("新增{kind}").format(kind=name)

    def deleting(kind: str, ids: Sequence[str]) -> str:
        return _("删除{kind} {n} 条").format(kind=_(kind_of(kind).label), n=len(ids))

    return Records(
        get=station.reading(lambda session, kind, id: session.get(kind, id)),
        save=station.writing(saving, save_form),
        delete=station.writing(deleting, registry.delete_all),
    )


def save_form(session: Session, kind: str, values: Values, id: str | None, base: Values | None) -> str:
    """Save what was entered; raises what `services.registry.save` raises."""
    return registry.save(session, kind, values, id, base=base)


def drafts(station: Station) -> Drafts:
    """Keeping half-filled forms."""

    def keep(form: str, values: Values) -> None:
        with station.store.applying() as session:  # a draft is nobody's change: no act, no news to other pages
            if values:
                local.save_draft(session, form, dict(values))
            else:
                local.clear_draft(session, form)

    return Drafts(station.reading(local.load_draft), keep)


def attachment_reader(station: Station) -> Callable[[str], bytes]:
    """The content of an attachment. One whose content is not here yet is asked for, and the next exchange brings it."""

    def read(id: str) -> bytes:
        try:
            with station.store.applying() as session:
                return attachments.to_be_saved(session, id)[1]
        except NotFound:
            with station.store.applying() as session:
                attachments.ask_for(session, id)
            raise

    return read
