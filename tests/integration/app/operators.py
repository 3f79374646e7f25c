"""What the tests of the operators' part have in common: an operator, a reader, their tokens, and forms."""

from __future__ import annotations

import re
import time
from typing import Any

from fastapi.testclient import TestClient
from pydantic import SecretStr

from stir.app.service import create_app
from stir.settings import Settings

READER, OPERATOR = "reader-token-of-24-letters", "operator-token-of-26-letters"
API = "/api/v1/operate"


def open_site(settings: Settings) -> TestClient:
    """The application with an operator, anna, and a reader, ravi."""
    known = {"app_readers": SecretStr(f"ravi:{READER}"), "app_operators": SecretStr(f"anna:{OPERATOR}")}
    application = create_app(settings.model_copy(update=known), per_minute=1_000_000)
    return TestClient(application, raise_server_exceptions=False, follow_redirects=False)


def by(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def ended(site: TestClient, location: str) -> dict[str, Any]:
    """The job, once it has ended."""
    while True:
        job: dict[str, Any] = site.get(location, headers=by(READER)).json()["data"]
        if job["status"] not in ("QUEUED", "RUNNING"):
            return job
        time.sleep(0.2)


def sign_in(site: TestClient, token: str) -> None:
    site.cookies.clear()
    answer = site.post("/operate/login", data={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/operate")


def form_token(page: Any) -> str:
    found = re.search(r'name="token" value="(\w+)"', page.text)
    assert found, page.text
    return found[1]
