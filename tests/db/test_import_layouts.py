"""How sheets are laid out in offices: other people's tables beside one, what stands for the cell above, what is hidden."""

from __future__ import annotations

from db.store import Store
from tests.db.rosters_taken import CHANGCHUN, DALIAN, LI, WANG, ZHAO, Take, number, people, take

__all__ = ["people", "take"]

WENT = ["姓名", "证件号码", "务工所在地", "务工企业名称", "开始时间"]


def test_nothing_of_the_table_beside_is_about_the_people_further_left(people: Store, take: Take) -> None:
    result, plan = take(
        ["序号", *WENT, "", "序号", "姓名", "证件号码", "返乡时间", "返乡原因"],
        [1, "王芳", WANG, DALIAN, "某厂", "2023-03-01", "", 1, "赵敏", ZHAO, "2023-11-20", "照顾家人"],
        [2, "李强", LI, CHANGCHUN, "某厂", "2023-03-01", "", "", "", "", "", ""],
    )
    assert (result.added, result.rejected, len(plan.notes)) == (2, [], 1)
    with people.read() as session:
        assert [(work.end, work.end_reason) for work in session.select("employment")] == [(None, None)] * 2


def test_each_of_two_tables_side_by_side_has_its_own_title(people: Store, take: Take) -> None:
    heads = ["姓名", "证件号码", "实发工资"]
    result, _plan = take(
        ["解放村就业帮扶车间2023年3月工资表", "", "", "", "解放村就业帮扶车间2023年4月工资表"],
        ["单位：元"],
        [*heads, "", *heads],
        ["王芳", WANG, 3000, "", "王芳", WANG, 3100],
    )
    assert result.rejected == []
    with people.read() as session:
        assert sorted((wage.month, wage.amount) for wage in session.select("wage")) == [("2023-03", 300000), ("2023-04", 310000)]
