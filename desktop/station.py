"""The open store as view models see it: calls service functions, which take a session, in transactions of their own.

    station.read(listing.rows, kind, ids)                      # in a reading transaction of its own
    station.write(lazy("登记 {name}", name=name), records.save, kind, values)    # one act of that name, which 撤销 takes back
    lines = station.reading(listing.rows)                      # lines(kind, ids): `read` as a callable, for code without a store
    save = station.writing(lambda kind, values, **more: …, records.save)    # `write` likewise; the name may depend on the arguments

All of them block on the database: view models run them through Jobs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from PySide6.QtCore import QObject, Signal

from domain import clock
from domain.words import LazyText, _

if TYPE_CHECKING:  # loading the database waits until the password is asked for
    from db.session import Session
    from db.store import Store

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Station(QObject):
    """One open store and its present user."""

    changed = Signal()
    """Something was written; may be sent from any thread, so connect it queued (the default across threads)."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.since = clock.kept(clock.now())
        """When this user opened it, as records store times."""

    @cached_property
    def reads_only(self) -> bool:
        """Whether the present user may only read."""
        return self.store.reads_only

    @property
    def why_not(self) -> str:
        """Why the present user may not save; "" for a user who may."""
        from db.local import READS_ONLY

        return _(READS_ONLY) if self.reads_only else ""

    def log_view(self, what: str, reason: str) -> None:
        """Log that numbers were seen in full, and why."""
        from db import unmasked

        with self.store.applying() as session:
            unmasked.log_view(session, what, reason)

    def read(self, verb: Callable[Concatenate[Session, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call `verb` in a read transaction of its own and return its result."""
        with self.store.read() as session:
            return verb(session, *args, **kwargs)

    def write(self, label: LazyText, verb: Callable[Concatenate[Session, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call `verb` as one undoable act called `label`, emit `changed` and return its result."""
        with self.store.write(label) as session:
            result = verb(session, *args, **kwargs)
        self.changed.emit()
        return result

    def reading(self, verb: Callable[Concatenate[Session, _P], _T]) -> Callable[_P, _T]:
        """Return `verb` without its session parameter; each call has a read transaction of its own."""

        def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            return self.read(verb, *args, **kwargs)

        return call

    def writing(self, label: LazyText | Callable[_P, LazyText], verb: Callable[Concatenate[Session, _P], _T]) -> Callable[_P, _T]:
        """Return `verb` without its session parameter; each call is one act called `label` and emits `changed`."""

        def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
            return self.write(label if isinstance(label, LazyText) else label(*args, **kwargs), verb, *args, **kwargs)

        return call
