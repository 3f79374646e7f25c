"""The lock files: the image holds what production imports, and nothing that only tests need."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
PARTS = {
    "ingest": ("plugins/stir/ingest/",),
    "collector": ("plugins/stir/collector/",),
}
"""Code that only the image of the sink and the door runs, or that of the collector, or a checkout."""
NO_PRODUCTION = {"pytest", "mypy", "ruff", "sqlfluff", "playwright", "hypothesis", "duckdb"}

ONLY_IN_A_CHECKOUT = {"mkdocs"}
"""Imported by `stir docs`, which says in one line that the image has no mkdocs."""


def _pins(name: str) -> dict[str, set[str]]:
    """Normalised package names and their versions; a package may have one version per Python version."""
    pins: dict[str, set[str]] = {}
    for line in (PROJECT_DIR / name).read_text().splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line):
            pins.setdefault(re.sub(r"[-_.]+", "-", found[1]).lower(), set()).add(found[2])
    return pins


def _part(path: str) -> str:
    """The part of the product that a file belongs to: one with an image of its own, or production."""
    return next((part for part, folders in PARTS.items() if path.startswith(folders)), "production")


def _imported_packages(part: str) -> set[str]:
    """Top-level packages that one part of the product imports when it runs; imports for type checking do not count."""
    names: set[str] = set()
    for folder in ("plugins", "dags"):
        for path in (PROJECT_DIR / folder).rglob("*.py"):
            if _part(path.relative_to(PROJECT_DIR).as_posix()) != part:
                continue
            tree = ast.parse(path.read_text())
            guarded = {
                id(node)
                for block in ast.walk(tree)
                if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
                for node in ast.walk(block)
            }
            for node in ast.walk(tree):
                if id(node) in guarded:
                    continue
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                    names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names) - {"stir"}


def test_the_image_has_the_versions_of_a_checkout() -> None:
    checkout, image = _pins("requirements.lock"), _pins("requirements/production.lock")
    assert image
    assert {name: pins for name, pins in image.items() if not pins <= checkout.get(name, set())} == {}


def test_the_image_has_no_test_tools() -> None:
    assert set(_pins("requirements.lock")) >= NO_PRODUCTION
    assert set(_pins("requirements/production.lock")) & NO_PRODUCTION == set()


@pytest.mark.parametrize("part", ["production", *PARTS])
def test_an_image_has_every_package_that_its_part_of_the_product_imports(part: str) -> None:
    image, owners = set(_pins(f"requirements/{part}.lock")), metadata.packages_distributions()
    missing = {
        package
        for package in _imported_packages(part) - ONLY_IN_A_CHECKOUT
        if not image & {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners.get(package, [package])}
    }
    assert missing == set()


ALONE = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in REFUSED:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Refuse())
import clickhouse_connect, psycopg
import MODULES
"""


@pytest.mark.parametrize(
    ("lock", "modules"),
    [
        ("exporter", "stir.cli.main, stir.cli.exporter, stir.observability.exporter"),
        (
            "ingest",
            "stir.cli.main, stir.cli.sink, stir.cli.door, stir.ingest.sink, stir.ingest.door, stir.ingest.health,"
            " stir.ingest.asyncapi, stir.ingest.broker.nats, stir.ingest.broker.amqp, nats, aio_pika",
        ),
        (
            "collector",
            "stir.cli.main, stir.cli.credentials, stir.cli.collect, stir.collector.tools, stir.collector.service,"
            " stir.collector.credentials, stir.ingest.health, cryptography, nats, aio_pika",
        ),
    ],
)
def test_a_small_image_has_what_its_role_imports_and_nothing_of_airflow_or_dbt(lock: str, modules: str) -> None:
    image, checkout = _pins(f"requirements/{lock}.lock"), _pins("requirements.lock")
    assert image.items() <= {name: pins & image.get(name, set()) for name, pins in checkout.items()}.items()
    assert {"apache-airflow", "apache-airflow-core", "dbt-core", "openlineage-python"}.isdisjoint(image)
    refused = sorted(
        module
        for module, names in metadata.packages_distributions().items()
        if all(re.sub(r"[-_.]+", "-", name).lower() in checkout.keys() - image.keys() for name in names)
    )
    assert {"airflow", "dbt", "openlineage"} <= set(refused)
    done = subprocess.run(
        [sys.executable, "-c", ALONE.replace("REFUSED", repr(refused)).replace("MODULES", modules)],
        env={"PYTHONPATH": str(PROJECT_DIR / "plugins")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_image_of_ours_ends_as_a_user_without_rights() -> None:
    stages: dict[str, list[str]] = {}
    for line in (PROJECT_DIR / "Dockerfile").read_text().splitlines():
        if found := re.match(r"FROM \S+ AS (\w+)", line):
            stages[found[1]] = []
        elif stages:
            stages[list(stages)[-1]].append(line)
    # sshd starts as root, for it becomes the user who logs in.
    for name in stages.keys() - {"base", "sshd"}:
        users = [line.removeprefix("USER ") for line in stages[name] if line.startswith("USER ")]
        assert users[-1:] == ["stir"], name
    assert any("useradd --create-home --uid 50000 stir" in line for line in stages["base"])
