"""What the tests of records of one's own send, and how they run a command on a warehouse of their own: as a user does,
or as a DAG does, without its scheduler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from stir.cli import main
from stir.local.machine.ports import find_free
from stir.settings import PROJECT_DIR

STREAMED = "UC_x5XG1OV2P6uZZ5FSM9Ttw"
CHANNELS = """Kanal;Datum;Abonnenten;Total Views;Videos
Ada & Söhne;31.01.2024;1.000;1,2E+05;10
Bea;31.01.2024;2.000;50.000;20
Ada & Söhne;29.02.2024;3.500;150.000,0;11

Bea;29.02.2024;2.100;60.000;21
Cia;29.02.2024;12x;1.000;1
Total;;7.600;;
"""
NOW = datetime.now(UTC) - timedelta(minutes=1)
MONTH_BEFORE = NOW.replace(day=1) - timedelta(days=9)
VIDEOS = (
    'video_id,title,publishedAt,channelTitle,trending_date,tags,view_count,likes,comment_count,description\n'
    '"2kyS6SvSYSE","two\nlines 🎉, ""quoted""",2024-02-10T17:13:01.000Z,Dua,24.12.02,[none],"9,000",57,15,NA\n'
    "1ZAPwfrtAFY,again,2024-02-11T07:30:00.000Z,Eva,24.12.02,a|b,1.2E+05,NA,7,\n"
    f"0ZAPwfrtAFY,now,{NOW:%Y-%m-%dT%H:%M:%S.000Z},Eva,{NOW:%y.%d.%m},a|b,700,NA,7,\n"
)  # fmt: skip


def environment(mine: Path) -> dict[str, str]:
    """In which a process sees that warehouse."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    passed = {name: os.environ[name] for name in ("STIR_VENV", "STIR_CACHE_DIR") if name in os.environ}
    own = {"STIR_STATE_DIR": str(mine), "STIR_ENV_FILE": os.devnull, "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    return {**kept, **passed, **own}


def start(mine: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "stir", *arguments],
        env={**environment(mine), **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stir(mine: Path, *arguments: str, feed: str | None = None, expect: int = 0) -> str:
    """What a command prints, which ends with that code. In this process, because imports cost more than the command."""
    given = CliRunner(env={"STIR_STATE_DIR": str(mine)}).invoke(main.stir, arguments, input=feed, standalone_mode=False)
    error, code = given.exception, given.exit_code
    if error is not None and not isinstance(error, SystemExit):
        said, code = f"{given.output}stir: {main.describe(error)}", 1
    else:
        said, code = given.output, given.return_value if isinstance(given.return_value, int) else code
    assert code == expect, said
    return said


def built_by_tasks(mine: Path, folder: Path, *orders: dict[str, Any]) -> list[dict[str, Any]]:
    """What the tasks of transform DAGs return that build something, without a scheduler; see dbt_task.py."""
    script = PROJECT_DIR / "tests" / "integration" / "dbt" / "dbt_task.py"
    done = subprocess.run(
        [sys.executable, str(script)],
        input="".join(json.dumps(order) + "\n" for order in orders),
        env={**environment(mine), "AIRFLOW_HOME": str(folder), "RUN": "by hand"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line)["xcom"] for line in done.stdout.splitlines()]


ASK = """
import runpy, sys
from datetime import UTC, datetime
from stir.settings import load_settings
from stir.triggers.run import run_trigger
spec = runpy.run_path(sys.argv[1])["dag"].get_task("enqueue").spec
print(run_trigger(load_settings(), spec, moment=datetime.now(UTC)).enqueued)
"""


def asked_by_trigger(mine: Path, folder: Path, dag_id: str) -> int:
    """How many requests the task of a trigger DAG makes, without a scheduler."""
    [path] = (PROJECT_DIR / "dags").rglob(f"{dag_id}.py")
    command = [sys.executable, "-P", "-c", ASK, str(path)]
    variables = {**environment(mine), "AIRFLOW_HOME": str(folder)}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


@contextmanager
def serving(mine: Path, *arguments: str, **variables: str) -> Iterator[None]:
    """A command that serves until it is interrupted."""
    process = start(mine, *arguments, "--port", str(find_free(set())), **variables)
    try:
        yield
    finally:
        process.terminate()
        out, err = process.communicate(timeout=180)
    assert process.returncode == 0, out + err


def readings(path: Path) -> Path:
    """A channel's readings of two old months and of two recent ones, and the channel, as a crawler sends them."""
    readings = [
        {
            "event_id": f"streamed-{count}", "source": "crawler", "platform": "YOUTUBE", "profile_id": STREAMED,
            "event_timestamp": moment, "metrics": {"subscriber_count": count, "view_count": 10 * count},
        }
        for moment, count in (
            ("2024-01-30T10:00:00Z", 4000), ("2024-02-28T10:00:00Z", 5000),
            (f"{MONTH_BEFORE:%Y-%m-%dT%H:%M:%SZ}", 5500), (f"{NOW:%Y-%m-%dT%H:%M:%SZ}", 6000),
        )
    ]  # fmt: skip
    account = {"id": 1, "channel_id": STREAMED, "title": "Fay & Söhne", "updated_at": "2024-02-28T10:00:00Z"}
    (path / "profile_log").write_text("\n".join(map(json.dumps, readings)))
    (path / "beat_youtube_account").write_text(json.dumps(account))
    return path


def board(mine: Path, query: str) -> list[str]:
    """What psql reads as the application's reader."""
    url = dict(line.split("=", 1) for line in (mine / "services.env").read_text().splitlines() if "=" in line)
    reader = url["STIR_POSTGRES_READER_URL"].strip("'\"")
    done = subprocess.run(["psql", "-X", "-At", reader, "-c", query], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]
