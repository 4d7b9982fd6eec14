"""`upgrade`: puts a newer release of the program beside this one; `program sign` at the county vouches for one."""

from __future__ import annotations

from pathlib import Path

from cli.access import opened
from cli.program import Answer, Call
from domain.release import VERSION
from domain.words import _
from services import program_package


def upgrade(call: Call) -> Answer:
    """Look at a package; without `--dry-run` back the store up and upgrade."""
    file = Path(call.args.file)
    with opened(call) as store:
        package = program_package.look(file, program_package.county_key(store), call.console.progress)
        told = package.voucher()
        value = {"version": package.version, "sha256": package.sha256, "vouched": package.vouched, "folder": None}
        if call.args.dry_run:
            return Answer(value, _("现在 {now}，可以升级到 {version}。{told}").format(now=VERSION, version=package.version, told=told))
        folder = program_package.upgrade(store, package, program_package.running(), call.console.progress)
    text = _("已升级到 {version}：{folder}。下次打开就是新的，旧的快捷方式也一样。{told}")
    return Answer({**value, "folder": str(folder)}, text.format(version=package.version, folder=folder, told=told))


def sign(call: Call) -> Answer:
    """Vouch for a package as the county."""
    from cli.county_access import acting
    from cli.county_access import opened as county_opened
    from sync.county.keys import county_keys

    with county_opened(call) as county:
        made = program_package.vouch(Path(call.args.file), county_keys(county).signing, call.console.progress)
        with acting(county) as (_session, keep):
            keep(_("签发升级包 {file}").format(file=Path(call.args.file).name))
    return Answer({"file": str(made)}, _("已签发：{file}。和升级包放在一起发下去。").format(file=made))
