"""definitions.json of the application: what the published numbers mean and what is promised, from their owners.

A column's comment comes from its publish spec, a metric's definition from the mart that it is read from, and the ages
from the freshness promises. `./stir metrics --write` writes the file beside docs/metrics.md.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from stir.operations.freshness_targets import PROMISES
from stir.publish import SPECS
from stir.publish.spec import PublishSpec
from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest
from stir.transform.metrics import Definition, defined_at, own_metrics

FILE = PROJECT_DIR / "plugins" / "stir" / "app" / "definitions.json"


def _definitions(manifest: DbtManifest, mart: str) -> dict[str, Definition]:
    """The definition of each metric column of a mart."""
    found = {}
    for column, origin in defined_at(manifest, manifest.models[mart]).items():
        for metric in own_metrics(manifest.models[origin]):
            if column in metric.columns:
                found[column] = metric.definition
    return found


def _table(manifest: DbtManifest, spec: PublishSpec) -> dict[str, Any]:
    known = _definitions(manifest, spec.mart)
    promise = next(
        (one for one in PROMISES if (one.kind, one.name) == ("publication", f"prod.{spec.table}")),
        None,
    )
    columns = {
        column.name: {"comment": column.comment, **(asdict(known[column.name]) if column.name in known else {})}
        for column in spec.columns
    }
    return {
        "title": spec.table.replace("_", " ").capitalize(),
        "comment": spec.comment,
        "mart": spec.mart,
        "published_within_hours": round(promise.within.total_seconds() / 3600) if promise else None,
        "data_within_hours": round(promise.data_within.total_seconds() / 3600) if promise else None,
        "columns": columns,
    }


def render(manifest: DbtManifest) -> str:
    """The whole file."""
    tables = {spec.table: _table(manifest, spec) for spec in sorted(SPECS.values(), key=lambda spec: spec.table)}
    return json.dumps({"tables": tables}, indent=1, ensure_ascii=False) + "\n"
