"""The ClickHouse engine: libchdb.so out of an npm package, checked by its hash, kept in a cache for all checkouts.

The package comes from whatever registry this machine's npm is configured for. Where the integrity of a build stands
here, only that build is ever loaded. For the other platforms the integrity that the registry states at the first fetch
is kept in the cache, and a registry that later states another one is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import platform
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stir.errors import StirError
from stir.local.machine.layout import file_lock
from stir.settings import Settings

_VERSION = "26.7.3-stable.1"
_MEMBERS = ("package/libchdb.so", "package/libchdb.dylib")  # the first on every platform so far
_WAIT_SECONDS = 1800
_NEEDED_BYTES = 1_200_000_000  # npm's copy, the archive and the library, for the time of the fetch


@dataclass(frozen=True)
class Package:
    """One published build of the engine. `integrity` is empty where the registry's own statement has to do."""

    name: str
    packed_bytes: int
    integrity: str = ""

    @property
    def spec(self) -> str:
        """The package as an argument for npm."""
        return f"{self.name}@{_VERSION}"


# Keyed by (system, machine), as the `platform` module names them. The integrity stands here for the build that has been
# fetched and run by those who write stir.
PACKAGES = {
    ("Linux", "x86_64"): Package(
        "@chdb/lib-linux-x64-gnu",
        177_817_999,
        "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
    ),
    ("Linux", "aarch64"): Package("@chdb/lib-linux-arm64-gnu", 170_000_000),
    ("Darwin", "arm64"): Package("@chdb/lib-darwin-arm64", 110_000_000),
    ("Darwin", "x86_64"): Package("@chdb/lib-darwin-x64", 120_000_000),
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
            _fetch(settings, build, library)
    return library


def package(system: str | None = None, machine: str | None = None) -> Package | None:
    """The build for a platform, by default this one; None where none is published."""
    return PACKAGES.get((system or platform.system(), machine or platform.machine()))


def stated_integrities(settings: Settings) -> Path:
    """The file that remembers, per package and version, what the registry stated at the first fetch."""
    return settings.cache_dir / "engine-integrity.json"


def cached_library(settings: Settings) -> Path:
    """The path of this version's engine in the cache, whether it exists or not."""
    return settings.cache_dir / f"chdb-{_VERSION}" / "libchdb.so"


def is_intact(library: Path) -> bool:
    """Whether the cached library is still what was unpacked. Reads all of it: about a second."""
    try:
        noted = _note(library).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return False
    with library.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == noted


def expected_integrity(package: Package, remembered: Path, stated: Callable[[str], str]) -> str:
    """What the archive of a package must hash to.

    Args:
        remembered: the file with the statements of earlier fetches; a first statement is added to it.
        stated: asks the registry for the integrity of a spec.

    Raises:
        StirError: the registry states something else than at the first fetch.
    """
    if package.integrity:
        return package.integrity
    known: dict[str, str] = json.loads(remembered.read_text(encoding="utf-8")) if remembered.exists() else {}
    now = stated(package.spec)
    first = known.setdefault(package.spec, now)
    if first != now:
        raise StirError(
            f"the package registry states another integrity for {package.spec} than at the first fetch",
            where=str(remembered),
            do="find out why the package was replaced; remove that file only if you trust the new one",
        )
    written = remembered.with_suffix(".new")
    written.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    written.replace(remembered)
    return first


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
            do="try again; if the error stays, the package registry in use delivers a different file",
        )


def _fetch(settings: Settings, package: Package, library: Path) -> None:
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
            command = npm.npm_command(folder / "node")
            expected = expected_integrity(
                package, stated_integrities(settings), lambda spec: npm.stated_integrity(command, spec, folder)
            )
            archive = npm.pack(command, package.spec, package.packed_bytes, folder)
            verify(archive, expected)
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
        member = next((name for name in packed.getnames() if name in _MEMBERS), "")
        source = packed.extractfile(member) if member else None
        if source is None:
            raise StirError("the ClickHouse engine's package does not hold the library", where=_MEMBERS[0])
        with source, temporary.open("wb") as target:
            shutil.copyfileobj(source, target, 4 << 20)
    temporary.chmod(0o755)
    with temporary.open("rb") as stream:
        _note(library).write_text(hashlib.file_digest(stream, "sha256").hexdigest() + "\n", encoding="utf-8")
    temporary.replace(library)


def _note(library: Path) -> Path:
    """Where the library's hash is noted, for `is_intact`."""
    return library.with_suffix(".sha256")
