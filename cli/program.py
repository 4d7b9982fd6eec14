"""Runs both programs: parses the command line, calls the command, prints its answer, and turns every failure into one line and an exit
code.

Exit codes are the contract's (`Answer.code` and `CunzhanError.exit_code`): 0 done, 1 done with refusals, 2 wrong usage, 3 input unusable, 4
county unreachable, 5 refused, 6 store damaged. A fault of the program itself also returns 3, because its transaction was rolled back; it
leaves a crash file without personal data.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from cli.console import Console, as_json
from db.files import STORE_FILE
from domain import words
from domain.errors import CunzhanError, FieldError, InputUnusable, Stopped, os_reason
from domain.release import VERSION
from domain.values import Type, check_text
from domain.words import _

REFUSED = 1
USAGE = 2
FAULT = 3
_OWN = (STORE_FILE, "keys.json", "county.db")
"""Prefixes of the files that make up a data folder; SQLite adds `-wal` and `-shm`."""
_MAY_BE_EMPTY = ("TEXT", "mine|theirs|VALUE")
"""What the help calls the arguments whose value may be empty."""
_UNDECODED = re.compile(r"[\ud800-\udfff]")


class Usage(Exception):
    """The command line is not understood; exit code 2."""


@dataclass(frozen=True)
class Answer:
    """The answer of a command: a JSON value, and the same as text."""

    value: Any
    text: str = ""
    code: int = 0
    silent: bool = False
    """Standard output carries the data (`export … -`), so the JSON value goes to standard error."""


@dataclass
class Call:
    """One call of a program."""

    args: argparse.Namespace
    console: Console
    home: Path

    def target(self, file: str, read: str = "") -> Path:
        """The path a command writes to. Raises `InputUnusable` for the program's own files, since a backup that replaces its own store
        destroys both, and for the file to be `read`, which the answer would overwrite."""
        path, real = Path(file), Path(file).resolve()
        database = str(getattr(self.args, "database", None) or "")
        given = [Path(database.removeprefix("sqlite:///"))] if database.startswith("sqlite:///") else []
        own = [*(self.home / name for name in _OWN), *given]
        if any(real.parent == one.parent and real.name.lower().startswith(one.name.lower()) for one in (each.resolve() for each in own)):
            raise InputUnusable(_("「{file}」是程序自己的数据文件，不能写在它上面。请换一个文件名或文件夹。").format(file=path.name))
        if read and real == Path(read).resolve():
            raise InputUnusable(_("「{file}」正是要读的文件，答复写上去它就没有了。请给答复换一个文件名。").format(file=path.name))
        return path


@dataclass(frozen=True)
class Argument:
    """A command's argument, as argparse takes it."""

    names: tuple[str, ...]
    words: Mapping[str, Any]


def argument(*names: str, **words: Any) -> Argument:
    """Declare a command's argument. An `ID` may be typed in capitals, as other programs and people show it."""
    if words.get("metavar", "").startswith("ID"):
        words.setdefault("type", str.lower)
    return Argument(names, words)


def plain_arguments() -> tuple[Argument, ...]:
    """The arguments for showing secrets."""
    return (
        argument("--plain", action="store_true", help=_("显示完整内容（身份证号、电话、账号），须写明原因")),
        argument("--reason", metavar="TEXT", help=_("显示完整内容的原因，会记入日志")),
    )


@dataclass(frozen=True)
class Command:
    """A command: its name, description, function (`module:function`, imported when called) and arguments."""

    name: str
    help: str
    run: str
    arguments: tuple[Argument, ...] = ()

    def load(self) -> Callable[[Call], Answer]:
        """The function."""
        module, _colon, function = self.run.partition(":")
        found: Callable[[Call], Answer] = getattr(import_module(module), function)
        return found


@dataclass(frozen=True)
class Program:
    """One of the two programs."""

    name: str
    """The program's name, also that of its folder among the platform's data folders."""
    about: Callable[[], str]
    commands: Callable[[], tuple[Command, ...]]
    """Creates the commands when the program runs, so that their texts are in the chosen language."""
    common: Callable[[], tuple[Argument, ...]] = tuple
    """Arguments of every command, accepted before or after its name."""
    default: str = ""
    """The default command; without one, calling no command is wrong usage."""

    def main(self, argv: Sequence[str] | None = None, *, pressed: Sequence[int] = ()) -> int:
        """Run the program and return its exit code; raises nothing.

        `pressed`: every Ctrl-C since the process began that nobody has handled (`cli.start`).
        """
        os.umask(0o077)  # keys, stores, backups, exports, crash files: readable only by the user who runs the program
        arguments = list(sys.argv[1:] if argv is None else argv)
        words.set_language(_option(arguments, "--lang") or "zh")
        console = Console()
        wants_json = "--json" in arguments
        try:
            with console.interruptible(leaving=argv is None):
                if pressed:
                    raise KeyboardInterrupt
                return self._run(arguments, console)
        except SystemExit as end:  # argparse's --help and --version
            return int(end.code or 0)
        except BrokenPipeError:  # the reader went away (`| head`); what was done is done
            _give_up_output()
            return 0
        except BaseException as error:
            console.finishing = True  # another Ctrl-C must not cut the message off
            line, code = self._failure(error, arguments)
            try:
                console.say(line)
                if wants_json:
                    console.print(as_json({"error": line}, console.out))
            except OSError:  # the output's disk is full: nothing can be reported
                _give_up_output()
            return code

    def _run(self, arguments: list[str], console: Console) -> int:
        before, name, after = self._split(arguments)
        command = next((c for c in self.commands() if c.name == name), None)
        if command is None:
            raise Usage(_("没有「{name}」这个命令。输入 {program} --help 查看全部命令。").format(name=name, program=self.name))
        parser = _Parser(prog=f"{self.name} {name}", description=command.help, add_help=False, allow_abbrev=False)
        parser.add_argument("--help", "-h", action="help", help=_("显示用法"))
        own = {name for one in command.arguments for name in one.names}
        _add(parser, [one for one in self._everywhere() if own.isdisjoint(one.names)], default=argparse.SUPPRESS)
        _add(parser, command.arguments)
        given = [action for action in parser._actions if action.required and getattr(before, action.dest, None) is not None]
        parser.usage = parser.format_usage().removeprefix(_("用法：")).replace("%", "%%")  # argparse cuts off the length of its own prefix
        for action in given:  # before the command's name
            action.required = False
        args = parser.parse_intermixed_args(after, before)
        _readable(args)
        _filled(parser, args)
        answer = command.load()(Call(args, console, _home(args.home, self.name)))
        _print(console, answer, args.json)
        return answer.code

    def _split(self, arguments: list[str]) -> tuple[argparse.Namespace, str, list[str]]:
        """Split off the options before the command, the command's name, and what follows it."""
        parser = _Parser(prog=self.name, add_help=False, allow_abbrev=False, usage=f"{self.name} [--home DIR] COMMAND …")
        _add(parser, (*self._everywhere(), *_help()))
        parser.add_argument("command", nargs="?")
        parser.add_argument("rest", nargs=argparse.REMAINDER)
        given = parser.parse_args(arguments)
        name, rest = given.command, given.rest
        if given.version:
            print(f"{self.name} {VERSION}")
            raise SystemExit(0)
        if given.help or (name is None and not self.default):
            self._help(sys.stdout if given.help else sys.stderr)
            raise SystemExit(0 if given.help else USAGE)
        for used in ("command", "rest", "help", "version"):
            delattr(given, used)
        return given, name or self.default, rest

    def _everywhere(self) -> tuple[Argument, ...]:
        own = {name for one in self.common() for name in one.names}
        return (*(one for one in _everywhere() if own.isdisjoint(one.names)), *self.common())

    def _help(self, stream: Any) -> None:
        shown = [one for one in self._everywhere() if one.words["help"] != argparse.SUPPRESS]
        values = [one.words.get("metavar", "|".join(one.words.get("choices", ()))) for one in shown]
        options = (f"[{' '.join(filter(None, (one.names[0], value)))}]" for one, value in zip(shown, values, strict=True))
        lines = [self.about(), "", f"{self.name} {' '.join(options)} COMMAND …", ""]
        width = max(12, *(len(c.name) + 2 for c in self.commands()))
        lines += [f"  {c.name:<{width}}{c.help}" for c in self.commands()]
        lines += ["", _("{program} 命令 --help 查看一个命令的用法。").format(program=self.name)]
        print("\n".join(lines), file=stream)

    def _failure(self, error: BaseException, arguments: list[str]) -> tuple[str, int]:
        """The message and exit code of a failure."""
        if isinstance(error, Usage):
            return _one_line(str(error)), USAGE
        if isinstance(error, CunzhanError):
            return _one_line(str(error)), error.exit_code
        if isinstance(error, KeyboardInterrupt):
            return _("已停止。没有保存完的这一步不算，已保存的内容都在。"), Stopped.exit_code
        if isinstance(error, FileNotFoundError):
            return _("找不到文件：{file}").format(file=error.filename), FAULT
        if isinstance(error, OSError) and error.strerror:
            said = _("文件或磁盘出错：{reason}（{file}）") if error.filename else _("文件或磁盘出错：{reason}")
            return said.format(reason=os_reason(error), file=error.filename), FAULT
        return _fault(error, _home(_option(arguments, "--home"), self.name)), FAULT


def _give_up_output() -> None:
    """Discard pending output, so that the interpreter does not complain about it at exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _everywhere() -> tuple[Argument, ...]:
    return (
        argument("--home", metavar="DIR", help=_("数据文件夹")),
        argument("--user", metavar="NAME", help=_("用户（不写就是第一个用户）")),
        argument("--lang", choices=tuple(words.LANGUAGES), help=_("语言")),
        argument("--json", action="store_true", help=_("标准输出只给一个 JSON 值")),
    )


def _help() -> tuple[Argument, ...]:
    return (
        argument("--help", "-h", action="store_true", help=_("显示用法")),
        argument("--version", action="store_true", help=_("显示版本")),
    )


class _Formatter(argparse.HelpFormatter):
    """argparse's help layout with headings in the present language."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """As argparse does, with our word for usage."""
        super().add_usage(usage, actions, groups, prefix or _("用法："))


class _Parser(argparse.ArgumentParser):
    """A parser whose help and errors are in the present language."""

    def __init__(self, **words: Any) -> None:
        super().__init__(formatter_class=_Formatter, **words)
        self._positionals.title, self._optionals.title = _("参数"), _("选项")

    def error(self, message: str) -> NoReturn:
        """Raise the error instead of printing it and exiting."""
        raise Usage(_("{message}。输入 {program} --help 查看用法。").format(message=_translated(message), program=self.prog))


def _translated(message: str) -> str:
    """Translate an argparse error message."""
    whole = {
        "the following arguments are required: ": _("缺少参数 {rest}"),
        "unrecognized arguments: ": _("不认识参数 {rest}"),
    }
    for start, sentence in whole.items():
        if message.startswith(start):
            return sentence.format(rest=message.removeprefix(start))
    about_one = {
        "expected": _("参数 {name} 后面要有值"),
        "invalid choice": _("参数 {name} 应为 {choices}"),
        "not allowed": _("参数 {name} 不能这样一起用"),
    }
    name, colon, what = message.removeprefix("argument ").partition(": ")
    listed = what.partition("(choose from ")[2].removesuffix(")").split(", ")
    choices = _("、").join(each.strip("'") for each in listed)
    known = (sentence.format(name=name, choices=choices) for start, sentence in about_one.items() if what.startswith(start))
    return next(known, _("参数 {name}：{what}").format(name=name, what=what) if colon else message)


def _fault(error: BaseException, home: Path) -> str:
    """The message for a fault of the program itself, after writing a crash file if there is a data folder."""
    from desktop import crash

    if home.is_dir():
        with suppress(OSError):
            file = crash.write(home / "crash", error)
            return _("程序出错，这一步没有保存，已保存的内容都在。请把 {file} 发给技术支持，里面没有个人信息。").format(file=file)
    return _("程序出错（{kind}），这一步没有保存，已保存的内容都在。").format(kind=type(error).__name__)


def _add(parser: argparse.ArgumentParser, arguments: Sequence[Argument], **more: Any) -> None:
    """Add arguments to a parser. `default=SUPPRESS`: an option not given after the command keeps the value given before it."""
    for one in arguments:
        words = {**one.words, **more}
        if "choices" in words and not one.names[0].startswith("-"):
            words.setdefault("metavar", "|".join(words["choices"]))  # error messages name it this way, too
        parser.add_argument(*one.names, **words)


def _print(console: Console, answer: Answer, wants_json: bool) -> None:
    text = as_json(answer.value, console.out) if wants_json else answer.text
    if text and not (answer.silent and answer.value is None):
        (console.say if answer.silent else console.print)(text)


def whole(text: str) -> int:
    """Parse a number from 0 to the largest that every database stores; for `type=`."""
    return _between(0, 2**31 - 1, text)


def calendar_year(text: str) -> int:
    """Parse a year of four digits; for `type=`: `26` would be a year without any records."""
    return _between(1900, 2100, text)


def _between(least: int, most: int, text: str) -> int:
    if not (text.isdecimal() and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(_("应为 {least} 到 {most} 的整数").format(least=least, most=most))
    return int(text)


def day(text: str) -> str:
    """Parse a day to half-width digits; raises `Usage`."""
    return _time(Type.DATE, text)


def month(text: str) -> str:
    """Parse a month to half-width digits; raises `Usage`."""
    return _time(Type.MONTH, text)


def _time(type: Type, text: str) -> str:
    try:
        return str(check_text(type, text))
    except FieldError as error:
        raise Usage(_("{name}：{problem}").format(name=text, problem=error)) from None


def _readable(args: argparse.Namespace) -> None:
    """Raise `Usage` for arguments that are not valid UTF-8. Paths may be any bytes."""
    for name, value in vars(args).items():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and name not in ("home", "file") and _UNDECODED.search(word):
                raise Usage(_("参数 {name} 里有认不出的字符。").format(name=name))


def _filled(parser: _Parser, args: argparse.Namespace) -> None:
    """Refuse an empty value, which in a script is an unset variable: `--claims ""` would take every claim, `--on ""` today. Only free text
    and the value that settles a conflict (none at all) may be empty."""
    for action in parser._actions:
        value = getattr(args, action.dest, None)
        if action.metavar in _MAY_BE_EMPTY or value == action.default:
            continue
        if any(isinstance(word, str) and not word.strip() for word in (value if isinstance(value, list) else [value])):
            option = next(iter(action.option_strings), None)  # in argparse's words, which `error` translates
            parser.error(f"argument {option}: expected a value" if option else f"the following arguments are required: {action.metavar}")


def _option(arguments: Sequence[str], name: str) -> str | None:
    """The value of an option, read before the parser is created so that the parser's own messages are in the chosen language."""
    for place, word in enumerate(arguments):
        if word.startswith(name + "="):
            return word.removeprefix(name + "=")
        if word == name and place + 1 < len(arguments):
            return arguments[place + 1]
    return None


def _home(given: str | None, folder: str) -> Path:
    if given:
        return Path(given).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir(folder, appauthor=False))


def _one_line(text: str) -> str:
    return " ".join(text.split())
