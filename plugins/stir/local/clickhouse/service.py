"""The embedded ClickHouse."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import uuid
from pathlib import Path

import psutil

from stir.addresses import LOOPBACK, SERVERS, WEB_PORTS, Endpoint
from stir.errors import StirError
from stir.local.clickhouse import engine, server_process
from stir.local.clickhouse.config import (
    QUERY_MEMORY,
    READER,
    SCORER,
    WRITER,
    ServerConfig,
    render_server,
    render_users,
    server_memory,
)
from stir.local.machine import probe, process
from stir.local.machine.layout import write_private
from stir.local.service import EmbeddedService, server_environment


class ClickHouseService(EmbeddedService):
    """A ClickHouse server made of libchdb or of a `clickhouse` binary."""

    name = "clickhouse"
    title = "ClickHouse"
    settings_fields = SERVERS["clickhouse"]

    s3_url: str | None = None
    """The address in the named collection. The supervisor sets it, because S3 may be the user's own."""
    s3_is_external = False
    """Whether that is the user's own server."""

    @property
    def marker(self) -> str:
        """The configuration file."""
        return str(self.folder / "config.xml")

    @property
    def fingerprint(self) -> str:
        """What the server is started with: what the user has set, then the address of the embedded S3. A setting of
        one command (database, memory of a query) is no part of it."""
        embedded = "" if self.s3_is_external else self.s3_url
        chosen = f"{self.s3_url if self.s3_is_external else ''}|{self.settings.s3_named_collection}"
        return "-".join(hashlib.sha256(f"{part}".encode()).hexdigest()[:16] for part in (chosen, embedded))

    def check_settings(self) -> None:
        """Raises:
        StirError: it runs with other settings of the server than this command's.
        """
        record = process.load_record(self.layout, self.name)
        started_with, dash, _ = (record.fingerprint if record else "").partition("-")
        if dash and started_with != self.fingerprint.partition("-")[0] and self.process() is not None:
            raise StirError(
                "ClickHouse runs with another STIR_S3_URL or STIR_S3_NAMED_COLLECTION than this command has",
                where="these are settings of the server",
                do="unset them, or put them into .env and run `./stir down`, then `./stir up`",
            )

    def urls(self, port: int) -> dict[str, str]:
        """The server as its three users."""
        writer, reader = self.credentials["clickhouse_writer"], self.credentials["clickhouse_reader"]
        scorer = self.credentials["clickhouse_scorer"]
        return {
            "clickhouse_url": f"http://{WRITER}:{writer}@{LOOPBACK}:{port}",
            "clickhouse_reader_url": f"http://{READER}:{reader}@{LOOPBACK}:{port}",
            "clickhouse_scorer_url": f"http://{SCORER}:{scorer}@{LOOPBACK}:{port}",
        }

    def answers(self, port: int) -> bool:
        """Whether /ping says Ok."""
        return probe.http_answers(port, "/ping", expect=b"Ok.")

    def fetch(self) -> None:
        """Fetch the engine into the cache."""
        engine.ensure_engine(self.settings)

    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Write the configuration and start the server."""
        for name in ("data/metadata", "temporary", "user_files"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._keep_system_database()
        config = self._config(port)
        write_private(self.folder / "config.xml", render_server(config))
        write_private(self.folder / "users.xml", render_users(config))
        command = [
            sys.executable,
            "-I",
            server_process.__file__,
            str(engine.ensure_engine(self.settings)),
            self.marker,
        ]
        return process.spawn(command, log=self.log, environment=server_environment(), folder=self.folder)

    def _config(self, port: int) -> ServerConfig:
        s3 = Endpoint(self.s3_url or "", WEB_PORTS)
        memory = server_memory(psutil.virtual_memory().total, _memory_of_group())
        return ServerConfig(
            folder=self.folder,
            port=port,
            writer_password=self.credentials["clickhouse_writer"],
            reader_password=self.credentials["clickhouse_reader"],
            scorer_password=self.credentials["clickhouse_scorer"],
            s3_collection=self.settings.s3_named_collection,
            s3_url=f"{s3.scheme}://{s3.host}:{s3.port}/{s3.path}/",
            s3_key=s3.user,
            s3_secret=s3.password,
            server_memory=memory,
            query_memory=min(QUERY_MEMORY, memory * 9 // 10),
        )

    def _keep_system_database(self) -> None:
        """Have `system` on disk. `clickhouse local` otherwise makes it in memory at each start, and then the query
        log of the second run fails: its folder exists already."""
        declaration = self.folder / "data" / "metadata" / "system.sql"
        if not declaration.exists():
            declaration.write_text(f"attach database _ uuid '{uuid.uuid4()}' engine = Atomic\n", encoding="utf-8")


def _memory_of_group() -> str:
    with contextlib.suppress(OSError):
        return Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")
    return "max"
