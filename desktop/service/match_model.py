"""The view model of 匹配: the person or vacancy chosen, and what matches."""

from __future__ import annotations

from PySide6.QtCore import Signal

from db.session import Session
from desktop.page import Frame
from desktop.service import presenting
from desktop.service.presenting import PEOPLE, MatchGroup, Pair
from desktop.station import Station
from desktop.view_model import ViewModel
from domain import clock
from domain.words import _
from services import employment_services as services


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
            self._jobs.run(lambda: self._station.read(_found, side, id), lambda found: self._show(side, id, found), key="matches")
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


def _found(session: Session, side: str, id: str) -> MatchGroup:
    today = clock.today()
    if side == PEOPLE:
        candidates = services.for_wish(session, id, today)
        (line,) = services.lines(session, [id], today) or (None,)
        return presenting.found(side, candidates, _("适合{name}的岗位").format(name=line.name if line else ""))
    candidates = services.for_vacancy(session, id, today)
    (vacancy,) = services.vacancy_lines(session, [id])
    return presenting.found(side, candidates, _("适合「{title}」的人").format(title=vacancy.vacancy.title))
