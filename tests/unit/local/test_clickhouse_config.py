from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from stir.local.clickhouse.config import ServerConfig, render_server, render_users, server_memory

CONFIG = ServerConfig(
    folder=Path("/a <b>&c/clickhouse"),
    port=20123,
    writer_password="writer-password",
    reader_password="reader-password",
    scorer_password="scorer-password",
    s3_collection="stir_s3",
    s3_url="http://127.0.0.1:20124/stir/",
    s3_key="a&b",
    s3_secret="<secret>",
    server_memory=8_000_000_000,
    query_memory=4_000_000_000,
)


def parse(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own text


def users() -> ElementTree.Element:
    return parse(render_users(CONFIG))


def grants(user: str) -> list[str]:
    return [str(query.text) for query in users().findall(f"users/{user}/grants/query")]


def test_names_and_secrets_with_xml_characters_survive() -> None:
    server = parse(render_server(CONFIG))
    assert server.findtext("path") == "/a <b>&c/clickhouse/data/"
    assert server.findtext("named_collections/stir_s3/access_key_id") == "a&b"
    assert server.findtext("named_collections/stir_s3/secret_access_key") == "<secret>"


def test_the_users_file_holds_hashes_and_no_password() -> None:
    text = render_users(CONFIG)
    assert "writer-password" not in text
    assert "reader-password" not in text
    assert "scorer-password" not in text
    assert len(users().findtext("users/stir_writer/password_sha256_hex") or "") == 64


def test_no_expression_is_compiled_to_machine_code() -> None:
    names = ("compile_expressions", "compile_aggregate_expressions", "compile_sort_description")
    assert {users().findtext(f"profiles/default/{name}") for name in names} == {"0"}


def test_the_scorer_writes_two_tables_and_never_reads_the_worlds_truth() -> None:
    assert grants("stir_scorer") == [
        "grant select on *.*",
        "grant insert on ds.creator_followers_fake_analysis",
        "grant insert on ds.creator_fake_share",
        "revoke select on world.*",
    ]


def test_every_user_may_connect_from_loopback_only() -> None:
    everybody = users().find("users")
    assert everybody is not None
    assert {user.tag: [ip.text for ip in user.findall("networks/*")] for user in everybody} == {
        "default": ["127.0.0.1"],
        "stir_writer": ["127.0.0.1"],
        "stir_reader": ["127.0.0.1"],
        "stir_scorer": ["127.0.0.1"],
    }
    assert parse(render_server(CONFIG)).findtext("listen_host") == "127.0.0.1"


def test_every_user_has_explicit_grants_and_the_reader_only_select() -> None:
    allowed, *withheld = grants("stir_reader")
    assert allowed == "grant select on *.*"
    assert all(grant.startswith("revoke select on ") for grant in withheld)
    assert grants("default")
    assert all("all on" not in grant for user in ("default", "stir_writer") for grant in grants(user))


def test_the_reader_cannot_raise_its_own_memory_limit() -> None:
    assert users().findtext("profiles/reader/constraints/max_memory_usage/max") == "4000000000"
    assert users().findtext("profiles/reader/readonly") == "2"


@pytest.mark.parametrize(
    ("machine", "group", "expected"),
    [
        (16_000, "max\n", 8_000),
        (16_000, "4000\n", 2_000),
        (16_000, "9223372036854771712", 8_000),
        (16_000, "", 8_000),
    ],
)
def test_the_server_takes_half_of_the_machine_or_of_the_container(machine: int, group: str, expected: int) -> None:
    assert server_memory(machine, group) == expected
