"""A proxy in front of S3 that breaks reads on purpose: what networks and disks do, on demand."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydantic import SecretStr

from stir.settings import Settings

Fault = Callable[[int, bytes], tuple[int, bytes] | None]
"""Takes the number of the read of a part (from 1) and its bytes; gives status and bytes to send, or None to hang up
in the middle of them."""


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        server: FaultyS3 = self.server  # type: ignore[assignment]
        length = int(self.headers.get("Content-Length") or 0)
        upstream = http.client.HTTPConnection(server.host, server.port, timeout=30)
        upstream.request(self.command, self.path, self.rfile.read(length), dict(self.headers.items()))
        answer = upstream.getresponse()
        body = answer.read()
        status, sent, fault = answer.status, body, None
        if self.command == "GET" and "part-" in self.path and answer.status in (200, 206):
            with server.counting:
                server.reads += 1
                number = server.reads
            fault = server.fault(number, body)
            status, sent = fault or (status, body[: len(body) // 2])
            hang_up = fault is None
        else:
            hang_up = False
        self.send_response(status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                self.send_header(name, value)
        promised = answer.getheader("Content-Length") if hang_up or self.command == "HEAD" else None
        self.send_header("Content-Length", promised or str(len(sent)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent)
        if hang_up:
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class FaultyS3(ThreadingHTTPServer):
    """The proxy; `reads` counts the reads of parts."""

    daemon_threads = True

    def __init__(self, settings: Settings, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.host, self.port = settings.s3.host, settings.s3.port
        self.fault, self.reads, self.counting = fault, 0, threading.Lock()


@contextmanager
def faulty_s3(settings: Settings, fault: Fault) -> Iterator[tuple[Settings, FaultyS3]]:
    """Settings whose S3 is the proxy; ClickHouse still writes straight to the real one."""
    with FaultyS3(settings, fault) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        own = settings.s3
        url = f"http://{own.user}:{own.password}@127.0.0.1:{server.server_port}/{own.path}"
        through = settings.model_copy(update={"s3_url": SecretStr(url)})
        through.__dict__.pop("s3", None)  # a copy keeps what was worked out from the old address
        yield through, server
        server.shutdown()
