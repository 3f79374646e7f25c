"""The `stir` command: finds a subcommand, loads only its module, and turns every error into one line."""

from __future__ import annotations

import difflib
import errno
import importlib
import logging
import os
import re
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from stir import __version__
from stir.cli.warehouse import apply_choice
from stir.errors import StirError

if TYPE_CHECKING:
    from stir.cli.log_lines import JsonLines

COMMANDS = {
    "demo": "stir.cli.demo:demo",
    "leaderboard": "stir.cli.leaderboard:leaderboard",
    "test": "stir.cli.checks:test",
    "up": "stir.cli.services:up",
    "down": "stir.cli.services:down",
    "status": "stir.cli.services:status",
    "logs": "stir.cli.services:logs",
    "env": "stir.cli.services:env",
    "settings": "stir.cli.settings:settings",
    "prepare": "stir.cli.prepare:prepare",
    "doctor": "stir.cli.services:doctor",
    "world": "stir.cli.world:world",
    "contracts": "stir.cli.contracts:contracts_command",
    "load": "stir.cli.load:load",
    "quarantine": "stir.cli.quarantine:quarantine",
    "warehouse": "stir.cli.warehouse:warehouse",
    "dbt": "stir.cli.dbt:dbt",
    "models": "stir.cli.models:models",
    "exporter": "stir.cli.exporter:exporter",
    "backfill": "stir.cli.backfill:backfill",
    "repair": "stir.cli.backfill:repair",
    "diff": "stir.cli.diff:diff",
    "docs": "stir.cli.docs:docs",
    "metrics": "stir.cli.metrics:metrics",
    "publish": "stir.cli.publish:publish",
    "verify": "stir.cli.publish:verify",
    "announce": "stir.cli.publish:announce",
    "rollback": "stir.cli.publish:rollback",
    "generations": "stir.cli.publish:generations",
    "dags": "stir.cli.dags:dags",
    "airflow": "stir.cli.airflow:airflow",
    "sbom": "stir.cli.sbom:sbom",
    "app": "stir.cli.app:app",
    "streams": "stir.cli.sink:streams",
    "emit": "stir.cli.sink:emit",
    "ingest": "stir.cli.ingest:ingest",
    "sink": "stir.cli.sink:sink",
    "door": "stir.cli.door:door",
    "track": "stir.cli.track:track",
    "untrack": "stir.cli.track:untrack",
    "tracked": "stir.cli.track:tracked_command",
    "collect": "stir.cli.collect:collect",
    "score": "stir.cli.score:score",
    "credentials": "stir.cli.credentials:credentials",
    "chaos": "stir.cli.chaos:chaos",
    "bench": "stir.cli.bench:bench",
}
"""Command name to its definition. A module is loaded when its command is called; --help takes the first sentence of its
docstring from the file."""

INTERRUPTED = 130
CHECKED = "STIR_VARIABLES_CHECKED"
PATH_FAULTS = {errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EROFS}
"""Errors of the machine that are about a path which the user gave, or may correct."""


class LazyGroup(click.Group):
    """A command group that imports a subcommand's module only when that subcommand is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module_name), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            near = difflib.get_close_matches(name, COMMANDS, n=1)
            advice = f"did you mean `./stir {near[0]}`?" if near else "`./stir --help` lists the commands"
            raise StirError(f"there is no command {name!r}", do=advice)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their summaries; `--help` imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(definition)) for name, definition in COMMANDS.items()])


def summary(definition: str) -> str:
    """The first sentence of a command's docstring, read from its file; `definition` is a value of COMMANDS."""
    module, _, function = definition.rpartition(":")
    source = (Path(__file__).parent / f"{module.rpartition('.')[2]}.py").read_text(encoding="utf-8")
    docstring = re.search(rf'^def {function}\(.*?^    """(.*?)"""', source, re.DOTALL | re.MULTILINE)
    words = " ".join(docstring[1].split()) if docstring else ""
    sentence = re.split(r"\.(?: |$)", words, maxsplit=1)[0]
    return sentence[:1].lower() + sentence[1:]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="stir")
def stir() -> None:
    """An analytics warehouse for the creator economy: ClickHouse, dbt, Airflow, PostgreSQL.

    New here? `./stir demo`. Add --debug to any command for a traceback.
    """


def describe(error: BaseException) -> str:
    """One line for any error: ours, a driver's or the machine's."""
    if isinstance(error, StirError):
        return error.line
    if isinstance(error, NoArgsIsHelpError):
        group = error.ctx.command
        names = ", ".join(group.list_commands(error.ctx)) if isinstance(group, click.Group) else ""
        return f"name one of its commands: {names} (`{error.ctx.command_path} --help` shows the usage)"
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "stir"
        return f"{error.format_message()} (`{command} --help` shows the usage)"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'while writing'}); free some space and run the same command again"
    if isinstance(error, OSError) and error.errno in PATH_FAULTS and error.filename:
        reason = (error.strerror or "cannot be used").lower()
        return f"{error.filename}: {reason}; correct the path or its permissions, and run the same command again"
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    if line := _missing_table(error):
        return line
    services = {"psycopg": "PostgreSQL", "clickhouse_connect": "ClickHouse", "botocore": "S3"}
    service = services.get(type(error).__module__.split(".")[0])
    if service:
        return f"{service} refused: {first[:300]}; `./stir status` and `./stir logs {service.lower()}` show the details"
    return f"unexpected {type(error).__name__}: {first[:300]}; run again with --debug for the traceback"


def _missing_table(error: BaseException) -> str:
    """The error line about a table that ClickHouse does not have; empty for any other error."""
    if not type(error).__module__.startswith("clickhouse_connect."):
        return ""
    from stir.connections import missing_table

    found = missing_table(error)
    return found.line if found else ""


def _split_debug(arguments: list[str]) -> tuple[bool, list[str]]:
    """Remove our --debug from the arguments. Arguments after `dbt` belong to dbt."""
    own = arguments[: arguments.index("dbt")] if "dbt" in arguments else arguments
    rest = [argument for argument in own if argument != "--debug"] + arguments[len(own) :]
    return "--debug" in own or os.environ.get("STIR_DEBUG") == "1", rest


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _end(code: int) -> NoReturn:
    """Exit with `code`. All work and output is done, so a late Ctrl-C must not change the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def _json_lines(arguments: list[str]) -> JsonLines | None:
    """What writes standard error as JSON, where the settings say so. Help and `--version` read no settings."""
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    if not command:
        return None
    from stir.cli.log_lines import install
    from stir.settings import load_settings

    return install(load_settings(), command)


def _warn(arguments: list[str], lines: JsonLines | None) -> None:
    """Say once what is ignored of the settings; the commands that this one starts have the same and are silent."""
    if os.environ.get(CHECKED) or all(argument.startswith("-") for argument in arguments):
        return
    from stir.local.variables import ignored
    from stir.settings import user_env_file

    for line in ignored(os.environ, user_env_file()):
        if lines:
            lines.say("warning", line)
        else:
            print(f"stir: {line}", file=sys.stderr)
    os.environ[CHECKED] = "1"


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command line and exit: 0 success, 1 an error, 2 wrong usage, 130 interrupted."""
    debug, rest = _split_debug(sys.argv[1:] if arguments is None else arguments)
    lines: JsonLines | None = None
    apply_choice()
    # The driver would print a line of its own before ours when a server dies under it.
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
            signal.signal(signal.SIGHUP, _interrupt)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        lines = _json_lines(rest)
        _warn(rest, lines)
        result = stir.main(args=rest or ["--help"], prog_name="stir", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        print("stir: interrupted; run the same command again to go on", file=sys.stderr)
        sys.stdout.flush()
        # Not sys.exit: an interrupt inside exec() of a text, as when a dataclass is created, stays recorded in
        # the interpreter, which would then end itself by the signal.
        os._exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(0)
    except Exception as error:
        if debug:
            raise
        if lines:
            lines.say("error", describe(error))
        else:
            print(f"stir: {describe(error)}", file=sys.stderr)
        _end(2 if isinstance(error, click.UsageError) else 1)
    _end(result if isinstance(result, int) else 0)
