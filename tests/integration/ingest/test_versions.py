"""A second version of a contract: the table learns it, producers of both are taken, and a breaking one is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from stir import connections
from stir.cli import contract_files
from stir.cli.contracts import contracts_command
from stir.ingest import quarantine
from stir.ingest.streams import streams
from stir.settings import Settings
from stir.sources.contract import FOLDER, contracts, versions
from stir.sources.preparation import ensure_tables

from .flow import TABLE, event, line, nothing_waits, publish, run_sink

ADDED = """\
      - name: is_hidden
        description: Whether the profile hides its followers.
        logicalType: boolean
        physicalType: Nullable(Bool)
"""


def forget_versions() -> None:
    for each in (versions, contracts, streams):
        each.cache_clear()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The contracts with the table's alone, where 1.1.0 lies beside 1.0.0 with one field more."""
    shutil.copytree(FOLDER / TABLE, tmp_path / TABLE)
    shutil.copy(contract_files.RELEASED, tmp_path)
    for module in ("stir.sources.contract", "stir.sources.form", "stir.cli.contracts", "stir.cli.contract_files"):
        monkeypatch.setattr(f"{module}.FOLDER", tmp_path)
    monkeypatch.setattr(contract_files, "RELEASED", tmp_path / "released.json")
    write(tmp_path, "1.1.0", ADDED)
    yield tmp_path
    forget_versions()


def write(folder: Path, version: str, added: str) -> None:
    old = (folder / TABLE / "1.0.0.yaml").read_text()
    text = old.replace("version: 1.0.0", f"version: {version}").rstrip("\n") + "\n" + added
    (folder / TABLE / f"{version}.yaml").write_text(text)
    forget_versions()


def check() -> str:
    """What `./stir contracts --check` says."""
    result = CliRunner().invoke(contracts_command, ["--check"])
    assert result.exit_code != 0, "the generated files are those of the real contracts"
    return result.output


def test_producers_of_both_versions_are_taken_and_the_table_learns_the_new_one(own: Settings, folder: Path) -> None:
    query = f"select event_id, is_hidden from {TABLE} where startsWith(event_id, 'e-version') order by event_id"
    with connections.clickhouse(own) as client:
        assert ensure_tables(client) == 0
        try:
            records = [
                event("version-1") | {"_schema": TABLE, "_schema_version": "1.0.0"},
                event("version-2", is_hidden=True) | {"_schema_version": "1.1.0"},
                event("version-3", is_hidden="no") | {"_schema_version": "1.0.0"},
                event("version-4"),
                event("version-5") | {"_schema_version": "1.2.0"},
            ]
            publish(own, [line(each) for each in records])
            run_sink(own, nothing_waits(own))
            expected = [("e-version-1", None), ("e-version-2", True), ("e-version-3", None), ("e-version-4", None)]
            assert client.query(query).result_rows == expected, "1.0.0 has no such field, so its value is not stored"
            with quarantine.connect(own) as connection:
                [item] = quarantine.entries(own, connection, reason="schema_not_found")
            assert item.message.endswith("its versions are 1.0.0, 1.1.0")
        finally:
            client.command(f"alter table {TABLE} drop column if exists is_hidden")
            client.command(f"delete from {TABLE} where startsWith(event_id, 'e-version')")
            with quarantine.connect(own, autocommit=True) as connection:
                connection.execute("delete from ingest.quarantine where reason = 'schema_not_found'")


def test_a_breaking_version_is_refused_by_the_check(folder: Path) -> None:
    assert f"{TABLE} 1.0.0 to 1.1.0" not in check()
    write(folder, "1.2.0", ADDED.replace("logicalType", "required: true\n        logicalType"))
    assert f"{TABLE} 1.1.0 to 1.2.0: field is_hidden: it is required now; make it version 2.0.0" in check()
