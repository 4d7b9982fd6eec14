"""Several forms as one paper, each starting on a new page.

Several([Paper(form), Paper(other)])      pages, pictures and printing as for one form
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.paper.document import Paper, Printed
from domain.words import _


class Several(Printed):
    """At least one form of the same sort, one after another; pages are numbered within each."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self.papers, first = papers, papers[0]
        self.title, self.wide, self.margin = _("{title} {n} 份").format(title=first.title, n=len(papers)), first.wide, first.margin

    @property
    def pages(self) -> int:
        """The number of pages of all forms."""
        return sum(paper.pages for paper in self.papers)

    def draw(self, painter: QPainter, number: int, area: QRectF) -> None:
        """Draw a page of the form it belongs to."""
        paper, page = [(paper, page) for paper in self.papers for page in range(paper.pages)][number]
        paper.draw(painter, page, area)

    def afresh(self) -> Several:
        """Lay all of them out again."""
        return Several([paper.afresh() for paper in self.papers])
