"""Two embedded ClickHouse servers as the two shards of one cluster, for bench/cluster.py.

The engine refuses statements ON CLUSTER and replicated tables, which need Keeper. So statements go through a small HTTP
server that does both in its place: a statement ON CLUSTER goes to each shard without the clause, Replicated engines
become the plain ones, and what changes a table that is whole on every server goes to each of them, too. Everything else
goes to shard 1 as it is. What this shows and what not: docs/cluster.md.
"""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import SubElement, tostring

import httpx
from defusedxml.ElementTree import fromstring

from stir.addresses import LOOPBACK
from stir.local.clickhouse import engine, server_process
from stir.local.clickhouse.config import QUERY_MEMORY, WRITER, ServerConfig, render_server, render_users
from stir.local.machine import probe
from stir.local.machine.layout import write_private
from stir.local.machine.ports import find_free
from stir.settings import Settings

CLUSTER = "stir"
START_SECONDS = 120
_ON_CLUSTER = re.compile(rb'\s+on\s+cluster\s+["`]?\w+["`]?(\s+sync)?', re.IGNORECASE)
_REPLICATED = re.compile(rb"Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?")
_CHANGE = re.compile(
    rb"\s*(?:/\*.*?\*/\s*)?(?:insert\s+into|alter\s+table|delete\s+from|truncate\s+table|optimize\s+table)\s+([^\s(]+)",
    re.IGNORECASE | re.DOTALL,
)
_PEERS = {
    # A closed connection ends the embedded engine, whose native protocol is not meant to be served: wait instead.
    "use_hedged_requests": "0",
    "connect_timeout_with_failover_ms": "60000",
    "async_socket_for_remote": "0",
}


class TwoShards:
    """Both servers and what stands before them. `host`, `port`, `user` and `password` are those of the cluster."""

    host = LOOPBACK
    user = WRITER

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self.password = secrets.token_urlsafe(24)
        ports: list[int] = []
        for _ in range(4):
            ports.append(find_free(set(ports)))
        self._http, self._native = ports[:2], ports[2:]
        self._servers: list[subprocess.Popen[bytes]] = []
        self._front = ThreadingHTTPServer(
            (LOOPBACK, 0), _handler(self._http, {"user": self.user, "password": self.password})
        )
        self.port = int(self._front.server_address[1])

    def __enter__(self) -> TwoShards:
        library = str(engine.ensure_engine(self._settings))
        for number in range(2):
            folder = self._folder / f"shard-{number + 1}"
            for name in ("data/metadata", "temporary", "user_files"):
                (folder / name).mkdir(parents=True, exist_ok=True)
            write_private(folder / "config.xml", self._config(folder, number))
            write_private(folder / "users.xml", self._users(folder, number))
            command = [
                sys.executable,
                "-I",
                server_process.__file__,
                library,
                str(folder / "config.xml"),
                "http",
                "tcp",
            ]
            with (folder / "log").open("wb") as log:
                self._servers.append(subprocess.Popen(command, stdout=log, stderr=log))
        end = time.monotonic() + START_SECONDS
        while not all(probe.http_answers(port, "/ping", expect=b"Ok.") for port in self._http):
            if time.monotonic() > end or any(server.poll() is not None for server in self._servers):
                self.__exit__()
                raise SystemExit(f"the two servers do not start: see {self._folder}/shard-*/log")
            time.sleep(0.2)
        threading.Thread(target=self._front.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._front.server_close()
        for server in self._servers:
            server.terminate()
        for server in self._servers:
            server.wait(60)

    def ask(self, statement: str, body: bytes = b"", *, shard: int = 0) -> bytes:
        """The answer to a statement: of the cluster, or of shard 1 or 2 alone. `body` are rows that it inserts.

        Raises:
            RuntimeError: the statement failed.
        """
        query = {"user": self.user, "password": self.password, "insert_distributed_sync": "1"}
        url = f"http://{LOOPBACK}:{self._http[shard - 1] if shard else self.port}/"
        if body:
            query["query"] = statement
        answer = httpx.post(url, params=query, content=body or statement.encode(), timeout=3600)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{statement[:200]}: {answer.text[:500]}")
        return answer.content

    def _values(self, folder: Path, number: int) -> ServerConfig:
        return ServerConfig(
            folder=folder,
            port=self._http[number],
            writer_password=self.password,
            reader_password=secrets.token_urlsafe(24),
            scorer_password=secrets.token_urlsafe(24),
            s3_collection="unused",
            s3_url="http://127.0.0.1:9/unused/",
            s3_key="unused",
            s3_secret=secrets.token_urlsafe(8),
            server_memory=2 * QUERY_MEMORY,
            query_memory=QUERY_MEMORY,
        )

    def _config(self, folder: Path, number: int) -> str:
        root = fromstring(render_server(self._values(folder, number)))
        SubElement(root, "tcp_port").text = str(self._native[number])
        cluster = SubElement(SubElement(root, "remote_servers"), CLUSTER)
        for port in self._native:
            replica = SubElement(SubElement(cluster, "shard"), "replica")
            for tag, value in (("host", LOOPBACK), ("port", str(port)), ("user", WRITER), ("password", self.password)):
                SubElement(replica, tag).text = value
        return tostring(root, encoding="unicode")

    def _users(self, folder: Path, number: int) -> str:
        root = fromstring(render_users(self._values(folder, number)))
        for profile in root.iterfind("profiles/default"):
            for name, value in _PEERS.items():
                SubElement(profile, name).text = value
        return tostring(root, encoding="unicode")


def _handler(ports: list[int], login: dict[str, str]) -> type[BaseHTTPRequestHandler]:
    client = httpx.Client(timeout=3600)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Nothing: statements may hold rows."""

        def do_GET(self) -> None:
            self._pass_on(None)

        def do_POST(self) -> None:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                body = b""
                while size := int(self.rfile.readline().strip() or b"0", 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._pass_on(body)

        def _changes_a_whole_table(self, statement: bytes) -> bool:
            found = _CHANGE.match(statement)
            if not found:
                return False
            name = found[1].decode()
            engine = client.post(f"http://{LOOPBACK}:{ports[0]}/", params=login, content=f"show create table {name}")
            return engine.status_code == httpx.codes.OK and "Distributed(" not in engine.text

        def _pass_on(self, body: bytes | None) -> None:
            skipped = ("host", "content-length", "transfer-encoding")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in skipped}
            statement = (parse_qs(urlsplit(self.path).query).get("query") or [""])[0].encode() or body or b""
            servers = ports if _ON_CLUSTER.search(statement) or self._changes_a_whole_table(statement) else ports[:1]
            if body:
                body = _REPLICATED.sub(rb"\1(", _ON_CLUSTER.sub(b"", body))
            for port in servers:
                answer = client.request(
                    self.command, f"http://{LOOPBACK}:{port}{self.path}", content=body, headers=headers
                )
                if answer.status_code != httpx.codes.OK:
                    break
            content = answer.content  # decoded by the client, so it is sent without an encoding
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in (*skipped, "connection", "keep-alive", "content-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
