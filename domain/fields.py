"""`@record` and `field(...)`: the only way to declare a record kind. Everything else reads these declarations.

    @record(12, "走访", group="people", title=("on", "content"))
    class Visit(Record):
        household_id: str = field(1, "户", Type.ID, ref="household")
        note: str | None = field(5, "备注", default=None)

On the class (`Visit.note`) a field is its declaration; on an instance it is the value. A field without `default=` is required. The numbers
of kinds and fields travel on the wire: they are stable for ever, never reused, and at most 62 a kind (a bit each in the change log).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, ClassVar, TypeVar, dataclass_transform

from domain import divisions, identity, values
from domain.bounds import ANY, NOT_NEGATIVE, OUT_OF_BOUNDS, Bounds, outside
from domain.errors import FieldError
from domain.money import yuan_grouped
from domain.values import Stored, Type
from domain.words import _

MAX_FIELDS = 62
SYSTEM_FIELDS = ("created_at", "created_by", "updated_at", "updated_by")
_SYSTEM = (*SYSTEM_FIELDS, "deleted_at")
_BROKEN = re.compile(r"\s*[\t\n\v\f\r]\s*")


class Merge(StrEnum):
    """How concurrent changes of a field are merged (`sync.replica.merge`). A field number keeps its merge class for ever."""

    AUTO = "auto"
    REVIEW = "review"


_REVIEW_TYPES = frozenset({Type.YUAN, Type.DATE, Type.FDATE, Type.MONTH})
_MISSING: Any = object()
_NUMBERED = ("号", "码", "执照")
"""Endings of the labels of text fields that hold numbers: 户编号, 证书编号, 批次号."""


@dataclass(eq=False, kw_only=True)
class Field:
    """A field's declaration. Class access returns the declaration, instance access the value."""

    number: int
    label: str
    type: Type
    required: bool
    default: Any
    choices: Mapping[str, str] | None = None
    """Codes and their Chinese labels; None for an open field."""
    synonyms: Mapping[str, str] | None = None
    """Synonyms for a code found in rosters: 脱贫户 → lifted."""
    suggestions: tuple[str, ...] = ()
    """Suggested values of an open field, offered while typing, never enforced."""
    aliases: tuple[str, ...] = ()
    """Other column headings for the field in rosters (`domain.md` §6.11)."""
    merge: Merge = Merge.AUTO
    ref: str | None = None
    """Kind referred to by an `id` or `ids` field."""
    tidy: Callable[[str], str] | None = None
    """Converts other spellings of a value, as on paper, to the stored one; returns anything else unchanged."""
    display: Callable[[str], str] | None = None
    """Formats for display a text that is stored, and entered, as marks."""
    check: Callable[[str], str | None] | None = None
    """Returns a code if a value is doubtful, otherwise None. A doubt is a warning and never rejects the value."""
    bounds: Bounds = ANY
    """Outside them a number or day is doubtful."""
    clause: str = ""
    """The policy article that requires the field, shown as a tooltip."""
    mask: Callable[[str], str] | None = None
    multiline: bool = False
    measure: bool = False
    """Whether the field holds a measure's id in the policy packs, displayed with its name and read back without it."""
    kept: bool = False
    """Whether the text stays when its person is erased: a code of rules or accounts, or who handled it (`domain.dependents.blanks`)."""
    since: int = 1
    """The wire schema that introduced the field (`sync.wire.envelope.SCHEMA`); older programs do not know it."""
    name: str = ""

    @property
    def secret(self) -> bool:
        """Whether the field is masked on screen, in lists and in exports, unless shown with a reason."""
        return self.type is Type.SECRET

    @property
    def free_text(self) -> bool:
        """Whether people write free text into it, in which an identifying number does not belong."""
        return self.type is Type.TEXT and self.choices is None and not self.label.endswith(_NUMBERED)

    def doubt(self, value: Any) -> str | None:
        """A code if the value is doubtful, otherwise None; `explain` gives the message."""
        if self.check is not None:
            return self.check(value)
        if self.bounds is not ANY:
            return OUT_OF_BOUNDS if outside(value, self.bounds.limits()) else None
        return identity.inside_problem(value) if self.free_text else None

    def explain(self, problem: str) -> str:
        """The message for a code from `doubt`."""
        return self.bounds.explain(_(self.label), self.show) if problem == OUT_OF_BOUNDS else identity.explain(problem, _(self.label))

    def __hash__(self) -> int:
        return id(self)

    def __get__(self, owner: Record | None, cls: object = None) -> Any:
        """The declaration on the class, the value on an instance (only `from_`, whose value is stored as `from`)."""
        if owner is None:
            return self
        try:
            return owner.__dict__[self.name]
        except KeyError:
            raise AttributeError(self.name) from None

    # -- conversions, see domain.values ------------------------------------------------
    def to_stored(self, value: Any) -> Stored:
        """Convert a value to the column and wire form."""
        return values.to_stored(self.type, value)

    def from_stored(self, value: Stored) -> Any:
        """Convert a value from the column or wire form."""
        return values.from_stored(self.type, value)

    def to_json(self, value: Any) -> Any:
        """Convert a value to the JSON Lines form, unmasked."""
        return values.to_json(self.type, value)

    def from_json(self, value: Any) -> Any:
        """Check a value in JSON Lines form, remove invisible characters, and return it; raises `FieldError` naming the field."""
        try:
            return self._checked(values.from_json(self.type, values.seen(value)), coded=True)
        except FieldError as error:
            raise FieldError(_("{label}：{text}").format(label=_(self.label), text=error), error.code) from None

    def read(self, text: object) -> Any:
        """Check typed or roster text and return the value; labels and synonyms become codes; raises `FieldError`."""
        try:
            value = values.read_text(self.type, self._written(text) if isinstance(text, str) else text)
            if value is not None and self.choices is not None:
                value = frozenset(map(self.code_of, value)) if self.type is Type.SET else self.code_of(value)
            return self._checked(value)
        except FieldError as error:
            raise FieldError(_("{label}：{text}").format(label=_(self.label), text=error), error.code) from None

    def _written(self, text: str) -> str:
        if self.type in (Type.TEXT, Type.SECRET) and not self.multiline:  # pasted cells and chat messages bring their line breaks
            text = _BROKEN.sub(" ", text)
        return self.tidy(text) if self.tidy is not None else text

    def code_of(self, word: str) -> str:
        """The code of a label, synonym or code; an unknown word is returned unchanged (`_checked` rejects it)."""
        if self.choices is None or word in self.choices:
            return word
        if self.synonyms and word in self.synonyms:
            return self.synonyms[word]
        return next((code for said in (str, _) for code, label in self.choices.items() if said(label) == word), word)

    def _checked(self, value: Any, *, coded: bool = False) -> Any:
        if value is None:
            return None
        if self.required and isinstance(value, str) and not value.strip():
            raise FieldError(_("不能为空"), "required")
        if self.choices is not None:
            for item in value if self.type is Type.SET else (value,):
                if item not in self.choices:
                    offered = values.listed(self.choices if coded else map(_, self.choices.values()))
                    raise FieldError(_("「{value}」不在可选范围，可以写：{words}").format(value=item, words=offered), "choice")
        if self.type is Type.PLACE and divisions.name(value) is None:
            raise FieldError(_("没有区划代码 {value}").format(value=value), "place")
        return value

    # -- showing -----------------------------------------------------------------------
    def show(self, value: Any, *, plain: bool = False) -> str:
        """Format a value for display: labels instead of codes, place names, `1,234.50`; secrets masked unless `plain`."""
        if value is None:
            return ""
        if self.type is Type.SECRET:
            return str(value) if plain else self.masked(str(value))
        if self.display is not None and not plain:
            return self.display(str(value))
        if self.type is Type.YUAN:
            return yuan_grouped(value)
        if self.type is Type.BOOL:
            return _("是") if value else _("否")
        if self.type is Type.SET:
            return _("、").join(self.label_of(item) for item in sorted(value))
        if self.type in (Type.PLACE, Type.AREA):
            return divisions.full_name(value) or str(value)
        return self.label_of(values.as_text(value))

    def label_of(self, code: str) -> str:
        """The label of a code in the present language; the code itself for an open field or a retired code."""
        return _(self.choices[code]) if self.choices and code in self.choices else code

    def masked(self, value: str) -> str:
        """The masked form of a secret: the last four characters are shown (`domain.md` §10.2)."""
        return (self.mask or identity.mask_account)(value)


def field(
    number: int,
    label: str,
    type: Type = Type.TEXT,  # the declaration reads `field(3, "出生日期", Type.DATE)`
    *,
    default: Any = _MISSING,
    merge: Merge | None = None,
    aliases: str = "",
    **words: Any,
) -> Any:
    """Declare a field with its number on the wire; without `default` it is required; `aliases` have spaces between them; other keywords are
    attributes of `Field`."""
    words = ({"bounds": NOT_NEGATIVE} if type in (Type.INT, Type.YUAN) else {}) | words
    return Field(
        number=number,
        label=label,
        type=type,
        required=default is _MISSING,
        default=None if default is _MISSING else default,
        merge=merge or (Merge.REVIEW if type in _REVIEW_TYPES else Merge.AUTO),
        aliases=tuple(aliases.split()),
        **words,
    )


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(field,))
class Declared:
    """Makes type checkers treat the fields of subclasses as those of a dataclass."""


class Record(Declared):
    """Base of all record classes. `village` is the scope the record lives in (12, 9 or 6 digits) and is never edited."""

    KIND: ClassVar[Kind]

    id: str
    village: str
    created_at: str | None = None
    created_by: str | None = None
    updated_at: str | None = None
    updated_by: str | None = None
    deleted_at: str | None = None

    def __init__(self, **given: Any) -> None:
        kind = self.KIND
        missing = kind.required - given.keys()
        unknown = given.keys() - kind.attributes
        if missing or unknown:
            raise TypeError(f"{kind.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
        self.__dict__.update(kind.defaults)
        self.__dict__.update(given)

    def __getitem__(self, name: str) -> Any:
        """A field's value by its contract name, for code that handles every kind."""
        return self.__dict__[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A field's value by its contract name, or `default` if this kind lacks the field."""
        return self.__dict__.get(name, default)

    def shown(self, name: str) -> str:
        """A field formatted for display, secrets masked."""
        return self.KIND.by_name[name].show(self.__dict__[name])

    def __repr__(self) -> str:  # ids only: a record's repr may reach a log
        return f"<{self.KIND.name} {self.__dict__.get('id')}>"


@dataclass(eq=False, frozen=True)
class Kind:
    """A declared record kind: its name in code, JSON Lines and on the wire, its label, and its fields in order."""

    name: str
    label: str
    number: int
    cls: type[Record]
    fields: tuple[Field, ...]
    group: str
    """The group of 台账 that lists it: people work posts training services money catalogue."""
    append_only: bool
    """Append-only (⊕ in the contract): a set field never changes, an empty one may be filled once, a row may be deleted."""
    key: tuple[str, ...]
    """Natural key: the row's id is the hash of kind, village and these fields."""
    match: tuple[str, ...]
    """Fields by which a record is found again where no id is given: the key, as declared, or all required fields and references."""
    shared: bool
    """Whether a record may belong to any scope and is read by everybody below. Otherwise it lives in its person's village."""
    title: tuple[str, ...]
    """Fields by which a person recognises a record."""
    since: int
    """The wire schema that introduced it."""
    by_hand: bool
    """Whether users can create a record by filling in a form."""
    above: frozenset[str] | None  # fields that stations below may not change in a higher level's record, nor delete it (063)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Its fields by their names."""
        return {f.name: f for f in self.fields}

    @cached_property
    def by_number(self) -> Mapping[int, Field]:
        """Its fields by their numbers on the wire."""
        return {f.number: f for f in self.fields}

    @cached_property
    def required(self) -> frozenset[str]:
        """Attributes that a record must have."""
        return frozenset({"id", "village", *(f.name for f in self.fields if f.required)})

    @cached_property
    def attributes(self) -> frozenset[str]:
        """All attributes of a record."""
        return frozenset({"id", "village", *_SYSTEM, *self.by_name})

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """Default values of attributes."""
        return {**dict.fromkeys(_SYSTEM), **{f.name: f.default for f in self.fields if not f.required}}

    def references(self) -> tuple[Field, ...]:
        """Fields that refer to other records."""
        return tuple(f for f in self.fields if f.ref)


KINDS: dict[str, Kind] = {}
"""Every declared kind by name, in order of declaration. Filled by importing `domain.records`."""

_R = TypeVar("_R", bound=type[Record])


def record(
    number: int,
    label: str,
    *,
    group: str,
    title: Iterable[str] = (),
    key: Iterable[str] = (),
    match: Iterable[str] = (),
    append_only: bool = False,
    shared: bool = False,
    review: bool = False,
    since: int = 1,
    by_hand: bool = True,
    above: Iterable[str] | None = None,
) -> Callable[[_R], _R]:
    """Declare a record kind; its name is the class name in snake case. `review` puts every field in the review merge class."""

    def declare(cls: _R) -> _R:
        fields = tuple(value for value in vars(cls).values() if isinstance(value, Field))
        for attribute, value in vars(cls).items():
            if isinstance(value, Field):
                value.name = attribute.rstrip("_")  # `from_` is `from` everywhere but in Python
                value.merge = Merge.REVIEW if review else value.merge
        name = "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(cls.__name__))
        if len({f.number for f in fields}) != len(fields) or not all(1 <= f.number <= MAX_FIELDS for f in fields):
            raise TypeError(f"{name}: field numbers must be different and within 1..{MAX_FIELDS}")
        if name in KINDS or any(k.number == number for k in KINDS.values()):
            raise TypeError(f"{name}: name or number {number} taken")
        cls.KIND = KINDS[name] = Kind(
            name=name,
            label=label,
            number=number,
            cls=cls,
            fields=fields,
            group=group,
            append_only=append_only,
            key=tuple(key),
            match=tuple(key) or tuple(match) or tuple(f.name for f in fields if f.required or f.ref),
            shared=shared,
            title=tuple(title) or (fields[0].name,),
            since=since,
            by_hand=by_hand,
            above=None if above is None else frozenset(f.name for f in fields if "*" in above or f.name in above),
        )
        return cls

    return declare


def kind_of(name: str | int | type[Record] | Kind) -> Kind:
    """The kind given by name, wire number, record class or itself; raises `FieldError` for an unknown kind."""
    if isinstance(name, (Kind, type)):
        return name if isinstance(name, Kind) else name.KIND
    found = next((k for k in KINDS.values() if k.number == name), None) if isinstance(name, int) else KINDS.get(name)
    if found is None:
        raise FieldError(_("没有「{name}」这种记录").format(name=name), "kind")
    return found


def declaration(attribute: Any) -> Field:
    """The declaration behind a class attribute: `declaration(Person.name).label`."""
    if not isinstance(attribute, Field):
        raise TypeError(f"not a declared field: {attribute!r}")
    return attribute
