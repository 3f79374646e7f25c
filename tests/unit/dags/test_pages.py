"""The pages beside Airflow's own: what they say, and that nothing of what they are given becomes markup."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stir.dags.ui import pages
from stir.dags.ui.runs import node_page, run_page
from stir.publish.ledger.generations import Generation
from stir.transform.manifest import DbtManifest
from stir.transform.project import MANIFEST, PARSED, kept_manifest, renew
from stir.transform.run_record import NodeRecord, RunRecord, Statement, TaskState

MOMENT = datetime(2026, 6, 15, tzinfo=UTC)
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
def manifest() -> DbtManifest:
    """Two models, the second over the first."""
    nodes = [model("mart_below", []), model("mart_above", ["mart_below"])]
    ids = {node["unique_id"]: node for node in nodes}
    return DbtManifest({"nodes": ids, "sources": {}, "exposures": {}, "child_map": {name: [] for name in ids}})


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


def test_nothing_of_what_a_page_shows_becomes_markup(manifest: DbtManifest) -> None:
    shown = (
        pages.model_page(manifest, "mart_above"),
        pages.cadence_page(manifest, "daily"),
        pages._run_line([], HOSTILE) + pages._generation_table([generation(1, HOSTILE)], HOSTILE),
    )
    for page in shown:
        assert "<script>" not in page
    assert "&lt;script&gt;" in shown[0]
    assert "&lt;script&gt;" in shown[2]


def test_a_generation_says_how_old_its_data_are_and_names_the_feed_that_stopped() -> None:
    feeds = {
        "events.post_log_events (INSTAGRAM)": "2026-06-14 23:00:00+00",
        "events.post_log_events (YOUTUBE)": "2026-06-13 08:00:00+00",
    }
    live = replace(
        generation(1, "r"), watermark=datetime(2026, 6, 13, 8, tzinfo=UTC), feeds=feeds, as_of="2026-06-15 00:00:00+00"
    )

    assert "2026-06-13 08:00:00 (1 d 16 h before this publish)" in pages._generation_table([live], "")
    lines = pages.feed_lines(live)
    assert "feed events.post_log_events (YOUTUBE) has stopped" in lines
    assert "(INSTAGRAM) has stopped" not in lines
    assert pages.feed_lines(generation(1, "of an older version")) == ""


def run_record(status: str = "error", state: str = "failed") -> RunRecord:
    """A run of two models, the second over the first, with hostile words in whatever a server or dbt may say."""
    made = Statement("d/r/build/1", "model.stir.mart_above", "Insert", MOMENT, 1.0, 7, 5, 2048, HOSTILE)
    nodes = [
        NodeRecord("model.stir.mart_below", "build", 1, "success", 1.0, "OK", "select 1", [made]),
        NodeRecord("model.stir.mart_above", "build", 2, status, 1.0, HOSTILE, f"select '{HOSTILE}'", [made]),
        NodeRecord(f"test.stir.{HOSTILE}.1", "test_mart_above", 1, "fail", 0.5, HOSTILE),
    ]
    tasks = [TaskState("build", state, 2), TaskState("test_mart_above", "skipped", 1)]
    return RunRecord("dbt_daily", f"manual__2026+00:00{HOSTILE}", tasks, nodes)


def test_nothing_of_a_run_becomes_markup(manifest: DbtManifest) -> None:
    record = run_record()
    pages_of_run = [run_page(record), *(node_page(record, node, manifest.raw) for node in record.nodes)]

    for page in pages_of_run:
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "http-equiv" not in page, "a run that is over is not loaded again"


def test_a_run_shows_each_model_with_its_figures_its_error_and_a_page_of_its_own(manifest: DbtManifest) -> None:
    record = run_record()
    page = run_page(record)

    assert "1 success, 1 error, 1 fail" in page
    assert "/nodes/model.stir.mart_above" in page
    assert "%2B00%3A00" in page, "a plus in an address would be a blank"
    assert '<span class="status good">success</span>' in page
    assert '<span class="status bad">error</span>' in page
    assert "<td class=figure>5</td><td class=figure>1.00</td><td class=figure>2 KiB</td>" in page


def test_a_models_page_of_a_run_shows_its_neighbours_its_statements_and_its_sql(manifest: DbtManifest) -> None:
    record = run_record()
    links = {"parent_map": {"model.stir.mart_above": ["model.stir.mart_below", "source.stir.beat.post_log"]}}
    page = node_page(record, record.nodes[1], {**manifest.raw, **links})

    assert 'nodes/model.stir.mart_below">mart_below</a> <span class="status good">success' in page
    assert "source beat.post_log" in page
    assert "<pre class=failure>" in page
    assert "Insert" in page
    assert "5 rows written, 2 KiB memory at most" in page
    assert "Compiled SQL</h2><pre>select" in page
    assert "dbt has not reported it" in node_page(record, record.nodes[2], {})


def test_a_page_of_a_run_that_goes_on_is_loaded_again_and_a_skipped_task_says_so() -> None:
    page = run_page(run_record("running", "running"))

    assert 'http-equiv="refresh"' in page
    tasks = [TaskState("build", "skipped", 0), TaskState("test_a", "running", 1), TaskState("test_b", "success", 1)]
    page = run_page(RunRecord("dbt_daily", "r", tasks, []))
    for words in ("It was skipped: nothing ran.", "Nothing has run yet.", "No record: a dry run"):
        assert words in page


def test_a_model_leads_to_what_it_reads_and_who_reads_it(manifest: DbtManifest) -> None:
    assert "/stir/models/mart_below" in pages.model_page(manifest, "mart_above")
    below = pages.model_page(manifest, "mart_below")
    assert "/stir/models/mart_above" in below
    assert "Reads sources only" in below
    assert "dbt_daily" in below
    assert "daily: 2 models" in pages.cadence_page(manifest, "daily")


@pytest.mark.parametrize("page", [pages.model_page, pages.cadence_page])
def test_unknown_values_are_shown_as_unknown(manifest: DbtManifest, page: Callable[..., str]) -> None:
    with pytest.raises(pages.NotThere):
        page(manifest, "nothing")


def test_the_generation_of_a_run_is_highlighted_and_a_run_without_one_is_explained() -> None:
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
