"""Search while typing over 100 000 people."""

from __future__ import annotations

from functools import partial

from db.store import Store
from services.search import search
from tests.bench.figures import Figure, timed

TARGET_MS = 30
TYPED = ("zs", "zhangsan", "张三", "张", "3组", "5678")


def figures(store: Store) -> list[Figure]:
    """The median time of each text somebody may type, in a transaction of its own as the window does it."""

    def find(text: str) -> None:
        with store.read() as session:
            search(session, text)

    return [timed(f"search {text}, 100 000 people", partial(find, text), TARGET_MS) for text in TYPED]
