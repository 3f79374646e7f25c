"""The PostgreSQL host as ssh sees it: a real sshd on a free port, keys of its own, an account that is nobody special.

PostgreSQL answers there on a local socket (the embedded server has none, so this passes bytes on to its TCP port), as a
role that is no superuser, whose password is in a file of that account alone.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from stir.cli.programs import SSHD
from stir.local.postgres.service import binary
from stir.settings import Settings

SOCKET_PORT = 5432


@dataclass
class PostgresHost:
    """A running sshd, and settings that publish through it."""

    settings: Settings
    folder: Path
    jobs: Path
    daemon: psutil.Process

    def cut_sessions(self) -> int:
        """Kill every session of sshd, as a network that goes away would; returns how many there were."""
        sessions = self.daemon.children(recursive=False)
        for session in sessions:
            with contextlib.suppress(psutil.NoSuchProcess):
                session.kill()
        return len(sessions)

    def loaders(self) -> list[psutil.Process]:
        """The psql processes of jobs."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if "load.sql" in process.cmdline() and process.name() != "sh":
                    found.append(process)
        return found

    def log(self) -> str:
        """What sshd wrote."""
        return (self.folder / "sshd.log").read_text()


def sshd() -> str:
    """Path of sshd."""
    found = SSHD.path()
    assert found, "the ssh transport is tested through a real sshd: install openssh-server"
    return found


@contextmanager
def _account() -> Iterator[str]:
    """An account without rights; a user who is not root is one already."""
    if os.geteuid() != 0:
        yield pwd.getpwuid(os.geteuid()).pw_name
        return
    name = f"stir-ssh-{os.getpid()}"  # the tests of another checkout have another
    # A password that nothing matches: an account without any counts as locked.
    create = ["useradd", "--system", "--no-create-home", "--shell", "/bin/sh", "--password", "*", name]
    subprocess.run(create, check=True, capture_output=True)
    try:
        yield name
    finally:
        subprocess.run(["userdel", name], check=False, capture_output=True)


@contextmanager
def _local_socket(path: Path, port: int) -> Iterator[None]:
    """A unix socket on which PostgreSQL answers."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o777)
        server.listen()

        def pump(source: socket.socket, sink: socket.socket) -> None:
            with contextlib.suppress(OSError):
                while chunk := source.recv(1 << 16):
                    sink.sendall(chunk)
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = server.accept()
                    upstream = socket.create_connection(("127.0.0.1", port))
                    for pair in ((client, upstream), (upstream, client)):
                        threading.Thread(target=pump, args=pair, daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres_host(settings: Settings) -> Iterator[PostgresHost]:
    """An sshd for as long as the block lasts."""
    path = sshd()
    port = _free_port()
    to = urlsplit(settings.postgres_dsn())
    with _account() as account, tempfile.TemporaryDirectory(prefix="stir-ssh-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for key in ("host_key", "client_key"):
            generate = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)]
            subprocess.run(generate, check=True, capture_output=True)
        shutil.copy(folder / "client_key.pub", folder / "authorized_keys")
        kind, host_key = (folder / "host_key.pub").read_text().split()[:2]
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {kind} {host_key}\n")
        services = "".join(
            f"[stir_{target}]\nhost={folder}\nport={SOCKET_PORT}\nuser={to.username}\ndbname={database}\n"
            for target, database in (("prod", to.path[1:]), ("staging", f"{to.path[1:]}_staging"))
        )
        (folder / "services").write_text(services)
        (folder / "passwords").write_text(f"*:*:*:{to.username}:{to.password}\n")
        (folder / "passwords").chmod(0o600)
        jobs = folder / "jobs"
        jobs.mkdir()
        if os.geteuid() == 0:
            for owned in (folder / "passwords", jobs):
                shutil.chown(owned, account)
            Path("/run/sshd").mkdir(exist_ok=True)
        (folder / "config").write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\nUsePAM no\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nPasswordAuthentication no\n"
            f"PermitRootLogin no\nAllowUsers {account}\nMaxStartups 100\n"
            f"SetEnv PGSERVICEFILE={folder}/services PGPASSFILE={folder}/passwords\n"
        )
        daemon = subprocess.Popen([path, "-D", "-f", str(folder / "config"), "-E", str(folder / "sshd.log")])
        with _local_socket(folder / f".s.PGSQL.{SOCKET_PORT}", to.port or 5432):
            try:
                _wait_for(port)
                through = settings.model_copy(
                    update={
                        "publish_transport": "ssh",
                        "ssh_url": f"ssh://{account}@127.0.0.1:{port}",
                        "ssh_key_file": folder / "client_key",
                        "ssh_known_hosts": folder / "known_hosts",
                        "ssh_psql": str(binary("psql")),
                        "ssh_folder": str(jobs),
                    }
                )
                yield PostgresHost(through, folder, jobs, psutil.Process(daemon.pid))
            finally:
                daemon.terminate()
                daemon.wait(60)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("sshd does not answer")
