"""A small village of invented people for the tests of pages, saved through the same verbs the pages use."""

from typing import Any

from db.store import Store
from domain import clock
from domain.periods import add_months
from services import records, registration, work

TODAY = clock.today()
MONTH = clock.this_month()
LAST_MONTH = add_months(MONTH, -1)
NUMBERS = (
    "230826197908178768",
    "230826197805050956",
    "23082619620919350X",
    "230826195805050957",
    "230826199108089547",
    "230826199804199440",
)


def settle(store: Store) -> dict[str, str]:
    """王秀兰: head, workshop, wages, visit, wish. 赵福生: husband, in 大连. 赵雨桐: daughter at school. 孙玉梅: alone, out of work."""
    ids: dict[str, str] = {}
    with store.write("准备") as session:

        def person(name: str, number: str, **more: Any) -> str:
            given = {"name": name, "document": "resident_id", "id_number": number, "labour": "ordinary", **more}
            home, group = given.pop("home", None), given.pop("group", None)
            span = {"category": given.pop("category", "lifted")}
            new = {"group": group, "number": f"23082600{group}"} if group else None
            done = registration.register(session, registration.NewPerson(given, home, new, span))
            ids[name] = done.id
            return done.household_id or ""

        def save(kind: str, **values: Any) -> str:
            return records.save(session, kind, values)

        home = person(
            "王秀兰", NUMBERS[0], group="3组", relation="户主", phone="13845550217", nation="汉族", bank_account="6210123456786620"
        )
        person("赵福生", NUMBERS[1], home=home, relation="配偶", category="marginal")
        person("赵雨桐", NUMBERS[5], home=home, relation="之女", labour="none", school_state="九年级")
        person("孙玉梅", NUMBERS[4], group="5组", relation="户主")
        ids["户"] = home
        workshop = save("employer", name="横头山服装车间", type="workshop", place="230826101202")
        spell = save(
            "employment", person_id=ids["王秀兰"], employer_id=workshop, channel="workshop", place="230826", start=add_months(MONTH, -6)
        )
        ids["务工"] = spell
        save("employment", person_id=ids["赵福生"], employer_name="大连港", channel="migrant", place="210200", start=add_months(MONTH, -3))
        for back in (2, 1):
            month = add_months(MONTH, -back)
            save("wage", employment_id=spell, month=month, paid_on=month, amount=52000)
            work.save_checks(session, month, {ids["王秀兰"]: {"status": "workshop", "method": "phone"}})
        save("visit", household_id=home, person_id=ids["王秀兰"], on=f"{LAST_MONTH}-08", by="李文书", content="想转计件")
        save("job_wish", person_id=ids["王秀兰"], opened_on=f"{LAST_MONTH}-01")
        save("service", person_id=ids["王秀兰"], type="guidance", on=f"{LAST_MONTH}-02")
    return ids
