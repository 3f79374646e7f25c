"""A checkout with this project's code and models of a test's own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from stir.settings import PROJECT_DIR


def plant(root: Path, models: Mapping[str, str], properties: str) -> Path:
    """Fill the folder: models by name, and what a yml file says of them."""
    for folder in ("plugins", "profiles", "macros"):
        shutil.copytree(PROJECT_DIR / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_DIR / "dbt_project.yml", root)
    shutil.copytree(
        PROJECT_DIR / "models",
        root / "models",
        ignore=lambda _, names: [n for n in names if "." in n and n != "_groups.yml"],
    )
    planted = root / "models" / "planted"
    planted.mkdir(parents=True)
    for name, sql in models.items():
        (planted / f"{name}.sql").write_text(sql)
    (planted / "planted.yml").write_text(properties)
    return root
