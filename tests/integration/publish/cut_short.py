"""A publish in a process of its own that kills itself, as `kill -9` would, when it reaches a point.

Run as `python cut_short.py POINT [parallel]` with the services in the environment.
"""

from __future__ import annotations

import os
import signal
import sys

from stir.publish import publish
from stir.publish.export import snapshot
from stir.publish.load import stream
from stir.publish.progress import HostPoint, Observer, Point
from stir.settings import load_settings


def main(point: str, *options: str) -> None:
    """Publish the leaderboard up to `point`."""
    if "parallel" in options:
        snapshot.ROWS_PER_PART = 300
        stream.PARALLEL_FROM = stream.PARALLEL_CORES = 0

    class Killed(Observer):
        def reached(self, here: Point | HostPoint) -> None:
            if here == point:
                os.kill(os.getpid(), signal.SIGKILL)

    publish(load_settings(), "leaderboard", observer=Killed())


if __name__ == "__main__":
    main(*sys.argv[1:])
