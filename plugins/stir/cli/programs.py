"""Programs that the tests need and that no Python package contains."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass

from stir.errors import StirError

_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_INSTALLING = threading.Lock()
"""Two apt-get processes cannot run at the same time."""


@dataclass(frozen=True)
class Program:
    """A program in a Debian package. On other systems it may have one of several names."""

    purpose: str
    package: str
    names: tuple[str, ...]

    def path(self) -> str | None:
        """Where it is, None if it is not installed."""
        return next((path for name in self.names if (path := shutil.which(name, path=_PATH))), None)

    def ensure(self) -> None:
        """Make sure that the program is installed: with apt-get as root, otherwise with one line of advice.

        Raises:
            StirError: the program is missing and cannot be installed here.
        """
        with _INSTALLING:
            if self.path():
                return
            advice = f"install it, for example `apt-get install {self.package}`"
            if os.geteuid() != 0 or not shutil.which("apt-get"):
                raise StirError(f"{self.purpose} needs {self.names[0]} and there is none on PATH", do=advice)
            print(f"stir: installing {self.package} with apt-get, for {self.purpose} needs it ...", file=sys.stderr)
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            install = ["apt-get", "install", "--yes", "--no-install-recommends", self.package]
            for command in (["apt-get", "update"], install):
                if subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=False).returncode:
                    raise StirError(f"`{' '.join(command)}` failed", do=advice)


CHROMIUM = Program("testing web pages", "chromium", ("chromium", "chromium-browser", "google-chrome"))
RABBITMQ = Program("testing RabbitMQ", "rabbitmq-server", ("rabbitmq-server",))
SSHD = Program("testing the ssh transport", "openssh-server", ("sshd",))
