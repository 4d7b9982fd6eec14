"""When Python's cyclic garbage collector runs: not while many long-lived objects are created; in a program with a window in one thread."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_THRESHOLDS = 4
"""Multiple of the first collection threshold above which the new objects are too many to be traversed at once."""
_MAX_UNCOUNTED = 300_000


class _Collecting:
    """The state of this process. `pauses`: how many last; `uncounted`: objects that pauses moved to the oldest generation, which Python's
    own count for a full collection ignores; `by_hand`: whether only `collect_due` collects; `on`: whether Python did before the pauses."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.pauses = self.uncounted = 0
        self.by_hand = self.on = False

    def begin(self) -> None:
        with self.lock:
            if not self.pauses:
                self.on = gc.isenabled()
                if self.on and self.uncounted > _MAX_UNCOUNTED:
                    gc.collect()
                    self.uncounted = 0
                gc.disable()
            self.pauses += 1

    def end(self) -> None:
        with self.lock:
            self.pauses -= 1
            if self.pauses:
                return
            made = gc.get_count()[0]
            if (self.on or self.by_hand) and made > _THRESHOLDS * gc.get_threshold()[0]:
                gc.freeze()  # together with the next line: moves all to the oldest generation without traversing them
                gc.unfreeze()
                self.uncounted += made
            if self.on and not self.by_hand:
                gc.enable()


_state = _Collecting()


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection: traversing millions of objects that are all in use would take half the time. It is not made up for at
    the end, when the full collection would stop all threads and freeze the window for seconds. Instead, many new objects are moved to
    the oldest generation at once, and a full collection runs before a later pause. A pause in which few objects are created costs
    nothing; every exchange has some."""
    _state.begin()
    try:
        yield
    finally:
        _state.end()


def collect_by_hand() -> None:
    """From now on only `collect_due` collects garbage. Python would in whichever thread creates objects, and a pause in the thread that
    reads records; Qt objects that are freed there are destroyed while the window uses them, which ends the program."""
    _state.by_hand = True
    gc.disable()


def collect_due() -> None:
    """Collect the oldest generation that is due, as Python would, unless a pause lasts. The thread of the window calls it now and then."""
    if _state.pauses:
        return
    if _state.uncounted > _MAX_UNCOUNTED:
        _state.uncounted = 0
        gc.collect()
        return
    counts, most = gc.get_count(), gc.get_threshold()
    due = next((generation for generation in (2, 1, 0) if counts[generation] > most[generation] > 0), None)
    if due is not None:
        gc.collect(due)
