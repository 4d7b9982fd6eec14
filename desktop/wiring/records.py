"""Half-filled forms and the content of files, as the open store keeps them."""

from __future__ import annotations

from collections.abc import Callable

from db import local
from desktop.draft import Drafts
from desktop.record_model import Values
from desktop.station import Station
from domain.errors import NotFound
from services import attachments


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
