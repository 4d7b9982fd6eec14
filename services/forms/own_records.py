"""What the ledgers hold about one person, printed for that person (《个人信息保护法》 articles 45 and 46), and the notice of what is
collected and why (articles 17 and 35)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from db.among import among
from db.mapping import table
from db.merged import root, selves
from db.session import Session
from domain import clock
from domain.authors import name_of
from domain.dependents import owned, owners
from domain.fields import Field, Kind, Record
from domain.records import Attachment, Household, Person
from domain.values import Type
from domain.words import _
from services.forms.form import Cell, Form
from services.forms.subjects import date_words, place_name
from services.lists.titles import field_text, measures

RECORDS = ("序号", "台账", "内容", "记录时间", "记录人")
_GIVEN = "以上是本站台账里关于本人的全部记录，共 {n} 条，删除了的不在内。依据《中华人民共和国个人信息保护法》第四十五条提供查阅、复制。"
_WRONG = "哪一条不准确、不完整，可以依据第四十六条请本站更正、补充。要更正的：________________________________"
_BASIS = (
    "为落实脱贫人口就业帮扶政策，{place}登记和处理您的个人信息。依据《中华人民共和国个人信息保护法》第十七条、第三十五条，现告知如下：",
    "一、谁处理：{place}，县人力资源和社会保障部门。联系电话：________________",
    "二、做什么用：就业失业和收入监测，就业服务，帮扶车间、公益性岗位和培训的管理，补助的申请、审核、公示、发放和核查。"
    "这是履行法定职责所必需（第十三条第一款第三项），不用于别的事。",
    "三、处理哪些：{fields}，以及务工、工资、岗位、培训、服务、走访和补助的记录。",
    "四、其中的敏感个人信息：{secret}。用来认准人、把钱发对人、判断能不能享受；不提供，可能无法办理相应的补助。",
    "五、怎么处理：存在本站加密的电脑里，报送乡镇、县；看完整号码要写原因并留下记录；公示时遮住证件号码、电话和账号。",
    "六、存多久：办理上述事项和档案管理规定所必需的时间，期满按规定删除。",
    "七、您的权利：查阅、复制（第四十五条），更正、补充（第四十六条），符合条件的删除（第四十七条），要求解释说明（第四十八条）。向本站提出即可。",
)


def own_records(session: Session, id: str, *, plain: bool = False) -> Form:
    """Everything on record about a person, in the order of the ledgers, for them to read. Raises `NotFound`."""
    person: Person = session.existing(Person, root(session, id), _("没有这个人。"))
    rows = [(n, *_line(session, one, plain=plain)) for n, one in enumerate(_about(session, person), 1)]
    return Form(
        "本人信息查询单",
        heads={"姓名": person.name, "证件号码": Person.KIND.by_name["id_number"].show(person.id_number, plain=plain)},
        columns=RECORDS,
        rows=rows,
        text=[_GIVEN.format(n=len(rows)), _WRONG],
        signatures=("本人签收", "提供人"),
        closing=(place_name(session), date_words(session.today)),
        wide=True,
    )


def privacy_notice(session: Session) -> Form:
    """The notice to people whose data are recorded here. The kinds of data are those the ledgers have."""
    fields = [f for f in Person.KIND.fields if f.type not in (Type.ID, Type.IDS, Type.JSON)]
    values = {
        "place": place_name(session),
        "fields": "、".join(f.label for f in fields if not _sensitive(f)),
        "secret": "、".join(f.label for f in fields if _sensitive(f)),
    }
    return Form(
        "个人信息处理告知书",
        text=[line.format(**values) for line in _BASIS],
        signatures=("本人或监护人签收", "告知人"),
        closing=(place_name(session), date_words(session.today)),
    )


def _sensitive(f: Field) -> bool:
    """Whether a field is sensitive personal information (article 28): what identifies somebody for certain, bank accounts, health."""
    return f.name in ("id_number", "original_number", "bank_account", "health")


def _about(session: Session, person: Person) -> Iterator[Record]:
    """The person, with those merged into them, their household, and the records that belong to either, directly or indirectly."""
    people = selves(session, person.id)
    yield from _records(session, Person.KIND, people)
    home = [person.household_id] if person.household_id else []
    yield from _records(session, Household.KIND, home)
    found = _belonging(session, {Person.KIND: people, Household.KIND: home})
    for kind in owned():
        yield from _records(session, kind, found.get(kind, ()))


def _belonging(session: Session, begin: Mapping[Kind, Sequence[str]]) -> dict[Kind, list[str]]:
    """The ids of the records that belong to these, directly or indirectly, each kind in the order of entry. People belong to nobody here:
    the other members of a household are not what is on record about one of them."""
    known = {id for ids in begin.values() for id in ids}
    found: dict[Kind, list[str]] = {}
    fresh = begin
    while fresh:
        names, ids = {kind.name for kind in fresh}, [id for some in fresh.values() for id in some]
        kinds = [kind for kind in owned() if kind is not Person.KIND and any(f.ref in names or f.name == "record_id" for f in owners(kind))]
        came = {kind: [id for id in _owned_by(session, kind, ids) if id not in known] for kind in kinds}
        fresh = {kind: some for kind, some in came.items() if some}
        for kind, some in fresh.items():
            found.setdefault(kind, []).extend(some)
            known.update(some)
    return found


def _owned_by(session: Session, kind: Kind, ids: Sequence[str]) -> Sequence[str]:
    t = table(kind)
    owner = func.coalesce(*(t.c[f.name] for f in owners(kind)), None)
    mine = select(t.c.id).where(among(owner, ids), t.c.deleted_at.is_(None)).order_by(t.c.created_at, t.c.id)
    return session.conn.execute(mine).scalars().all()


def _records(session: Session, kind: Kind, ids: Sequence[str]) -> Iterator[Record]:
    found = (session.get(kind, id) for id in ids)
    return (one for one in found if one is not None)


def _line(session: Session, one: Record, *, plain: bool) -> Sequence[Cell]:
    kind = one.KIND
    told = [f"{f.label}：{text}" for f in kind.fields if (text := _text(session, kind, f, one[f.name], plain=plain))]
    return kind.label, "；".join(told), clock.text(one.updated_at or one.created_at or ""), name_of(one.updated_by or one.created_by or "")


def _text(session: Session, kind: Kind, f: Field, value: Any, *, plain: bool) -> str:
    """A field as text; "" for what says nothing to the person: whose record it is, computed facts, the hash of a file. Of other people the
    name only."""
    if value is None or f.type is Type.JSON or f in owners(kind) or (kind is Attachment.KIND and f.name != "name"):
        return ""
    if f.type is Type.DATETIME or f.name == "by":
        return clock.text(value) if f.name != "by" else name_of(value)
    if f.measure:
        return measures(session, kind).get(str(value), str(value))
    text = field_text(session, f, value, plain=plain)
    return text.partition("（")[0] if f.ref == "person" else text
