"""The records of every kind, listed, filtered and shown from their declarations; secrets are masked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from sqlalchemy import select

from db.exchange import scope_head
from db.session import Session
from domain import clock, divisions
from domain.errors import Misused, NotFound
from domain.fields import KINDS, Field, Kind
from domain.identity import clean_id
from domain.scopes import is_county, is_village, township_of
from domain.values import Type
from domain.words import _
from server.console.answers import PER_PAGE, Asked
from server.console.markup import Page, Part, address, choice, element, empty, field, link, table
from services.lists import listing
from services.lists.columns import Column, cells, columns
from services.lists.listing import Filter, Query
from services.lists.titles import titles

COUNTY = "0" * 6
"""Stands for a county's scope, above the villages, where only its level matters."""
_WHOLE = (11, 15, 18)
"""Lengths of a phone number and of ID numbers."""
LAST_PAGE = 200
"""Nobody turns so many pages, and the database reads all lines before the one that is shown."""
_FEW_CHOICES = 4
"""Most fields by which a list is filtered."""


def ledgers(_asked: Asked, session: Session) -> Page:
    """`/ledgers`: every kind that has records, with their number."""
    numbers = ((kind, session.count(kind)) for kind in KINDS.values())
    rows: list[list[Part]] = [[link(_(kind.label), address(f"/ledgers/{kind.name}")), f"{n:,}"] for kind, n in numbers if n]
    return Page(_("台账"), [table([_("记录"), _("条数")], rows, numeric=(1,)) if rows else empty(_("各站还没有交来记录。"))])


def ledger(asked: Asked, session: Session) -> Page:
    """`/ledgers/KIND`: one kind, by `place`, `text`, choices of its fields, in `order`; or `/ledgers/KIND/ID`: one record."""
    kind = KINDS.get(asked.rest[0]) if asked.rest else None
    if kind is None or len(asked.rest) > 2:
        raise NotFound(_("没有这一页。"))
    return _record(session, kind, asked.rest[1]) if len(asked.rest) == 2 else _list(asked, session, kind)


def _list(asked: Asked, session: Session, kind: Kind) -> Page:
    query, number = _query(asked, session, kind), asked.number("page", 1, LAST_PAGE)
    first = (number - 1) * PER_PAGE
    ids = listing.first_ids(session, query, first + PER_PAGE + 1)
    whole = ids is None or len(ids) <= first + PER_PAGE
    if ids is None:
        ids = listing.ids(session, query)
    total = len(ids) if whole else None if query.text else listing.count(session, replace(query, order=""))
    head = [_heading(asked, kind, column, query) for column in columns(kind, COUNTY)]
    listed = listed_records(session, kind, ids[first : first + PER_PAGE], head)
    back = element("p", link(_("回到台账"), address("/ledgers")))
    counted = element("span", _("共 {n} 条").format(n=f"{total:,}")) if total is not None else None
    more = len(ids) > first + PER_PAGE
    below = pages(asked, f"/ledgers/{kind.name}", number, counted, more=more, beyond=_("后面的请先筛选再看。"))
    of = [_of(session, f, to) for f in _referring(kind) if (to := asked.text(f.name))]
    return Page(_("{kind}台账").format(kind=_(kind.label)), [back, *of, _filters(asked, session, kind), listed, below])


def listed_records(session: Session, kind: Kind, ids: Sequence[str], head: Sequence[Part]) -> Element:
    """These records below the headings of their columns, each with a link to its page."""
    shown = columns(kind, COUNTY)
    rows = listing.rows(session, kind.name, ids, shown=[c.name for c in shown])
    here = f"/ledgers/{kind.name}"
    lines: list[list[Part]] = [[link(row.cells[0] or _("（空）"), address(f"{here}/{row.id}")), *row.cells[1:]] for row in rows]
    return table(head, lines, numeric=[n for n, c in enumerate(shown) if c.numeric]) if lines else empty(_("没有符合条件的记录。"))


def pages(asked: Asked, path: str, number: int, counted: Part = None, *, more: bool, beyond: str) -> Element:
    """The links to the pages before and after one of a list; `beyond`: what to do about lines after the last page."""
    given = _given(asked, "page")
    before = link(_("上一页"), address(path, given, page=number - 1)) if number > 1 else None
    after = link(_("下一页"), address(path, given, page=number + 1)) if more and number < LAST_PAGE else None
    end = element("span", beyond) if more and after is None else None
    return element("p", before, element("span", _("第 {n} 页").format(n=number)), after, counted, end, class_="pages")


def _of(session: Session, f: Field, to: str) -> Element:
    """Says of which record these are, with the way back to it."""
    title = titles(session, str(f.ref), [to]).get(to, _("（空）"))
    return element("p", _("{field}：").format(field=_(f.label)), link(title, address(f"/ledgers/{f.ref}/{to}")))


def _heading(asked: Asked, kind: Kind, column: Column, query: Query) -> Part:
    """The heading of a column, by which the list can be sorted; again, the other way round."""
    if not column.sortable or query.text:
        return column.label
    now = query.order == column.name
    given = _given(asked, "page", "order", "down")
    sign = (" ▼" if query.descending else " ▲") if now else ""
    down = "1" if now and not query.descending else None
    return link(column.label + sign, address(f"/ledgers/{kind.name}", given, order=column.name, down=down))


def _given(asked: Asked, *without: str) -> dict[str, str]:
    return {name: value for name, value in asked.query.items() if name not in without}


def _query(asked: Asked, session: Session, kind: Kind) -> Query:
    place, text = asked.text("place"), _sought(asked.text("text"))
    filters = [Filter("village", "in", _villages(session, place) or [place])] if place else []
    quick = asked.text("only")
    if quick in {name for name, _label in listing.quick_filters(kind)}:
        filters.append(Filter(quick))
    for f in _choosable(kind):
        chosen = asked.text(f"f_{f.name}")
        if chosen in (f.choices or {}):
            filters.append(Filter(f.name, "=", chosen))
    filters += [Filter(f.name, "=", to) for f in _referring(kind) if (to := asked.text(f.name))]
    if text:
        return Query(kind.name, tuple(filters), text=text)
    order = asked.text("order")
    if order not in {column.name for column in columns(kind, COUNTY) if column.sortable}:
        order = "village"  # which has an index: by name, the county would sort everybody first
    return Query(kind.name, tuple(filters), order=order, descending=bool(asked.text("down")))


def _sought(text: str) -> str:
    """The text to search for. Between the last digits and the whole number nothing is searched for: trying one digit after the other would
    show what is masked."""
    number = clean_id(text)
    if re.fullmatch(r"[0-9]{5,}X?", number) and len(number) not in _WHOLE:
        raise Misused(_("号码请写后四位，或者写完整的号码。"))
    return text


def _villages(session: Session, place: str) -> list[str]:
    """The scopes with a log that are, or lie in, a place."""
    return [scope for scope in session.conn.execute(select(scope_head.c.scope)).scalars() if scope.startswith(place)]


def _choosable(kind: Kind) -> list[Field]:
    shown = {column.name for column in columns(kind, COUNTY)}
    return [f for f in kind.fields if f.type is Type.ENUM and f.choices and f.name in shown][:_FEW_CHOICES]


def _referring(kind: Kind) -> list[Field]:
    """The fields of a kind that refer to one record."""
    return [f for f in kind.references() if f.type is Type.ID]


def _filters(asked: Asked, session: Session, kind: Kind) -> Element:
    parts = [choice(_("乡镇、村"), "place", _places(session), asked.text("place")), field(_("姓名、号码尾数"), "text", asked.text("text"))]
    quick = listing.quick_filters(kind)
    if quick:
        parts.append(choice(_("只看"), "only", [("", _("全部")), *quick], asked.text("only")))
    for f in _choosable(kind):
        options = [("", _("全部")), *((code, _(said)) for code, said in (f.choices or {}).items())]
        parts.append(choice(_(f.label), f"f_{f.name}", options, asked.text(f"f_{f.name}")))
    kept = [f.name for f in _referring(kind)] + ["order", "down"]
    parts += [element("input", type="hidden", name=name, value=asked.text(name)) for name in kept if asked.text(name)]
    everything = link(_("看全部"), address(f"/ledgers/{kind.name}")) if asked.query else None
    return element("form", *parts, element("button", _("筛选")), everything, method="get", class_="bar")


def _places(session: Session) -> Iterator[tuple[str, str] | tuple[str, Sequence[tuple[str, str]]]]:
    """All places with a log: each township with its villages."""
    towns: defaultdict[str, list[str]] = defaultdict(list)
    for scope in sorted(session.conn.execute(select(scope_head.c.scope)).scalars()):
        if not is_county(scope):
            towns[township_of(scope)].append(scope)
    yield "", _("全县")
    for town, scopes in towns.items():
        name = divisions.name(town) or town
        whole = (town, _("{place}全部").format(place=name))
        yield name, [whole, *((scope, divisions.name(scope) or scope) for scope in scopes if is_village(scope))]


def _record(session: Session, kind: Kind, id: str) -> Page:
    record = session.existing(kind, id, _("没有这条记录，可能已经删除。"))
    names = [f.name for f in kind.fields if f.type is not Type.JSON]
    values = cells(session, kind, [record], names, session.today)[0]
    rows: list[tuple[str, Part]] = []
    for name, value in zip(names, values, strict=True):
        f = kind.by_name[name]
        to = record.__dict__[name] if f.ref in KINDS and f.type is Type.ID else None
        rows.append((_(f.label), link(value, address(f"/ledgers/{f.ref}/{to}")) if to and value else value))
    known = [(name, value) for name, value in rows if value not in ("", None)]
    made = [(_("村"), divisions.full_name(record.village) or record.village)]
    made += [(_("登记时间"), f"{clock.text(record.created_at)}　{record.created_by or ''}")]
    made += [(_("修改时间"), f"{clock.text(record.updated_at)}　{record.updated_by or ''}")]
    listed = element("dl", *(part for name, value in (*known, *made) for part in (element("dt", name), element("dd", value))))
    title = titles(session, kind, [id]).get(id, _(kind.label))
    return Page(title, [element("p", link(_(kind.label), address(f"/ledgers/{kind.name}"))), listed, *_related(session, kind, id)])


def _related(session: Session, kind: Kind, id: str) -> Iterator[Part]:
    """Links to the records that refer to this one, with their number."""
    rows: list[list[Part]] = [
        [link(_(other.label), address(f"/ledgers/{other.name}", {f.name: id})), _(f.label), n]
        for other in KINDS.values()
        for f in _referring(other)
        if f.ref == kind.name and (n := session.count(other, **{f.name: id}))
    ]
    if rows:
        yield element("h2", _("相关的记录"))
        yield table([_("记录"), _("在哪一栏"), _("条数")], rows, numeric=(2,))
