"""Finds the people in the rows of a sheet: by ID number, otherwise by name and the other fields of the row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from domain import identity
from domain.errors import FieldError, InputUnusable
from domain.words import _
from services.filling.asked import HEAD, NAME, NUMBER
from services.importing.rows.drafting import Context
from services.importing.rows.home import Home
from services.importing.rows.known import PersonRef, Row
from services.importing.rows.lines import Lines
from services.importing.rows.people import number_key
from services.importing.values.cells import Masked
from services.importing.values.other_names import unlike

_DISTINGUISHING = ("phone", "birth", "sex", "nation", "relation")
"""Fields that distinguish people with the same name."""

_ADDED = re.compile(r"[(（][^()（）]*[)）]$")


def bare(name: str) -> str:
    """A name without an addition in brackets: 朱强（户主） → 朱强."""
    return _ADDED.sub("", name).strip()


class Finder:
    """Finds the people of one table's rows."""

    def __init__(self, context: Context, lines: Lines, rows: Sequence[int]) -> None:
        self.known, self.lines = context.known, lines
        self.known.ask_people(key for i in rows if (key := number_key(lines.values(NUMBER)[i])))
        self.villages = {i: self._village(context.home, i) for i in rows} if lines.has("area.village") else {}
        """Row index → scope of the village that the row names; None if it is not this station's."""

    def elsewhere(self, i: int) -> bool:
        """Whether row `i` names a village that is not this station's."""
        return i in self.villages and self.villages[i] is None and bool(self.lines.text("area.village")[i])

    def _village(self, home: Home, i: int) -> str | None:
        county, town, village = (self.lines.text(f"area.{level}")[i] for level in ("county", "town", "village"))
        try:
            return home.village_of(county, town, village)
        except (FieldError, InputUnusable):
            return None

    def person(self, i: int) -> tuple[str | None, str]:
        """The id of the person in row `i`, None if uncertain, and a remark ("" for none)."""
        number, name = self.lines.values(NUMBER)[i], self.lines.values(NAME)[i]
        if key := number_key(number if not isinstance(number, Masked) else None):
            found = self._narrowed(i, list(self.known.people(key)))
            if len(found) == 1:
                return self._by_number(found[0], name)
            if found:
                return None, _("这个证件号码登记了不止一次，先合并再填")
            if name and self.known.named(bare(name)):
                return None, _("台账里有叫「{name}」的，证件号码和表上的不一样，没有填，请核对").format(name=name)
            return None, _("台账里没有这个人，没有填")
        if not name:
            return None, _("没有姓名，证件号码也读不出来，没有填")
        named = self.known.named(name) or self.known.named(bare(name))
        found = [one for one in named if not isinstance(number, Masked) or identity.masks(number, one.number)]
        found = self._narrowed(i, found)
        if len(found) == 1:
            return found[0].id, ""
        if found:
            return None, _("有 {count} 个人叫「{name}」，分不清是哪一个，没有填；写上证件号码再选一次这个文件").format(
                count=len(found), name=name
            )
        return None, _("台账里没有叫「{name}」的人，没有填").format(name=name)

    def _by_number(self, person: PersonRef, name: str | None) -> tuple[str | None, str]:
        """Nothing is filled in where the row names somebody else: the other's data would stand beside the name."""
        if not name or person.name in (name, bare(name)):
            return person.id, ""
        is_name = any(char.isalpha() for char in name)
        if is_name and (self.known.named(bare(name)) or unlike(person.name, name)):
            return None, _("台账里这个号码是「{known}」，表上写的是「{name}」，没有填，请核对").format(known=person.name, name=name)
        return person.id, _("按证件号码填的：台账里这个号码是「{known}」，请核对").format(known=person.name)

    def _narrowed(self, i: int, found: list[PersonRef]) -> list[PersonRef]:
        """Of several people, those who match the row's village, then its fields in `_DISTINGUISHING`, then its household; all of them if
        none matches."""
        if len(found) < 2:
            return found
        found = [one for one in found if one.village == self.villages.get(i)] or found
        given = {name: value for name in _DISTINGUISHING if (value := self.lines.values(f"person.{name}")[i]) is not None}
        if len(found) < 2:
            return found
        rows = self.known.rows("person", {one.id for one in found})
        found = [one for one in found if all(rows[one.id][name] in (None, value) for name, value in given.items())] or found
        return self._of_household(i, found, rows) if len(found) > 1 else found

    def _of_household(self, i: int, found: list[PersonRef], rows: Mapping[str, Row]) -> list[PersonRef]:
        """Of several people, those of the household that the row names by its number or its head; all of them if none is."""
        homes = self.known.rows("household", {home for one in found if (home := rows[one.id]["household_id"])})
        members = self.known.children("person", "household_id", homes)
        for target in ("household.number", HEAD):
            said = self.lines.text(target)[i] if self.lines.has(target) else ""
            heads = {
                id
                for id, rows_ in members.items()
                for row in rows_
                if row["name"] == said and (row["relation"] == "户主" or row["id"] == homes[id]["head_id"])
            }
            named = heads if target == HEAD else {id for id, home in homes.items() if home["number"] == said}
            found = [one for one in found if said and rows[one.id]["household_id"] in named] or found
        return found
