from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stir.errors import StirError
from stir.local.clickhouse import engine, npm
from stir.settings import Settings

PACKAGE_OF = engine.package
LIBRARY = b"\x7fELF not really, but bytes of which the hash is known" * 1000


def archive(path: Path, content: bytes = LIBRARY, name: str = "package/libchdb.so") -> Path:
    with tarfile.open(path, "w:gz") as packed:
        for entry, data in (("package/index.js", b"//"), (name, content)):
            member = tarfile.TarInfo(entry)
            member.size = len(data)
            packed.addfile(member, io.BytesIO(data))
    return path


def integrity(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


@pytest.fixture
def settings(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """A machine with an empty cache whose PATH holds only what a test puts there."""
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "cp", "sleep"):
        (tmp_path / "bin" / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    good = archive(tmp_path / "good.tgz")
    package = engine.Package("@example/engine", good.stat().st_size, integrity(good))
    monkeypatch.setattr(engine, "package", lambda: package)
    return make_settings()


def install_npm(tmp_path: Path, script: str) -> None:
    for name, text in (("npm", script), ("node", "exit 0")):
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)


def leftovers(settings: Settings) -> list[str]:
    return [path.name for path in settings.cache_dir.iterdir() if path.name != "engine.lock"]


def test_a_good_archive_becomes_the_library_and_is_not_fetched_twice(settings: Settings, tmp_path: Path) -> None:
    install_npm(tmp_path, f'cp "{tmp_path}/good.tgz" "$4/engine.tgz"')
    library = engine.ensure_engine(settings)
    assert library.read_bytes() == LIBRARY
    assert engine.is_intact(library)
    install_npm(tmp_path, "exit 1")
    assert engine.ensure_engine(settings) == library
    assert leftovers(settings) == [library.parent.name]


def test_two_checkouts_that_want_it_at_once_fetch_it_once(settings: Settings, tmp_path: Path) -> None:
    install_npm(tmp_path, f'echo x >> "{tmp_path}/calls"; sleep 0.3; cp "{tmp_path}/good.tgz" "$4/engine.tgz"')
    with ThreadPoolExecutor(3) as pool:
        libraries = set(pool.map(engine.ensure_engine, [settings] * 3))
    assert len(libraries) == 1
    assert (tmp_path / "calls").read_text() == "x\n"


def test_a_corrupt_download_is_one_clear_line_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    archive(tmp_path / "bad.tgz", LIBRARY + b"!")
    install_npm(tmp_path, f'cp "{tmp_path}/bad.tgz" "$4/engine.tgz"')
    with pytest.raises(StirError, match=r"corrupt.*try again") as caught:
        engine.ensure_engine(settings)
    assert "\n" not in caught.value.line
    assert leftovers(settings) == []


def test_a_failed_download_reports_npms_message_and_leaves_nothing(settings: Settings, tmp_path: Path) -> None:
    install_npm(tmp_path, "echo 'npm error code E404' >&2; echo 'npm error 404 no such package' >&2; exit 1")
    with pytest.raises(StirError, match=r"404 no such package.*check the network"):
        engine.ensure_engine(settings)
    assert leftovers(settings) == []


def test_the_next_fetch_removes_left_overs_of_a_killed_one(settings: Settings, tmp_path: Path) -> None:
    (settings.cache_dir / ".fetch-dead").mkdir(parents=True)
    install_npm(tmp_path, f'cp "{tmp_path}/good.tgz" "$4/engine.tgz"')
    library = engine.ensure_engine(settings)
    assert leftovers(settings) == [library.parent.name]


def test_a_full_disk_is_noticed_before_the_download(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_npm(tmp_path, f"touch {tmp_path}/was-asked")
    monkeypatch.setattr(engine, "_NEEDED_BYTES", 10**18)
    with pytest.raises(StirError, match="GB of disk"):
        engine.ensure_engine(settings)
    assert not (tmp_path / "was-asked").exists()


def test_a_clickhouse_binary_on_path_serves_as_the_engine(settings: Settings, tmp_path: Path) -> None:
    binary = tmp_path / "bin" / "clickhouse"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    assert engine.ensure_engine(settings) == binary


def test_an_unknown_platform_gets_advice_about_other_ways(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "package", lambda: None)
    with pytest.raises(StirError, match="STIR_CLICKHOUSE_URL"):
        engine.ensure_engine(settings)


def test_a_damaged_library_is_not_intact(settings: Settings, tmp_path: Path) -> None:
    install_npm(tmp_path, f'cp "{tmp_path}/good.tgz" "$4/engine.tgz"')
    library = engine.ensure_engine(settings)
    with library.open("r+b") as stream:
        stream.seek(100)
        stream.write(os.urandom(1) + b"?")
    assert not engine.is_intact(library)


STATES = 'if [ "$1" = view ]; then echo "{stated}"; else cp "{archive}" "$4/engine.tgz"; fi'


@pytest.fixture
def unpinned(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A platform whose build is known by the registry's statement only."""
    package = engine.Package("@example/engine", 1000)
    monkeypatch.setattr(engine, "package", lambda: package)
    return settings


def forget_library(settings: Settings) -> None:
    shutil.rmtree(engine.cached_library(settings).parent)


def test_the_integrity_that_the_registry_states_is_checked_and_remembered(unpinned: Settings, tmp_path: Path) -> None:
    good = tmp_path / "good.tgz"
    install_npm(tmp_path, STATES.format(stated=integrity(good), archive=good))
    assert engine.ensure_engine(unpinned).read_bytes() == LIBRARY
    kept = json.loads(engine.stated_integrities(unpinned).read_text())
    assert list(kept.values()) == [integrity(good)]
    assert all(spec.startswith("@example/engine@") for spec in kept)
    forget_library(unpinned)
    assert engine.ensure_engine(unpinned).read_bytes() == LIBRARY


def test_an_archive_that_is_not_what_the_registry_states_is_refused(unpinned: Settings, tmp_path: Path) -> None:
    bad = archive(tmp_path / "bad.tgz", LIBRARY + b"!")
    install_npm(tmp_path, STATES.format(stated=integrity(tmp_path / "good.tgz"), archive=bad))
    with pytest.raises(StirError, match="corrupt"):
        engine.ensure_engine(unpinned)
    assert not engine.cached_library(unpinned).exists()


def test_a_package_that_was_replaced_after_the_first_fetch_is_refused(unpinned: Settings, tmp_path: Path) -> None:
    good, other = tmp_path / "good.tgz", archive(tmp_path / "other.tgz", LIBRARY + b"!")
    install_npm(tmp_path, STATES.format(stated=integrity(good), archive=good))
    engine.ensure_engine(unpinned)
    forget_library(unpinned)
    install_npm(tmp_path, STATES.format(stated=integrity(other), archive=other))
    with pytest.raises(StirError, match="another integrity"):
        engine.ensure_engine(unpinned)
    assert not engine.cached_library(unpinned).exists()


@pytest.mark.parametrize("said", ["", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="])
def test_a_registry_that_states_no_sha512_is_refused(unpinned: Settings, tmp_path: Path, said: str) -> None:
    install_npm(tmp_path, STATES.format(stated=said, archive=tmp_path / "good.tgz"))
    with pytest.raises(StirError, match="states no sha512"):
        engine.ensure_engine(unpinned)


def test_the_library_may_have_the_name_that_macs_use(settings: Settings, tmp_path: Path) -> None:
    named = archive(tmp_path / "mac.tgz", name="package/libchdb.dylib")
    engine._unpack(named, engine.cached_library(settings))
    assert engine.cached_library(settings).read_bytes() == LIBRARY


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("Linux", "x86_64", "@chdb/lib-linux-x64-gnu"),
        ("Linux", "aarch64", "@chdb/lib-linux-arm64-gnu"),
        ("Darwin", "arm64", "@chdb/lib-darwin-arm64"),
        ("Darwin", "x86_64", "@chdb/lib-darwin-x64"),
    ],
)
def test_each_platform_has_its_build_of_one_version(system: str, machine: str, name: str) -> None:
    package = PACKAGE_OF(system, machine)
    assert package is not None
    assert package.name == name
    assert package.spec.rpartition("@")[2] == "26.7.3-stable.1"


def test_a_platform_without_a_build_has_no_package() -> None:
    assert PACKAGE_OF("Linux", "riscv64") is None
    assert PACKAGE_OF("Windows", "AMD64") is None


def test_npm_comes_from_a_wheel_of_this_platform_where_there_is_none() -> None:
    assert npm._WHEEL.count("--hash=sha256:") == len(engine.PACKAGES)


def test_every_pinned_build_has_a_sha512_integrity() -> None:
    pinned = [package for package in engine.PACKAGES.values() if package.integrity]
    assert pinned
    for package in pinned:
        algorithm, _, digest = package.integrity.partition("-")
        assert algorithm == "sha512"
        assert len(base64.b64decode(digest)) == 64
