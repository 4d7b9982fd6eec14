"""`cunzhan-server`: the commands of the county's program."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS

from cli.program import Argument, Command, Program, argument, calendar_year, plain_arguments, whole
from domain.words import _

_DATABASE_VARIABLE = "CUNZHAN_COUNTY_DATABASE"
"""Environment variable that names the database for commands that do not, so that service, administrator and timer use the same one."""


def commands() -> tuple[Command, ...]:
    """All commands of the county, in the present language."""
    return (*_serving(), *_stations(), *_sending(), *_moves(), *_deciding(), *_records(), *_upkeep())


def _serving() -> tuple[Command, ...]:
    serve = (
        argument("--host", metavar="H", default="127.0.0.1", help=_("监听地址")),
        argument("--port", metavar="P", type=whole, default=8440, help=_("端口")),
        argument("--workers", metavar="N", type=whole, default=1, help=_("进程数")),
    )
    console = (
        argument("action", choices=("list", "add", "remove", "certificate"), help=_("列出；添加或重设密码；删去；写出县里的根证书")),
        argument("name", metavar="NAME|FILE", nargs="?", help=_("用户名；证书写到哪个文件")),
        argument("--readonly", action="store_true", help=_("只看不改")),
        argument("--codes", action="store_true", help=_("登录还要手机上的动态码（身份验证器，不用联网）")),
        argument("--own", action="store_true", help=_("是自己的密码，第一次登录不用改")),
    )
    return (
        Command("serve", _("运行县服务器"), "cli.web_console:serve", serve),
        Command(
            "console",
            _("网页控制台：谁可以登录（list、add、remove），浏览器要信任的证书（certificate）"),
            "cli.web_console:console",
            console,
        ),
    )


def _stations() -> tuple[Command, ...]:
    enrol = (
        argument("--scope", metavar="CODE", required=True, help=_("站点代码：村 12 位，乡镇 9 位，县 6 位")),
        argument("--role", choices=("village", "township", "county"), required=True, help=_("级别")),
        argument("--uses", metavar="N", type=whole, default=1, help=_("可用几次")),
        argument("--closed", action="store_true", help=_("站点已并入别的村也发：给还有改动没交的旧电脑")),
    )
    everywhere = (
        argument("files", metavar="FILE", nargs="*", help=_("写到文件：.xlsx 一张表，.html 一村一张、剪开发的纸条；可写两个")),
        argument("--scope", metavar="CODE", required=True, help=_("乡镇（9 位）或县（6 位）的代码")),
        argument("--role", choices=("village", "township"), default="village", help=_("给村（不写就是）还是给乡镇")),
        argument("--server", metavar="URL", help=_("各站填的服务器地址，印在纸上")),
        argument("--again", action="store_true", help=_("发过还没用的也重发，旧的收回：纸条丢了")),
    )
    codes = (
        argument("action", nargs="?", choices=("withdraw",), help=_("收回一个：纸条丢了、发错了")),
        argument("id", metavar="ID", nargs="?", help=_("注册码的编号")),
    )
    late = argument("--late", metavar="DAYS", type=whole, help=_("只列这么多天没来过、没停用的，如 30"))
    device = argument("device", metavar="DEVICE", help=_("电脑的编号"))
    days = argument("days", metavar="DAYS|off", type=_term, nargs="?", help=_("天数，如 90；off 为不设；不写则看现在的"))
    unlock = (
        argument("file", metavar="FILE", help=_("那台电脑写出的求助文件")),
        argument("--reply", metavar="FILE", required=True, help=_("答复写到哪个文件")),
        argument("--reason", metavar="TEXT", required=True, help=_("理由：谁来求助，怎么核实的")),
        argument("--revoked", action="store_true", help=_("停用了的电脑也打开：它确实在自己人手里")),
    )
    return (
        Command("enrol", _("发一个一次性注册码"), "cli.devices:enrol", enrol),
        Command("enrol-all", _("给一个乡镇或全县每个还没有电脑的村各发一个注册码，可写成表格和纸条"), "cli.devices:enrol_all", everywhere),
        Command("codes", _("还能用的注册码；codes withdraw ID 收回一个"), "cli.devices:codes", codes),
        Command("devices", _("已注册的电脑：上次同步、版本、待上传、疑似复制"), "cli.devices:devices", (late,)),
        Command("revoke", _("停用一台电脑"), "cli.devices:revoke", (device,)),
        Command("lease", _("离网期限：多少天不和县里交换，电脑就不再显示完整号码"), "cli.devices:lease", (days,)),
        Command("unlock", _("密码和恢复码都没了的电脑：写出答复和新的恢复码"), "cli.devices:unlock", unlock),
    )


def _sending() -> tuple[Command, ...]:
    bundle = (
        argument("action", choices=("read",), help=_("读入")),
        argument("file", metavar="FILE", help=_("U 盘上的文件")),
        argument("--reply", metavar="FILE", required=True, help=_("答复写到哪个文件")),
    )
    pack = (
        argument("action", choices=("publish",), help=_("签名并下发")),
        argument("file", metavar="FILE", help=_("政策包文件")),
        argument("--expired", action="store_true", help=_("已到期的也签，不问：只改到期以前的事怎么判")),
        argument("--dry-run", action="store_true", help=_("只按县里的数据试算：谁的判定会变、差多少，不签")),
        argument("--changes", metavar="FILE.xlsx", help=_("把判定会变的人列成 Excel")),
    )
    template = (
        argument("action", choices=("publish", "withdraw"), help=_("下发一张样表，或收回")),
        argument("name", metavar="NAME", help=_("表名，见 cunzhan report list")),
        argument("file", metavar="FILE", nargs="?", help=_("样表，.xlsx 或 .docx")),
    )
    issued = _("表格：template publish NAME FILE 签名并下发县里的样表，template withdraw NAME 收回")
    return (
        Command("bundle", _("用 U 盘交换：bundle read FILE --reply FILE 读入并写出答复"), "cli.bundles:take_in", bundle),
        Command("pack", _("政策：pack publish FILE 签名并下发一个政策包或补充规定"), "cli.policy:publish", pack),
        Command("template", issued, "cli.forms:issue", template),
    )


def _deciding() -> tuple[Command, ...]:
    year = argument("--year", metavar="Y", type=calendar_year, required=True, help=_("年度"))
    scope = argument("--scope", metavar="CODE", help=_("只看一个乡镇或一个村"))
    trial = argument("--dry-run", action="store_true", help=_("只看会怎么裁定"))
    this_year = argument("--year", metavar="Y", type=calendar_year, help=_("年度（不写则今年）"))
    return (
        Command("arbitrate", _("按固定次序裁定全县一年内的重复申报"), "cli.arbitration:arbitrate", (year, trial)),
        Command("matches", _("全县疑似同一人：证件号码相同的，和打了分、写明理由的"), "cli.merging:county", (scope,)),
        Command("funds", _("各项资金一年的额度、已拨、已批未拨和余额"), "cli.claims:county_balances", (this_year,)),
    )


def _records() -> tuple[Command, ...]:
    kind = argument("kind", metavar="KIND|all", help=_("记录类型，或 all"))
    file = argument("file", metavar="FILE|-", help=_("文件；- 为标准输出的 JSON Lines"))
    return (
        Command("held", _("全县搁置的改动和原因"), "cli.county_upkeep:held", plain_arguments()),
        Command("export", _("导出全县数据（.xlsx .csv .jsonl）"), "cli.county_upkeep:export", (kind, file, *plain_arguments())),
    )


def _upkeep() -> tuple[Command, ...]:
    saved = argument("file", metavar="FILE", help=_("备份文件"))
    force = argument("--force", action="store_true", help=_("代替已有的县级数据（先另存一份）"))
    seen = argument("action", choices=("views", "acts", "records"), help=_("谁看过、导出过完整内容；管理员做过什么；记录与存档是否一致"))
    audited = _("审计：views 谁看过完整内容，acts 管理员做过什么，records 记录与存档是否一致（存档用 check）")
    program = (
        argument("action", choices=("list", "sign", "publish", "withdraw"), help=_("列出；只签发，用 U 盘送；签发并由服务器发；收回")),
        argument("file", metavar="FILE", nargs="?", help=_("升级包，如 cunzhan-0.2.0-windows-x86_64.zip")),
        argument("--to", metavar="CODE", action="append", default=[], help=_("只给这个乡镇或村，可写多个；不写为全县")),
    )
    return (
        Command("backup", _("写一份加密的备份，边运行边写"), "cli.county_upkeep:backup", (saved,)),
        Command("restore", _("用备份代替县级数据"), "cli.county_upkeep:restore", (saved, force)),
        Command("status", _("县里的情况：电脑、待上传、备份、恢复后还没来过的电脑"), "cli.county_upkeep:status"),
        Command("audit", audited, "cli.audit:county", (seen,)),
        Command(
            "program", _("程序：publish FILE 签发升级包并发给各站（--to 先给几处），sign，list，withdraw"), "cli.upgrading:program", program
        ),
        Command("migrate", _("升级数据库结构"), "cli.county_upkeep:migrate"),
        Command("check", _("核对数据库的完整性"), "cli.county_upkeep:check"),
    )


def _term(text: str) -> int:
    """Parse a number of days; `off` means none."""
    return 0 if text == "off" else whole(text)


def _moves() -> tuple[Command, ...]:
    who = (
        argument("--person", metavar="ID", help=_("迁移的人")),
        argument("--household", metavar="ID", help=_("迁移的户；与 --person 同写时是这个人迁入的户")),
        argument("--merged", metavar="OLD", help=_("并错了村：这个已撤并的村并过去的所有人，一起迁")),
        argument("--to", metavar="SCOPE", required=True, help=_("迁入的村代码")),
        argument("--dry-run", action="store_true", help=_("只看会迁多少人、多少条记录")),
    )
    erased = (
        argument("--person", metavar="ID", help=_("要删除的人")),
        argument("--before", metavar="DATE", help=_("或者：这天以前去世或删除、此后再没有新记录的所有人")),
        argument("--dry-run", action="store_true", help=_("只看会删除什么")),
        argument("--reason", metavar="TEXT", required=True, help=_("依据：会发到各站，不写姓名和证件号")),
    )
    villages = (
        argument("old", metavar="OLD", help=_("撤并的村代码")),
        argument("new", metavar="NEW", help=_("并入的村代码")),
        argument("--dry-run", action="store_true", help=_("只看会并多少人、多少条记录")),
    )
    return (
        Command("move", _("把一户或一个人连同全部记录迁到另一个村"), "cli.moves:move", who),
        Command("erase", _("按规定删除一个人的个人信息，账目留着；不能撤销"), "cli.moves:erase", erased),
        Command("merge-villages", _("把一个村整个并入另一个村；不能撤销"), "cli.moves:merge_villages", villages),
    )


def _database() -> tuple[Argument, ...]:
    help_text = _("sqlite:///… 或 postgresql://…（不写则看环境变量 {name}，再没有就在数据文件夹里）").format(name=_DATABASE_VARIABLE)
    database = argument("--database", metavar="URL", default=os.environ.get(_DATABASE_VARIABLE), help=help_text)
    return database, argument("--user", help=SUPPRESS)  # the county's program has no users of its own


PROGRAM = Program("cunzhan-server", lambda: _("村站通县服务器"), commands, common=_database)


if __name__ == "__main__":
    sys.exit(PROGRAM.main())
