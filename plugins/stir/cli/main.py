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
from typing import TYPE_CHECKING, NoReturn

import click

from stir import __version__
from stir.cli.warehouse import apply_choice
from stir.errors import StirError

if TYPE_CHECKING:
    from stir.cli.log_lines import JsonLines

COMMANDS = {
    "demo": ("stir.cli.demo:demo", "build and publish the warehouse on a synthetic world, print and serve the board"),
    "leaderboard": ("stir.cli.leaderboard:leaderboard", "print the published leaderboard, or draw it as an image"),
    "test": ("stir.cli.checks:test", "run every check, or one kind of checks"),
    "up": ("stir.cli.services:up", "start the embedded ClickHouse, PostgreSQL and S3"),
    "down": ("stir.cli.services:down", "stop the services that `up` started"),
    "status": ("stir.cli.services:status", "show which services run, where, and whether they are healthy"),
    "logs": ("stir.cli.services:logs", "show the log of one service"),
    "env": ("stir.cli.services:env", "print the environment of this checkout as export lines"),
    "settings": ("stir.cli.settings:settings", "list every setting with its scope and its value"),
    "prepare": ("stir.cli.prepare:prepare", "create what stir needs on your own servers"),
    "doctor": ("stir.cli.services:doctor", "check the machine and the services, with advice for each problem"),
    "world": ("stir.cli.world:world", "create, advance or describe the synthetic source world"),
    "contracts": (
        "stir.cli.contracts:contracts_command",
        "list, check or write the contracts of the source tables",
    ),
    "load": ("stir.cli.load:load", "load your own records from files into the source tables"),
    "quarantine": ("stir.cli.quarantine:quarantine", "list, repair and replay records that could not be loaded"),
    "warehouse": ("stir.cli.warehouse:warehouse", "make an empty warehouse beside this one, and choose between them"),
    "dbt": ("stir.cli.dbt:dbt", "run any dbt command with this project's profile"),
    "models": ("stir.cli.models:models", "list every model with its grain, owner and cost"),
    "exporter": ("stir.cli.exporter:exporter", "serve metrics for Prometheus: builds, publishing, freshness, Airflow"),
    "backfill": ("stir.cli.backfill:backfill", "build days of models again, compare, swap them in, undo"),
    "repair": ("stir.cli.backfill:repair", "compare the days of a model with its sources, and mend those that differ"),
    "diff": ("stir.cli.diff:diff", "compare the rows of models in two databases, by key"),
    "docs": ("stir.cli.docs:docs", "serve the documentation site and dbt's documentation"),
    "metrics": ("stir.cli.metrics:metrics", "explain how a number is computed; write docs/metrics.md"),
    "publish": ("stir.cli.publish:publish", "copy a mart to PostgreSQL and swap it in"),
    "verify": ("stir.cli.publish:verify", "compare a published table with its generation and its mart"),
    "announce": ("stir.cli.publish:announce", "announce a change of a published table's columns"),
    "rollback": ("stir.cli.publish:rollback", "publish an earlier generation again"),
    "generations": ("stir.cli.publish:generations", "list the generations of a published table"),
    "dags": ("stir.cli.dags:dags", "list the DAGs with their schedules; write docs/dags.md"),
    "airflow": ("stir.cli.airflow:airflow", "run Airflow with this project's DAGs"),
    "sbom": ("stir.cli.sbom:sbom", "print the software bill of materials of an image"),
    "app": ("stir.cli.app:app", "serve the leaderboard as web pages and a JSON API"),
    "streams": ("stir.cli.sink:streams", "list the streams with backlog, rate and quarantine"),
    "emit": ("stir.cli.sink:emit", "send the records of a file to a stream"),
    "ingest": ("stir.cli.ingest:ingest", "audit the streams: received = in the table + in quarantine + waiting"),
    "sink": ("stir.cli.sink:sink", "write what the streams bring into the source tables"),
    "door": ("stir.cli.door:door", "take records by HTTP; a token for each client"),
    "track": ("stir.cli.track:track", "collect the numbers of channels or profiles"),
    "untrack": ("stir.cli.track:untrack", "collect no more of channels or profiles"),
    "tracked": ("stir.cli.track:tracked_command", "list the channels and profiles that are tracked"),
    "collect": ("stir.cli.collect:collect", "answer the queue's requests from the real platforms"),
    "score": ("stir.cli.score:score", "judge whether the followers of creators are authentic"),
    "credentials": ("stir.cli.credentials:credentials", "keep the keys and tokens of the collector's sources"),
    "chaos": ("stir.cli.chaos:chaos", "publish under random faults while readers watch"),
    "bench": ("stir.cli.bench:bench", "run benchmarks; results are ratios within one run"),
}
"""Command name to its definition and its line in --help. A module is loaded when its command is called."""

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
