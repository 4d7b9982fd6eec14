"""Shared by the station's commands: opening the store, showing secrets with a reason, finding a record."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import chain
from typing import Any

from cli.program import Call, Usage
from db import unmasked
from db.files import STORE_FILE
from db.session import Session
from db.store import Store
from domain.errors import FieldError, InputUnusable
from domain.fields import Field, Kind
from domain.words import LazyText, _

_NAMED = 40
"""Characters of a wrong name that an error repeats."""


@contextmanager
def opened(call: Call) -> Iterator[Store]:
    """The station's store, opened with the user's password and closed afterwards."""
    if not Store.exists(call.home) and not (call.home / STORE_FILE).exists():
        raise InputUnusable(_("这里还没有村站数据：{home}。请先运行 cunzhan init，或用 --home 指到数据文件夹。").format(home=call.home))
    store = Store.open(call.home, user=call.args.user, password=call.console.password())
    try:
        if store.upgraded:
            from sync.station.receiving.newer_program import learn

            learn(store)
        yield store
    finally:
        store.close()


def only(args: Namespace, what: str, takes: Mapping[str, Collection[str]], word: str, others: Collection[str] = ()) -> None:
    """Raise `Usage` for an option that this subcommand (`word`) does not accept. `takes`: the options of each subcommand; `others`:
    those of a word not among them. Otherwise an unsuitable option would be ignored silently."""
    taken = takes.get(word, others)
    for name in sorted({*others, *chain.from_iterable(takes.values())}):
        if name not in taken and getattr(args, name, None) not in (None, False, []):
            text = _("{what} 用不上 --{name}，请去掉。").format(what=f"{what} {word}", name=_option(name))
            named = _("、").join(f"--{_option(one)}" for one in sorted(taken))
            raise Usage(text + (_("能用的有 {options}。").format(options=named) if named else ""))


def _option(name: str) -> str:
    return name.replace("_", "-")


@contextmanager
def saving(call: Call, label: LazyText) -> Iterator[Session]:
    """One act of the user on the station's store. Ctrl-C undoes it completely until it is being saved; after that it comes too late."""
    with opened(call) as store, store.write(label) as session:
        yield session
        call.console.finish()


def reason(call: Call) -> str | None:
    """The reason for showing secrets, None if they stay masked. `--plain` without a reason is wrong usage."""
    why = (call.args.reason or "").strip()
    if call.args.plain and not why:
        raise Usage(_("要看完整内容请写明原因：--plain --reason 原因（会记入日志）。"))
    return why if call.args.plain else None


def log_view(store: Store, what: str, why: str | None) -> None:
    """Log who is about to see secrets, of what, and why; nothing to log if they stay masked."""
    if why is not None:
        with store.applying() as session:  # not a change: read-only users may do this too
            unmasked.log_view(session, what, why)


@contextmanager
def viewed(call: Call, what: str) -> Iterator[tuple[Session, bool]]:
    """Read the store; also yields whether secrets are shown in full. If so, the view of `what` and its reason are logged first."""
    why = reason(call)
    with opened(call) as store:
        log_view(store, what, why)
        with store.read() as session:
            yield session, why is not None


def record(session: Session, kind: Kind, id: str, *, deleted: bool = False) -> Any:
    """The record named on the command line; raises `NotFound`."""
    return session.existing(kind, id, _("没有这条记录：{kind} {id}").format(kind=kind.name, id=id), deleted=deleted)


@contextmanager
def usage() -> Iterator[None]:
    """Turn unsuitable values on the command line into wrong usage."""
    try:
        yield
    except FieldError as error:
        raise Usage(str(error)) from None


def kind_named(name: str) -> Kind:
    """The kind named on the command line, by its code name or its Chinese label."""
    import domain.records  # noqa: F401  (declares the kinds)
    from domain.fields import KINDS

    words = {word: kind for kind in KINDS.values() for word in (kind.label, kind.name)}
    if name not in words:
        near = [words[word].name for word in get_close_matches(name[:_NAMED], words, 3)]
        told = _("没有「{name}」这种记录。是不是：{kinds}") if near else _("没有「{name}」这种记录。可以写：{kinds}")
        raise Usage(told.format(name=name[:_NAMED], kinds=_("、").join(dict.fromkeys(near or KINDS))))
    return words[name]


def json_value(field: Field, value: Any, *, plain: bool) -> Any:
    """A record's value in JSON Lines form; secrets masked unless `plain`."""
    if value is None:
        return None
    return field.masked(str(value)) if field.secret and not plain else field.to_json(value)
