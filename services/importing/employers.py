"""Finds the employer that a list names, or proposes a new one."""

from __future__ import annotations

from domain.words import _
from services.importing.carrier_names import ENTERPRISE, carrier_type
from services.importing.drafting import Context, against
from services.importing.heading_words import plain
from services.importing.plan import Draft


def find_employer(context: Context, name: str, titled: str | None, *, type: str | None = None) -> Draft:
    """The stored employer with that name, otherwise a proposed new one, of the `type` that its name indicates if none is given."""

    def make() -> Draft:
        same = [row for row in context.known.all("employer") if plain(row["name"]) == plain(name)]
        same.sort(key=lambda row: row["village"] != (titled or context.home.default))
        if same:
            return against("employer", same[0], {})
        village = titled or context.home.default
        context.propose(_("新建用人单位「{name}」").format(name=name))
        sort = type or carrier_type(name)
        values = {"name": name, "type": sort, "place": None if sort in (ENTERPRISE, "agency") else village}  # a workshop is in the village
        return context.new("employer", village, values, proposed=("type", "place"))

    return context.shared_draft(("employer", plain(name)), make)
