"""What SQL outside dbt reads of the warehouse, and who builds it: derived from the SQL and from the models' own files.

A trigger or a rule names models in its SQL, and each model names its cadence in its file, so nobody keeps a list of
what a DAG needs. Both are text of the project: a DAG file can be parsed without dbt. Decisions 0041 and 0043.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import cache

from stir.settings import PROJECT_DIR
from stir.transform.ownership import DAG_OF_CADENCE, cadences
from stir.transform.pace import between_runs

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
_MODEL = re.compile(r"\b(?:mart|stg)_\w+")
_TAGS = re.compile(r"\btags=\[([^\]]*)\]")

BUILD_TIME = timedelta(minutes=30)
"""What a build may take, and wait for its own upstreams, before its tables are thought to be late."""


def models_in(*texts: str) -> frozenset[str]:
    """Names of the models that SQL reads."""
    return frozenset(name for text in texts for name in _MODEL.findall(_COMMENT.sub("", text)))


def builders_of(models: Iterable[str]) -> dict[str, list[str]]:
    """Id of each DAG that builds some of these models, with their names; both sorted.

    Raises:
        KeyError: there is no such model, or it has no cadence.
    """
    found: dict[str, list[str]] = {}
    for model in sorted(models):
        found.setdefault(DAG_OF_CADENCE[cadence_of(model)], []).append(model)
    return dict(sorted(found.items()))


def oldest_expected(dag_id: str) -> timedelta:
    """How old the last good run of a build may be before its tables are late: two of its rounds and a build."""
    return 2 * between_runs(dag_id) + BUILD_TIME


def cadence_of(model: str) -> str:
    """The cadence tag in a model's file.

    Raises:
        KeyError: there is no such model, or it has no cadence.
    """
    return _cadences()[model]


@cache
def _cadences() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in (PROJECT_DIR / "models").rglob("*.sql"):
        if tags := _TAGS.search(path.read_text(encoding="utf-8")):
            for cadence in cadences(re.findall(r"\w+", tags.group(1))):
                found[path.stem] = cadence
    return found
