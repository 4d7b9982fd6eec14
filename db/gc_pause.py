"""Pauses Python's cyclic garbage collector while many long-lived objects are created."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = 4
"""Multiple of the first collection threshold above which the new objects are too many to be traversed at once."""
_MAX_UNCOUNTED = 300_000
_uncounted = 0
"""Objects that pauses moved to the oldest generation, which Python's own count for a full collection ignores."""


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection: traversing millions of objects that are all in use would take half the time. It is not made up for at
    the end, when the full collection would stop all threads and freeze the window for seconds. Instead, many new objects are moved to
    the oldest generation at once, and a full collection runs before a later pause. A pause in which few objects are created costs
    nothing; every exchange has some."""
    global _uncounted
    was = gc.isenabled()
    if was and _uncounted > _MAX_UNCOUNTED:
        gc.collect()
        _uncounted = 0
    gc.disable()
    try:
        yield
    finally:
        if was:
            made = gc.get_count()[0]
            if made > _THRESHOLDS * gc.get_threshold()[0]:
                gc.freeze()  # together with the next line: moves all to the oldest generation without traversing them
                gc.unfreeze()
                _uncounted += made
            gc.enable()
