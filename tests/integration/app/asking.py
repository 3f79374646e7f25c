"""Questions to the application in tests."""

from __future__ import annotations

import re
from typing import Any

from fastapi.testclient import TestClient


def ask(site: TestClient, path: str, **parameters: Any) -> dict[str, Any]:
    """The answer to a question that must be answered."""
    answer = site.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def for_all_values(statement: str) -> str:
    """A statement with `$1`, `$2` for its named parameters: what the server plans for all values."""
    numbers: dict[str, int] = {}
    return re.sub(r"%\((\w+)\)s", lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", statement)
