"""One attempt of a task: its label in ClickHouse, its folder of artifacts in S3, and the models it built."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stir.connections import s3
from stir.settings import Settings

ARTIFACTS = ("run_results.json", "manifest.json")
PROGRESS = "progress.json"


@dataclass(frozen=True)
class Attempt:
    """One try of a task in a DAG run; `number` counts from 1."""

    dag_id: str
    run_id: str
    task_id: str
    number: int

    @property
    def label(self) -> str:
        """Marks every statement of this attempt in ClickHouse, as its log_comment."""
        return f"{self.dag_id}/{self.run_id}/{self.task_id}/{self.number}"

    @property
    def folder(self) -> str:
        """Where this attempt's artifacts are in the bucket."""
        return f"artifacts/{self.label}/"

    @property
    def previous(self) -> Attempt | None:
        """The try before this one, if there was one."""
        return Attempt(self.dag_id, self.run_id, self.task_id, self.number - 1) if self.number > 1 else None


@dataclass(frozen=True)
class Progress:
    """The models that a chain of tries has built so far.

    Attributes:
        built: model name to the rows its statements wrote, or None where the server did not say.
        complete: every selected model was built. A later try then starts from the beginning.
    """

    built: Mapping[str, int | None] = field(default_factory=dict)
    complete: bool = False


def is_backfill(run: Any) -> bool:
    """Whether a DAG run was made by a backfill."""
    return str(getattr(run.run_type, "value", run.run_type)) == "backfill"


def keep_artifacts(settings: Settings, attempt: Attempt, target: Path) -> list[str]:
    """Upload the artifacts that dbt left in its target folder; returns their keys."""
    client, keys = s3(settings), []
    for name in ARTIFACTS:
        path = target / name
        if path.exists():
            client.put_object(Bucket=settings.s3.path, Key=attempt.folder + name, Body=path.read_bytes())
            keys.append(attempt.folder + name)
    return keys


def keep_progress(settings: Settings, attempt: Attempt, progress: Progress) -> None:
    """Record the progress for the next try."""
    body = json.dumps({"built": dict(progress.built), "complete": progress.complete}).encode()
    s3(settings).put_object(Bucket=settings.s3.path, Key=attempt.folder + PROGRESS, Body=body)


def earlier_progress(settings: Settings, attempt: Attempt) -> Progress:
    """The models that earlier tries built and that need not be built again.

    Empty for a first try, after a try that was killed, and after a complete one: a user who clears a successful task
    wants everything to be built again.
    """
    if attempt.previous is None:
        return Progress()
    client = s3(settings)
    try:
        answer = client.get_object(Bucket=settings.s3.path, Key=attempt.previous.folder + PROGRESS)
    except client.exceptions.NoSuchKey:
        return Progress()
    stored: dict[str, Any] = json.loads(answer["Body"].read())
    return Progress() if stored["complete"] else Progress(built=stored["built"])
