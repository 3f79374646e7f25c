"""Free ports: chosen once, remembered, and replaced only if another program takes them."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import time

from stir.addresses import LOOPBACK
from stir.errors import StirError
from stir.local.machine.layout import Layout, read_json, write_private

# Below the range from which kernels take ports of outgoing connections (32768 on Linux, 49152 on macOS), so that a
# remembered port is not lost to some client while the service is down.
_RANGE = (20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _becomes_free(port: int, seconds: float = 1) -> bool:
    """As `is_free`, but wait a little: a server that was just killed releases its port somewhat later."""
    deadline = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def find_free(avoid: set[int]) -> int:
    """A free port that is not among `avoid`.

    Raises:
        StirError: a thousand random ports were all taken.
    """
    for _ in range(1000):
        port = random.randrange(*_RANGE)  # noqa: S311 - a port is no secret
        if port not in avoid and is_free(port):
            return port
    raise StirError("no free port was found", where=f"{LOOPBACK}:{_RANGE[0]}-{_RANGE[1]}", do="end some servers")


class Ports:
    """Port of each service of one checkout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ports: dict[str, int] = {}
        with contextlib.suppress(StirError, TypeError, ValueError):  # a damaged file only means new ports
            self._ports |= {name: int(port) for name, port in read_json(layout.ports).items()}

    def get(self, service: str) -> int | None:
        """The remembered port."""
        return self._ports.get(service)

    def claim(self, service: str, demanded: int | None) -> tuple[int, str | None]:
        """The port for the next start of the service, and a message about it.

        Call it only while the service is down, so that a taken port belongs to another program.

        Raises:
            StirError: the configured port is taken.
        """
        if demanded is not None:
            if not _becomes_free(demanded):
                raise StirError(
                    f"port {demanded} is taken by another program",
                    where=f"STIR_LOCAL_{service.upper()}_PORT",
                    do="choose another port or leave the variable unset",
                )
            self.remember(service, demanded)
            return demanded, None
        remembered = self._ports.get(service)
        if remembered is not None and _becomes_free(remembered):
            return remembered, None
        port = find_free(set(self._ports.values()))
        self.remember(service, port)
        note = f"port {remembered} of {service} is taken by another program; using {port} from now on"
        return port, note if remembered is not None else None

    def remember(self, service: str, port: int) -> None:
        """Keep the port of a service."""
        if self._ports.get(service) == port:
            return
        self._ports[service] = port
        write_private(self._layout.ports, json.dumps(self._ports, indent=1, sort_keys=True) + "\n")
