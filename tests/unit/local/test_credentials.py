from __future__ import annotations

from pathlib import Path

import pytest

from stir.errors import StirError
from stir.local.machine.credentials import ROLES, Credentials
from stir.local.machine.layout import Layout


def test_passwords_are_made_once_and_kept(tmp_path: Path) -> None:
    first, second = (Credentials.load_or_create(Layout(tmp_path)) for _ in range(2))
    assert {role: first[role] for role in ROLES} == {role: second[role] for role in ROLES}
    assert len({first[role] for role in ROLES}) == len(ROLES)
    assert all(len(first[role]) == 32 and first[role].isalnum() for role in ROLES)


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    Credentials.load_or_create(Layout(tmp_path))
    assert (tmp_path / "credentials.json").stat().st_mode & 0o077 == 0


def test_a_role_that_came_later_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text('{"s3_key": "old"}')
    made = Credentials.load_or_create(Layout(tmp_path))
    assert made["s3_key"] == "old"
    assert len(made["s3_secret"]) == 32


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    made = Credentials.load_or_create(Layout(tmp_path))
    assert not any(made[role] in f"{made!r} {made}" for role in ROLES)


def test_a_damaged_file_is_one_clear_line_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text("{half")
    with pytest.raises(StirError, match=r"damaged.*credentials\.json"):
        Credentials.load_or_create(Layout(tmp_path))
    assert path.read_text() == "{half"
