"""`python -m stir`: the command line."""

import os
import signal
from types import FrameType
from typing import NoReturn


def _leave(signum: int, frame: FrameType | None) -> NoReturn:
    """While modules are being imported nothing has started yet, so there is nothing to clean up."""
    os.write(2, b"stir: interrupted; run the same command again to go on\n")
    os._exit(130)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _leave)

    from stir.cli.main import main

    main()
