"""`make run`: a practice village with its county and township, and a clerk's day in it, with invented people.

With a screen, the rosters are imported and the window opens. Without one, or with HEADLESS=1, the day is played through the real window,
store, server and command line; the exit code is 0 only if village, township and county then hold exactly the same data.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from db.store import Store
from domain import clock
from services import practice

if TYPE_CHECKING:
    from services.importing import ImportResult

ROOT = Path(__file__).resolve().parent.parent
VILLAGE, TOWNSHIP = "230826101202", "230826101"
CLERK, OFFICER = "李文书", "王主任"
PASSWORD = "lianxi-2023"
MARK = ".cunzhan-demo"
"""Marks a folder that may be wiped, because only a demonstration made it."""
STORIES = {"village": VILLAGE, "township": TOWNSHIP}


class Failed(Exception):
    """A step had an unexpected result."""


@dataclass
class Site:
    """The demonstration's location: the data folders of the three stores, and the county's server while it runs."""

    folder: Path
    port: int
    county: subprocess.Popen[str] | None = None
    steps: int = 0
    began: float = field(default_factory=time.monotonic)

    def home(self, name: str) -> Path:
        """Data folder of `village`, `township` or `county`."""
        return self.folder / name

    @property
    def url(self) -> str:
        """The county's address."""
        return f"http://127.0.0.1:{self.port}"

    def say(self, text: str) -> None:
        """Print one step with the time since the start."""
        self.steps += 1
        print(f"[{self.steps:2}] {time.monotonic() - self.began:6.1f} s  {text}", flush=True)


# -- the programs, as anybody would call them -----------------------------------------------------------------------------


def program(module: str, *arguments: object, codes: Sequence[int] = (0,)) -> str:
    """Run `cunzhan` (`cli.station`) or `cunzhan-server` (`cli.county`) to its end; returns its standard output."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode not in codes:
        raise Failed(f"{module} {' '.join(map(str, arguments))}: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def cunzhan(site: Site, station: str, *arguments: object, codes: Sequence[int] = (0,)) -> str:
    """Run the station's program on one of the stores."""
    return program("cli.station", "--home", site.home(station), *arguments, codes=codes)


def server(site: Site, *arguments: object) -> str:
    """Run the county's program."""
    return program("cli.county", "--home", site.home("county"), *arguments)


def environment() -> dict[str, str]:
    """The environment with the practice stations' password, which is never passed as an argument."""
    return {**os.environ, "CUNZHAN_PASSWORD": PASSWORD}


# -- preparing ------------------------------------------------------------------------------------------------------------


def clean(folder: Path) -> None:
    """Wipe what an earlier demonstration left, and nothing else."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise Failed(f"{folder} 里有别的东西，不会清空它。请换一个文件夹（--home）。")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()


def free_port() -> int:
    """A free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def county(site: Site) -> Iterator[None]:
    """Run the county's server for as long as the block lasts."""
    command = [sys.executable, "-m", "cli.county", "--home", str(site.home("county")), "serve", "--port", str(site.port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise Failed("县服务器没有启动。")
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def found(site: Site) -> None:
    """Create village and township, enrol both at the county, and make an account for its web console."""
    server(site, "console", "add", OFFICER, "--own")
    codes = {name: json.loads(server(site, "enrol", "--scope", scope, "--role", name, "--json"))["code"] for name, scope in STORIES.items()}
    with county(site):
        for (name, scope), user in zip(STORIES.items(), (CLERK, OFFICER), strict=True):
            place = ("--village", scope, "--role", name, "--user", user)
            cunzhan(site, name, "init", *place, "--server", site.url, "--code", codes[name], "--json")
            site.say(f"建好 {scope} 的站，用户 {user}，已在县里注册：{site.home(name)}")
        publish(site, clock.today())


def publish(site: Site, today: str) -> None:
    """Publish the policy that claims are practised with; village and township fetch it."""
    pack = site.folder / "practice.toml"
    pack.write_bytes(practice.policy(today))
    server(site, "pack", "publish", pack)
    for station in STORIES:
        cunzhan(site, station, "sync", "--json")


def rosters(site: Site) -> list[Path]:
    """Write the rosters of the practice village, with dates up to today."""
    return practice.write_rosters(site.folder / "rosters", clock.today())


def take_in(site: Site) -> None:
    """Import the rosters, and begin the work that the clerk finds when the window opens."""

    def imported(file: Path, result: ImportResult) -> None:
        counts = {"added": result.added, "changed": result.changed, "rejected": len(result.rejected), "questions": len(result.questions)}
        said = "导入 {file}：新增 {added} 条，变更 {changed} 条，拒收 {rejected} 行，待确认 {questions} 行"
        site.say(said.format(file=file.name, **counts))

    store = Store.open(site.home("village"), user=CLERK, password=PASSWORD)
    try:
        practice.fill(store, rosters(site), imported)
    finally:
        store.close()


# -- the day, without a screen ----------------------------------------------------------------------------------------------


def play(site: Site, pictures: Path) -> None:
    """Play a day without the server, then the exchange; raises `Failed` if anything is not as expected."""
    from tests.rehearsal import Rehearsal

    day = Rehearsal(site.home("village"), CLERK, PASSWORD, pictures, site.say)
    day.work(rosters(site))
    unsent = json.loads(cunzhan(site, "village", "status", "--json"))["unsent"]
    if not unsent:
        raise Failed("没有待上传的改动。")
    site.say(f"县服务器没有开：待上传 {unsent} 条，都在本机")
    day.sync_away()
    with county(site):
        site.say(f"县服务器开了：{site.url}")
        day.sync()
        day.close()
        if left := json.loads(cunzhan(site, "village", "status", "--json"))["unsent"]:
            raise Failed(f"同步后还有 {left} 条没有上传。")
        result = json.loads(cunzhan(site, "township", "sync", "--json"))
        site.say("乡镇同步：收到 {pulled} 条，{bytes_received:,} 字节，{seconds} 秒".format(**result))
        hits = json.loads(cunzhan(site, "township", "search", day.registered, "--json"))
        if not hits:
            raise Failed("乡镇查不到新登记的人。")
        site.say("乡镇查到新登记的 {name}：{detail}".format(name=day.registered, detail=hits[0]["detail"]))
        if day.registered not in browse(site, day.registered):
            raise Failed("网页控制台查不到新登记的人。")
        site.say(f"网页控制台查到新登记的 {day.registered}：{site.url}/console")
    compare(site)


def browse(site: Site, text: str) -> str:
    """What the county's web console shows in a browser that signs in and searches for somebody."""
    browser = build_opener(HTTPCookieProcessor())
    form = urlencode({"name": OFFICER, "password": PASSWORD}).encode()
    found = f"{site.url}/console/ledgers/person?{urlencode({'text': text})}"
    with browser.open(f"{site.url}/console/sign-in", form), browser.open(found) as page:
        shown: bytes = page.read()
    return unescape(shown.decode()).partition("<table>")[2]


def compare(site: Site) -> None:
    """Check that village, township and county export the same bytes; raises `Failed` otherwise."""
    plain = ("export", "all", "-", "--plain", "--reason", "演示核对")
    dumps = {
        "village": cunzhan(site, "village", *plain),
        "township": cunzhan(site, "township", *plain),
        "county": server(site, *plain),
    }
    for name, dump in dumps.items():
        site.say("{name}：{n} 条记录，SHA-256 {sha}".format(name=f"{name:<8}", n=dump.count("\n"), sha=sha256(dump.encode()).hexdigest()))
    if len(set(dumps.values())) != 1 or not dumps["village"]:
        raise Failed("三处数据不一样。")
    site.say("村、乡镇、县三处数据逐字节相同")


# -- with a screen ----------------------------------------------------------------------------------------------------------


def show(site: Site) -> None:
    """Import the rosters and open the window; the county's server runs until it is closed."""
    take_in(site)
    with county(site):
        site.say(f"县服务器：{site.url}（窗口关上时停止）")
        message = "村站的用户：{clerk}　密码：{password}　　乡镇站：{home}，用户 {officer}，密码相同"
        print(f"\n    {message.format(clerk=CLERK, password=PASSWORD, home=site.home('township'), officer=OFFICER)}")
        browser = "村站同步以后，可用浏览器看全县：{url}/console，用户 {officer}，密码相同"
        print(f"    {browser.format(url=site.url, officer=OFFICER)}\n", flush=True)
        environment_of_window = {k: v for k, v in environment().items() if k != "CUNZHAN_PASSWORD"}
        command = [sys.executable, "-m", "cli.station", "--home", str(site.home("village")), "--user", CLERK, "desktop"]
        if subprocess.run(command, cwd=ROOT, env=environment_of_window, check=False).returncode:
            raise Failed("窗口打不开。没有屏幕时请用：HEADLESS=1 make run")


def has_screen() -> bool:
    """Whether a window can be shown here."""
    if os.environ.get("HEADLESS") == "1":
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration; returns the exit code."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--home", type=Path, default=ROOT / "build" / "demo-data", help="folder of the demonstration; wiped at the start")
    parser.add_argument("--pictures", type=Path, default=ROOT / "build" / "demo", help="folder of the screenshots")
    args = parser.parse_args(argv)
    site = Site(args.home.absolute(), free_port())
    try:
        clean(site.folder)
        site.say(f"练习数据在 {site.folder}，县服务器地址 {site.url}")
        found(site)
        if has_screen():
            show(site)
        else:
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
            play(site, args.pictures.absolute())
    except Failed as error:
        print(f"\n演示没有成功：{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
