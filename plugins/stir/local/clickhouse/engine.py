"""The ClickHouse engine: libchdb.so out of an npm package, checked by its hash, kept in a cache for all checkouts.

The package comes from whatever registry this machine's npm is configured for. Only versions whose integrity stands
here are ever loaded.
"""

from __future__ import annotations

import base64
import hashlib
import platform
import shutil
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from stir.errors import StirError
from stir.local.machine.layout import file_lock
from stir.settings import Settings

_VERSION = "26.7.3-stable.1"
_MEMBER = "package/libchdb.so"
_WAIT_SECONDS = 1800
_NEEDED_BYTES = 1_200_000_000  # npm's copy, the archive and the library, for the time of the fetch


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
    library = cached_library(settings)
    if library.exists():
        return library
    if binary := shutil.which("clickhouse"):
        return Path(binary)
    build = package()
    if build is None:
        raise StirError(
            f"no ClickHouse engine is known for {platform.system()} on {platform.machine()}",
            do="put a `clickhouse` binary on PATH, or set STIR_CLICKHOUSE_URL to a server",
        )
    with file_lock(settings.cache_dir / "engine.lock", _WAIT_SECONDS, "the ClickHouse engine"):
        if not library.exists():  # another checkout may have fetched it while this one waited
            _fetch(build, library)
    return library


def package() -> Package | None:
    """The build for this platform."""
    return PACKAGES.get((platform.system(), platform.machine()))


def cached_library(settings: Settings) -> Path:
    """Where the engine of this version lies in the cache, whether it is there or not."""
    return settings.cache_dir / f"chdb-{_VERSION}" / "libchdb.so"


def is_intact(library: Path) -> bool:
    """Whether the cached library is still what was unpacked. Reads all of it: about a second."""
    try:
        noted = _note(library).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return False
    with library.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == noted


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
    from stir.local.clickhouse import (
        npm,  # brings rich along, which a command that finds the engine in place does not need
    )

    cache = library.parents[1]
    for left_over in cache.glob(".fetch-*"):  # of a fetch that was killed; the lock says that none is under way
        shutil.rmtree(left_over, ignore_errors=True)
    free = shutil.disk_usage(cache).free
    if free < _NEEDED_BYTES:
        raise StirError(
            f"fetching the ClickHouse engine takes {_NEEDED_BYTES / 1e9:.1f} GB of disk; {free / 1e9:.1f} GB are free",
            where=str(cache),
            do="free some space, or set STIR_CACHE_DIR to another place",
        )
    with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            archive = npm.pack(package.spec, package.packed_bytes, folder)
            verify(archive, package.integrity)
            _unpack(archive, library)
        except OSError as error:
            raise StirError(
                f"the ClickHouse engine cannot be stored: {error.strerror or error}",
                where=str(cache),
                do="free 1 GB there, or set STIR_CACHE_DIR to another place",
            ) from None


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
    with temporary.open("rb") as stream:
        _note(library).write_text(hashlib.file_digest(stream, "sha256").hexdigest() + "\n", encoding="utf-8")
    temporary.replace(library)


def _note(library: Path) -> Path:
    """Where the library's hash is noted, for `is_intact`."""
    return library.with_suffix(".sha256")
