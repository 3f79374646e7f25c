"""The embedded message broker: NATS JetStream, from its wheel. It runs from the first use of a stream on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from stir.addresses import LOOPBACK, SERVERS
from stir.errors import StirError
from stir.ingest.broker.protocol import MESSAGE_BYTES
from stir.local.machine import probe, process
from stir.local.machine.layout import write_private
from stir.local.service import EmbeddedService, server_environment

USER = "stir"
_HEADERS_BYTES = 65_536


class BrokerService(EmbeddedService):
    """`nats-server` with JetStream on loopback."""

    name = "broker"
    title = "broker"
    settings_fields = SERVERS["broker"]
    on_demand = True

    @property
    def marker(self) -> str:
        """The configuration file."""
        return str(self.folder / "nats.conf")

    def urls(self, port: int) -> dict[str, str]:
        """The server as its only user."""
        return {"broker_url": f"nats://{USER}:{self.credentials['broker']}@{LOOPBACK}:{port}"}

    def answers(self, port: int) -> bool:
        """Whether the server greets; it does so once JetStream has read its files."""
        return probe.nats_answers(port)

    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Write the configuration, which holds the password, and start the server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        write_private(self.folder / "nats.conf", self._config(port))
        command = [str(program()), "--config", self.marker]
        return process.spawn(command, log=self.log, environment=server_environment(), folder=self.folder)

    def _config(self, port: int) -> str:
        # JetStream confirms a message before it is on disk unless `sync_interval` is `always` (decision 0057).
        return f"""\
server_name: stir
listen: "{LOOPBACK}:{port}"
max_payload: {MESSAGE_BYTES + _HEADERS_BYTES}
max_pending: {8 * MESSAGE_BYTES}
jetstream {{
  store_dir: {json.dumps(str(self.folder / "data"), ensure_ascii=False)}
  sync_interval: always
}}
authorization {{
  user: {USER}
  password: "{self.credentials["broker"]}"
  timeout: 5
}}
"""


def program() -> Path:
    """Where nats-server is.

    Raises:
        StirError: it is not installed.
    """
    found = Path(sys.executable).parent / "nats-server"
    if not found.exists():
        raise StirError(
            "nats-server is missing", where=str(found), do="install requirements.lock into the environment again"
        )
    return found
