"""Models, sources and exposures of the dbt project, read from dbt's manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stir.settings import Settings
from stir.transform.ownership import cadences
from stir.transform.project import fresh_manifest

EPHEMERAL = "ephemeral"
"""dbt's word for a model without a table or a view: a part of the SQL of who reads it."""


@dataclass(frozen=True)
class Model:
    """One model of the project, read from its entry in the manifest."""

    node: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.node["name"])

    @property
    def family(self) -> str:
        """`staging`, or the folder of a mart."""
        layer, folder = self.node["fqn"][1:3]
        return str(folder if layer == "marts" else layer)

    @property
    def cadences(self) -> list[str]:
        return cadences(self.node["tags"])

    @property
    def materialized(self) -> str:
        return str(self.node["config"]["materialized"])

    @property
    def columns(self) -> dict[str, str]:
        """Column name to its type in the contract, in the order of the contract."""
        return {name: str(column["data_type"]) for name, column in self.node["columns"].items()}

    @property
    def meta(self) -> Mapping[str, Any]:
        meta: Mapping[str, Any] = self.node["config"]["meta"]
        return meta


class DbtManifest:
    """dbt's manifest, by names instead of unique ids."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self._models = {
            unique_id: Model(node) for unique_id, node in raw["nodes"].items() if node["resource_type"] == "model"
        }

    def macro(self, name: str) -> str:
        """The text of one of the project's macros."""
        return next(
            str(macro["macro_sql"])
            for macro in self.raw["macros"].values()
            if (macro["package_name"], macro["name"]) == (self.raw["metadata"]["project_name"], name)
        )

    @cached_property
    def models(self) -> dict[str, Model]:
        """Every model that ClickHouse holds as a table or a view, ordered by layer, family and name."""
        order = sorted(self._models.values(), key=lambda model: (model.node["fqn"][1] != "staging", model.node["fqn"]))
        return {model.name: model for model in order if model.materialized != EPHEMERAL}

    @cached_property
    def intermediate(self) -> dict[str, Model]:
        """The models that are a part of the SQL of those that read them, by name."""
        found = (model for model in self._models.values() if model.materialized == EPHEMERAL)
        return {model.name: model for model in sorted(found, key=lambda model: model.name)}

    @property
    def sources(self) -> list[Mapping[str, Any]]:
        return list(self.raw["sources"].values())

    @property
    def exposures(self) -> list[Mapping[str, Any]]:
        return list(self.raw["exposures"].values())

    def grain(self, model: Model) -> tuple[str, ...]:
        """The columns that identify a row of the model, from its test of uniqueness; empty without one."""
        for unique_id in self.raw["child_map"][model.node["unique_id"]]:
            test = self.raw["nodes"].get(unique_id, {}).get("test_metadata")
            if not test or self.raw["nodes"][unique_id]["attached_node"] != model.node["unique_id"]:
                continue
            if test["name"] == "unique_together":
                return tuple(test["kwargs"]["columns"])
            if test["name"] == "unique":
                return (str(test["kwargs"]["column_name"]),)
        return ()

    def reads(self, model: Model) -> Iterator[Model]:
        """The models that this one refers to, itself or by an intermediate model."""
        for unique_id in self.nodes_read(model):
            if unique_id in self._models:
                yield self._models[unique_id]

    def nodes_read(self, model: Model) -> list[str]:
        """Unique ids of what this one refers to, itself or by an intermediate model: models, sources and seeds."""
        found: dict[str, None] = {}
        for unique_id in model.node["depends_on"]["nodes"]:
            read = self._models.get(unique_id)
            found |= dict.fromkeys(self.nodes_read(read) if read and read.materialized == EPHEMERAL else [unique_id])
        return list(found)

    def tables_read(self, model: Model) -> Iterator[Model]:
        """The stored models that this one reads, directly or through views."""
        for upstream in self.reads(model):
            if upstream.materialized == "view":
                yield from self.tables_read(upstream)
            else:
                yield upstream


def read_dbt_manifest(settings: Settings) -> DbtManifest:
    """The current project. It is parsed (some seconds) only if something changed. Needs no server.

    Raises:
        StirError: the project does not parse.
    """
    return DbtManifest(fresh_manifest(settings))
