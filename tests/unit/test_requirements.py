"""The lock files: the image holds what production imports, and nothing that only tests need."""

from __future__ import annotations

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
NO_PRODUCTION = {"pytest", "mypy", "ruff", "sqlfluff", "playwright", "hypothesis", "duckdb", "polars"}

ONLY_IN_A_CHECKOUT = {"mkdocs"}
"""Imported by `stir docs`, which says in one line that the image has no mkdocs."""


def _pins(name: str) -> dict[str, set[str]]:
    """Normalised package names and their versions; a package may have one version per Python version."""
    pins: dict[str, set[str]] = {}
    for line in (PROJECT_DIR / name).read_text().splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", line):
            pins.setdefault(re.sub(r"[-_.]+", "-", found[1]).lower(), set()).add(found[2])
    return pins


def _imported_packages() -> set[str]:
    """Top-level packages that the product imports when it runs; imports for type checking only do not count."""
    names: set[str] = set()
    for folder in ("plugins", "dags"):
        for path in (PROJECT_DIR / folder).rglob("*.py"):
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


def test_the_image_has_every_package_that_the_product_imports() -> None:
    image, owners = set(_pins("requirements/production.lock")), metadata.packages_distributions()
    missing = {
        package
        for package in _imported_packages() - ONLY_IN_A_CHECKOUT
        if not image & {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners.get(package, [package])}
    }
    assert missing == set()
