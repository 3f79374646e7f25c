"""The project's manifest, parsed once for all tests about the models."""

from __future__ import annotations

import pytest

from stir.settings import load_settings
from stir.transform.manifest import DbtManifest, read_dbt_manifest


@pytest.fixture(scope="session")
def manifest() -> DbtManifest:
    """The models, sources and exposures as dbt understands them."""
    return read_dbt_manifest(load_settings())
