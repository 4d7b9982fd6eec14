"""Python's cyclic garbage collector, paused while very many objects are made that all stay in use."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_least = 0
"""How many objects there were when they were fewest since all were last gone through."""


@contextmanager
def gc_paused() -> Iterator[None]:
    """No garbage collection in here: going through millions of objects that are all in use takes half the time. Nor is it made up for
    afterwards, when no other thread would run meanwhile and a window stand still for seconds: they count as old ones at once."""
    was = gc.isenabled()
    if was:
        _collect()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()  # with the next line: to the oldest generation, without going through them
            gc.unfreeze()
            gc.enable()


def _collect() -> None:
    """What is garbage by now shall not count as old. Of what pauses made old Python takes no account when it looks whether all are to be
    gone through: that is done here by the same measure, once there are a quarter more."""
    global _least
    gc.collect(1)
    now = _objects()
    if now > _least * 5 // 4 > 0:
        gc.collect()
        _least = _objects()
    else:
        _least = min(_least or now, now)


def _objects() -> int:
    """How many there are: counted, not listed, or what another thread lets go of meanwhile (a painter) would live on in the list."""
    gc.freeze()
    count = gc.get_freeze_count()
    gc.unfreeze()
    return count
