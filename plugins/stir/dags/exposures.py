"""Writes models/exposures/: the DAGs that read models with SQL that dbt does not build, as the ends of dbt's lineage.

The SQL of triggers and rules runs without dbt and names models by bare words. Each such DAG is an exposure that depends
on those models; `dbt ls --select mart_instagram_account+` then names it. The files are written, never edited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any

from stir.settings import PROJECT_DIR

FOLDER = PROJECT_DIR / "models" / "exposures"
TARGETS = PROJECT_DIR / "plugins" / "stir" / "operations" / "freshness_targets.py"

HEAD = """\
# Written by `./stir dags --write` from the DAG files and the SQL that they run; do not edit it by hand.
exposures:
"""
URL = "{{ env_var('AIRFLOW__API__BASE_URL', 'http://127.0.0.1:8080') }}/dags/"

COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
MODEL = re.compile(r"\b(?:mart|stg)_\w*[a-z0-9]\b")
TABLE = re.compile(r"\b(?:from|join)\s+(\w+)", re.IGNORECASE)


def files_run(dag: Any) -> list[Path]:
    """The SQL files with which the DAG reads the warehouse, or the file that names the models whose age it checks."""
    from stir.dags.operations import ApplyRuleOperator, CheckFreshnessOperator
    from stir.dags.trigger import EnqueueRequestsOperator, UpsertRegistryOperator
    from stir.operations import rules
    from stir.triggers import registry, warehouse

    found: list[Path] = []
    for task in dag.tasks:
        if isinstance(task, EnqueueRequestsOperator):
            quarantine = [warehouse.MACROS / f"{name}.sql" for name in warehouse.QUARANTINE]
            found += [warehouse.FOLDER / f"{task.spec.candidates}.sql", *quarantine]
        elif isinstance(task, UpsertRegistryOperator):
            found.append(warehouse.FOLDER / f"{registry.CHANNELS}.sql")
        elif isinstance(task, ApplyRuleOperator):
            found.append(rules.FOLDER / f"{task.rule}.read.sql")
        elif isinstance(task, CheckFreshnessOperator):
            found.append(TARGETS)
    return [path for path in found if path.exists()]


def models_read(path: Path) -> set[str]:
    """The models and seeds that a file names."""
    code = COMMENT.sub("", path.read_text(encoding="utf-8"))
    return set(MODEL.findall(code)) | (set(TABLE.findall(code)) & _seeds())


def render(dags: Mapping[str, Any]) -> dict[Path, str]:
    """The files, one for each category of DAGs."""
    parts: dict[Path, list[str]] = {}
    for _, dag in sorted(dags.items()):
        if reads := {path: names for path in files_run(dag) if (names := models_read(path))}:
            category = Path(dag.fileloc).parent.name
            parts.setdefault(FOLDER / f"{category}_dags.yml", []).append("".join(_exposure(dag, reads)))
    return {path: HEAD + "\n".join(exposures) for path, exposures in parts.items()}


def _exposure(dag: Any, reads: Mapping[Path, set[str]]) -> Iterator[str]:
    [owner] = {str(task.owner) for task in dag.tasks}
    purpose = " ".join(str(dag.doc_md).strip().split("\n\n")[0].split())
    yield f"  - name: {dag.dag_id}\n"
    yield f"    label: DAG {dag.dag_id}\n"
    yield "    description: >\n" + fill(purpose, 118, initial_indent=" " * 6, subsequent_indent=" " * 6) + "\n"
    yield "    type: application\n"
    url = f'    url: "{URL}{dag.dag_id}"\n'
    yield url if len(url) <= 121 else f"    url: >-\n      {URL.replace(' }}', chr(10) + '      }}')}{dag.dag_id}\n"
    yield f"    owner:\n      name: {owner}\n      email: {_addresses()[owner]}\n"
    yield "    depends_on:\n"
    yield from (f"      - ref('{name}')\n" for name in sorted(set().union(*reads.values())))
    yield "    config:\n      meta:\n        sql:\n"
    yield from (f"          - {path.relative_to(PROJECT_DIR)}\n" for path in reads)


@cache
def _seeds() -> set[str]:
    return {path.stem for path in (PROJECT_DIR / "seeds").glob("*.csv")}


@cache
def _addresses() -> dict[str, str]:
    """Team to its address, from the groups of models."""
    import yaml

    groups = yaml.safe_load((PROJECT_DIR / "models" / "_groups.yml").read_text(encoding="utf-8"))["groups"]
    return {group["owner"]["name"]: group["owner"]["email"] for group in groups}
