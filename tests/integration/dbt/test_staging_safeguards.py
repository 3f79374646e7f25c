"""Staging and the marts of posts without one of their safeguards: the last increment is not what it has to be."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from .staging_server import staging_server
from .staging_variants import VARIANTS, Trial

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.long  # test_time_series.py takes safeguards of the series and of boards away in every run
def test_each_safeguard_is_necessary(tmp_path: Path) -> None:
    with staging_server(tmp_path) as staging:
        assert set(Trial(staging, random.Random(50)).wrong()) == set(VARIANTS)  # noqa: S311
