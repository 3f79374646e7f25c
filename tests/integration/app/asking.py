"""Questions to the application in tests."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient


def ask(site: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    """The answer to a question that must be answered."""
    answer = site.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
