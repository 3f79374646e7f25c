"""A publish in a process of its own that kills itself, as `kill -9` would, when it reaches a boundary.

Run as `python cut_short.py POINT [parallel]` with the services in the environment.
"""

from __future__ import annotations

import os
import signal
import sys

from stir.publish import boundary, publish
from stir.publish.export import snapshot
from stir.publish.load import stream
from stir.settings import load_settings


def main(point: str, *options: str) -> None:
    """Publish the leaderboard up to `point`."""
    if "parallel" in options:
        snapshot.ROWS_PER_PART = 300
        stream.PARALLEL_FROM = stream.PARALLEL_CORES = 0

    def die(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    with boundary.listening(die):
        publish(load_settings(), "leaderboard")


if __name__ == "__main__":
    main(*sys.argv[1:])
