"""`cunzhan`: the station's program. Without a command it opens the window."""

from __future__ import annotations

import sys

from cli.program import Command, Program, argument

_PLAIN = (
    argument("--plain", action="store_true", help="显示完整内容（身份证号、电话、账号），须写明原因"),
    argument("--reason", metavar="TEXT", help="显示完整内容的原因，会记入日志"),
)
_RECORD = (argument("kind", metavar="KIND", help="记录类型，如 person"), argument("id", metavar="ID", help="记录编号"))
_ENROL = (
    argument("--server", metavar="URL", help="县级服务器地址"),
    argument("--code", metavar="CODE", help="一次性登记码"),
)

COMMANDS = (
    Command("desktop", "打开窗口（不写命令时也是）", "cli.window:desktop"),
    Command(
        "init",
        "建立加密的村站数据；带 --server 和 --code 时同时接入县级服务器",
        "cli.exchange:init",
        (
            argument("--village", metavar="SCOPE", required=True, help="站点代码：村 12 位，乡镇 9 位，县 6 位"),
            argument("--role", choices=("village", "township", "county"), required=True, help="级别"),
            *_ENROL,
        ),
    ),
    Command("enrol", "接入县级服务器", "cli.exchange:enrol", _ENROL),
    Command(
        "import",
        "导入花名册（.xlsx .xls .csv .jsonl；- 为标准输入的 JSON Lines）",
        "cli.rosters:take_in",
        (
            argument("file", metavar="FILE|-", help="文件"),
            argument("--kind", metavar="KIND", help="记录类型（不写则自动识别）"),
            argument("--village", metavar="CODE", help="村代码"),
            argument("--dry-run", action="store_true", help="只预览，不改动"),
        ),
    ),
    Command("undo", "把一次导入整个收回", "cli.rosters:undo", (argument("batch", metavar="BATCH", type=int, help="导入批次号"),)),
    Command(
        "export",
        "导出（.xlsx .csv .jsonl；- 为标准输出的 JSON Lines）",
        "cli.rosters:export",
        (
            argument("kind", metavar="KIND|all", help="记录类型，或 all"),
            argument("file", metavar="FILE|-", help="文件"),
            argument("--where", metavar="FIELD=VALUE", action="append", default=[], help="只要符合的，可写多个"),
            argument("--template", metavar="NAME", help="表样"),
            *_PLAIN,
        ),
    ),
    Command("delete", "删除一条记录（可恢复）", "cli.records:delete", _RECORD),
    Command("undelete", "恢复一条删除的记录", "cli.records:undelete", _RECORD),
    Command(
        "search",
        "按姓名、拼音、首字母、证件或电话末几位、村民小组查找",
        "cli.records:search",
        (argument("text", metavar="TEXT", help="要找的"), argument("--limit", metavar="N", type=int, default=20, help="最多几条")),
    ),
    Command("check", "一键体检：数据质量", "cli.records:check"),
    Command("alerts", "到期提醒", "cli.records:alerts", (argument("--on", metavar="DATE", help="按哪一天算，如 2023-06-05"),)),
    Command("sync", "与县级服务器交换一次", "cli.exchange:sync"),
    Command(
        "conflicts",
        "两处同时改动的冲突；conflicts resolve ID --keep mine|theirs|VALUE 定夺",
        "cli.exchange:conflicts",
        (
            argument("action", nargs="?", choices=("resolve",), help="定夺一个冲突"),
            argument("id", metavar="ID", nargs="?", help="冲突编号"),
            argument("--keep", metavar="mine|theirs|VALUE", help="留哪个值"),
            argument("--all", action="store_true", help="连已定夺的一起列出"),
            *_PLAIN,
        ),
    ),
    Command("held", "暂存未生效的改动和原因", "cli.exchange:held", _PLAIN),
    Command("history", "一条记录的每次改动", "cli.records:history", (*_RECORD, *_PLAIN)),
    Command("audit", "核对改动日志的哈希链：audit verify", "cli.exchange:audit", (argument("action", choices=("verify",), help="核对"),)),
    Command("status", "待上传、上次同步、备份、时钟", "cli.upkeep:status"),
    Command("backup", "备份到一个文件（加密并核对过）", "cli.upkeep:backup", (argument("file", metavar="FILE", help="备份文件"),)),
    Command("restore", "从备份恢复；原有数据移到一旁，不删除", "cli.upkeep:restore", (argument("file", metavar="FILE", help="备份文件"),)),
    Command(
        "report",
        "台账：report list 列出；report NAME FILE.xlsx 写出",
        "cli.rosters:report",
        (
            argument("name", metavar="NAME|list", help="台账名"),
            argument("file", metavar="FILE", nargs="?", help="文件"),
            argument("--month", metavar="M", help="月份，如 2023-06"),
            *_PLAIN,
        ),
    ),
    Command("self-test", "自检：新建、升级、打开每一页、打印、同步", "cli.upkeep:self_test"),
)

PROGRAM = Program("cunzhan", "村站通：村级就业服务台账，离线可用", "cunzhan", COMMANDS, default="desktop")


def main() -> int:
    """Run the program; answers its exit code."""
    return PROGRAM.main()


if __name__ == "__main__":
    sys.exit(main())
