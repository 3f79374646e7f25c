"""Settings of a state folder of the test's own, with nothing of the surrounding environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from stir.settings import Settings

# A slow machine says nothing of the code.
hypothesis.settings.register_profile(
    "stir",
    deadline=None,
    max_examples=100 if "--long" in sys.argv else 30,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("stir")


@pytest.fixture
def make_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings whose folders lie in tmp_path, read as `load_settings` reads them."""
    for name in [name for name in os.environ if name.startswith("STIR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STIR_ENV_FILE", os.devnull)

    def make(**values: Any) -> Settings:
        state_dir = tmp_path / "state"
        return Settings(
            _env_file=state_dir / "services.env", state_dir=state_dir, cache_dir=tmp_path / "cache", **values
        )

    return make
