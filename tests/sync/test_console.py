"""The county's web console: who gets in, what is shown, what can be done, and what a browser cannot be made to do."""

from __future__ import annotations

import re
import time
from base64 import b32decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from html.parser import HTMLParser
from threading import Event, Thread
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
import zxingcpp
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from nacl.pwhash import argon2id

from db import acts, unmasked
from db.county import County
from db.exchange import device
from domain import divisions, words
from domain.errors import CunzhanError, NotFound
from domain.fields import KINDS
from server.console import accounts
from server.console.answers import Reply, Sent
from server.console.console import COOKIE, ENTRIES, Console
from server.serve import running
from services.reports import month_figures
from sync.station.enrol import enrol
from tests.sync.conftest import SERVER, VILLAGE, World, add, both

pytestmark = both
PASSWORD = "gongshi-2026"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_OPS", 1)
    monkeypatch.setattr(accounts, "_MEMORY", 8 * 1024)
    accounts._nobody.cache_clear()


class Browser:
    """A browser that keeps the cookie, and a clock."""

    def __init__(self, county: County, came_from: str = "", console: Console | None = None) -> None:
        self.time = 1_795_000_000.0
        self.console = console or Console(county, lambda: self.time)
        self.came_from = came_from
        self.cookie = self.to = ""
        self.marks: dict[str, str] = {}

    def get(self, path: str, **query: str) -> str:
        return self._took(self.console.answer(Sent("GET", path, query, cookie=self.cookie, came_from=self.came_from)))

    def post(self, path: str, **form: str) -> str:
        sent = Sent("POST", path, form=form, cookie=self.cookie, came_from=self.came_from, marks=self.marks)
        return self._took(self.console.answer(sent))

    def follow(self) -> str:
        """The page to go on to."""
        there = urlsplit(self.to)
        return self.get(there.path.removeprefix("/console"), **dict(parse_qsl(there.query)))

    def sign_in(self, name: str = "王局长", password: str = PASSWORD, code: str = "") -> None:
        self.post("/sign-in", name=name, password=password, code=code)

    def do(self, path: str, does: str, **form: str) -> str:
        """Send the form of a page that does this, with its key, and follow to the page it leads to."""
        page = self.get(path)
        found = {name: re.search(rf'name="{name}" value="(\w+)"', page) for name in ("key", "once")}
        shown = self.post(path, does=does, **{name: one[1] for name, one in found.items() if one}, **form)
        return self.follow() if self.reply.status == 303 and does else shown

    def _took(self, reply: Reply) -> str:
        self.reply = reply
        self.to = reply.to or self.to
        if reply.cookie is not None:
            self.cookie = reply.cookie
        if reply.mark is not None:
            self.marks[reply.mark[0]] = reply.mark[1]
        return unescape(reply.content.decode(errors="replace"))


class Tags(HTMLParser):
    """The elements of a page as a browser reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags = set[str]()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)


@pytest.fixture
def browser(world: World) -> Browser:
    with world.county.write() as session:
        accounts.add(session, "王局长", "admin", PASSWORD, issued=False)
        accounts.add(session, "小李", "readonly", PASSWORD, issued=False)
    return Browser(world.county)


def signed_in(world: World, name: str = "王局长") -> Browser:
    browser = Browser(world.county)
    browser.sign_in(name)
    assert browser.reply.to == "/console/"
    return browser


# -- getting in --------------------------------------------------------------------------------------------------------


def test_without_an_account_there_is_no_console(world: World) -> None:
    browser = Browser(world.county)
    for path in ("/", "/sign-in", "/stations"):
        assert browser.get(path) == "" and browser.reply.status == 404


def test_every_page_asks_who_is_there(browser: Browser) -> None:
    for path, _name in ENTRIES:
        assert browser.get(path) == "" and (browser.reply.status, browser.reply.to.partition("?")[0]) == (303, "/console/sign-in")
    assert browser.post("/stations", does="code", place=VILLAGE) == ""
    browser.sign_in(password="wrong-2026")
    assert browser.reply.status == 403 and not browser.cookie
    browser.sign_in("没有的人")
    assert browser.reply.status == 403 and not browser.cookie


def test_signing_in_is_on_record_and_signing_out_ends_it(world: World, browser: Browser) -> None:
    browser.sign_in()
    assert "王局长" in browser.get("/") and browser.reply.status == 200
    with world.county.read() as session:
        assert [(one.by, one.label) for one in acts.latest(session, 1)] == [("王局长@county", "登录控制台")]
    assert "登录控制台" in browser.get("/acts")
    copied = browser.cookie
    browser.post("/sign-out", key="0" * 64)
    assert browser.get("/") != ""  # no other page can sign anybody out
    browser.do("/sign-out", "")
    assert browser.cookie == "" and browser.get("/") == ""
    browser.cookie = copied
    assert browser.get("/") == ""
    browser.sign_in()
    assert browser.get("/") != ""


def test_a_session_ends_by_itself_with_its_account_and_with_its_password(world: World, browser: Browser) -> None:
    browser.sign_in()
    browser.time += accounts.IDLE - 1
    assert browser.get("/") != ""  # each page counts as being there
    browser.time += accounts.IDLE - 1
    assert browser.get("/") != ""
    browser.time += accounts.IDLE + 1
    assert browser.get("/") == ""
    browser.sign_in()
    for _visit in range(accounts.WHOLE // 1500 + 1):
        browser.time += 1500
        browser.get("/")
    assert browser.get("/") == ""  # whatever was done meanwhile
    browser.sign_in()
    with world.county.write() as session:
        accounts.add(session, "王局长", "admin", PASSWORD + "-neu", issued=False)
    assert browser.get("/") == ""
    browser.sign_in(password=PASSWORD + "-neu")
    with world.county.write() as session:
        accounts.remove(session, "王局长")
    assert browser.get("/") == ""


@pytest.mark.parametrize("at", [0, 5, -1])
def test_an_altered_cookie_opens_nothing(world: World, browser: Browser, at: int) -> None:
    browser.sign_in()
    cookie = browser.cookie
    browser.cookie = cookie[:at] + ("0" if cookie[at] != "0" else "1") + (cookie[at + 1 :] if at >= 0 else "")
    assert browser.get("/") == ""
    name, since, seen, mac = cookie.split(".")
    for forged in (
        "",
        "...",
        f"{name}.{since}.{seen}.",
        f"{name}.{since}.{int(seen) + 60}.{mac}",
        f"!{name}.{since}.{seen}.{mac}",
        "é.1.2.ü",
    ):
        browser.cookie = forged
        assert browser.get("/") == "", forged
    with world.county.read() as session:
        stated = accounts.token(session, accounts.User("小李", "readonly", int(since)), int(seen))
    browser.cookie = f"{name}.{since}.{seen}.{stated.split('.')[3]}"  # another user's
    assert browser.get("/") == ""


def test_guessing_is_slow(browser: Browser) -> None:
    for _n in range(10):
        browser.sign_in(password="wrong-2026")
        assert browser.reply.status == 403
    browser.sign_in()
    assert browser.reply.status == 429 and not browser.cookie


def guess(browser: Browser, name: str, came_from: str) -> int:
    form = {"name": name, "password": "wrong-2026"}
    return browser.console.answer(Sent("POST", "/sign-in", form=form, came_from=came_from)).status


def test_guesses_of_one_address_keep_nobody_else_out(browser: Browser) -> None:
    for name in ("王局长", "小李", "u"):  # one after the other, then any
        assert [guess(browser, name, "192.0.2.7") for _n in range(12)] == [403] * 10 + [429] * 2
    assert guess(browser, "v", "192.0.2.7") == 429
    browser.came_from = "192.0.2.8"
    browser.sign_in()
    assert browser.reply.to == "/console/"


def test_guesses_of_many_addresses_keep_out_no_browser_that_signed_in_before(world: World, browser: Browser) -> None:
    browser.sign_in()
    browser.do("/sign-out", "")
    tries = [guess(browser, "王局长", f"192.0.2.{n}") for n in range(250)]
    assert tries[:59] == [403] * 59 and tries[-1] == 429  # all strangers together
    stranger = Browser(world.county, "198.51.100.1", browser.console)
    stranger.sign_in()
    assert stranger.reply.status == 429
    stranger.marks = dict.fromkeys(browser.marks, "0" * 16 + "." + "0" * 64)  # forged
    stranger.sign_in()
    assert stranger.reply.status == 429
    browser.came_from = "192.0.2.9"
    browser.sign_in()
    assert browser.reply.to == "/console/"


def test_a_known_browser_guesses_no_faster_and_is_known_for_one_name_only(world: World, browser: Browser) -> None:
    browser.sign_in("小李")
    browser.do("/sign-out", "")
    assert len(browser.marks) == 1
    for _n in range(10):
        browser.sign_in("王局长", "wrong-2026")
        assert browser.reply.status == 403
    browser.sign_in("王局长")
    assert browser.reply.status == 429
    browser.sign_in("小李")
    assert browser.reply.to == "/console/"
    browser.do("/sign-out", "")
    for _n in range(9):
        browser.sign_in("小李", "wrong-2026")
    browser.sign_in("小李")
    assert browser.reply.status == 429


# -- one's own account -------------------------------------------------------------------------------------------------


def change(browser: Browser, old: str = PASSWORD, new: str = PASSWORD + "-neu", again: str = PASSWORD + "-neu") -> str:
    return browser.do("/account", "password", old=old, new=new, again=again)


@pytest.mark.parametrize("name", ["王局长", "小李"])
def test_a_password_is_changed_by_its_user_and_other_sessions_end(world: World, browser: Browser, name: str) -> None:
    browser.sign_in(name)
    other = signed_in(world, name)
    assert "密码改好了" in change(browser) and browser.reply.status == 200
    assert browser.get("/") != "" and other.get("/") == ""
    with world.county.read() as session:
        assert [(one.by, one.label) for one in acts.latest(session, 1)] == [(f"{name}@county", "改自己的控制台密码")]
    other.sign_in(name)
    assert other.reply.status == 403
    other.sign_in(name, PASSWORD + "-neu")
    assert other.get("/") != ""


def test_a_password_is_not_changed_without_the_old_one_or_to_a_bad_one(world: World, browser: Browser) -> None:
    browser.sign_in()
    for given in ({"old": "wrong-2026"}, {"again": "other-2026"}, {"new": "short", "again": "short"}, {"new": PASSWORD, "again": PASSWORD}):
        change(browser, **given)
        assert browser.reply.status == 400, given
    browser.post("/account", key="0" * 64, does="password", old=PASSWORD, new="other-2026", again="other-2026")
    assert browser.reply.status == 403
    for _n in range(10):
        change(browser, old="wrong-2026")
    assert "试错的次数太多" in change(browser) and browser.get("/") != ""
    signed_in(world)


def test_an_issued_password_is_changed_first(world: World, browser: Browser) -> None:
    with world.county.write() as session:
        accounts.add(session, "王局长", "admin", PASSWORD)
    browser.sign_in()
    for path, _name in ENTRIES:
        assert browser.get(path) == "" and browser.reply.to == "/console/account", path
    browser.post("/stations", does="code", place=VILLAGE)
    assert browser.reply.to == "/console/account"
    page = browser.get("/account")
    assert "别人给您的" in page and "动态码" not in page
    change(browser)
    assert "总览" in browser.get("/") and "别人给您的" not in browser.get("/account")


def test_the_navigation_marks_the_page_that_is_shown(browser: Browser) -> None:
    browser.sign_in()
    for path, name in (("/", "总览"), ("/figures/behind", "统计"), ("/stations/codes", "电脑和注册码"), ("/account", ""), ("/nothing", "")):
        assert re.findall(r'aria-current="page"[^>]*>([^<]+)<', browser.get(path)) == ([name] if name else []), path


def test_one_time_codes_are_set_up_with_a_qr_code(world: World, browser: Browser) -> None:
    browser.sign_in()
    page = browser.get("/account")
    typed = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert typed is not None and "<svg" in page and "<script" not in page and "style=" not in page
    assert typed[0] in browser.get("/account")  # whoever reloads has not scanned in vain
    secret = b32decode(typed[1].replace(" ", ""))
    assert read_qr(page) == accounts._codes(secret).get_provisioning_uri("王局长", "cunzhan")
    code = TOTP(secret, 6, SHA1(), 30).generate(int(browser.time)).decode()
    browser.do("/account", "codes", old=PASSWORD, code="000000" if code != "000000" else "111111")
    assert browser.reply.status == 400
    browser.do("/account", "codes", old="wrong-2026", code=code)
    assert browser.reply.status == 400
    page = browser.do("/account", "codes", old=PASSWORD, code=code)
    assert "动态码设好了" in page and "<svg" not in page
    browser.do("/account", "codes", old=PASSWORD, code=code)
    assert browser.reply.status == 400
    browser.do("/sign-out", "")
    browser.sign_in()
    assert browser.reply.status == 403
    browser.sign_in(code=code)
    assert browser.reply.status == 403  # used when it was set up
    browser.time += 60
    browser.sign_in(code=TOTP(secret, 6, SHA1(), 30).generate(int(browser.time)).decode())
    assert browser.reply.to == "/console/"


def read_qr(page: str) -> str:
    """What a phone reads from the QR code of a page."""
    size = int(re.findall(r'viewBox="0 0 (\d+)', page)[0])
    image = bytearray(b"\xff" * (size * 8) ** 2)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", page):
        for row in range(int(y) * 8, int(y) * 8 + 8):
            at = row * size * 8 + int(x) * 8
            image[at : at + 8] = bytes(8)
    (found,) = zxingcpp.read_barcodes(memoryview(image).cast("B", (size * 8, size * 8)))
    return str(found.text)


def test_a_one_time_code_is_needed_and_taken_once(world: World, browser: Browser) -> None:
    with world.county.write() as session:
        uri = accounts.add(session, "王局长", "admin", PASSWORD, codes=True, issued=False)
    secret = b32decode(parse_qs(urlsplit(uri).query)["secret"][0])

    def phone() -> str:
        return TOTP(secret, 6, SHA1(), 30).generate(int(browser.time)).decode()

    other = Browser(world.county)
    browser.sign_in()
    assert browser.reply.status == 403
    browser.sign_in(code=f"{(int(phone()) + 1) % 10**6:06}")
    assert browser.reply.status == 403
    browser.sign_in(password="wrong-2026", code=(code := phone()))
    assert browser.reply.status == 403
    browser.sign_in(code=code)
    assert browser.get("/") != ""
    other.time = browser.time
    other.sign_in(code=code)
    assert other.reply.status == 403  # seen over a shoulder
    browser.time = other.time = browser.time + 60
    other.sign_in(code=code)
    assert other.reply.status == 403
    other.sign_in(code=phone())
    assert other.get("/") != ""
    with world.county.read() as session:
        assert sorted((one.name, one.codes) for one in accounts.accounts(session)) == [("小李", False), ("王局长", True)]


def test_who_knows_a_password_does_not_find_the_code_by_trying(world: World, browser: Browser) -> None:
    """One address found it within two years, several within months."""
    browser.sign_in()
    browser.do("/sign-out", "")
    with world.county.write() as session:
        uri = accounts.add(session, "王局长", "admin", PASSWORD, codes=True, issued=False)
    secret = b32decode(parse_qs(urlsplit(uri).query)["secret"][0])
    told = []
    for n in range(12):
        stranger = Browser(world.county, f"192.0.2.{n}", browser.console)
        stranger.sign_in(code="12345x")
        told.append(stranger.reply.status)
    assert told == [403] * 10 + [429] * 2
    browser.sign_in(code=TOTP(secret, 6, SHA1(), 30).generate(int(browser.time)).decode())
    assert browser.reply.to == "/console/"  # at home


def test_a_code_is_taken_once_however_many_use_it_at_once(world: World, browser: Browser) -> None:
    with world.county.write() as session:
        uri = accounts.add(session, "王局长", "admin", PASSWORD, codes=True, issued=False)
    now = int(browser.time)
    code = TOTP(b32decode(parse_qs(urlsplit(uri).query)["secret"][0]), 6, SHA1(), 30).generate(now).decode()

    def second() -> bool:
        with world.county.write() as session:
            return accounts.use_up(session, "王局长", code, now)

    with ThreadPoolExecutor() as pool:
        with world.county.write() as session:
            assert accounts.use_up(session, "王局长", code, now)
            waiting = pool.submit(second)
            time.sleep(0.2)
        assert not waiting.result(30)


def test_a_password_changed_while_it_is_checked_lets_nobody_in(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = argon2id.verify

    def changed_meanwhile(hashed: bytes, password: bytes) -> bool:
        with world.county.write() as session:
            accounts.add(session, "王局长", "readonly", PASSWORD + "-neu", issued=False)
        return bool(verify(hashed, password))

    monkeypatch.setattr(argon2id, "verify", changed_meanwhile)
    browser.sign_in()
    assert browser.get("/") == ""


def test_who_has_to_sign_in_again_returns_to_the_page(browser: Browser) -> None:
    def signs_in(page: str) -> str:
        to = re.search(r'name="to" value="([^"]*)"', page)
        browser.post("/sign-in", name="王局长", password=PASSWORD, to=to[1] if to else "")
        return browser.reply.to

    def asked() -> str:
        there = urlsplit(browser.reply.to)
        return browser.get(there.path.removeprefix("/console"), **{name: value for name, (value,) in parse_qs(there.query).items()})

    browser.get("/ledgers/person", place="230826101", text="王")
    page = asked()
    assert "过期" not in page and signs_in(page) == "/console/ledgers/person?place=230826101&text=%E7%8E%8B"
    browser.time += accounts.IDLE + 1
    browser.post("/stations", does="code")
    page = asked()
    assert "刚才提交的没有办理" in page and signs_in(page) == "/console/stations"
    for to in ("https://example.org", "//example.org", "@example.org", "/..//example.org", "\r\nSet-Cookie: a=b"):
        browser.cookie = ""
        browser.post("/sign-in", name="小李", password=PASSWORD, to=to)
        gone = browser.reply.to
        assert browser.reply.status == 303 and gone.startswith("/console/") and "\r" not in gone, to


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_records_are_listed_filtered_and_shown_masked(world: World, browser: Browser) -> None:
    village, other = world.station("甲"), world.station("乙", "230826102201")
    ids = [add(village, name=f"村民{n:02d}", phone="13812345678", labour="ordinary") for n in range(60)]
    somebody = add(village, name="孙丽", phone="13912340000", labour="skilled")
    add(other, name="外村人")
    world.sync()
    browser.sign_in()
    assert '<td class="number">62</td>' in browser.get("/ledgers")
    first = browser.get("/ledgers/person")
    assert first.count("<tr>") == 51 and "138****5678" in first and "13812345678" not in first
    assert "下一页" in first and "上一页" not in first
    second = browser.get("/ledgers/person", page="2")
    assert second.count("<tr>") == 13 and "下一页" not in second
    assert "外村人" not in browser.get("/ledgers/person", place=VILLAGE, page="2")
    assert "外村人" in browser.get("/ledgers/person", place="230826102")
    found = browser.get("/ledgers/person", text="孙丽")
    assert found.count("<tr>") == 2 and somebody in found
    assert browser.get("/ledgers/person", f_labour="skilled").count("<tr>") == 2
    assert browser.get("/ledgers/person", only="working").count("<tr>") == 0
    shown = browser.get(f"/ledgers/person/{ids[0]}")
    assert "村民" in shown and "138****5678" in shown and "13812345678" not in shown


def test_a_record_leads_to_those_that_refer_to_it(world: World, browser: Browser) -> None:
    village = world.station("甲")
    one, other = (add(village, name=name) for name in ("孙丽", "李强"))
    for id in (one, one, other):
        add(village, "employment", person_id=id, channel="migrant", place="210200", start="2026-03-01", employer_name="某某厂")
    world.sync()
    browser.sign_in()
    page = browser.get(f"/ledgers/person/{one}")
    to = re.search(r'href="/console(/ledgers/employment)\?person_id=([\w-]+)"[^<]*<[^>]*><[^>]*><td>人员</td><td class="number">2<', page)
    assert to is not None and to[2] == one
    listed = browser.get(to[1], person_id=to[2])
    assert listed.count("<tr>") == 3 and "李强" not in listed
    assert f'<input type="hidden" name="person_id" value="{one}">' in listed and f'href="/console/ledgers/person/{one}"' in listed


def test_lists_are_sorted_and_counted(world: World, browser: Browser) -> None:
    village = world.station("甲")
    for n in range(60):
        add(village, name=f"王{n:02d}", birth=f"19{90 - n}-01-01")
    world.sync()
    browser.sign_in()
    assert "共 60 条" in browser.get("/ledgers/person")
    assert browser.get("/ledgers/person", order="birth").count("<tr>") == 51
    young = browser.get("/ledgers/person", order="age")
    assert "王00" in young and "王59" not in young and "order=age&down=1" in young
    old = browser.get("/ledgers/person", order="age", down="1")
    assert "王59" in old and "王00" not in old
    assert "王00" in browser.get("/ledgers/person", order="id_number; DROP")
    assert "没有符合条件的记录" in browser.get("/ledgers/person", place="999")
    named = browser.console.answer(Sent("GET", "/ledgers/person", {"path": "x", "self": "y"}, cookie=browser.cookie))  # by anybody
    assert named.status == 200 and "下一页" in named.content.decode()


def test_a_masked_number_cannot_be_found_out_digit_by_digit(world: World, browser: Browser) -> None:
    add(world.station("甲"), name="孙丽", phone="13812345678")
    world.sync()
    browser.sign_in()
    for text in ("5678", "13812345678"):
        assert "孙丽" in browser.get("/ledgers/person", text=text), text
    for text in ("45678", "4５678", " 345678", "3812345678"):
        page = browser.get("/ledgers/person", text=text)
        assert "孙丽" not in page and browser.reply.status == 400 and 'href="/console/ledgers/person">回去重填' in page, text
    assert "order=phone" not in browser.get("/ledgers/household", order="phone")


def test_a_number_written_into_a_reason_is_masked(world: World, browser: Browser) -> None:
    number = "230826195505052336"
    with world.county.write() as session:
        acts.keep(session, f"给 230826101202-ab12cd34 新的恢复码：本人来电，证件 {number}", "root@county")
        unmasked.log_view(session, "person", f"核对 {number} 的账号", by="root@county")
    browser.sign_in()
    page = browser.get("/acts")
    assert "2336 的账号" in page and "230826101202-ab12cd34" in page and number not in page


def test_every_kind_can_be_listed(browser: Browser) -> None:
    browser.sign_in()
    for kind in KINDS.values():
        assert f"<h1>{kind.label}台账</h1>" in browser.get(f"/ledgers/{kind.name}"), kind.name
    for path in ("/ledgers/nothing", "/ledgers/person/none", "/ledgers/person/a/b", "/nowhere"):
        browser.get(path)
        assert browser.reply.status == 404, path


def test_what_somebody_typed_is_text_and_nothing_else(world: World, browser: Browser) -> None:
    village = world.station("甲")
    id = add(village, name='<script>alert("1")</script>', note="</td><b>", phone="13812345678")
    world.sync()
    browser.sign_in()
    hostile = {"text": '"><script>', "place": "'\"<", "f_sex": "<b>"}
    for path, query in (("/ledgers/person", {}), (f"/ledgers/person/{id}", {}), ("/ledgers/person", hostile), ("/stations", hostile)):
        browser.get(path, **query)
        found = Tags()
        found.feed(browser.reply.content.decode())
        assert not found.tags & {"script", "b"} and browser.reply.status == 200, path


# -- what can be done --------------------------------------------------------------------------------------------------


def test_a_code_is_made_withdrawn_and_shown_once(world: World, browser: Browser) -> None:
    browser.sign_in()
    page = browser.do("/stations", "code", place=VILLAGE)
    code = re.search(r'class="code">([^<]+)<', page)
    assert code is not None and code[1] not in browser.get("/stations")
    id = re.search(r'name="id" value="(\w+)"', browser.get("/stations"))
    assert id is not None
    assert "已收回" in browser.do("/stations", "withdraw", id=id[1])
    assert 'name="id"' not in browser.get("/stations")
    with world.county.read() as session:
        assert [(one.by, one.label[:2]) for one in acts.latest(session, 2)] == [("王局长@county", "收回"), ("王局长@county", "给黑")]


def test_reloading_or_sending_again_makes_no_other_code(world: World, browser: Browser) -> None:
    browser.sign_in()
    once = re.search(r'name="key" value="(\w+)">.*?name="once" value="(\w+)"', browser.get("/stations"))
    assert once is not None
    form = {"does": "code", "key": once[1], "once": once[2], "place": VILLAGE}
    browser.post("/stations", **form)
    assert browser.reply.status == 303
    page = browser.follow()
    assert browser.follow() == page and 'class="code"' in page
    browser.post("/stations", **form)  # the button twice, or 后退
    assert browser.follow() == page and browser.get("/stations").count('name="id"') == 1
    with world.county.read() as session:
        assert len(acts.latest(session)) == 2
    browser.post("/stations", **{**form, "once": "x" * 99})
    assert browser.reply.status == 400
    other, to = signed_in(world, "小李"), browser.to
    other.to = to
    assert other.follow() and other.reply.status == 404  # nobody else sees it by the address
    browser.do("/sign-out", "")
    browser.sign_in()
    browser.to = to
    assert browser.follow() and browser.reply.status == 404


@pytest.mark.parametrize("form", [{"does": "code", "place": VILLAGE}, {"does": "codes", "place": VILLAGE[:9], "role": "village"}])
def test_sending_again_brings_no_withdrawn_code_back(world: World, browser: Browser, form: dict[str, str]) -> None:
    browser.sign_in()
    page = browser.get("/stations")
    fields = {name: re.findall(rf'name="{name}" value="(\w+)"', page)[0] for name in ("key", "once")}
    browser.post("/stations", **fields, **form)
    ids = re.findall(r'name="id" value="(\w+)"', browser.get("/stations"))
    for id in ids:
        browser.post("/stations", does="withdraw", id=id, key=fields["key"])
    browser.post("/stations", **fields, **form)
    assert ids and browser.reply.status == 303
    assert "不能再显示" in browser.follow() and 'name="id"' not in browser.get("/stations")


@pytest.mark.parametrize("form", [{"does": "code", "place": VILLAGE}, {"does": "codes", "place": VILLAGE[:9], "role": "village"}])
def test_a_button_pressed_many_times_at_once_makes_codes_once(world: World, browser: Browser, form: dict[str, str]) -> None:
    browser.sign_in()
    page = browser.get("/stations")
    fields = {name: re.findall(rf'name="{name}" value="(\w+)"', page)[0] for name in ("key", "once")}
    sent = Sent("POST", "/stations", form={**fields, **form}, cookie=browser.cookie)
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _n: browser.console.answer(sent), range(6)))
    assert [one.status for one in replies] == [303] * 6
    villages = len(divisions.children(VILLAGE[:9])) if form["does"] == "codes" else 1
    assert browser.get("/stations").count('name="id"') == villages


def test_codes_for_a_whole_township_are_slips_to_print(world: World, browser: Browser) -> None:
    add(world.station("甲"))
    world.sync()
    browser.sign_in()
    browser.do("/stations", "code", place="230826101203")
    page = browser.do("/stations", "codes", place=VILLAGE[:9], role="village", server="https://xian.example:8440")
    villages = len(divisions.children(VILLAGE[:9]))
    assert page.count('class="slip"') == villages - 2 and "1 处已有电脑" in page and "1 处早先发的还能用" in page
    assert "https://xian.example:8440" in page and "第一次打开村站通" in page
    codes = re.findall(r'class="code">([^<]+)<', page)
    assert len(set(codes)) == villages - 2
    assert re.findall(r'class="code">([^<]+)<', browser.follow()) == codes
    assert "没有要发的" in browser.do("/stations", "codes", place=VILLAGE[:9], role="village", server="")
    again = browser.do("/stations", "codes", place=VILLAGE[:9], role="village", server="", again="1")
    assert again.count('class="slip"') == villages - 1 and not set(codes) & set(re.findall(r'class="code">([^<]+)<', again))
    with world.county.read() as session:
        labels = [one.label for one in acts.latest(session, 500)]
    assert sum(label.startswith("收回") for label in labels) == villages - 1
    words.set_language("en")
    try:
        assert re.search(r"No codes to make\. \d", browser.do("/stations", "codes", place=VILLAGE[:9], role="village", server=""))
    finally:
        words.set_language("zh")
    for wrong in ({"place": VILLAGE, "role": "village"}, {"place": VILLAGE[:9], "role": "x"}, {"place": VILLAGE[:9], "server": "ftp://x"}):
        browser.do("/stations", "codes", **wrong)
        assert browser.reply.status == 400, wrong


def test_what_an_address_says_is_shown_only_if_it_came_from_here(world: World, browser: Browser) -> None:
    browser.sign_in()
    assert "请打这个电话" not in browser.get("/stations", told="请打这个电话", seal="0" * 64)
    assert "请打这个电话" not in browser.get("/", told="请打这个电话")


def test_a_laptop_enrols_with_a_code_from_the_console(world: World, browser: Browser) -> None:
    browser.sign_in()
    code = re.search(r'class="code">([^<]+)<', browser.do("/stations", "code", place=VILLAGE))
    assert code is not None
    store = world.store("甲")
    enrol(store, SERVER, code[1], transport=world.line)
    add(store)
    assert world.sync(store).pushed == 1
    assert "没有还能用的注册码" in browser.get("/stations")


def test_a_name_of_several_places_is_asked_about(browser: Browser) -> None:
    browser.sign_in()
    page = browser.do("/stations", "code", place="解放村")
    assert "给哪里发注册码" in page and page.count('name="place"') > 1
    browser.do("/stations", "code", place=VILLAGE)
    assert 'class="code"' in browser.do("/stations", "code", place="解放村")  # now it is known which county this is
    assert "地名表里没有" in browser.do("/stations", "code", place="没有这个村")


def test_a_computer_is_revoked_with_a_reason(world: World, browser: Browser) -> None:
    store = world.station("甲")
    add(store)
    world.sync()
    browser.sign_in()
    name = re.search(r"device=([\w-]+)", browser.get("/stations"))
    assert name is not None
    assert "可以重新注册" in browser.get("/stations/revoke", device=name[1])
    assert "请写明为什么停用" in browser.do("/stations", "revoke", device=name[1], reason=" ")
    assert "已停用" in browser.do("/stations", "revoke", device=name[1], reason="笔记本丢了")
    with world.county.read() as session:
        assert session.conn.execute(device.select()).one().revoked_at is not None
        assert acts.latest(session, 1)[0].label == f"停用 {name[1]}：笔记本丢了"
    browser.get("/stations/revoke", device=name[1])
    assert browser.reply.status == 404


def test_a_common_name_means_the_village_of_the_county_itself(world: World, browser: Browser) -> None:
    add(world.station("甲", "231283112207"))  # in one of the last counties; 53 villages of the province are called 胜利村
    world.sync()
    browser.sign_in()
    page = browser.do("/stations", "code", place="胜利村")
    assert 'class="code"' in page and "海伦市" in page


def test_computers_are_filtered_by_what_is_wrong_with_them(world: World, browser: Browser) -> None:
    for name, village in (("甲", VILLAGE), ("乙", "230826102201")):
        store = world.station(name, village)
        add(store)
        world.sync(store)
    with world.county.write() as session:
        session.conn.execute(device.update().where(device.c.scope == VILLAGE).values(suspected=2))
    browser.sign_in()
    assert "共 2 台" in browser.get("/stations") and "only=suspected" in browser.get("/")
    found = browser.get("/stations", only="suspected")
    assert "共 1 台" in found and VILLAGE + "-" in found
    assert "没有这样的电脑" in browser.get("/stations", only="different")
    assert "共 2 台" in browser.get("/stations", only="device")


def test_who_only_looks_changes_nothing(world: World, browser: Browser) -> None:
    browser.sign_in("小李")
    assert "发一个注册码" not in browser.get("/stations")
    add(world.station("甲"))
    world.sync()
    with world.county.read() as session:
        name = session.conn.execute(device.select()).one().station
    assert "只能看" in browser.get("/stations/revoke", device=name) and 'name="reason"' not in browser.get("/stations/revoke", device=name)
    browser.do("/stations", "code", place=VILLAGE)
    assert browser.reply.status == 403
    with world.county.read() as session:
        assert [one.label for one in acts.latest(session)] == ["登录控制台"]


@pytest.mark.parametrize("form", [{}, {"key": "0" * 64}, {"key": ""}])
def test_a_form_without_the_key_of_the_session_does_nothing(world: World, browser: Browser, form: dict[str, str]) -> None:
    browser.sign_in()
    browser.post("/stations", does="code", place=VILLAGE, **form)
    assert browser.reply.status == 403
    key = re.search(r'name="key" value="(\w+)"', browser.get("/stations"))
    assert key is not None
    other = signed_in(world, "小李")
    other.post("/stations", does="code", place=VILLAGE, key=key[1])  # somebody else's key
    assert other.reply.status == 403
    foreign = Sent("POST", "/stations", form={"does": "code", "place": VILLAGE, "key": key[1]}, cookie=browser.cookie, own=False)
    assert browser.console.answer(foreign).status == 403
    with world.county.read() as session:
        assert {one.label for one in acts.latest(session)} == {"登录控制台"}


def test_accounts_have_names_and_good_passwords(world: World) -> None:
    with world.county.write() as session:
        for name, password in (("", PASSWORD), ("a@b", PASSWORD), ("x" * 41, PASSWORD), ("王", "short")):
            with pytest.raises(CunzhanError):
                accounts.add(session, name, "admin", password)
        with pytest.raises(NotFound):
            accounts.remove(session, "王")


# -- over the network --------------------------------------------------------------------------------------------------


def test_a_browser_over_http(world: World, browser: Browser) -> None:
    """Headers, cookie attributes and the origin of forms, with a real server."""
    with running(world.county) as url, httpx2.Client(base_url=url, timeout=60) as client:
        assert client.get("/console").headers["location"] == "/console/sign-in"
        page = client.get("/console/sign-in")
        assert "default-src 'none'" in page.headers["content-security-policy"] and page.headers["cache-control"] == "no-store"
        assert client.get("/console/style.css").headers["content-type"].startswith("text/css")
        form = {"name": "王局长", "password": PASSWORD}
        elsewhere = client.post("/console/sign-in", data=form, headers={"origin": "https://example.org"})
        assert elsewhere.status_code == 403 and COOKIE not in client.cookies
        for origin in ("null", "http://[", url.rpartition(":")[0] + ":1"):
            assert client.post("/console/sign-in", data=form, headers={"origin": origin}).status_code == 403, origin
        answer = client.post("/console/sign-in", data=form, headers={"origin": url, "sec-fetch-site": "same-origin"})
        assert answer.status_code == 303
        kept = answer.headers["set-cookie"].lower()
        assert "httponly" in kept and "samesite=strict" in kept and "path=/console" in kept
        assert "王局长" in client.get("/console/").text
        assert client.post("/console/stations", data={"x": "y" * 20_000}).status_code == 413
        assert client.put("/console/stations").status_code == 405
        assert client.get("/console/ledgers/person", params={"page": "9" * 30, "text": "\0" * 3 + "x" * 5000}).status_code == 200
        assert client.get("/console/" + "?a=1" + "&a=1" * 100).status_code == 200
        assert client.get("/console/ledgers/person/%00x").status_code == 404
        nul = urlsafe_b64encode(b"\0").decode()
        assert httpx2.get(f"{url}/console/", headers={"cookie": f"{COOKIE}={nul}.1.1.0"}, timeout=60).status_code == 303


def test_stations_never_wait_for_people_who_sign_in(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking a password takes a large part of a second; many at once must leave threads of the server free."""
    begun, go_on = Event(), Event()

    def slow(*_given: object) -> None:
        begun.set()
        go_on.wait(60)

    monkeypatch.setattr(accounts, "known", slow)
    with running(world.county) as url:

        def sign_in(n: int) -> None:
            httpx2.post(f"{url}/console/sign-in", data={"name": f"u{n}", "password": PASSWORD}, timeout=60)

        crowd = [Thread(target=sign_in, args=(n,)) for n in range(10)]
        for one in crowd:
            one.start()
        try:
            assert begun.wait(30)
            time.sleep(0.5)  # the others have arrived too
            assert httpx2.post(f"{url}/sync", content=b"x", timeout=20).status_code == 400
            assert httpx2.get(f"{url}/console/sign-in", timeout=20).status_code == 200
        finally:
            go_on.set()
            for one in crowd:
                one.join()


def test_nobody_waits_for_figures_that_are_asked_for_many_times(world: World, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = Event(), Event()
    calls: list[str] = []

    def slow(_session: object, month: str) -> month_figures.Counted:
        calls.append(month)
        begun.set()
        go_on.wait(60)
        return month_figures.Counted(month, f"{month}-01", {})

    monkeypatch.setattr(month_figures, "counted", slow)
    with running(world.county) as url, httpx2.Client(base_url=url, timeout=60) as client:
        client.post("/console/sign-in", data={"name": "王局长", "password": PASSWORD})
        cookie = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        answers: list[int] = []

        def ask() -> None:
            answers.append(httpx2.get(f"{url}/console/figures", headers=cookie, timeout=60).status_code)

        crowd = [Thread(target=ask) for _n in range(5)]
        for one in crowd:
            one.start()
        try:
            assert begun.wait(30)
            time.sleep(0.5)  # the others have arrived too
            assert httpx2.post(f"{url}/sync", content=b"x", timeout=20).status_code == 400
            assert httpx2.get(f"{url}/console/stations", headers=cookie, timeout=20).status_code == 200
        finally:
            go_on.set()
            for one in crowd:
                one.join()
    assert answers == [200] * 5 and len(calls) == 1


def test_failed_sign_ins_leave_a_trace_but_no_flood(browser: Browser, world: World) -> None:
    """A name without an account may be a password in the wrong field."""
    for _n in range(10):
        browser.sign_in(password="wrong-2026")
    browser.sign_in("hunter2-as-a-name", "x" * 12)
    with world.county.read() as session:
        told = [(one.by, one.label) for one in acts.latest(session)]
    assert [by for by, _label in told[:3]] == ["?@county", "王局长@county", "王局长@county"]
    assert "第 10 次" in told[1][1] and "第 1 次" in told[2][1]
    assert "hunter2" not in str(told)
