"""Organised work: groups that travel together, piecework, and help with violated rights."""

from domain.fields import Record, field, record
from domain.records.choices import labels, synonyms
from domain.values import Type


@record(18, "输出批次", group="work", title=("number", "on"))
class LabourTrip(Record):
    """A group going out together (article 一)."""

    number: str | None = field(1, "批次号", default=None)
    from_: str | None = field(2, "出发地", Type.PLACE, default=None)
    to: str | None = field(3, "目的地", Type.PLACE, default=None)
    on: str = field(4, "出发日期", Type.DATE)
    way: str | None = field(5, "交通方式", default=None, suggestions=("包车", "专列", "高铁", "航班", "自行"))
    organiser: str | None = field(6, "组织单位", default=None)
    note: str | None = field(7, "备注", default=None, multiline=True)


@record(19, "批次成员", group="work", title=("trip_id",), key=("trip_id", "person_id"))
class TripMember(Record):
    """A person on a trip."""

    trip_id: str = field(1, "输出批次", Type.ID, ref="labour_trip")
    person_id: str = field(2, "人员", Type.ID, ref="person")


@record(20, "来料加工收发", group="work", title=("item", "issued_on"))
class PieceworkLot(Record):
    """Material given out and work taken back (article 二十四)."""

    employment_id: str = field(1, "务工记录", Type.ID, ref="employment", clause="（二十四）")
    issued_on: str = field(2, "发料日期", Type.DATE, aliases="领料日期 发放日期 领取日期")
    returned_on: str | None = field(3, "收料日期", Type.DATE, default=None, aliases="交货日期 交回日期 收货日期")
    item: str | None = field(4, "品名", default=None, aliases="产品名称 产品")
    quantity: int | None = field(5, "数量", Type.INT, default=None, aliases="件数 发料数量 领料数量 加工数量")
    unit_price: int | None = field(6, "单价", Type.YUAN, default=None)


@record(21, "权益问题", group="work", title=("type", "on"), above=("person_id", "type", "on"))
class RightsIssue(Record):
    """Unpaid wages, an injury, no contract (article 六)."""

    person_id: str = field(1, "人员", Type.ID, ref="person", clause="（六）")
    type: str = field(
        2,
        "类别",
        Type.ENUM,
        choices=labels(wage_arrears="欠薪", injury="工伤", no_contract="未签合同", other="其他"),
        synonyms=synonyms(wage_arrears="拖欠工资 欠工资 拖欠薪资", no_contract="未签劳动合同 没签合同"),
        aliases="问题类型 问题类别 反映问题 反映的问题 权益问题 诉求类型 反映事项 主要诉求",
    )
    on: str = field(
        3,
        "发生日期",
        Type.DATE,
        aliases="发生时间 发现日期 发现时间 排查日期 排查时间 登记日期 登记时间 反映时间 反映日期 投诉时间 投诉日期 受理日期 受理时间",
    )
    handled: str | None = field(
        4, "处理情况", default=None, multiline=True, aliases="处理结果 处理意见 处置情况 办理情况 办理结果 解决情况"
    )
    closed_on: str | None = field(5, "办结日期", Type.DATE, default=None)
