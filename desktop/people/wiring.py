"""人员 with the store behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from db.session import Session
from desktop.attachment_model import AttachmentModel, AttachmentUses
from desktop.page import Frame
from desktop.people.columns import people_columns
from desktop.people.list_view import PeopleList
from desktop.people.page import PeoplePage
from desktop.people.person_model import PersonModel
from desktop.people.view_model import PeopleModel
from desktop.station import Station
from desktop.wiring.forms import form_tools
from desktop.wiring.records import attachment_reader
from domain.words import _
from services import attachments as attachment_service
from services import finding, listing
from services.attachments import Attached

PERSON = "person"


def build(frame: Frame, station: Station) -> PeoplePage:
    """The page and its view models."""
    chips = {name: _(label) for name, label in listing.quick_filters(PERSON)}
    people = PeopleModel(frame.jobs, station)
    list_ = PeopleList(frame, people_columns(station.store.scope), chips, people.source, station.store.role != "village")
    person = PersonModel(frame.jobs, station)
    attachments = AttachmentModel(frame.jobs, _attachment_uses(station))
    models, tools = (people, person, attachments), form_tools(frame, station)
    return PeoplePage(frame, list_, models, tools, station.store.user, _paper(frame, station)).keeping(*models)


def _paper(frame: Frame, station: Station) -> Callable[[QWidget, str, str], None]:
    def show(parent: QWidget, name: str, id: str) -> None:
        from desktop.paper.forms import FormPrinter  # with it comes printing, which the list need not wait for

        FormPrinter(frame, station).show(parent, name, id)

    return show


def _attachment_uses(station: Station) -> AttachmentUses:
    def listed(session: Session, id: str) -> list[Attached]:
        return attachment_service.attachments(session, attachment_service.holders(session, PERSON, id))

    def add(session: Session, id: str, _document: str, files: Sequence[Path]) -> int:
        return attachment_service.add_all(files, lambda file: attachment_service.add(session, PERSON, id, file))

    def attaching(session: Session, id: str, _document: str, files: Sequence[Path]) -> str:
        return _("{name}：附件 {n} 个").format(name=finding.title_of(session, PERSON, id), n=len(files))

    return AttachmentUses(
        listed=station.reading(listed),
        add=station.writing(station.reading(attaching), add),
        read=attachment_reader(station),
        save=attachment_service.save_as,
        remove=station.writing(_("删除附件"), attachment_service.remove),
    )
