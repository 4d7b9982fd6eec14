"""Remembers an import that was begun and did not end: a power cut rolls it back as a whole, leaving no trace of it in the records."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from db.local import set_meta
from db.session import Session
from db.store import Store
from desktop.jobs import Progress
from domain.errors import CunzhanError

if TYPE_CHECKING:  # this module is loaded at every start, which should not load the import service
    from services.importing import ImportResult, Plan

_BEGUN = "import_begun"
"""Setting: the name of the file being imported."""


def noting(store: Store, apply: Callable[[Plan, Progress], ImportResult]) -> Callable[[Plan, Progress], ImportResult]:
    """Wrap `apply`, whose own transaction calls `end`: the setting stays exactly as long as the file is not imported."""

    def call(plan: Plan, progress: Progress) -> ImportResult:
        store.set_meta(_BEGUN, plan.file)
        try:
            return apply(plan, progress)
        except BaseException:  # stopped or refused, which the user sees at once
            with suppress(CunzhanError):
                store.set_meta(_BEGUN, None)
            raise

    return call


def end(session: Session) -> None:
    """Note that the file is imported."""
    set_meta(session, _BEGUN, None)


def left(store: Store) -> str:
    """Return the file whose import did not end, once; "" for none."""
    file = store.get_meta(_BEGUN) or ""
    if file:
        store.set_meta(_BEGUN, None)
    return file
