"""npm: the machine's own, or one from a wheel, for as long as it is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

from stir.errors import StirError


def npm_command(folder: Path) -> list[str]:
    """How to run npm on this machine.

    Raises:
        StirError: there is none and none could be installed.
    """
    if npm := shutil.which("npm"):
        return [npm]
    raise StirError("npm is missing", do="install npm, then try again", where=str(folder))
