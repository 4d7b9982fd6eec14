"""Python's cyclic garbage collector, paused while very many objects are made that all stay in use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """No garbage collection in here: going through millions of objects that are all in use takes half the time. Nor is it made up for
    afterwards, when no other thread would run meanwhile and a window stand still for seconds: they count as old ones at once."""
    was = gc.isenabled()
    if was:
        gc.collect(1)  # what is garbage by now shall not count as old
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()  # with the next line: to the oldest generation, without going through them
            gc.unfreeze()
            gc.enable()
