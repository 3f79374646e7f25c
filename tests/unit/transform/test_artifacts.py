"""How dbt's process writes its artifacts."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from dbt_common.utils.encoding import JSONEncoder

from stir.transform.dbt_process import write_json_at_once


def test_an_artifact_written_at_once_has_the_same_text(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"name": "Zürich", "moment": datetime(2026, 11, 30, tzinfo=UTC), "parts": [1, 2.5, None, True, {"a": []}]}
    by_pieces, at_once = io.StringIO(), io.StringIO()
    json.dump(value, by_pieces, cls=JSONEncoder)
    monkeypatch.setattr(json, "dump", json.dump)  # put back after the test
    write_json_at_once()
    json.dump(value, at_once, cls=JSONEncoder)
    assert at_once.getvalue() == by_pieces.getvalue()
