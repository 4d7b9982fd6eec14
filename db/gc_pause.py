"""Python's cyclic garbage collector, paused while very many objects are made that all stay in use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_MANY = 4
"""So many times what Python makes before it looks for garbage is too much to be gone through at once."""
_MOST_OWED = 300_000
_owed = 0
"""Objects that pauses made old, of which Python takes no account when it looks whether all are to be gone through."""


@contextmanager
def gc_paused() -> Iterator[None]:
    """No garbage collection in here: going through millions of objects that are all in use takes half the time. Nor is it made up for
    afterwards, when no other thread would run meanwhile and a window stand still for seconds: many count as old ones at once, and all are
    gone through before a later pause. A pause in which little is made costs nothing: every exchange has some."""
    global _owed
    was = gc.isenabled()
    if was and _owed > _MOST_OWED:
        gc.collect()
        _owed = 0
    gc.disable()
    try:
        yield
    finally:
        if was:
            made = gc.get_count()[0]
            if made > _MANY * gc.get_threshold()[0]:
                gc.freeze()  # with the next line: to the oldest generation, without going through them
                gc.unfreeze()
                _owed += made
            gc.enable()
