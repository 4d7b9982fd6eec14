"""Saving and deleting a record of any kind for any page's wiring, each as one act with its label.

save = saving(station)          save(kind, values, id, base) -> id; without an id a new record
delete = deleting(station)      delete(kind, ids) -> a sentence about what stays behind, "" for nothing
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from db.session import Session
from desktop.station import Station
from domain.fields import kind_of
from domain.words import _
from services import registry

Values = Mapping[str, Any]


def saving(station: Station) -> Callable[[str, Values, str | None, Values | None], str]:
    """The verb behind a form."""

    def label(kind: str, _values: Values, id: str | None, _base: Values | None) -> str:
        name = _(kind_of(kind).label)
        return _("修改{kind}").format(kind=name) if id else _("新增{kind}").format(kind=name)

    def save(session: Session, kind: str, values: Values, id: str | None, base: Values | None) -> str:
        return registry.save(session, kind, values, id, base=base)

    return station.writing(label, save)


def deleting(station: Station) -> Callable[[str, Sequence[str]], str]:
    """The verb behind Del in a list."""

    def label(kind: str, ids: Sequence[str]) -> str:
        return _("删除{kind} {n} 条").format(kind=_(kind_of(kind).label), n=len(ids))

    def delete(session: Session, kind: str, ids: Sequence[str]) -> str:
        said = [registry.delete(session, kind, id) for id in ids]
        return said[0] if len(said) == 1 else ""

    return station.writing(label, delete)
