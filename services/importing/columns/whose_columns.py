"""Decides to whom the columns of names, ID numbers and telephones in a list belong: the row's person, the head of the household, a child,
or somebody else."""

from __future__ import annotations

import re

from domain.fields import declaration, kind_of
from domain.records import Person
from services.importing.columns.binding import Binding
from services.importing.tables.finding import FoundTable
from services.importing.tables.heading_words import known_by, plain
from services.importing.tables.headings import Heading

NAME, NUMBER, HEAD, HOLDER = "person.name", "person.id_number", "household.head", "payee"
ID_WORDS = {plain(word): NUMBER for word in ("证件号码", *(declaration(Person.id_number).aliases))}
"""The words for columns of ID numbers."""
_WORKERS = re.compile("(?:外出|在外|转移)?(?:务工|就业|外出|打工|返乡)(?:人员|人|劳动力|成员)")
_NAMES = re.compile("[一-龥·,;/]{2,60}")
_ALSO_NAMED = re.compile("^户主|(?:工|员|学|本|务工|领款|享受)人$|[员职民]工$|人员$")
"""Headings of other people than the holder of the account: 工人 | 户名."""
_CHILD = re.compile("受助学生|学生|子女")
_HELPERS = re.compile(
    "^(?!是否|.*(?:电话|手机)).*(?:(?:责任|联系|监护|负责|介绍|经办|担保|包联|包保|帮扶|结对)人"
    "|干部|队员|家长|领导|领队|专员|网格员|医生|老师|班主任)"
)
"""Headings of people who are not the row's person and have no telephone column of their own: 帮扶责任人, 企业联系人."""
_OWN = re.compile("^(?:本人|户主|个人|农户|家庭)")
_PHONE = re.compile("电话|手机")
_OTHERS = re.compile("成员(?!人?数)|关系|名字")
"""Words in headings about people other than the head: 成员名字, 成员1身份证号."""


def whose_columns(binding: Binding, found: FoundTable) -> None:
    """Bind the name and the number of a row's person to the right columns."""
    _holder_named(binding)
    _workers_named(binding, found)
    _head_named(binding)
    _only_heads(binding, found)
    _own_number(binding)
    _childs_number(binding)
    _others_phone(binding)


def _holder_named(binding: Binding) -> None:
    """In a bank's list that names only the holders of the accounts, a row is about the holder."""
    others = any(_ALSO_NAMED.search(heading.words[-1]) for heading in (*binding.unmatched, *binding.columns.values()))
    if HOLDER in binding.columns and {NAME, NUMBER}.isdisjoint(binding.columns) and not others:
        binding.columns[NAME] = binding.columns.pop(HOLDER)


def _workers_named(binding: Binding, found: FoundTable) -> None:
    """In a list that names people only in 外出务工人员, with their ID numbers or about work, a row is about these, if the cells are names
    and no numbers of people."""
    if NAME in binding.columns or (NUMBER not in binding.columns and "employment" not in binding.roster.makes):
        return
    for heading in binding.unmatched:
        cells = [plain(row[heading.index]) for row in found.rows()] if _WORKERS.fullmatch(heading.words[-1]) else []
        if any(cells) and all(map(_NAMES.fullmatch, filter(None, cells))):
            binding.columns[NAME] = heading
            binding.unmatched.remove(heading)
            return


def _head_named(binding: Binding) -> None:
    """In a list about households that names only the head, a row is about the head, with the head's number."""
    kind = binding.roster.makes[0]
    identifying = {NAME, NUMBER, f"{kind}.household_id", f"{kind}.household_id#id"}
    of_households = binding.roster.name.startswith("@") and any(f.ref == "household" for f in kind_of(kind).fields)
    if of_households and HEAD in binding.columns and identifying.isdisjoint(binding.columns):
        binding.columns[NAME] = binding.columns.pop(HEAD)
        if (number := _heads_number(binding)) is not None:
            binding.unmatched.remove(number)
            binding.columns[NUMBER] = number


def _heads_number(binding: Binding) -> Heading | None:
    """The unmatched column of the heads' ID numbers: 户主身份证号."""
    return next((one for one in binding.unmatched if known_by([word.removeprefix("户主") for word in one.words], ID_WORDS)), None)


def _only_heads(binding: Binding, found: FoundTable) -> None:
    """In a register with one household in each row that names only its head, the head is the row's person. If members had rows of their
    own, they would all get the head's name."""
    if binding.roster.name != "registry" or HEAD not in binding.columns or not {NAME, "person.relation"}.isdisjoint(binding.columns):
        return
    number, head = binding.columns.get(NUMBER) or _heads_number(binding), binding.columns[HEAD]
    if number is None or any(_OTHERS.search(heading.text) for heading in binding.unmatched):
        return
    heads = [plain(row[head.index]) for row in found.rows() if plain(row[number.index])]
    if 10 * len(set(filter(None, heads))) < 9 * len(heads):
        return
    if number in binding.unmatched:
        binding.unmatched.remove(number)
        binding.columns[NUMBER] = number
    binding.columns[NAME] = binding.columns.pop(HEAD)


def _own_number(binding: Binding) -> None:
    """A number between 户主 and the person's name is the head's; the person's own is further right, or missing."""
    head, number, name = (binding.columns.get(target) for target in (HEAD, NUMBER, NAME))
    if head is None or number is None or name is None or not head.index < number.index < name.index:
        return
    own = next((heading for heading in binding.unmatched if heading.index > name.index and known_by(heading.words, ID_WORDS)), None)
    if own is None:
        del binding.columns[NUMBER]
    else:
        binding.unmatched.remove(own)
        binding.columns[NUMBER] = own
    binding.unmatched.append(number)


def _childs_number(binding: Binding) -> None:
    """子女身份证号 beside 姓名 is not the parent's number. The child's name is in 子女姓名; without it the parent is found by name."""
    name, number = (binding.columns.get(target) for target in (NAME, NUMBER))
    child = _CHILD.match(number.text) if name is not None and number is not None else None
    if name is None or number is None or child is None or name.text.startswith(child[0]):
        return
    own = next((heading for heading in binding.unmatched if heading.text.startswith(f"{child[0]}姓名")), None)
    if own is not None:
        binding.unmatched.remove(own)
        binding.unmatched.append(name)
        binding.columns[NAME] = own
    elif child[0] == "子女":  # in a list of pupils 姓名 and 学生身份证号 are the same person's
        binding.unmatched.append(binding.columns.pop(NUMBER))


def _others_phone(binding: Binding) -> None:
    """联系电话 that follows 帮扶责任人, perhaps after 单位 and 职务, is that person's number."""
    for target in ("person.phone", "household.phone"):
        phone = binding.columns.get(target)
        if phone is None or _OWN.match(phone.text):
            continue
        own = {
            heading.index for other, heading in binding.columns.items() if other.startswith(("person.", "household.")) and other != target
        }
        before = sorted(
            (one for one in (*binding.columns.values(), *binding.unmatched) if one.index < phone.index), key=lambda one: -one.index
        )
        nearest = next((one for one in before if one.index in own or _HELPERS.search(one.text) or _PHONE.search(one.text)), None)
        if nearest is not None and nearest.index not in own and _HELPERS.search(nearest.text):
            binding.unmatched.append(binding.columns.pop(target))
            named = next((one for one in binding.unmatched if _OWN.match(one.text) and _PHONE.search(one.text)), None)
            if named is not None:
                binding.unmatched.remove(named)
                binding.columns[target] = named
