"""definitions.json of the application: what the published numbers mean and what is promised, from their owners.

A column's comment comes from its publish spec, a metric's definition from the mart that it is read from, and the ages
from the freshness promises. `./stir metrics --write` writes the file beside docs/metrics.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

from stir.operations.freshness_targets import PROMISES
from stir.publish import SPECS
from stir.publish.spec import PublishSpec
from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest
from stir.transform.metrics import basis_of, defined_at, own_metrics

FILE = PROJECT_DIR / "plugins" / "stir" / "app" / "definitions.json"


MEMBERS = {
    ("mart_creator", "metrics"): (
        ("mart_instagram_account", "mart_youtube_account"),
        ("list_graded_metrics", "list_shown_metrics"),
    )
}
"""Maps whose members are metrics of other marts: the column, those marts, and the macros that list the members."""


def _definitions(manifest: DbtManifest, mart: str) -> dict[str, dict[str, Any]]:
    """The definition of each metric column of a mart, with what it rests on."""
    found: dict[str, dict[str, Any]] = {}
    model = manifest.models[mart]
    for column, origin in defined_at(manifest, model).items():
        for metric in own_metrics(manifest.models[origin]):
            if column in metric.columns:
                found[column] = {**asdict(metric.definition), "basis": basis_of(manifest, model, column)}
    return found


def _members(manifest: DbtManifest, mart: str, column: str) -> dict[str, Any]:
    """The definitions of the metrics in a map, by their names; empty for a column that is no such map."""
    marts, macros = MEMBERS.get((mart, column), ((), ()))
    listed = {name for macro in macros for name in re.findall(r"'([a-z0-9_]+)'", manifest.macro(macro))}
    known = {
        name: definition
        for source in reversed(marts)
        for name, definition in _definitions(manifest, source).items()
        if name in listed
    }
    return {"members": dict(sorted(known.items()))} if known else {}


def _table(manifest: DbtManifest, spec: PublishSpec) -> dict[str, Any]:
    known = _definitions(manifest, spec.mart)
    promise = next(
        (one for one in PROMISES if (one.kind, one.name) == ("publication", f"prod.{spec.table}")),
        None,
    )
    columns = {
        column.name: {
            "comment": column.comment,
            **known.get(column.name, {}),
            **_members(manifest, spec.mart, column.name),
        }
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
