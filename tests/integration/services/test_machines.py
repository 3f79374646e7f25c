"""The embedded services on machines where something is other than usual."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stir import connections
from stir.errors import StirError
from stir.local import SERVICES, ensure_services, stop_services
from stir.local.clickhouse import engine
from stir.local.machine import process
from stir.settings import PROJECT_DIR, Settings, load_settings

from .conftest import assert_all_work, processes


def test_a_demanded_port_that_is_taken_is_one_clear_line(checkout: Callable[..., Settings]) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(StirError, match=f"port {port} is taken"):
            ensure_services(checkout("demanding", local_s3_port=port))


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_wrong_password_of_ones_own_server_is_one_clear_line(
    first: Settings, checkout: Callable[..., Settings], name: str
) -> None:
    field = SERVICES[name].settings_fields[0]
    url = getattr(first, field)
    endpoint = url.get_secret_value()
    password = endpoint.split(":")[2].split("@")[0]
    wrong = type(url)(endpoint.replace(password, "wrong"))
    stranger = checkout("stranger", **{field: wrong})
    with pytest.raises(StirError, match=r"refuses the password of `.*STIR_") as caught:
        ensure_services(stranger, [name])
    assert "\n" not in caught.value.line
    assert "wrong" not in caught.value.line
    assert not stranger.state_dir.joinpath(name).exists()


def test_ones_own_server_is_used_and_never_stopped(first: Settings, checkout: Callable[..., Settings]) -> None:
    guest = ensure_services(checkout("guest", clickhouse_url=first.clickhouse_url), ["clickhouse"])
    assert guest.clickhouse.port == first.clickhouse.port
    assert stop_services(guest) == []
    assert "clickhouse" in processes(first)


def test_an_edited_services_env_is_put_right(first: Settings) -> None:
    path = first.state_dir / "services.env"
    good = path.read_text()
    path.write_text(good.replace("stir_writer:", "stir_writer:edited"))
    edited = Settings(_env_file=path, state_dir=first.state_dir, cache_dir=first.cache_dir)
    assert_all_work(ensure_services(edited))
    assert path.read_text() == good


def test_lost_credentials_are_reported_and_no_server_stays_half_started(checkout: Callable[..., Settings]) -> None:
    settings = ensure_services(checkout("spare"), ["postgres"])
    stop_services(settings)
    credentials = settings.state_dir / "credentials.json"
    kept = credentials.read_text()
    credentials.unlink()
    bare = checkout("spare")
    for _ in range(2):
        with pytest.raises(StirError, match=r"PostgreSQL refuses the login.*credentials\.json"):
            ensure_services(bare, ["postgres"])
    assert "postgres" not in processes(bare)
    stop_services(bare)
    credentials.write_text(kept)
    with connections.postgres(ensure_services(bare, ["postgres"])) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    stop_services(bare)


def test_a_service_that_dies_at_start_is_quoted(checkout: Callable[..., Settings]) -> None:
    settings = ensure_services(checkout("broken"), ["postgres"])
    stop_services(settings)
    control = settings.state_dir / "postgres" / "data" / "global" / "pg_control"
    control.unlink()
    with pytest.raises(StirError, match=r"PostgreSQL ended while starting: .*pg_control.*postgres\.log"):
        ensure_services(settings, ["postgres"])


def test_a_full_disk_is_one_clear_line(first: Settings, checkout: Callable[..., Settings]) -> None:
    """A file system of a few kilobytes, where the machine lets us mount one."""
    state_dir = checkout("full").state_dir
    state_dir.mkdir(parents=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(state_dir)], capture_output=True)
    if mounted.returncode != 0:
        state_dir.chmod(0o500)  # without mounting: a folder that cannot be written to ends the same way
        if os.geteuid() == 0:
            state_dir.rmdir()
            state_dir.write_text("in the way")
    try:
        with pytest.raises(StirError) as caught:
            ensure_services(checkout("full"))
        assert "\n" not in caught.value.line
        assert str(state_dir) in caught.value.line
    finally:
        stop_services(checkout("full"))
        if mounted.returncode == 0:
            subprocess.run(["umount", str(state_dir)], check=True)


def test_a_clickhouse_binary_is_used_instead_of_the_engine(
    checkout: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that takes the command line of `clickhouse`, here made of the same engine."""
    library = engine.ensure_engine(load_settings())
    program = tmp_path / "clickhouse"
    program.write_text(
        f"#!{sys.executable}\n"
        "import ctypes, os, sys\n"
        "arguments = [b'clickhouse', *map(os.fsencode, sys.argv[2:])]\n"
        f"library = ctypes.CDLL({str(library)!r})\n"
        "library.chdb_query_cmdline(len(arguments), (ctypes.c_char_p * len(arguments))(*arguments))\n"
        "os._exit(0)\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    settings = checkout("binary", cache_dir=tmp_path / "empty")
    settings = ensure_services(settings, ["clickhouse"])
    server = processes(settings)["clickhouse"]
    children = server.children()
    assert any(str(program) in child.cmdline() for child in children)
    assert connections.clickhouse(settings).query("select 1").result_rows == [(1,)]

    server.send_signal(signal.SIGKILL)  # the child reads from a pipe of its parent and ends with it
    assert process.wait_gone(children, 60)[1] == []
    ensure_services(settings, ["clickhouse"])
    assert stop_services(settings) == ["clickhouse"]


def test_root_may_keep_the_checkout_in_a_closed_folder(checkout: Callable[..., Settings]) -> None:
    """PostgreSQL refuses to run as root; its stand-in user must get through a folder such as /root."""
    settings = checkout("closed")
    settings.state_dir.parent.chmod(0o700)
    settings = ensure_services(settings, ["postgres"])
    server = processes(settings)["postgres"]
    assert server.uids().effective != 0
    with connections.postgres(settings) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    stop_services(settings)


@pytest.mark.long  # the test above shows it of the folder that is harder to get into
def test_root_may_keep_the_checkout_in_an_open_folder(checkout: Callable[..., Settings]) -> None:
    parent = PROJECT_DIR / ".stir" / "open"
    state_dir = parent / "state"
    settings = checkout("open", state_dir=state_dir)
    try:
        settings = ensure_services(settings, ["postgres"])
        with connections.postgres(settings) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert state_dir.stat().st_mode & 0o777 == 0o711
    finally:
        stop_services(settings)
        shutil.rmtree(parent)
