"""Saved views of the list of people: named filters, order and direction. Stored on this computer, without the search text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from desktop.preferences import Preferences
from desktop.widgets.ledger_table import View

_KEY = "views:people"


@dataclass(frozen=True)
class SavedView:
    """A saved view."""

    name: str
    filters: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    descending: bool = False

    def view(self) -> View:
        """Return it as a request to the list."""
        return View("", dict(self.filters), self.order, self.descending)


def saved_views(preferences: Preferences) -> list[SavedView]:
    """Return the saved views, oldest first; damaged ones are skipped."""
    found = (_read(text) for text in preferences.words(_KEY) or ())
    return [view for view in found if view is not None]


def keep_view(preferences: Preferences, name: str, view: View) -> None:
    """Save a view, replacing one of the same name."""
    others = [one for one in saved_views(preferences) if one.name != name]
    _write(preferences, [*others, SavedView(name, dict(view.filters), view.order, view.descending)])


def forget_view(preferences: Preferences, name: str) -> None:
    """Delete the view of this name."""
    _write(preferences, [one for one in saved_views(preferences) if one.name != name])


def _write(preferences: Preferences, views: list[SavedView]) -> None:
    lines = [json.dumps({**vars(one), "filters": dict(one.filters)}, ensure_ascii=False) for one in views]
    preferences.keep(_KEY, lines or None)


def _read(text: str) -> SavedView | None:
    try:
        values: dict[str, Any] = json.loads(text)
        filters = {str(name): str(value) for name, value in values["filters"].items()}
        return SavedView(str(values["name"]), filters, str(values["order"]), bool(values["descending"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
