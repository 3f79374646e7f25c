"""Publishes in processes of their own that kill themselves, as `kill -9` would, when they reach a point.

Run as `python cut_short.py` with the services in the environment. Each line of its input is `NAME POINT` or
`NAME parallel POINT`; it forks, so that only the first publish waits for imports, and answers with the return code.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace

from stir.publish import SPECS, publish
from stir.publish.export import slices
from stir.publish.load import stream
from stir.publish.progress import HostPoint, Observer, Point
from stir.publish.spec import PublishSpec
from stir.settings import load_settings

BY_MONTH = replace(
    SPECS["leaderboard"], name="by_month", mart="mart_by_month", table="by_month", mode="partition", carry_by="month"
)
"""The leaderboard in mode `partition`, as a table of the tests' own."""


def known(spec: PublishSpec = BY_MONTH) -> PublishSpec:
    """The spec, known by its name."""
    return SPECS.setdefault(spec.name, spec)


def until(name: str, point: str) -> None:
    """Publish a table up to `point`."""

    class Killed(Observer):
        def reached(self, here: Point | HostPoint) -> None:
            if here == point:
                os.kill(os.getpid(), signal.SIGKILL)

    publish(load_settings(), name, observer=Killed())


def main() -> None:
    """Answer line after line."""
    known()
    for line in sys.stdin:
        name, _, point = line.rstrip("\n").partition(" ")
        if not (child := os.fork()):
            if point.startswith("parallel "):
                point = point.removeprefix("parallel ")
                slices.ROWS_PER_PART = 300
                stream.PARALLEL_FROM = stream.PARALLEL_CORES = 0
            try:
                until(name, point)
            except BaseException:
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
