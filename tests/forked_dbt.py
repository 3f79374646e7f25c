"""dbt's processes, forked from one that has imported dbt: the import takes most of a short command's processor time.

The tests' `stir.transform.runner` starts this file as a program in place of `dbt_process.py`. It hands its arguments,
environment, folder and open files to the process that has imported dbt, passes signals on, and ends as dbt has ended.
Airflow's scheduler forks tasks in the same way (`stir_preload.py`).
"""

from __future__ import annotations

import os
import signal
import socket
import sys

STOPS = (signal.SIGINT, signal.SIGTERM)
LENGTH = 8
"""Bytes of the number in front of a request."""


def ask(address: str, arguments: list[str]) -> int:
    """Have dbt run with these arguments in a fork of the process at the address; the code with which it ended."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        words = [os.getcwdb(), str(len(arguments)).encode(), *map(os.fsencode, arguments)]  # noqa: PTH109  pathlib is slow
        words += [name + b"=" + value for name, value in os.environb.items()]
        request = b"\0".join(words)
        socket.send_fds(server, [len(request).to_bytes(LENGTH, "big")], [0, 1, 2])
        server.sendall(request)
        child = int.from_bytes(server.recv(LENGTH), "big")
        for number in STOPS:
            signal.signal(number, lambda number, _: os.kill(child, number))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        code = server.recv(LENGTH)
    return int.from_bytes(code, "big") if code else 1


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], sys.argv[2:]))
