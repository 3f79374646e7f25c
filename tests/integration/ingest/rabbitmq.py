"""A RabbitMQ of the tests' own, from the system's package, as an ordinary user and on loopback only."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stir.cli.programs import RABBITMQ
from stir.errors import StirError
from stir.local.machine.ports import find_free

_SECONDS = 300


class RabbitMq:
    """One node in a folder of its own."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="stir-rabbitmq-"))
        self.port, self._distribution, self._epmd, self._management = (find_free(set()) for _ in range(4))
        self.password = secrets.token_hex(12)
        self._process: subprocess.Popen[bytes] | None = None
        self._names: subprocess.Popen[bytes] | None = None
        self._user: str | None = None
        if os.geteuid() == 0:
            self._user = "nobody"
            shutil.chown(self.folder, self._user)
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n"
            f"default_user = stir\ndefault_pass = {self.password}\n"
            f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self._management}\n"
            "disk_free_limit.absolute = 50MB\nlog.console.level = warning\n"
        )
        (self.folder / "plugins").write_text("[rabbitmq_management].\n")

    @property
    def url(self) -> str:
        """The node's address."""
        return f"amqp://stir:{self.password}@127.0.0.1:{self.port}/"

    @property
    def management_url(self) -> str:
        """The address of the node's management API, for the same user."""
        return f"http://127.0.0.1:{self._management}"

    @property
    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        return {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd),
            "RABBITMQ_NODENAME": f"stir{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/none",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data",
            "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
        }

    def start(self) -> None:
        """Start the node and wait until it takes connections."""
        # The program on PATH changes to a user of the system's; the one of the library runs as whoever calls it.
        programs = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
        if not programs:
            raise StirError("RabbitMQ's own program was not found", do=f"install the package {RABBITMQ.package}")
        if self._names is None:
            # A node would start Erlang's name server as a daemon, which outlives it.
            self._names = self._spawn("epmd", "-port", str(self._epmd), "-address", "127.0.0.1")
        self._process = self._spawn(str(programs[-1]))
        deadline = time.monotonic() + _SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise StirError(f"RabbitMQ did not start: {(self.folder / 'output').read_text()[-500:]}")
            time.sleep(0.1)

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                arguments,
                env=self._environment,
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self._user,
                group=pwd.getpwnam(self._user).pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
            )

    def kill(self) -> None:
        """End the node as a crash would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the node and Erlang's name server, and remove the folder."""
        self.kill()
        if self._names is not None:
            self._names.kill()
            self._names.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def rabbitmq() -> Iterator[RabbitMq]:
    """A running node."""
    RABBITMQ.ensure()
    node = RabbitMq()
    try:
        node.start()
        yield node
    finally:
        node.stop()
