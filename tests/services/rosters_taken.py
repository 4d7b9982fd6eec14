"""A village's store into which a test takes rosters given as rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from domain.identity import check_digit
from services import importing
from services.importing.plan import Action, Draft, Plan
from tests.rosters import write_xlsx

TOWN = "230826101"
Take = Callable[..., tuple[importing.ImportResult, Plan]]


def number(serial: int, sex: str = "女") -> str:
    first17 = f"23082619790817{serial:02d}{1 if sex == '男' else 2}"
    return first17 + check_digit(first17)


WANG, LI, ZHAO = number(1), number(2, "男"), number(3)
HEADS = ["村", "户编号", "姓名", "性别", "证件号码", "与户主关系", "劳动技能", "户类型", "联系电话"]
PEOPLE = [
    ["解放村", "1001", "王芳", "女", WANG, "户主", "普通劳动力", "脱贫户", "13800138001"],
    ["解放村", "1001", "李强", "男", LI, "配偶", "普通劳动力", "脱贫户", "13800138002"],
    ["解放村", "1002", "赵敏", "女", ZHAO, "户主", "弱劳动力", "边缘易致贫户", "13800138003"],
]
WORK = ["姓名", "证件号码", "开始时间", "结束时间", "务工所在地", "务工企业名称", "月工资"]
DALIAN, CHANGCHUN = "辽宁省大连市甘井子区", "吉林省长春市朝阳区"


@pytest.fixture
def take(store: Store, tmp_path: Path) -> Take:
    return taker(store, tmp_path)


def taker(store: Store, folder: Path) -> Take:
    def take(*rows: Sequence[Any], answer: Sequence[int] = (), sheet: str = "Sheet1", **how: Any) -> tuple[importing.ImportResult, Plan]:
        path = write_xlsx(folder / "roster.xlsx", rows, sheet=sheet)
        with store.write("导入") as session:
            plan = importing.plan(session, path, **how)
            for row in plan.rows():
                if row.number in answer:
                    plan.answer(row, keep=True)
            return importing.apply(session, plan), plan

    return take


@pytest.fixture
def people(store: Store, people_home: Path) -> Store:
    """A store with three people and their two households, as a roster brought them."""
    return store


def set_cells(draft: Draft) -> list[tuple[str, str, str]]:
    """What a draft sets: label, old and new as they are shown."""
    given = {name: value for name, value in draft.values.items() if value is not None and name in draft.kind.by_name}
    fields = [draft.kind.by_name[name] for name in given]
    return [(f.label, f.show((draft.before or {}).get(f.name)), f.show(given[f.name])) for f in fields]


def changed_cells(plan: Plan) -> list[tuple[str, str, str]]:
    return [
        cell for row in plan.rows() for draft in (*row.uses, *row.drafts) if draft.action is Action.CHANGED for cell in set_cells(draft)
    ]


def messages(issues: Sequence[importing.Issue]) -> list[tuple[int, str]]:
    return [(issue.row, issue.code) for issue in issues]
