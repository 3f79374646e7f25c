"""Records that the world did not make: from an empty warehouse, by file and by stream, through the real scheduler, to a
leaderboard that PostgreSQL's reader sees.

One warehouse and one Airflow serve all tests here, in the order in which they stand. Nobody builds by hand: the DAGs
find a warehouse that was never built.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.parsed_project import take_parse

from stir import connections
from stir.cli import warehouse
from stir.ingest import quarantine
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import base_url, identity
from stir.local.machine.ports import find_free
from stir.settings import PROJECT_DIR, Settings

from .airflow_runs import first_scheduled_runs, logs, wait_for
from .conftest import DAG_COUNT

HOME = PROJECT_DIR / ".stir" / "test-own"
SERIES = ("dbt", "build", "--select", "+mart_time_series", "--exclude-resource-type", "test", "unit_test")
SCHEDULED = ("dbt_core", "dbt_daily", "sync_leaderboard_prod")
STREAMED = "UC_x5XG1OV2P6uZZ5FSM9Ttw"
CHANNELS = """Kanal;Datum;Abonnenten;Total Views;Videos
Ada & Söhne;31.01.2024;1.000;1,2E+05;10
Bea;31.01.2024;2.000;50.000;20
Ada & Söhne;29.02.2024;3.500;150.000,0;11

Bea;29.02.2024;2.100;60.000;21
Cia;29.02.2024;12x;1.000;1
Total;;7.600;;
"""
VIDEOS = (
    'video_id,title,publishedAt,channelTitle,trending_date,tags,view_count,likes,comment_count,description\n'
    '"2kyS6SvSYSE","two\nlines 🎉, ""quoted""",2024-02-10T17:13:01.000Z,Dua,24.12.02,[none],"9,000",57,15,NA\n'
    "1ZAPwfrtAFY,again,2024-02-11T07:30:00.000Z,Eva,24.12.02,a|b,1.2E+05,NA,7,\n"
)  # fmt: skip


@pytest.fixture(scope="module")
def mine() -> Iterator[Path]:
    """An empty warehouse made by `stir warehouse new`; its state folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "home", lambda: HOME)
        for name in [
            name for name in os.environ if name.startswith("STIR_") and name not in ("STIR_VENV", "STIR_CACHE_DIR")
        ]:
            patch.delenv(name)
        patch.setenv("STIR_ENV_FILE", os.devnull)
        made = CliRunner().invoke(warehouse.warehouse, ["new", "mine"], catch_exceptions=False)
        assert made.exit_code == 0, made.output
        assert warehouse.chosen(HOME) == "mine"
        yield warehouse.folder("mine", HOME)
        dropped = CliRunner().invoke(warehouse.warehouse, ["drop", "mine", "--yes"], catch_exceptions=False)
        assert dropped.exit_code == 0, dropped.output
        assert warehouse.chosen(HOME) == warehouse.DEFAULT
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="module")
def own(mine: Path) -> Settings:
    """The settings of that warehouse."""
    from stir.settings import load_settings

    return load_settings()


def _start(mine: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
    passed = {name: os.environ[name] for name in ("STIR_VENV", "STIR_CACHE_DIR") if name in os.environ}
    own = {"STIR_STATE_DIR": str(mine), "STIR_ENV_FILE": os.devnull, "PYTHONPATH": str(PROJECT_DIR / "plugins")}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "stir", *arguments],
        env={**kept, **passed, **own, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _stir(mine: Path, *arguments: str, feed: str | None = None, expect: int = 0, **variables: str) -> str:
    process = _start(mine, *arguments, **variables)
    out, err = process.communicate(feed)
    assert process.returncode == expect, out + err
    return out + err


def _readings(path: Path) -> Path:
    """A channel's readings of two months and the channel, as a crawler sends them."""
    readings = [
        {
            "event_id": f"streamed-{day}", "source": "crawler", "platform": "YOUTUBE", "profile_id": STREAMED,
            "event_timestamp": f"{day}T10:00:00Z", "metrics": {"subscriber_count": count, "view_count": 10 * count},
        }
        for day, count in (("2024-01-30", 4000), ("2024-02-28", 5000))
    ]  # fmt: skip
    account = {"id": 1, "channel_id": STREAMED, "title": "Fay", "updated_at": "2024-02-28T10:00:00Z"}
    (path / "profile_log").write_text("\n".join(map(json.dumps, readings)))
    (path / "beat_youtube_account").write_text(json.dumps(account))
    return path


def _board(mine: Path, query: str) -> list[str]:
    """What psql reads as the application's reader."""
    url = dict(line.split("=", 1) for line in (mine / "services.env").read_text().splitlines() if "=" in line)
    reader = url["STIR_POSTGRES_READER_URL"].strip("'\"")
    done = subprocess.run(["psql", "-X", "-At", reader, "-c", query], capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


def test_a_load_that_is_killed_goes_on_and_adds_each_row_once(mine: Path, own: Settings, tmp_path: Path) -> None:
    path, rows = tmp_path / "readings.jsonl", 60_000
    with path.open("w") as stream:
        for number in range(rows):
            metrics = {"likes": number, "comments": 1, "text": "x" * 200}
            stream.write(
                json.dumps(
                    {
                        "event_id": f"killed-{number}", "source": "mine", "platform": "INSTAGRAM", "metrics": metrics,
                        "profile_id": "7", "shortcode": f"C{number}", "event_timestamp": "2024-01-05T00:00:00Z",
                    }
                )
                + "\n"
            )  # fmt: skip
    process = _start(mine, "load", "events.post_log_events", str(path))
    blocks, deadline = 0, time.monotonic() + 120
    with quarantine.connect(own, autocommit=True) as connection:
        while not 1 <= blocks < 6 and process.poll() is None and time.monotonic() < deadline:
            found = connection.execute("select blocks from ingest.file_load").fetchone()
            blocks = found[0] if found else 0
            time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert 1 <= blocks < 6, "the load was not killed in its middle"

    assert f"{rows:,} rows read, {rows:,} loaded, 0 in quarantine" in _stir(
        mine, "load", "events.post_log_events", str(path)
    )
    assert "already loaded" in _stir(mine, "load", "events.post_log_events", "-", feed=path.read_text())
    with connections.clickhouse(own) as client:
        counted = "select count(), uniqExact(event_id) from events.post_log_events where profile_id = '7'"
        assert client.query(counted).result_rows == [(rows, rows)]
        client.command("truncate table events.post_log_events")


@pytest.fixture(scope="module")
def loaded(mine: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Rows of two files, with their refusals and repetitions."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "videos").mkdir()
    (folder / "videos" / "XX_videos.csv").write_text(VIDEOS)
    channels = folder / "channels.csv"
    channels.write_text(CHANNELS, encoding="utf-16")
    dry = _stir(mine, "load", "channels", "--dry-run", str(channels))
    assert "line 7: wrong_type, subscribers" in dry
    assert "5 rows read, 4 loaded, 1 in quarantine, 1 empty lines left out, 1 totals lines left out" in _stir(
        mine, "load", "channels", str(channels), expect=3
    )
    said = _stir(mine, "load", "posts", str(folder / "videos"), "--json")
    assert [(each["read"], each["loaded"]) for each in json.loads(said)["files"]] == [(2, 2)]


@pytest.fixture(scope="module")
def streamed(mine: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Rows that a broker carried: confirmed, written by a sink, acknowledged."""
    folder = _readings(tmp_path_factory.mktemp("streams"))
    for stream, count in (("profile_log", 2), ("beat_youtube_account", 1)):
        assert f"{count} records" in _stir(mine, "emit", stream, str(folder / stream))
    sink = _start(mine, "sink", "--port", str(find_free(set())), "--streams", "profile_log,beat_youtube_account")
    try:
        wait_for(
            lambda: not sum(each["backlog"] for each in json.loads(_stir(mine, "streams", "--json"))),
            "the sink to write what the broker holds",
        )
    finally:
        sink.terminate()
        out, err = sink.communicate(timeout=60)
    assert sink.returncode == 0, out + err


@pytest.fixture(scope="module")
def airflow(mine: Path, own: Settings) -> Iterator[AirflowApi]:
    """Airflow on this warehouse, with every DAG known to it."""
    take_parse(own)
    _stir(mine, "airflow", "up", STIR_AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL="7200")
    api = AirflowApi.login(base_url(own), identity(own).password)
    wait_for(lambda: api.call("GET", "/dags")["total_entries"] == DAG_COUNT, "every DAG to be known")
    yield api
    _stir(mine, "airflow", "down")


@pytest.fixture(scope="module")
def scheduled(airflow: AirflowApi, loaded: None, streamed: None) -> None:
    """The DAGs have run by their schedules over all that came in."""
    for dag_id in SCHEDULED:
        ran = first_scheduled_runs(airflow, [dag_id])[dag_id]
        assert ran["state"] == "success", logs(airflow, dag_id, ran["dag_run_id"])


def test_rows_of_a_file_and_of_a_stream_reach_the_leaderboard_through_the_scheduler(
    mine: Path, scheduled: None
) -> None:
    board = "select name, followers, followers_change, views, followers_rank, views_rank from leaderboard"
    board += " where platform = 'YOUTUBE' and month = '2024-02-01' order by followers_rank nulls last, views_rank"
    assert _board(mine, board) == [
        "Fay|5000|1000||1|", "Ada & Söhne|3500|2500||2|", "Bea|2100|100||3|", "Eva|||120000||1", "Dua|||9000||2",
    ]  # fmt: skip
    _stir(mine, "publish", "time_series")  # the printed board has each creator's weeks from there
    printed = _stir(mine, "leaderboard")
    assert "YouTube leaderboard, February 2024" in printed
    assert "Ada & Söhne" in printed
    assert "Eva" in _stir(mine, "leaderboard", "--by", "views")


def test_a_repaired_row_joins_a_mart(mine: Path, scheduled: None) -> None:
    listed = json.loads(_stir(mine, "quarantine", "list", "--json"))
    assert [(each["reason"], each["origin"]) for each in listed] == [("wrong_type", "channels.csv line 7")]
    number = str(listed[0]["id"])
    assert "12x" in _stir(mine, "quarantine", "show", number)
    assert "Cia" not in _stir(mine, "quarantine", "show", number)
    assert "Cia" in _stir(mine, "quarantine", "show", number, "--reveal")
    assert "wrong_type" in _stir(mine, "quarantine", "replay", number, expect=1)
    _stir(mine, "quarantine", "edit", number, "--set", "Abonnenten=1.200")
    assert "--full-refresh" in _stir(mine, "quarantine", "replay", number)
    assert "was replayed already" in _stir(mine, "quarantine", "replay", number, expect=1)
    _stir(mine, *SERIES)
    series = "select followers from social_profile_time_series where monthly_stats and followers = 1200"
    assert _board(mine, series) == []
    _stir(mine, "publish", "time_series")
    assert _board(mine, series) == ["1200"]


def test_nothing_is_written_when_a_file_or_the_table_does_not_do(mine: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("channel,date,subscribers\nFay,2024-01-01,1\n")
    bad.write_text("one,two\n1,2\n")
    assert "b.csv" in _stir(mine, "load", "channels", str(good), str(bad), expect=1)
    assert "there is no contract" in _stir(mine, "load", "events.nothing", str(good), expect=1)
    assert "no such file" in _stir(mine, "load", "channels", str(tmp_path / "c.csv"), expect=1)
    bad.write_text("channel,date,subscribers\n")
    assert "nothing was loaded" in _stir(mine, "load", "channels", str(bad), expect=1)
    bad.write_text("channel,date,subscribers\nFay,,1\n")
    assert "1 in quarantine" in _stir(mine, "load", "channels", str(bad), expect=1)
    assert "rows read, 1 loaded" in _stir(mine, "load", "channels", str(good))


def test_the_synthetic_world_takes_real_rows_only_when_told(mine: Path, tmp_path: Path, own: Settings) -> None:
    path = tmp_path / "channels.csv"
    path.write_text("channel,date,subscribers\nGia,2024-01-01,1\n")
    with connections.clickhouse(own) as client:
        client.command("create database world")
        columns = (
            "revision UInt64, state String, seed UInt64, creators UInt64, start DateTime, end DateTime, until DateTime"
        )
        client.command(f"create table world.parameters ({columns}) engine = MergeTree order by revision")
        client.command("insert into world.parameters values (1, 'ready', 7, 100, now(), now(), now())")
    assert "stir warehouse new" in _stir(mine, "load", "channels", str(path), expect=1)
    assert "1 loaded" in _stir(mine, "load", "channels", str(path), "--into-world")
