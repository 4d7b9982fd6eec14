"""Surveys (摸排) by a county, township or village beyond the ledgers: the sheet, its questions, the answers."""

from domain.bounds import ANY
from domain.fields import Record, field, record
from domain.records.choices import labels
from domain.values import Type


@record(54, "摸排表", group="services", title=("title",), shared=True, since=3)
class Survey(Record):
    """A set of questions about people, asked once. `about` determines who is asked, as of the day of looking, until the survey is
    closed."""

    title: str = field(1, "摸排名称")
    about: str = field(
        2,
        "问哪些人",
        Type.ENUM,
        choices=labels(
            poor="脱贫人口和监测对象",
            lifted="脱贫人口",
            monitored="监测对象",
            labour="劳动力（16 到 59 岁）",
            away="正在县外务工的",
            heads="每户户主",
            everyone="所有在册人员",
        ),
    )
    due: str | None = field(3, "截止日期", Type.DATE, default=None)
    note: str | None = field(4, "填写说明", default=None, multiline=True)
    closed_on: str | None = field(5, "结束日期", Type.DATE, default=None)


@record(55, "摸排项目", group="services", title=("label",), shared=True, since=3, by_hand=False)
class SurveyItem(Record):
    """A question. Once it has answers, its type is fixed and answered choices cannot be removed (`services.surveys.surveys`)."""

    survey_id: str = field(1, "摸排表", Type.ID, ref="survey")
    label: str = field(2, "要问什么")
    type: str = field(
        3,
        "怎么答",
        Type.ENUM,
        choices=labels(yes_no="是或否", choice="选一个", choices="可选几个", number="数字", date="日期", text="文字"),
    )
    choices: str | None = field(4, "可选的答案", default=None)
    """Words separated by 、."""
    position: int | None = field(5, "顺序", Type.INT, default=None, bounds=ANY)
    optional: bool | None = field(6, "可以不填", Type.BOOL, default=None)
    asked_if: str | None = field(7, "什么人才问", default=None, since=4)
    """`明年还出去吗=是、不好说`: only those are asked who gave one of these answers to that earlier question."""


@record(56, "摸排答案", group="services", title=("item_id", "value"), key=("item_id", "person_id"), since=3, by_hand=False)
class SurveyAnswer(Record):
    """A person's answer to a question, in the words of its choices; a date as 2023-06-05, a number with a decimal point."""

    item_id: str = field(1, "摸排项目", Type.ID, ref="survey_item")
    person_id: str = field(2, "人员", Type.ID, ref="person")
    value: str | None = field(3, "答案", default=None)
