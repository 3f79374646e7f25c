"""The pages beside Airflow's own: what they say, and that nothing of what they are given becomes markup."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stir.dags.ui import pages
from stir.publish.ledger.generations import Generation
from stir.transform.manifest import Manifest
from stir.transform.project import MANIFEST, PARSED, kept_manifest, renew

HOSTILE = "<script>alert('&')</script>"


def model(name: str, reads: list[str]) -> dict[str, Any]:
    return {
        "unique_id": f"model.stir.{name}",
        "name": name,
        "resource_type": "model",
        "fqn": ["stir", "marts", "genre", name],
        "tags": ["daily"],
        "config": {"materialized": "table", "meta": {}},
        "columns": {"month": {"data_type": "Date", "description": f"First day {HOSTILE}"}},
        "description": f"One row per month.\nMore of it {HOSTILE}",
        "raw_code": f"select 1 -- {HOSTILE}",
        "depends_on": {"nodes": [f"model.stir.{each}" for each in reads]},
    }


@pytest.fixture
def manifest() -> Manifest:
    """Two models, the second over the first."""
    nodes = [model("mart_below", []), model("mart_above", ["mart_below"])]
    ids = {node["unique_id"]: node for node in nodes}
    return Manifest({"nodes": ids, "sources": {}, "exposures": {}, "child_map": {name: [] for name in ids}})


def generation(number: int, run_id: str) -> Generation:
    moment = datetime(2026, 6, 15, tzinfo=UTC)
    return Generation(
        generation=number,
        event="publish",
        content=number,
        run_id=run_id,
        stored_as=f"t{number}",
        table_oid=number,
        rows=1234,
        bytes=1,
        checksum="crc32:7",
        fingerprint="f",
        watermark=moment,
        published_at=moment,
        published_by="w",
        mode="rename",
        kept=True,
    )


def test_nothing_of_what_a_page_shows_becomes_markup(manifest: Manifest) -> None:
    shown = (
        pages.model_page(manifest, "mart_above"),
        pages.cadence_page(manifest, "daily"),
        pages._run_line([], HOSTILE) + pages._generation_table([generation(1, HOSTILE)], HOSTILE),
    )
    for page in shown:
        assert "<script>" not in page
    assert "&lt;script&gt;" in shown[0]
    assert "&lt;script&gt;" in shown[2]


def test_a_model_leads_to_what_it_reads_and_who_reads_it(manifest: Manifest) -> None:
    assert "/stir/models/mart_below" in pages.model_page(manifest, "mart_above")
    below = pages.model_page(manifest, "mart_below")
    assert "/stir/models/mart_above" in below
    assert "Reads sources only" in below
    assert "dbt_daily" in below
    assert "daily: 2 models" in pages.cadence_page(manifest, "daily")


@pytest.mark.parametrize("page", [pages.model_page, pages.cadence_page])
def test_what_nobody_knows_is_said_to_be_unknown(manifest: Manifest, page: Callable[..., str]) -> None:
    with pytest.raises(pages.NotThere):
        page(manifest, "nothing")


def test_the_generation_of_a_run_stands_out_and_one_that_made_none_says_so() -> None:
    known = [generation(1, "a/1"), generation(2, "a/2")]
    assert "published generation 2" in pages._run_line(known, "a/2")
    assert "published nothing" in pages._run_line(known, "a/3")
    table = pages._generation_table(known, "a/1")
    assert table.index("<td>2</td>") < table.index("class=chosen><td>1</td>"), "newest first, the run's own marked"


def test_the_manifest_is_kept_with_the_parse_and_read_again_when_it_changed(tmp_path: Path) -> None:
    settings, target = SimpleNamespace(state_dir=tmp_path), tmp_path / "target"
    kept = kept_manifest(settings)  # type: ignore[arg-type]
    with pytest.raises(pages.NotThere, match="not been parsed"):
        pages._manifest(settings)  # type: ignore[arg-type]
    kept.parent.mkdir()
    target.mkdir()
    for number in (1, 2):
        (target / PARSED).write_bytes(b"parse")
        (target / MANIFEST).write_text(json.dumps({"nodes": {}, "sources": {"s": {"n": number}}, "exposures": {}}))
        assert renew(kept.with_name(PARSED), target)
        assert (target / MANIFEST).exists(), "the task's own copy is an artifact"
        os.utime(kept, (number, number))
        assert pages._manifest(settings).sources == [{"n": number}]  # type: ignore[arg-type]
