"""An import that was begun and did not end. A power cut takes it back whole, and nothing in the records says that it ever was."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from db.local import set_meta
from db.session import Session
from db.store import Store
from desktop.jobs import Progress
from domain.errors import CunzhanError

if TYPE_CHECKING:  # asked at every start, which does not wait for all that reads rosters
    from services.importing import ImportResult, Plan

_BEGUN = "import_begun"
"""Setting: the file that is being taken in."""


def noting(store: Store, apply: Callable[[Plan, Progress], ImportResult]) -> Callable[[Plan, Progress], ImportResult]:
    """`apply`, whose own transaction calls `end`: what is noted here is there exactly as long as the file is not in."""

    def call(plan: Plan, progress: Progress) -> ImportResult:
        store.set_meta(_BEGUN, plan.file)
        try:
            return apply(plan, progress)
        except BaseException:  # stopped or refused, which is told at once
            with suppress(CunzhanError):
                store.set_meta(_BEGUN, None)
            raise

    return call


def end(session: Session) -> None:
    """The file is in."""
    set_meta(session, _BEGUN, None)


def left(store: Store) -> str:
    """The file whose import did not end, told once; "" for none."""
    file = store.get_meta(_BEGUN) or ""
    if file:
        store.set_meta(_BEGUN, None)
    return file
