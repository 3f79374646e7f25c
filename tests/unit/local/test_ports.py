from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stir.errors import StirError
from stir.local.machine.layout import Layout
from stir.local.machine.ports import Ports, find_free, is_free


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_found_port_is_remembered(layout: Layout) -> None:
    port, note = Ports(layout).claim("s3", None)
    assert (Ports(layout).claim("s3", None), note) == ((port, None), None)


def test_services_get_different_ports(layout: Layout) -> None:
    ports = Ports(layout)
    assert len({ports.claim(name, None)[0] for name in "abcdefgh"}) == 8


def test_a_remembered_port_that_somebody_took_is_given_up_and_said_so(layout: Layout, taken: int) -> None:
    Ports(layout).remember("s3", taken)
    port, note = Ports(layout).claim("s3", None)
    assert port != taken
    assert note is not None
    assert str(taken) in note
    assert str(port) in note
    assert Ports(layout).get("s3") == port


def test_a_demanded_port_that_is_taken_is_one_clear_line(layout: Layout, taken: int) -> None:
    with pytest.raises(StirError, match=f"port {taken} is taken.*STIR_LOCAL_S3_PORT"):
        Ports(layout).claim("s3", taken)


def test_a_demanded_port_replaces_the_remembered_one(layout: Layout) -> None:
    Ports(layout).claim("s3", None)
    demanded = find_free(set())
    assert Ports(layout).claim("s3", demanded) == (demanded, None)
    assert Ports(layout).get("s3") == demanded


def test_a_damaged_memory_costs_no_more_than_new_ports(layout: Layout) -> None:
    layout.ports.write_text('{"s3": "what')
    assert is_free(Ports(layout).claim("s3", None)[0])


def test_is_free_sees_a_listener(taken: int) -> None:
    assert not is_free(taken)
