"""The base class of pages, and the interface of the window as pages see it.

A page only builds widgets and connects them to its view model:

    class PeoplePage(Page):
        def __init__(self, frame: Frame, station: Station) -> None:
            super().__init__(frame, _("人员"))
            self.model = self.own(PeopleModel(frame, station))
            self.header.add(button(_("登记"), lambda: frame.open("register"), kind="primary", hint="Ctrl N"))
            self.body.addWidget(table, 1)            # a QVBoxLayout beneath the header

        def opened(self, **args: object) -> None:    # each time it is shown: frame.open("people", id="…") arrives here
        def refresh(self) -> None:                   # records changed elsewhere while it was shown or hidden
        def can_leave(self) -> bool:                 # ask about unsaved input; False keeps the page

    build = PeoplePage                               # below the class: what the registry makes

An area is a folder `desktop/<area>/` with `page.py` and `view_model.py`. The page knows widgets and its view model. The view model knows no
widget and calls services through the station:

    self.act(lambda: self._station.write(_("登记"), records.save, kind, values), lambda _id: _("已登记"))

One line in `desktop/registry.py` adds it to the navigation. A page that is higher than the window uses `self.scroll_body()`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop import theme
from desktop.jobs import Jobs, Lane, Progress
from desktop.preferences import Preferences
from desktop.widgets import dialogs
from desktop.widgets.basics import Button
from desktop.widgets.elided import ElidedLabel
from desktop.widgets.layout import column, holder, row, scrolled
from desktop.widgets.spoken import announce
from desktop.widgets.tabs import Tabs

_T = TypeVar("_T")
_Model = TypeVar("_Model", bound=QObject)
_SPACING = 12
_TITLE_WIDTH = 220
"""Width up to which a title is never shortened, in px at 100 % text."""
_LOW_HEIGHT = 340
"""Height below which a page hides its title, in px at 100 % text."""


class Frame(Protocol):
    """The window as pages see it."""

    jobs: Jobs
    """Runs work off the GUI thread."""
    preferences: Preferences
    """Display settings kept on this computer: columns, widths, views. Nothing personal."""
    place: str
    """The name of this station's village, township or county."""

    def open(self, page: str, **args: object) -> None:
        """Show a page by its key in `desktop/registry.py`; `args` are passed to its `opened`. E.g. `open("people", id=person_id)`."""

    def back(self) -> None:
        """Return to the page that was shown before this one."""

    def message(self, text: str, *, undo: bool = False) -> None:
        """Show a message that does not interrupt; `undo` offers 撤销 of the last saved change."""

    def show_error(self, error: Exception) -> None:
        """Show an error in a dialog: the sentence of a `CunzhanError`, the crash dialog for anything else."""

    def run_long(
        self,
        what: str,
        work: Callable[[Progress], _T],
        done: Callable[[_T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        lane: Lane = "db",
    ) -> None:
        """Run long work, with progress, time left and a stop button at the foot of the window."""

    def reason(self, usual: str = dialogs.CHECKING) -> str | None:
        """Return the reason for showing secrets, asked once a session, proposing `usual` (one of `dialogs.REASONS`), and logged; None when
        the user declines."""

    def practise(self) -> None:
        """Switch to the practice village, whose data are invented."""

    def set_badge(self, page: str, count: int) -> None:
        """Set the number beside a page's name in the navigation; 0 removes it."""

    def records_changed(self) -> None:
        """Refresh the status line and every page after records were saved, imported or synchronised."""

    def change_look(self, name: str, value: str | float) -> None:
        """Store a display preference (`theme`, `text_size`, `language`) and rebuild the window."""


class _Title(ElidedLabel):
    """A title that is shortened only beyond `_TITLE_WIDTH`: a long name that somebody wrote must leave room for the buttons."""

    def minimumSizeHint(self) -> QSize:
        """Room for the text, up to `_TITLE_WIDTH`."""
        return QSize(min(self.sizeHint().width(), theme.px(_TITLE_WIDTH)), super().minimumSizeHint().height())


class PageHeader(QWidget):
    """The top line of a page: title, muted subtitle, buttons at the right."""

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
        """The widgets at the right end."""
        self._line = row(self.left, None, self.right)
        self.setLayout(self._line)
        self.setMinimumHeight(theme.px(34))

    def event(self, event: QEvent) -> bool:
        """Reduce the buttons to their texts where only that leaves room for title and subtitle, or if they would be cut off even beside
        a shortened subtitle."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            shown = [one for one in self.buttons if isinstance(one, Button) and not one.isHidden()]
            whole = self._line.sizeHint().width() + sum(one.around_text() for one in shown if one.reduced)
            least = whole - sum(one.around_text() for one in shown)
            spare = 0 if self.subtitle.isHidden() else self.subtitle.sizeHint().width() - self.subtitle.minimumSizeHint().width()
            for one in shown:
                one.reduce(least <= self.width() < whole or self.width() < whole - spare)
        return super().event(event)

    def set_text(self, title: str, subtitle: str = "") -> None:
        """Replace title and subtitle."""
        if title != self.title.text():
            announce(self, title)
        self.title.setText(title)
        self.subtitle.setText(subtitle)
        self.subtitle.setVisible(bool(subtitle) and not self.title.isHidden())

    def fold(self, low: bool) -> None:
        """Hide the title and drop the minimum height in a low window, or restore both."""
        self.title.setVisible(not low)
        self.subtitle.setVisible(bool(self.subtitle.text()) and not low)
        self.setMinimumHeight(0 if low else theme.px(34))

    def add(self, *widgets: QWidget) -> None:
        """Add buttons or other widgets at the right end."""
        for widget in widgets:
            self.right.addWidget(widget)
        self.buttons += widgets

    def add_left(self, *widgets: QWidget) -> None:
        """Add chips or other widgets after the title."""
        for widget in widgets:
            self.left.insertWidget(self.left.count() - 1, widget)


class Page(QWidget):
    """A page of the window: a header above a body."""

    def __init__(self, frame: Frame, title: str = "", subtitle: str = "") -> None:
        super().__init__()
        self.frame = frame
        self.setAccessibleName(title)
        self.header = PageHeader(title, subtitle)
        if not title:
            self.header.hide()
        self.body: QVBoxLayout = column(spacing=12)
        self._low = False
        self._outer = column(self.header, spacing=_SPACING, margins=(16, 14, 16, 12))
        self._outer.addLayout(self.body, 1)
        self.setLayout(self._outer)

    def own(self, model: _Model) -> _Model:
        """Take ownership of a view model, so that it lives as long as the page, and return it."""
        model.setParent(self)
        return model

    def showEvent(self, event: QShowEvent) -> None:
        """Announce the page's name to screen readers, which otherwise only read the part with the focus."""
        super().showEvent(event)
        announce(self, self.accessibleName())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window hide the title, which the navigation shows too, and move the buttons into the line of the tabs."""
        super().resizeEvent(event)
        low = event.size().height() < theme.px(_LOW_HEIGHT) and self.header.title.text() == self.accessibleName()
        if low != self._low:
            self._low = low
            self._fold()

    def _fold(self) -> None:
        tabs = self.findChild(Tabs)
        if self.header.buttons and tabs is None:
            return  # without tabs the buttons need the header's line
        self.header.fold(self._low)
        self._outer.setSpacing(0 if self._low else theme.px(_SPACING))
        for made in self.header.buttons:
            if tabs is not None and self._low:
                tabs.add(made)
            else:
                self.header.right.addWidget(made)

    def scroll_body(self) -> QVBoxLayout:
        """Make the body scroll vertically and return its layout, for pages that are higher than a small window."""
        inner = column(spacing=12, margins=(0, 0, 6, 0))
        self.body.addWidget(scrolled(holder(inner)), 1)
        return inner

    def opened(self, **args: object) -> None:
        """Called each time the page is shown, with the arguments of `Frame.open`."""

    def refresh(self) -> None:
        """Called when records changed elsewhere: at once while the page is shown, otherwise when it is shown next."""

    def can_leave(self) -> bool:
        """Whether another page may be shown now; a page with unsaved input asks the user."""
        return True
