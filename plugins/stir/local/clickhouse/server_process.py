"""The process that is the embedded ClickHouse: `python server_process.py ENGINE CONFIG [PROTOCOL...]`.

ENGINE is libchdb, which holds the whole server and exports the entry point of `clickhouse local`, or a `clickhouse`
binary. Either runs two queries: one opens the HTTP port, one reads from a pipe that nobody writes to. Closing the
pipe ends the second query and with it the server, in order. A file of its own with nothing but the standard library,
so that the server carries no more Python than it needs.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading


def arguments(config: str, pipe: int, protocols: tuple[str, ...] = ("http",)) -> list[str]:
    """Command line of `clickhouse local` for a server that runs until the pipe is closed."""
    listen = "".join(f"system start listen {protocol}; " for protocol in protocols)
    wait = f"select * from file('/dev/fd/{pipe}', 'RawBLOB', 'nothing String') settings log_queries = 0 format Null"
    return ["--config-file", config, "--log-level", "information", "--query", f"{listen}{wait}"]


def call_library(engine: str, argv: list[str]) -> int:
    """Run `clickhouse local` inside this process."""
    library = ctypes.CDLL(engine)
    strings = (ctypes.c_char_p * len(argv))(*[argument.encode() for argument in argv])
    return int(library.chdb_query_cmdline(len(argv), strings))


def main(engine: str, config: str, *protocols: str) -> int:
    """Serve until SIGTERM or SIGINT, or until the engine gives up."""
    read_end, write_end = os.pipe()
    ended = threading.Event()
    result = [1]

    def run() -> None:
        try:
            if engine.endswith((".so", ".dylib")):
                result[0] = call_library(engine, ["clickhouse", *arguments(config, read_end, protocols or ("http",))])
            else:
                command = [engine, "local", *arguments(config, read_end, protocols or ("http",))]
                result[0] = subprocess.run(command, pass_fds=[read_end], check=False).returncode
        finally:
            ended.set()

    def stop(*_: object) -> None:
        nonlocal write_end
        if write_end >= 0:
            os.close(write_end)
            write_end = -1

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    threading.Thread(target=run, daemon=True).start()
    ended.wait()
    return 0 if write_end < 0 else result[0] or 1


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    # The engine leaves threads behind; a normal exit of the interpreter would wait for them or crash.
    os._exit(code if 0 <= code < 256 else 1)
