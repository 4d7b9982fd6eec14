"""`upgrade`: installs a newer release beside this program. `program`, at the county: signs releases and distributes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cli.access import opened
from cli.console import table
from cli.program import Answer, Call, Usage
from domain import divisions
from domain.release import FETCHED, VERSION, WORD
from domain.scopes import county_of
from domain.words import LazyText, _, lazy
from services.upgrading import previous_program, program_package

if TYPE_CHECKING:
    from db.county import County


def upgrade(call: Call) -> Answer:
    """Check a package or, without one, what the county's server offers; unless `--dry-run`, back the store up and upgrade. `--back`: use
    the previous program from now on."""
    from sync.station import program_fetch

    if call.args.back:
        return _back(call)
    program = None if call.args.dry_run else program_package.running()
    with opened(call) as store:
        file = Path(call.args.file) if call.args.file else program_fetch.fetch(store, call.console.progress)
        if file is None:
            none = _("县里没有比 {now} 更新的版本，不用升级。").format(now=VERSION)
            return Answer({"version": None, "sha256": None, "vouched": None, "folder": None}, none)
        package = program_package.look_for(store, file, call.console.progress)
        told = package.voucher()
        value = {"version": package.version, "sha256": package.sha256, "vouched": package.vouched, "folder": None}
        if program is None:
            return Answer(value, _("现在 {now}，可以升级到 {version}。{told}").format(now=VERSION, version=package.version, told=told))
        folder = program_package.upgrade(store, package, program, call.console.progress)
    text = _("已升级到 {version}：{folder}。下次打开就是新的，旧的快捷方式也一样。{told}")
    return Answer({**value, "folder": str(folder)}, text.format(version=package.version, folder=folder, told=told))


def _back(call: Call) -> Answer:
    if call.args.file or call.args.dry_run:
        raise Usage(_("--back 单独用。"))
    before = previous_program.go_back_here()
    return Answer({"folder": str(before)}, _("已用回升级前的程序：{folder}。下次打开就是它。").format(folder=before))


def program(call: Call) -> Answer:
    """`program list`, `sign FILE`, `publish FILE [--to CODE …]`, `withdraw NAME`."""
    from cli.county_access import opened as county_opened

    action, file, areas = call.args.action, call.args.file, call.args.to
    if (file is None) != (action == "list") or (areas and action != "publish"):
        raise Usage(_("请写明：program list，program sign|publish FILE，program withdraw NAME；--to 只和 publish 一起用。"))
    with county_opened(call) as county:
        return {"list": _listed, "sign": _signed, "publish": _published, "withdraw": _withdrawn}[action](call, county)


def _listed(call: Call, _county: County) -> Answer:
    from sync.county.programs import offered

    found = offered(call.home / FETCHED)
    rows = [(one.version, one.system, _places(one.areas), one.name) for one in found]
    text = table((_("版本"), _("电脑"), _("给谁"), _("升级包")), rows, most=80) if found else _("没有发布升级包。")
    return Answer([asdict(one) for one in found], text)


def _places(areas: Sequence[str]) -> str:
    return _("、").join(divisions.full_name(area) or area for area in areas) or _("全县")


def _signed(call: Call, county: County) -> Answer:
    made = _vouched(call, county, lazy("签发升级包 {file}", file=Path(call.args.file).name))
    return Answer({"file": str(made)}, _("已签发：{file}。和升级包放在一起发下去。").format(file=made))


def _vouched(call: Call, county: County, label: LazyText) -> Path:
    from cli.county_access import acting
    from sync.county.keys import county_keys

    file = Path(call.args.file)
    made = program_package.vouch(file, county_keys(county).signing, call.console.progress)
    with acting(county) as (_session, keep):
        keep(label)
    return made


def _published(call: Call, county: County) -> Answer:
    from sync.county.acts.authoring import county_scopes
    from sync.county.programs import publish

    file, areas = Path(call.args.file), list(call.args.to)
    wide = (divisions.Level.PROVINCE, divisions.Level.CITY, divisions.Level.ABROAD)  # no station's code begins with these
    if strange := [area for area in areas if not divisions.full_name(area) or divisions.level(area) in wide]:
        raise Usage(_("地名表里没有 {area}：--to 要写乡镇或村的代码。").format(area=strange[0][:20]))
    with county.read() as session:
        counties = county_scopes(session)
    if counties and (others := [area for area in areas if county_of(area) not in counties]):
        raise Usage(_("{area}不在本县，没有站收得到：--to 要写本县的乡镇或村的代码。").format(area=divisions.full_name(others[0])))
    _vouched(call, county, lazy("发布升级包 {file}，给{who}", file=file.name, who=_places(areas)))
    made = publish(call.home / FETCHED, file, areas)
    return Answer(
        asdict(made),
        _("已发布 {version}（{system}），给{who}。各站在「设置 → 关于」里看得到。").format(
            version=made.version, system=made.system, who=_places(areas)
        ),
    )


def _withdrawn(call: Call, county: County) -> Answer:
    from cli.county_access import acting
    from sync.county.programs import withdraw

    name = Path(call.args.file).name.removesuffix(WORD)
    with acting(county) as (_session, keep):
        withdraw(call.home / FETCHED, name)
        keep(lazy("收回升级包 {file}", file=name))
    return Answer({"name": name}, _("已收回：{file}。已经升级的站照常用。").format(file=name))
