"""What a page is, and what it may ask of the window around it.

A page builds widgets and connects them to its view model, nothing else:

    class PeoplePage(Page):
        def __init__(self, frame: Frame, model: PeopleModel) -> None:
            super().__init__(frame, _("人员"))
            self.header.add(button(_("登记"), lambda: frame.open("register"), kind="primary", hint="Ctrl N"))
            self.body.addWidget(table, 1)            # a QVBoxLayout beneath the header

        def opened(self, **args: object) -> None:    # each time it is shown: frame.open("people", id="…") arrives here
        def refresh(self) -> None:                   # records changed elsewhere while it was shown or hidden
        def can_leave(self) -> bool:                 # ask about unsaved input; False keeps the page

An area is a folder `desktop/<area>/` with `page.py` and `view_model.py`. Below the page stands what makes it:

    def build(frame: Frame, station: Station) -> Page:
        model = PeopleModel(frame, station)
        return PeoplePage(frame, model).keeping(model)

The page knows widgets and its view model; the view model knows no widget, and asks the station for what services do:

    self.act(lambda: self._station.write(_("登记"), records.save, kind, values), lambda _id: _("已登记"))

One line in `desktop/registry.py` puts it into the navigation. A page that is higher than the window goes into `self.scroll_body()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self, TypeVar

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.jobs import Jobs, Lane, Progress
from desktop.preferences import Preferences
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.spoken import announce
from desktop.widgets.tabs import Tabs

_T = TypeVar("_T")
_BETWEEN = 12
_WHOLE = 220
"""Of a title so much stands whole, in px at 100 % text."""
_LOW = 340
"""Below this height (px at 100 % text) every line counts."""


class Frame(Protocol):
    """The window as pages see it."""

    @property
    def jobs(self) -> Jobs:
        """The way to work off the GUI thread."""

    @property
    def preferences(self) -> Preferences:
        """What this computer remembers: columns, widths, views. Nothing personal."""

    @property
    def place(self) -> str:
        """The village, township or county of this station, in words."""

    def open(self, page: str, **args: object) -> None:
        """Go to a page by its key in `desktop/registry.py`; `args` reach its `opened`. E.g. `open("people", id=person_id)`."""

    def back(self) -> None:
        """To the page that was shown before this one."""

    def message(self, text: str, *, undo: bool = False) -> None:
        """Say that something is done, without stopping anybody; `undo` offers 撤销 of the last saved change."""

    def show_error(self, error: Exception) -> None:
        """Say in a dialog what went wrong: a CunzhanError's own sentence, the crash dialog for anything else."""

    def run_long(
        self,
        what: str,
        work: Callable[[Progress], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        lane: Lane = "db",
    ) -> None:
        """Long work with its progress, time left and stop button at the foot of the window."""

    def reason(self) -> str | None:
        """Why secrets are shown: asked once a session, logged; None when the person declines."""

    def practise(self) -> None:
        """Leave for the practice village, where whatever is done harms nobody."""

    def set_badge(self, page: str, count: int) -> None:
        """The number beside a page's word in the navigation; 0 takes it away."""

    def records_changed(self) -> None:
        """Records were saved, imported or synchronised: the status line and every page look again."""

    def change_look(self, name: str, value: str | float) -> None:
        """Keep a preference of the looks (`theme`, `text_size`, `language`) and build the window anew."""


class _Title(ElidedLabel):
    """Short titles stand whole; one somebody wrote, as long as a line, leaves the buttons their room."""

    def minimumSizeHint(self) -> QSize:
        """Most of the text."""
        return QSize(min(self.sizeHint().width(), theme.px(_WHOLE)), super().minimumSizeHint().height())


class PageHeader(QWidget):
    """The line at the head of a page: title, quiet text after it, buttons at the right."""

    def __init__(self, title: str = "", subtitle: str = "") -> None:
        super().__init__()
        self.title = _Title(title, "title", stretch=0)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.subtitle = ElidedLabel(subtitle, "muted")
        self.subtitle.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)  # its whole text, if there is room
        if not subtitle:  # never setVisible(True) on a widget without a parent: it would be shown as a window of its own
            self.subtitle.hide()
        self.left: QHBoxLayout = row(self.title, 6, self.subtitle)
        self.right: QHBoxLayout = row(spacing=10)
        self.buttons: list[QWidget] = []
        """What stands at the right."""
        self.setLayout(row(self.left, None, self.right))
        self.setMinimumHeight(theme.px(34))

    def set_text(self, title: str, subtitle: str = "") -> None:
        """Another title and subtitle."""
        if title != self.title.text():
            announce(self, title)
        self.title.setText(title)
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle) and not self.title.isHidden())

    def fold(self, low: bool) -> None:
        """Without the title, and without a height of its own, where the window is low."""
        self.title.setVisible(not low)
        self.subtitle.setVisible(bool(self.subtitle.text()) and not low)
        self.setMinimumHeight(0 if low else theme.px(34))

    def add(self, *widgets: QWidget) -> None:
        """Put buttons (or anything) at the right end."""
        for widget in widgets:
            self.right.addWidget(widget)
        self.buttons += widgets

    def add_left(self, *widgets: QWidget) -> None:
        """Put chips and the like after the title."""
        for widget in widgets:
            self.left.insertWidget(self.left.count() - 1, widget)


class Page(QWidget):
    """A page of the window: a header and a body under it."""

    def __init__(self, frame: Frame, title: str = "", subtitle: str = "") -> None:
        super().__init__()
        self.frame = frame
        self.setAccessibleName(title)
        self.header = PageHeader(title, subtitle)
        if not title:
            self.header.hide()
        self.body: QVBoxLayout = column(spacing=12)
        self._low = False
        self._outer = column(self.header, spacing=_BETWEEN, margins=(16, 14, 16, 12))
        self._outer.addLayout(self.body, 1)
        self.setLayout(self._outer)

    def keeping(self, *models: QObject | None) -> Self:
        """The page, with its view models as long as it stands."""
        for model in models:
            if model is not None:
                model.setParent(self)
        return self

    def showEvent(self, event: QShowEvent) -> None:
        """Its name is said, though the focus goes to a part of it."""
        super().showEvent(event)
        announce(self, self.accessibleName())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window a page goes without its name, which the navigation says too, and its buttons stand in the line of its tabs."""
        super().resizeEvent(event)
        low = event.size().height() < theme.px(_LOW) and self.header.title.text() == self.accessibleName()
        if low != self._low:
            self._low = low
            self._fold()

    def _fold(self) -> None:
        tabs = self.findChild(Tabs)
        if self.header.buttons and tabs is None:
            return  # its line stays
        self.header.fold(self._low)
        self._outer.setSpacing(0 if self._low else theme.px(_BETWEEN))
        for made in self.header.buttons:
            if tabs is not None and self._low:
                tabs.add(made)
            else:
                self.header.right.addWidget(made)

    def scroll_body(self) -> QVBoxLayout:
        """Make the body scroll downward and return its layout: for pages that are higher than a small window."""
        inner = column(spacing=12, margins=(0, 0, 6, 0))
        self.body.addWidget(scrolled(holder(inner)), 1)
        return inner

    def opened(self, **args: object) -> None:
        """The page is shown, with what its opener gave it."""

    def refresh(self) -> None:
        """Records changed elsewhere; called while the page is shown, or when it is shown next."""

    def can_leave(self) -> bool:
        """Whether another page may be shown now."""
        return True
