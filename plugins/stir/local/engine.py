"""The ClickHouse engine: libchdb.so out of an npm package, checked by its hash, kept in a cache for all checkouts.

The package comes from whatever registry this machine's npm is configured for. Only versions whose integrity stands
here are ever loaded.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from stir.errors import StirError
from stir.local.layout import file_lock
from stir.local.npm import npm_command
from stir.settings import Settings

_VERSION = "26.7.3-stable.1"
_MEMBER = "package/libchdb.so"
_WAIT_SECONDS = 1800


@dataclass(frozen=True)
class Package:
    """One published build of the engine."""

    name: str
    integrity: str
    packed_bytes: int

    @property
    def spec(self) -> str:
        """As npm is asked for it."""
        return f"{self.name}@{_VERSION}"


# Keyed by (system, machine). Builds for other platforms join when their integrity has been seen and they have been run.
PACKAGES = {
    ("Linux", "x86_64"): Package(
        "@chdb/lib-linux-x64-gnu",
        "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
        177_817_999,
    ),
}


def ensure_engine(settings: Settings) -> Path:
    """Path of the engine: from the cache, else fetched, else a `clickhouse` binary from PATH.

    Raises:
        StirError: there is no build for this platform and no binary, or the download failed or is corrupt.
    """
    package = PACKAGES.get((platform.system(), platform.machine()))
    library = cached_library(settings)
    if library.exists():
        return library
    if binary := shutil.which("clickhouse"):
        return Path(binary)
    if package is None:
        raise StirError(
            f"no ClickHouse engine is known for {platform.system()} on {platform.machine()}",
            do="put a `clickhouse` binary on PATH, or set STIR_CLICKHOUSE_URL to a server",
        )
    with file_lock(settings.cache_dir / "engine.lock", _WAIT_SECONDS, "the ClickHouse engine"):
        if not library.exists():  # another checkout may have fetched it while this one waited
            _fetch(package, library)
    return library


def cached_library(settings: Settings) -> Path:
    """Where the engine of this version lies in the cache, whether it is there or not."""
    return settings.cache_dir / f"chdb-{_VERSION}" / "libchdb.so"


def verify(archive: Path, integrity: str) -> None:
    """Compare a file with its npm integrity.

    Raises:
        StirError: they differ.
    """
    algorithm, _, expected = integrity.partition("-")
    with archive.open("rb") as stream:
        digest = hashlib.file_digest(stream, algorithm).digest()
    if base64.b64encode(digest).decode() != expected:
        raise StirError(
            "the downloaded ClickHouse engine is corrupt: its hash is not the expected one",
            where=archive.name,
            do="try again; if it stays so, the package registry in use delivers something else",
        )


def _fetch(package: Package, library: Path) -> None:
    cache = library.parents[1]
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as name:
        folder = Path(name)
        try:
            archive = _download(package, folder)
            verify(archive, package.integrity)
            _unpack(archive, library)
        except OSError as error:
            raise StirError(
                f"the ClickHouse engine cannot be stored: {error.strerror or error}",
                where=str(cache),
                do="free 1 GB there, or set STIR_CACHE_DIR to another place",
            ) from None


def _download(package: Package, folder: Path) -> Path:
    """Run `npm pack`, showing how far it is by what npm has stored so far."""
    command = [*npm_command(folder), "pack", package.spec, "--pack-destination", str(folder), "--loglevel", "error"]
    environment = os.environ | {"npm_config_cache": str(folder / "npm"), "npm_config_update_notifier": "false"}
    with (folder / "npm.log").open("w+b") as output, _progress() as progress:
        bar = progress.add_task("Fetching the ClickHouse engine", total=package.packed_bytes)
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder
        )
        try:
            while True:
                try:
                    code = child.wait(0.25)
                    break
                except subprocess.TimeoutExpired:
                    progress.update(bar, completed=min(_stored_bytes(folder), package.packed_bytes))
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        archives = list(folder.glob("*.tgz"))
        if code != 0 or len(archives) != 1:
            output.seek(0)
            raise StirError(
                f"npm could not fetch {package.spec}: {_reason(output.read().decode('utf-8', 'replace'))}",
                do="check the network and npm's registry setting, then try again",
            )
        progress.update(bar, completed=package.packed_bytes)
    return archives[0]


def _stored_bytes(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size  # noqa: PTH116, PTH118
            except FileNotFoundError:
                continue  # npm moves its temporary files while they are counted
    return total


def _reason(output: str) -> str:
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if line.startswith("npm error")]
    told = [line for line in lines if line and not line.startswith(("code", "A complete log", "errno", "syscall"))]
    return (told or lines or output.splitlines() or ["it said nothing"])[0][:200]


def _unpack(archive: Path, library: Path) -> None:
    library.parent.mkdir(parents=True, exist_ok=True)
    temporary = archive.with_name("libchdb.so")
    with tarfile.open(archive) as packed:
        source = packed.extractfile(_MEMBER)
        if source is None:
            raise StirError("the ClickHouse engine's package does not hold the library", where=_MEMBER)
        with source, temporary.open("wb") as target:
            shutil.copyfileobj(source, target, 4 << 20)
    temporary.chmod(0o755)
    temporary.replace(library)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
