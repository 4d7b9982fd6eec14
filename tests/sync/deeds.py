"""What clerks, townships and the county do with records at random, beside the plain work of `tests.sync.days`: households divided and
joined, changes of key information confirmed or disputed, reports handed in, targets and ceilings, payments, files, 撤销, visits beside the
township."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from typing import Any

import pytest

from db import changes
from db.county import County
from db.session import Session
from db.store import Store
from domain.claims import MOVES, PATH
from domain.errors import CunzhanError, DomainError
from domain.kinship import HEAD
from domain.records import Claim
from domain.scopes import is_village
from services import attachments, key_changes, records, suspects
from services.households import households
from services.households.households import DELETE, KEEP, Plan
from services.payments import funds, payments
from services.reports import sealing, targets
from services.reports.sealed import Signer
from services.surveys import design, surveys
from sync.county.acts import moves
from sync.county.keys import county_keys
from sync.station import report_keys
from sync.station.lan import receiver
from sync.station.lan.handing_in import hand_in
from sync.station.lan.receiver import Receiver
from sync.wire import handover
from sync.wire.handover import FramedConnection, HandoverError
from tests.sync.conftest import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, World, person_values
from tests.sync.mishaps import Mishaps
from tests.sync.photos import JPEG

RELATIONS = (HEAD, "配偶", "之子", "之女", "之儿媳", "之父", "其他")

DEEDS = {
    "list_in": 2,
    "settle_in": 3,
    "rearrange": 3,
    "rearrange_together": 2,
    "move_home": 1,
    "look_at_changes": 2,
    "forge": 1,
    "hand_report_in": 1,
    "withdraw": 1,
    "take_photo": 1,
    "aim": 1,
    "carry_claim": 3,
    "pay_out": 2,
    "tell_apart": 1,
    "undo": 2,
    "visit": 2,
    "ask": 2,
    "answer": 3,
}
"""What may happen besides, and how often."""


class Deeds(Mishaps):
    """A `Mishaps` with a laptop of the county, and more that may happen."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(world, monkeypatch)
        self.add(world.station("县", COUNTY))
        monkeypatch.setattr(receiver, "_LOOK", 0.01)
        self.sync(self.stores[-1])

    def act(self, name: str, who: int, seed: int) -> None:
        """An older program knows nothing of these deeds."""
        if name in DEEDS and self.stores[who % len(self.stores)].home.name in self.older:
            name = "sync"
        super().act(name, who, seed)

    def try_(self, store: Store, label: str, deed: Any) -> Any:
        """A deed in an act of its own; what may not be is not done."""
        with contextlib.suppress(CunzhanError), self.booked(store), store.write(label) as session:
            return deed(session)
        return None

    def one_of(self, rows: list[Any]) -> Any:
        return self.random.choice(sorted(rows, key=lambda row: (row.created_at, row.id))) if rows else None

    def list_in(self, store: Store) -> None:
        """A list of many people with what is known of them, in one act."""
        village = self.random.choice((VILLAGE, OTHER_VILLAGE)) if not is_village(store.scope) else store.scope

        def deed(session: Session) -> list[tuple[str, str]]:
            made = []
            for _n in range(self.random.choice((5, 20))):
                person = session.new_id()
                changes.insert(session, "person", [{"id": person, "village": village, **person_values(name=self.value("name"))}])
                check = {"person_id": person, "month": "2023-06", "status": "away", "place": self.value("地"), "income": 1}
                id = session.natural_id("monthly_check", village, check)
                changes.insert(session, "monthly_check", [{"id": id, "village": village, **check}])
                changes.update(session, "person", person, {"phone": self.value()})
                made += [("person", person), ("monthly_check", id)]
            return made

        self.made += self.try_(store, "导入", deed) or []

    # -- households ------------------------------------------------------------------------------------------------------

    def settle_in(self, store: Store) -> None:
        """A family, of new people and of such as are registered."""
        village = self.random.choice((VILLAGE, OTHER_VILLAGE)) if not is_village(store.scope) else store.scope
        known = [p for p in self.rows(store, "person") if p.village == village]

        def deed(session: Any) -> None:
            home = session.new_id()
            changes.insert(session, "household", [{"id": home, "village": village, "number": self.value("户")}])
            self.made.append(("household", home))
            for n, word in enumerate(self.random.sample(RELATIONS[1:], self.random.choice((1, 2, 3)))):
                relation = HEAD if n == 0 else word
                if known and self.random.random() < 0.5:
                    changes.update(session, "person", self.random.choice(known).id, {"household_id": home, "relation": relation})
                else:
                    row = {"id": session.new_id(), "village": village, **person_values(name=self.value("name"))}
                    changes.insert(session, "person", [{**row, "household_id": home, "relation": relation}])

        self.try_(store, "登记一户", deed)

    def rearrange(self, store: Store, home: Any = None) -> None:
        """分户、合户、迁户、换户主, whatever the dice say."""
        homes = self.rows(store, "household")
        chosen = home or self.one_of(homes)
        if chosen is None:
            return
        with store.read() as session:
            if session.get("household", chosen.id) is None:
                return
            here = households.home(session, chosen.id)
        ids = [one.id for one in here.members]
        going = {id: self.random.choice(RELATIONS) for id in ids if self.random.random() < 0.5}
        if going and self.random.random() < 0.7:
            going[next(iter(going))] = HEAD
        rest = [id for id in ids if id not in going]
        staying = {id: HEAD if n == 0 else self.random.choice(RELATIONS[1:]) for n, id in enumerate(rest)}
        others = [one for one in homes if one.id != chosen.id and one.village == chosen.village]
        into = self.one_of(others) if self.random.random() < 0.4 else None
        if into is not None:
            going = {id: "其他" if word == HEAD and self.random.random() < 0.8 else word for id, word in going.items()}
        plan = Plan(chosen.id, going, staying, into and into.id, {"number": self.value("户")}, self.random.choice((KEEP, DELETE)))
        self.try_(store, "分户", lambda session: households.carry_out(session, plan))

    def rearrange_together(self, store: Store) -> None:
        """Several do it to one household before they hear of each other."""
        chosen = self.one_of(self.rows(store, "household"))
        for other in self.stores if chosen is not None else ():
            if chosen.village.startswith(other.scope) and self.random.random() < 0.7:
                with self.program_of(other):
                    self.rearrange(other, chosen)

    def move(self, store: Store) -> None:
        """The county takes who moves alone out of the household."""
        with self.booked(self.world.county):
            super().move(store)

    def move_home(self, _store: Store) -> None:
        keys = county_keys(self.world.county)
        with contextlib.suppress(DomainError), self.world.county.write() as session:
            chosen = self.one_of(session.select("household"))
            if chosen is not None:
                to = OTHER_VILLAGE if chosen.village == VILLAGE else VILLAGE
                moves.move(session, keys, "household", chosen.id, to)

    # -- surveys ---------------------------------------------------------------------------------------------------------

    def ask(self, store: Store) -> None:
        """A new sheet; or one of those there are changed, ended or taken away."""

        def deed(session: Session) -> None:
            known = self.one_of(session.select("survey"))
            if known is None or self.random.random() < 0.4:
                asked = [
                    design.Question("去哪", "choice", "南方、本县"),
                    design.Question("几人", "number", asked_if="1=南方"),
                ]
                design.save(session, {"title": self.value("摸排"), "about": "everyone"}, asked)
                return
            there = surveys.items(session, known.id)
            kept = [
                design.Question(self.value("问"), one.type, one.choices or "", id=one.id) for one in there if self.random.random() < 0.8
            ]
            change = self.random.choice(
                (
                    lambda: design.save(session, {}, [*kept, design.Question(self.value("问"), "text")], known.id),
                    lambda: design.close(session, known.id, again=known.closed_on is not None),
                    lambda: design.delete(session, known.id),
                )
            )
            change()

        self.try_(store, "摸排", deed)

    def answer(self, store: Store) -> None:
        """Somebody's answers to a sheet, right or wrong ones, or taken back."""

        def deed(session: Session) -> None:
            survey, people = self.one_of(session.select("survey")), session.select("person")
            said = {"choice": ("南方", "本县", None), "number": ("1", "2.5", None), "text": (self.value("答"), None)}
            if survey is not None and people:
                answers = {one.id: self.random.choice(said[one.type]) for one in surveys.items(session, survey.id)}
                surveys.answer(session, survey.id, {self.one_of(people).id: answers})

        self.try_(store, "填摸排表", deed)

    # -- what waits for somebody else --------------------------------------------------------------------------------------

    def look_at_changes(self, store: Store) -> None:
        with store.read() as session:
            waiting = key_changes.waiting(session)
        if not waiting:
            return
        one = self.random.choice(waiting).id
        says = self.random.choice((key_changes.confirm, key_changes.dispute, key_changes.explain))
        self.noted("finding", self.try_(store, "核实", lambda session: says(session, one, "入户核实")))

    def forge(self, store: Store) -> None:
        """A tampered laptop confirms what it likes, over whatever was said."""
        with store.read() as session:
            codes = [(w.pending.event.finding, w.pending.event.person_id) for w in key_changes.waiting(session)]
        said = self.one_of(self.rows(store, "finding"))
        if said is not None and self.random.random() < 0.5:
            self.try_(store, "硬改", lambda session: changes.update(session, "finding", said.id, {"state": "verified"}))
        elif codes:
            code, person = self.random.choice(codes)
            row = {"village": store.scope, "code": code, "record_id": person, "state": "verified", "by": "别人"}
            self.try_(store, "硬写", lambda session: changes.insert(session, "finding", [{"id": session.new_id(), **row}]))

    # -- reports, targets, money, files ------------------------------------------------------------------------------------

    def hand_report_in(self, store: Store) -> None:
        def deed(session: Any) -> str:
            found = report_keys.signing(session)
            signer = None if found is None else Signer(*found)
            month = f"{int(session.today[:4]) - 1}-{self.random.choice(('05', '06'))}"
            return sealing.seal(session, month, home=store.home, signer=signer, correcting=self.random.random() < 0.5)

        self.noted("attachment", self.try_(store, "报出", deed))

    def withdraw(self, store: Store) -> None:
        chosen = self.one_of(self.rows(store, "attachment"))
        if chosen is not None:
            self.try_(store, "撤回", lambda session: attachments.remove(session, chosen.id))

    def take_photo(self, store: Store) -> None:
        chosen = self.one_of(self.rows(store, "person"))
        if chosen is None:
            return
        data = JPEG + random.Random(self.random.randrange(3)).randbytes(self.random.choice((50, 3000)))  # some of the same content
        self.noted("attachment", self.try_(store, "附件", lambda session: attachments.put(session, chosen.id, "照片.jpg", data)))

    def aim(self, store: Store) -> None:
        """A target of the year, or the ceiling of a fund: more than one laptop may set it."""
        known = self.one_of(self.rows(store, "target"))

        def deed(session: Any) -> str:
            year, value = int(session.today[:4]), self.random.randrange(500, 2000)
            if session.role == "county" and self.random.random() < 0.6:
                return funds.set_ceiling(session, self.random.choice(("employment", "bridging")), year, value)
            values = {"year": year, "area": store.scope, "indicator": "公益岗安置脱贫人口", "value": value}
            return records.save(session, "target", values, (known and self.random.random() < 0.5 and known.id) or None)

        self.noted("target", self.try_(store, "目标", deed))

    def carry_claim(self, _store: Store) -> None:
        """A claim goes all its way on the laptops that may take it, as far as each step meets it; then the money goes out."""
        with self.township.read() as session:
            open_ = sorted(session.select("claim"), key=lambda claim: (claim.filed_on, claim.id))
        if not open_:
            return
        claim = self.random.choice(open_)
        home = [one for one in self.stores if one.scope == claim.village and self.has_network(one)]
        for state in PATH[1 : self.random.randrange(3, len(PATH))]:
            level = MOVES[state].levels
            able = {"village": home[:1], "township": [self.township], "county": [self.county]}
            store = next((one for name in able if name in level for one in able[name]), None)
            if store is not None and store.home.name not in self.older:
                self.try_(store, "办理", lambda session, state=state: self.step_on(session, claim, state))
                self.sync(store)

    def step_on(self, session: Session, claim: Claim, state: str) -> None:
        row = {"claim_id": claim.id, "to_state": state, "by": session.author, "at": session.at}
        changes.insert(session, "claim_step", [{"id": session.new_id(), "village": claim.village, **row}])

    def pay_out(self, store: Store) -> None:
        """The county pays, on one laptop or on two at once; the bank may send it back."""
        for laptop in [one for one in self.stores if one.scope == COUNTY]:
            with laptop.read() as session:
                due = [one.standing.claim.id for one in payments.due(session)]
            fund = self.random.choice(("employment", "bridging"))
            self.try_(laptop, "拨付", lambda session, due=due, fund=fund: payments.pay(session, due[:2], fund))
        paid = self.one_of(self.rows(self.county, "payment"))
        if paid is not None and self.random.random() < 0.3:
            self.try_(self.county, "银行", lambda session: changes.update(session, "payment", paid.id, {"bank_result": "failed"}))

    @property
    def county(self) -> Store:
        """A laptop of the county."""
        return next(one for one in self.stores if one.scope == COUNTY)

    def paid_twice(self) -> list[str]:
        """Claims out of which more went than was approved."""
        with self.world.county.read() as session:
            sums: Counter[str] = Counter()
            for one in session.select("payment"):
                sums[one.claim_id] += one.amount if one.bank_result != "failed" else 0
            return [claim.id for claim in session.select("claim", deleted=True) if sums[claim.id] > claim.amount]

    def tell_apart(self, store: Store) -> None:
        """Two who look like one are said to be two, or no longer."""
        people = self.rows(store, "person")
        if len(people) > 1:
            two = [one.id for one in self.random.sample(people, 2)]
            says = self.random.choice((suspects.tell_apart, suspects.list_again))
            self.try_(store, "不是同一人", lambda session: says(session, *two))

    def noted(self, kind: str, id: str | None) -> None:
        if id is not None:
            self.made.append((kind, id))

    def undo(self, store: Store) -> None:
        self.try_(store, "撤销", records.undo_last)

    # -- beside the township -----------------------------------------------------------------------------------------------

    def visit(self, store: Store) -> None:
        """A village at the township's receiver; the line breaks at any frame, as often as not."""
        store = self.random.choice([one for one in self.stores if one.role == "village" and one.home.name not in self.older])
        left, send = [self.random.randrange(1, 30)], FramedConnection.send

        def sending(line: FramedConnection, message: handover.Message) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise HandoverError
            send(line, message)

        try:
            at = Receiver(self.township, host="127.0.0.1", port=0)
        except CunzhanError:  # it has not joined
            return
        with pytest.MonkeyPatch.context() as patch, contextlib.suppress(CunzhanError):
            patch.setattr(handover, "PART", self.random.choice((500, handover.PART)))
            patch.setattr(FramedConnection, "send", sending)
            hand_in(store, at.addresses[0], at.code)
        at.close()

    # -- the end of the day ----------------------------------------------------------------------------------------------

    def finish(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """And whatever was done, every page can be read."""
        super().finish(monkeypatch)
        assert self.paid_twice() == []
        waits = self.waiting(self.world.county)
        for name, store in self.world.stations.items():
            self.read(store)
            here = [id for id, village in waits.items() if village.startswith(store.scope) or store.scope.startswith(village)]
            told = {id for id in here if not self.merged_away(id, store.scope)}
            assert self.waiting(store).keys() == told, name

    def merged_away(self, change: str, scope: str) -> bool:
        """Whether that change is of somebody merged into a person, deleted by now, whom laptops of the scope do not read."""
        with self.world.county.read() as session:
            into = session.get("person", change.partition(":")[0]).merged_into
            other = session.get("person", into, deleted=True) if into else None
            return other is not None and not (other.village.startswith(scope) or scope.startswith(other.village))

    def waiting(self, store: Store | County) -> dict[str, str]:
        """Changes that wait for a second pair of eyes, each with its village: everywhere the same."""
        with store.read() as session:
            people = [one.id for one in session.select("person")]
            return {one.id: one.village for one in key_changes.waiting(session, people)}

    def read(self, store: Store) -> None:
        with store.read() as session:
            homes = [households.home(session, one.id) for one in session.select("household")]
            assert len([one.id for here in homes for one in here.members]) == len({one.id for here in homes for one in here.members})
            key_changes.waiting(session)
            suspects.suspects(session)
            targets.progress(session, int(session.today[:4]))
            for one in sealing.handed(session):
                if one.state in ("here", "unsent"):
                    report = sealing.opened(session, one.id)[0]
                    with contextlib.suppress(DomainError):  # of a month to come, by another laptop's clock
                        sealing.compared(session, report)
            if store.scope in (COUNTY, TOWNSHIP):
                funds.balances(session)
