"""`cunzhan-server`: the county's program."""

from __future__ import annotations

import sys

from cli.program import Command, Program, argument

_PLAIN = (
    argument("--plain", action="store_true", help="显示完整内容（身份证号、电话、账号），须写明原因"),
    argument("--reason", metavar="TEXT", help="显示完整内容的原因，会记入日志"),
)

COMMANDS = (
    Command(
        "serve",
        "运行县级服务器",
        "cli.serving:serve",
        (
            argument("--host", metavar="H", default="127.0.0.1", help="监听地址"),
            argument("--port", metavar="P", type=int, default=8440, help="端口"),
            argument("--workers", metavar="N", type=int, default=1, help="进程数"),
        ),
    ),
    Command(
        "enrol",
        "发一个一次性登记码",
        "cli.devices:enrol",
        (
            argument("--scope", metavar="CODE", required=True, help="站点代码：村 12 位，乡镇 9 位，县 6 位"),
            argument("--role", choices=("village", "township", "county"), required=True, help="级别"),
            argument("--uses", metavar="N", type=int, default=1, help="可用几次"),
        ),
    ),
    Command("devices", "已接入的电脑：上次同步、版本、待上传、疑似复制", "cli.devices:devices"),
    Command("revoke", "收回一台电脑的权限", "cli.devices:revoke", (argument("device", metavar="DEVICE", help="设备编号"),)),
    Command(
        "export",
        "导出全县数据（.xlsx .csv .jsonl；- 为标准输出的 JSON Lines）",
        "cli.serving:export",
        (
            argument("kind", metavar="KIND|all", help="记录类型，或 all"),
            argument("file", metavar="FILE|-", help="文件"),
            *_PLAIN,
        ),
    ),
    Command("migrate", "升级数据库结构", "cli.serving:migrate"),
    Command("check", "核对数据库的完整性", "cli.serving:check"),
)

PROGRAM = Program(
    "cunzhan-server",
    "村站通县级服务器",
    "cunzhan-server",
    COMMANDS,
    common=(argument("--database", metavar="URL", help="sqlite:///… 或 postgresql://…（不写则在数据文件夹里）"),),
)


def main() -> int:
    """Run the program; answers its exit code."""
    return PROGRAM.main()


if __name__ == "__main__":
    sys.exit(main())
