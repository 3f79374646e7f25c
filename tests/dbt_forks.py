"""The process that has imported dbt and forks the commands that `forked_dbt.py` asks for."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from argparse import Namespace
from pathlib import Path
from typing import ClassVar, NoReturn, Self

CLIENT = Path(__file__).with_name("forked_dbt.py")
MODULES = ("dbt.cli.main", "dbt.adapters.clickhouse", "stir.transform.inputs", "stir.transform.selection")
"""What each command of dbt imports."""
LENGTH = 8
"""Bytes of the number in front of a request, and of each answer."""
FORKING = """
from stir.transform import dbt_process

dbt_process.command = lambda *arguments: [*{command!r}, *arguments]
"""


class Forks:
    """Starts the process at the first command, and ends it with its context.

    Attributes:
        current: those of this session.
    """

    current: ClassVar[Forks]

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dbt-")
        self._address = f"{self._folder.name}/commands"
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def __enter__(self) -> Self:
        Forks.current = self
        return self

    def command(self, *arguments: str) -> list[str]:
        """As `stir.transform.dbt_process.command`: the command line of a process that is dbt with these arguments."""
        with self._starting:
            if self._process is None:
                self._process = self._start()
        return [sys.executable, "-I", "-S", str(CLIENT), self._address, *arguments]

    def python(self, code: str) -> list[str]:
        """The command line of a process that runs this code, and what it runs of dbt is a fork."""
        return [sys.executable, "-P", "-c", FORKING.format(command=self.command()) + code]

    def stir(self) -> list[str]:
        """The beginning of the command line of such a `./stir`."""
        return self.python("from stir.cli.main import main; main()")

    def _start(self) -> subprocess.Popen[bytes]:
        from tests.parsed_project import SHARED

        from stir.transform.project import PARSED

        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(self._address)
            listening.listen(16)
            command = [sys.executable, "-P", __file__, str(listening.fileno()), str(SHARED / PARSED)]
            files = [listening.fileno()]
            return subprocess.Popen(command, pass_fds=files, stdin=subprocess.PIPE, start_new_session=True)

    def __exit__(self, *_: object) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
            self._process.wait()
        self._folder.cleanup()


def serve(listening: socket.socket, parsed: Path) -> None:
    """Fork a process for each command, until the standard input of this one is closed.

    The first command for which there is a parse waits for the warm-up.
    """
    threading.Thread(target=lambda: os._exit(len(os.read(0, 1))), daemon=True).start()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    is_warm = False
    while True:
        connection, _ = listening.accept()
        if not is_warm and parsed.exists():
            warm_up(parsed.read_bytes())
            is_warm = True
        if os.fork() == 0:
            listening.close()
            attend(connection)
        connection.close()


def warm_up(parsed: bytes) -> None:
    """Make once what each dbt would make for itself: code that reads and writes a parse, and the compiled macros."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.flags import set_from_args
    from dbt.parser.manifest import extended_mashumaro_encoder, extended_mashumuro_decoder
    from dbt_common.clients.jinja import template_cache

    from stir.transform.dbt_process import silence_resource_tracker

    silence_resource_tracker()  # a parse holds a lock that processes share
    set_from_args(Namespace(SEND_ANONYMOUS_USAGE_STATS=False), {})
    manifest: Manifest = Manifest.from_msgpack(parsed, decoder=extended_mashumuro_decoder)
    manifest.to_msgpack(extended_mashumaro_encoder)
    manifest.writable_manifest().to_dict(omit_none=False)
    for macro in manifest.macros.values():
        if macro.package_name != "dbt":  # a run uses few of its 423
            template_cache.get_node_template(macro)
    del manifest
    gc.collect()
    gc.freeze()


def attend(connection: socket.socket) -> NoReturn:
    """Run the command of a connection in a process of its own, and answer with its id and with how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    size, files, _, _ = socket.recv_fds(connection, LENGTH, 3)
    request = b""
    while len(request) < int.from_bytes(size, "big"):
        request += connection.recv(1 << 20)
    child = os.fork()
    if child == 0:
        connection.close()
        become(request, files)
    for file in files:
        os.close(file)
    connection.sendall(child.to_bytes(LENGTH, "big"))
    ended = threading.Event()
    threading.Thread(target=end_with, args=(connection, child, ended), daemon=True).start()
    _, status = os.waitpid(child, 0)
    ended.set()
    code = os.waitstatus_to_exitcode(status)
    connection.sendall((code if code >= 0 else 128 - code).to_bytes(LENGTH, "big"))
    os._exit(0)


def end_with(connection: socket.socket, child: int, ended: threading.Event) -> None:
    """Kill the child when the process that asked for it has ended before it."""
    connection.recv(1)
    if not ended.is_set():
        os.kill(child, signal.SIGKILL)


def become(request: bytes, files: list[int]) -> NoReturn:
    """Be dbt, with the arguments, the environment, the folder and the open files of the one who asked."""
    folder, count, *words = request.split(b"\0")
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    for word in words[int(count) :]:
        name, _, value = word.partition(b"=")
        os.environb[name] = value
    from stir.transform import dbt_process

    arguments = [os.fsdecode(word) for word in words[: int(count)]]
    sys.argv = [dbt_process.__file__, *arguments]
    code: object = 0
    try:
        dbt_process.main(arguments)
    except SystemExit as end:
        code = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads, as at the end of any process
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 1 if code else 0)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1] / "plugins"))
    for name in MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what has been imported is shared by all forks
    serve(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]))
