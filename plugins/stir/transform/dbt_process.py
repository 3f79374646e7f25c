"""Runs dbt in this process: `python dbt_process.py ARGUMENTS` is `dbt ARGUMENTS` with a clean end on Ctrl-C.

dbt itself prints a traceback on Ctrl-C and leaves its statements running in ClickHouse: a statement that writes
does not end with its connection.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from stir.errors import StirError

INTERRUPTED = 130
LINE = b"stir: interrupted; run the same command again to go on\n"
END_SECONDS = 10.0
STOPS = (signal.SIGINT, signal.SIGTERM)
ENDS_WITH_PARENT = "STIR_DBT_ENDS_WITH_PARENT"
"""Variable with which dbt is stopped when the process that started it ends, even by SIGKILL (Linux)."""
_PR_SET_PDEATHSIG = 1


def become_dbt(arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by dbt. Signals are blocked until it can handle them: a starting interpreter would print a
    traceback."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    os.execve(sys.executable, command(*arguments), dict(environment))  # noqa: S606  (a list, and no shell)


def command(*arguments: str) -> list[str]:
    """The command line of this process."""
    return [sys.executable, "-P", __file__, *arguments]


def leave_on_signal(end_statements: Callable[[], object]) -> None:
    """On SIGINT or SIGTERM print one line, end the statements on the server and exit; on a second one exit at once."""

    def leave(signum: int, frame: FrameType | None) -> None:
        for number in STOPS:
            signal.signal(number, lambda *_: os._exit(INTERRUPTED))
        os.write(2, LINE)
        # dbt's threads still run: hide their errors about the statements that are killed.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        # In a thread, because it may have to wait for a lock of the interrupted one.
        worker = threading.Thread(target=end_statements, daemon=True)
        worker.start()
        worker.join(END_SECONDS)
        os._exit(INTERRUPTED)

    for number in STOPS:
        signal.signal(number, leave)


def end_statements() -> None:
    """Refuse further statements of dbt, and end those that it has sent."""
    # Not imported: the interrupted thread may hold an import lock, and then it has sent nothing.
    factory = getattr(sys.modules.get("dbt.adapters.factory"), "FACTORY", None)
    if factory is None or not factory.adapters:
        return
    from dbt_common.invocation import get_invocation_id

    from stir import connections
    from stir.settings import load_settings
    from stir.transform.stopping import kill_run, refuse_statements

    refuse_statements("interrupted")
    with connections.clickhouse(load_settings()) as client:
        kill_run(client, get_invocation_id())


def refuse(error: StirError) -> NoReturn:
    """Print the line and exit, because dbt would wrap it in its own lines."""
    sys.stdout.flush()
    print(f"stir: {error.line}", file=sys.stderr, flush=True)
    os._exit(1)


def collect_rarely() -> None:
    """Let Python look for unused cycles less often.

    dbt's parsed project is hundreds of thousands of objects that live until the process ends. With Python's own
    thresholds it visits them again and again, which takes a quarter of a short run's processor time.
    """
    gc.set_threshold(100_000, 50, 100)


def write_json_at_once() -> None:
    """Let `json.dump` encode as `json.dumps` does, in C: it writes the same text piece by piece, in Python.

    dbt writes its manifest of six megabytes twice in each run, which is a tenth of a short run's processor time.
    """

    def dump(value: object, file: IO[str], **options: Any) -> None:
        file.write(json.dumps(value, **options))

    json.dump = dump  # type: ignore[assignment]  # of its options dbt uses `cls` alone


def silence_resource_tracker() -> None:
    """Keep the interpreter's helper process from reporting resources that a quick exit has not released."""
    sys.warnoptions.append("ignore:resource_tracker:UserWarning")


def end_with_parent() -> None:
    """Ask Linux for SIGTERM when the parent ends; elsewhere do nothing."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Run dbt."""
    collect_rarely()
    write_json_at_once()
    leave_on_signal(end_statements)
    if os.environ.get(ENDS_WITH_PARENT):
        end_with_parent()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    silence_resource_tracker()
    from stir.errors import StirError
    from stir.transform.variables import check_variables

    try:
        check_variables(arguments)
    except StirError as error:
        refuse(error)
    from dbt.cli.main import cli

    from stir.settings import load_settings
    from stir.transform.inputs import check_inputs_first
    from stir.transform.lineage import NodeListener
    from stir.transform.selection import SelectionListener

    check_inputs_first(refuse)
    listeners = [NodeListener(load_settings()), SelectionListener(refuse)]
    cli(arguments, prog_name="dbt", obj={"callbacks": listeners})


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(sys.argv[1:])
