"""Other tools that move a table, installed from PyPI into an environment of their own, each run as its users run it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bench.contenders.table import Bench
from stir.errors import StirError
from stir.publish.session import writer
from stir.settings import Settings

SLING = "sling-{system}-{machine}"
PACKAGES = ("dlt[postgres]==1.31.0", "adbc-driver-postgresql==1.13.0", "pyarrow==26.0.1", "clickhouse-connect==1.12.0")
SLING_VERSION = "1.4.11"
"""The newest whose program itself is on PyPI; later ones download it from elsewhere."""


class Peers:
    """dlt, sling and ADBC, in a folder that outlasts a run."""

    def __init__(self, settings: Settings, bench: Bench) -> None:
        self._settings, self._bench = settings, bench
        self._folder = settings.cache_dir / "bench-peers"
        self._scripts = Path(__file__).parent

    def contenders(self) -> dict[str, Callable[[], None]]:
        """Name to function."""
        return {"sling full-refresh": self.sling, "dlt CSV replace": self.dlt, "ADBC binary COPY": self.adbc}

    def start(self, contender: str) -> None:
        """Have a peer written in Python import what it needs, which is not what is measured."""
        script = {"dlt CSV replace": "run_dlt.py", "ADBC binary COPY": "run_adbc.py"}.get(contender)
        if script:
            self._clear()
            self._waiting = self._begin([self._python, str(self._scripts / script)], {})
            if self._waiting.stdout and self._waiting.stdout.readline().strip() != "ready":
                self._finish(self._waiting)

    def install(self) -> None:
        """Make the environment once.

        Raises:
            StirError: pip could not.
        """
        system = {"linux": "linux", "darwin": "mac"}[sys.platform]
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
        wanted = [*PACKAGES, f"{SLING.format(system=system, machine=machine)}=={SLING_VERSION}"]
        mark = self._folder / "installed.json"
        if mark.exists() and json.loads(mark.read_text()) == wanted:
            return
        venv.create(self._folder, with_pip=True, clear=True)
        done = subprocess.run(
            [self._python, "-m", "pip", "install", "-q", *wanted], check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise StirError(
                f"the peers could not be installed: {done.stderr.strip().splitlines()[-1]}",
                do="run with --no-peers, or let pip reach PyPI",
            )
        mark.write_text(json.dumps(wanted))

    @property
    def _python(self) -> str:
        return str(self._folder / "bin" / "python")

    def sling(self) -> None:
        """Its command line, full refresh."""
        program = next(self._folder.glob("lib/python*/site-packages/sling_*/bin/sling-*"))
        program.chmod(0o755)
        source, target = self._settings.clickhouse, urlsplit(self._settings.postgres_dsn())
        clickhouse = {
            "type": "clickhouse",
            "http_url": f"http://{source.user}:{source.password}@{source.host}:{source.port}/"
            f"{self._settings.clickhouse_database}",
        }
        self._clear()
        run = self._begin(
            [
                str(program), "run", "--src-conn", "CH", "--src-stream", self._bench.mart,
                "--tgt-conn", "PG", "--tgt-object", "stir.by_sling", "--mode", "full-refresh",
            ],
            {
                "CH": json.dumps(clickhouse),
                "PG": f"{target.geturl()}?sslmode=disable",
                "SLING_DISABLE_TELEMETRY": "true",
            },
        )  # fmt: skip
        self._finish(run)
        self._bench.finish("by_sling")

    def dlt(self) -> None:
        """A resource of Arrow tables, loaded through CSV files, replacing the table."""
        self._finish(self._waiting)
        with writer(self._settings, "prod") as connection:
            connection.execute("alter table by_dlt.by_dlt set schema stir")
        self._bench.finish("by_dlt")

    def adbc(self) -> None:
        """Arrow record batches into the driver's binary COPY."""
        self._finish(self._waiting)
        self._bench.finish("by_adbc")

    def _clear(self) -> None:
        with writer(self._settings, "prod") as connection:
            # dlt keeps books of its own beside the table, which must not outlive it.
            connection.execute("drop schema if exists by_dlt cascade")
            for name in ("by_sling", "by_dlt", "by_adbc"):
                connection.execute(f"drop table if exists stir.{name}".encode())

    def _begin(self, command: list[str], more: dict[str, str]) -> subprocess.Popen[str]:
        source = self._settings.clickhouse
        variables = {
            **os.environ,
            "BENCH_CLICKHOUSE": json.dumps([source.host, source.port, source.user, source.password]),
            "BENCH_POSTGRES": self._settings.postgres_dsn(),
            "BENCH_TABLE": self._bench.mart,
            "BENCH_MAPS": json.dumps([c.name for c in self._bench.spec.columns if c.type.startswith("Map")]),
            "DLT_DATA_DIR": tempfile.mkdtemp(dir=self._bench.folder),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
            **more,
        }
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=variables, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def _finish(self, run: subprocess.Popen[str]) -> None:
        """Let it go on to its end.

        Raises:
            StirError: it failed.
        """
        out, complaints = run.communicate("go\n")
        if run.returncode:
            lines = [line for line in (complaints or out).splitlines() if "rror" in line] or ["no reason given"]
            raise StirError(f"{Path(str(run.args[0])).name} failed: {lines[-1]}")  # type: ignore[index]
