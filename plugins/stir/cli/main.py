"""The `stir` command: finds a subcommand, loads only its module, and turns every error into one line."""

from __future__ import annotations

import difflib
import errno
import importlib
import logging
import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import click

from stir import __version__
from stir.errors import StirError

COMMANDS = {
    "demo": ("stir.cli.demo:demo", "run the whole warehouse on a synthetic world and print the leaderboard"),
    "leaderboard": ("stir.cli.leaderboard:leaderboard", "print the published leaderboard, or draw it as an image"),
    "test": ("stir.cli.checks:test", "every check, or one kind of them"),
    "up": ("stir.cli.services:up", "start the embedded ClickHouse, PostgreSQL and S3"),
    "down": ("stir.cli.services:down", "stop what `up` started"),
    "status": ("stir.cli.services:status", "what runs where, and whether it is healthy"),
    "logs": ("stir.cli.services:logs", "the log of one service"),
    "env": ("stir.cli.services:env", "the environment of this checkout as export lines"),
    "settings": ("stir.cli.settings:settings", "every setting, what it belongs to and its value"),
    "prepare": ("stir.cli.prepare:prepare", "make what stir needs on servers of your own"),
    "doctor": ("stir.cli.services:doctor", "check the machine and say what to do about each finding"),
    "world": ("stir.cli.world:world", "make, advance or describe the synthetic source world"),
    "dbt": ("stir.cli.dbt:dbt", "dbt with this project's profile, any dbt command"),
    "models": ("stir.cli.models:models", "every model, its grain and owner, and what it costs"),
    "exporter": ("stir.cli.exporter:exporter", "serve metrics for Prometheus: builds, publishing, freshness, Airflow"),
    "docs": ("stir.cli.docs:docs", "the documentation site, and dbt's beside it, on 127.0.0.1"),
    "metrics": ("stir.cli.metrics:metrics", "how a number is computed; writes docs/metrics.md"),
    "publish": ("stir.cli.publish:publish", "move a mart to PostgreSQL and swap it in"),
    "verify": ("stir.cli.publish:verify", "compare a published table with its generation and its mart"),
    "announce": ("stir.cli.publish:announce", "tell readers that a published table's columns will change"),
    "rollback": ("stir.cli.publish:rollback", "put the previous generation back"),
    "generations": ("stir.cli.publish:generations", "the generations of a published table"),
    "dags": ("stir.cli.dags:dags", "the DAGs with their schedules; writes docs/dags.md"),
    "airflow": ("stir.cli.airflow:airflow", "the Airflow web UI with this project's DAGs"),
    "chaos": ("stir.cli.chaos:chaos", "publish under faults drawn at random, with readers looking"),
    "bench": ("stir.cli.bench:bench", "benchmarks, printed as ratios of one run"),
}
"""Command name to where it is defined and the line that --help shows; modules are loaded when a command is called."""

INTERRUPTED = 130


class LazyGroup(click.Group):
    """A command group that imports a subcommand's module only when that subcommand is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute = COMMANDS[cmd_name][0].split(":")
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
        """List the commands from the table above, so that `--help` imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


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
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "stir"
        return f"{error.format_message()} (`{command} --help` shows the usage)"
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'while writing'}); free some space and run the same command again"
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    if line := _missing_table(error):
        return line
    services = {"psycopg": "PostgreSQL", "clickhouse_connect": "ClickHouse", "botocore": "S3"}
    service = services.get(type(error).__module__.split(".")[0])
    if service:
        return f"{service} refused: {first[:300]}; `./stir status` and `./stir logs {service.lower()}` tell more"
    return f"unexpected {type(error).__name__}: {first[:300]}; run again with --debug for the traceback"


def _missing_table(error: BaseException) -> str:
    """The line about a table that ClickHouse does not have; empty for any other error."""
    if not type(error).__module__.startswith("clickhouse_connect."):
        return ""
    from stir.connections import missing_table

    found = missing_table(error)
    return found.line if found else ""


def _split_debug(arguments: list[str]) -> tuple[bool, list[str]]:
    """Take our own --debug out of the arguments; what follows `dbt` is dbt's."""
    own = arguments[: arguments.index("dbt")] if "dbt" in arguments else arguments
    rest = [argument for argument in own if argument != "--debug"] + arguments[len(own) :]
    return "--debug" in own or os.environ.get("STIR_DEBUG") == "1", rest


def _interrupt(signum: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _end(code: int) -> NoReturn:
    """Leave with `code`: all is done or told, so a late Ctrl-C must not turn it into a death by signal."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command line and exit: 0 success, 1 an error, 2 wrong usage, 130 interrupted."""
    debug, rest = _split_debug(sys.argv[1:] if arguments is None else arguments)
    # The driver would print a line of its own before ours when a server dies under it.
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
    try:
        signal.signal(signal.SIGTERM, _interrupt)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # not under nohup
            signal.signal(signal.SIGHUP, _interrupt)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        result = stir.main(args=rest or ["--help"], prog_name="stir", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        print("stir: interrupted; run the same command again to go on", file=sys.stderr)
        sys.stdout.flush()
        # Not sys.exit: an interrupt that struck inside exec() of a text, as when a dataclass is made, stays noted in
        # the interpreter, which would then end itself by the signal.
        os._exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _end(0)
    except Exception as error:
        if debug:
            raise
        print(f"stir: {describe(error)}", file=sys.stderr)
        _end(2 if isinstance(error, click.UsageError) else 1)
    _end(result if isinstance(result, int) else 0)
