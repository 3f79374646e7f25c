"""Records that the world did not make: from an empty warehouse, by file, by stream and by collector, through the tasks
of the DAGs, to a leaderboard that PostgreSQL's reader sees.

One warehouse serves all tests here, in the order in which they stand. The builds find a warehouse that was never built,
and build once more what was repaired and collected since. With --long the real scheduler runs the DAGs; without, the
same operators run by hand, as far as the leaderboard needs it. tests/e2e/test_airflow_*.py run DAGs in every run.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.integration.collector.local_source import in_thread
from tests.parsed_project import take_parse
from tests.unit.collector.platform import NOWHERE, Platform

from stir import connections
from stir.cli import warehouse
from stir.collector import credentials, tracking
from stir.database import COLLECTOR, apply
from stir.ingest import quarantine
from stir.local.airflow.api import AirflowApi
from stir.local.airflow.config import base_url, identity
from stir.settings import PROJECT_DIR, Settings
from stir.transform.runner import run_dbt
from stir.world.standins.server import StandIn
from stir.world.standins.youtube import YouTubeStandIn
from stir.world.standins.youtube_documents import Channel

from .airflow_runs import ended, first_scheduled_runs, logs, runs, unpaused, wait_for
from .conftest import DAG_COUNT
from .own_records import (
    CHANNELS,
    NOW,
    STREAMED,
    VIDEOS,
    asked_by_trigger,
    board,
    built_by_tasks,
    readings,
    serving,
    start,
    stir,
)

HOME = PROJECT_DIR / ".stir" / "test-own"
SCHEDULED = ("dbt_core", "dbt_daily", "sync_leaderboard_prod")
TRIGGER = "sync_youtube_critical_channels"
BOARD = ("mart_leaderboard", "mart_rank_movement", "mart_time_series")
CHANGED = {"select": " ".join(f"+{mart}" for mart in BOARD)}
BY_TASKS = (
    {"dag": "dbt_daily", "cadence": "daily", "params": {"select": " ".join(BOARD)}},
    # What the trigger reads and the boards do not.
    {"dag": "dbt_core", "cadence": "core", "params": {"select": "stg_beat_scrape_request_log"}},
)
KEY = "AIzaTheKeyOfTheTest"
NEWEST = (
    "select followers, followers_change, followers_rank from leaderboard"
    f" where platform = 'YOUTUBE' and platform_id = '{STREAMED}' order by month desc limit 1"
)


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
    process = start(mine, "load", "events.post_log_events", str(path))
    blocks, deadline = 0, time.monotonic() + 180
    with quarantine.connect(own, autocommit=True) as connection:
        while not 1 <= blocks < 6 and process.poll() is None and time.monotonic() < deadline:
            found = connection.execute("select blocks from ingest.file_load").fetchone()
            blocks = found[0] if found else 0
            time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert 1 <= blocks < 6, "the load was not killed in its middle"

    assert f"{rows:,} rows read, {rows:,} loaded, 0 in quarantine" in stir(
        mine, "load", "events.post_log_events", str(path)
    )
    assert "already loaded" in stir(mine, "load", "events.post_log_events", "-", feed=path.read_text())
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
    dry = stir(mine, "load", "channels", "--dry-run", str(channels))
    assert "line 7: wrong_type, subscribers" in dry
    assert "5 rows read, 4 loaded, 1 in quarantine, 1 empty lines left out, 1 totals lines left out" in stir(
        mine, "load", "channels", str(channels), expect=3
    )
    said = stir(mine, "load", "posts", str(folder / "videos"), "--json")
    assert [(each["read"], each["loaded"]) for each in json.loads(said)["files"]] == [(3, 3)]


@pytest.fixture(scope="module")
def streamed(mine: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Rows that a broker carried: confirmed, written by a sink, acknowledged."""
    folder = readings(tmp_path_factory.mktemp("streams"))
    for stream, count in (("profile_log", 4), ("beat_youtube_account", 1)):
        assert f"{count} records" in stir(mine, "emit", stream, str(folder / stream))
    with serving(mine, "sink", "--streams", "profile_log,beat_youtube_account"):
        wait_for(
            lambda: not sum(each["backlog"] for each in json.loads(stir(mine, "streams", "--json"))),
            "the sink to write what the broker holds",
        )


@pytest.fixture(scope="module")
def airflow(mine: Path, own: Settings) -> Iterator[AirflowApi]:
    """Airflow on this warehouse, with every DAG known to it."""
    started = start(mine, "airflow", "up", STIR_AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL="7200")
    out, err = started.communicate()
    assert started.returncode == 0, out + err
    api = AirflowApi.login(base_url(own), identity(own).password)
    wait_for(lambda: api.call("GET", "/dags")["total_entries"] == DAG_COUNT, "every DAG to be known")
    yield api
    stir(mine, "airflow", "down")


@pytest.fixture(scope="module")
def scheduler(request: pytest.FixtureRequest) -> AirflowApi | None:
    """The running Airflow with --long, and nothing without."""
    if request.config.getoption("--long"):
        running: AirflowApi = request.getfixturevalue("airflow")
        return running
    return None


@pytest.fixture(scope="module")
def scheduled(
    mine: Path,
    own: Settings,
    loaded: None,
    streamed: None,
    scheduler: AirflowApi | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The DAGs have run by their schedules over all that came in."""
    take_parse(own)
    if scheduler is None:
        for report in built_by_tasks(mine, tmp_path_factory.mktemp("airflow"), *BY_TASKS):
            assert report["built"]
        stir(mine, "publish", "leaderboard", "rank_movement")
        return
    for dag_id in SCHEDULED:
        ran = first_scheduled_runs(scheduler, [dag_id])[dag_id]
        assert ran["state"] == "success", logs(scheduler, dag_id, ran["dag_run_id"])


@pytest.fixture(scope="module")
def repaired(mine: Path, scheduled: None) -> None:
    """The row that was refused is corrected and taken."""
    listed = json.loads(stir(mine, "quarantine", "list", "--json"))
    assert [(each["reason"], each["origin"]) for each in listed] == [("wrong_type", "channels.csv line 7")]
    number = str(listed[0]["id"])
    assert "12x" in stir(mine, "quarantine", "show", number)
    assert "Cia" not in stir(mine, "quarantine", "show", number)
    assert "Cia" in stir(mine, "quarantine", "show", number, "--reveal")
    assert "wrong_type" in stir(mine, "quarantine", "replay", number, expect=1)
    stir(mine, "quarantine", "edit", number, "--set", "Abonnenten=1.200")
    assert "--full-refresh" in stir(mine, "quarantine", "replay", number)
    assert "was replayed already" in stir(mine, "quarantine", "replay", number, expect=1)


@pytest.fixture(scope="module")
def collected(
    mine: Path,
    own: Settings,
    scheduler: AirflowApi | None,
    scheduled: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> list[str]:
    """A trigger asks for a tracked channel, a worker asks YouTube, and a sink writes what it said.

    Returns the outcome of each request.
    """
    with connections.beat(own, autocommit=True) as connection:
        apply(connection, COLLECTOR)
        credentials.add(connection, credentials.vault(own), credentials.New("youtube", "default", KEY, "1"))
    assert tracking.track(own, "youtube", STREAMED, "Fay & Söhne")
    shown = Channel(id=STREAMED, title="Fay & Söhne", subscribers=6400, views=64_000, videos=3)
    written = f"select countIf(source = 'ytapi') from events.profile_log_events where profile_id = '{STREAMED}'"
    asked = "select status, data from scrape_request_log"
    with (
        in_thread(StandIn(YouTubeStandIn(Platform([shown]), keys={KEY: "projects/1"}))) as youtube,
        serving(mine, "sink", "--streams", "profile_log,beat_youtube_account,beat_scrape_request_log"),
        serving(mine, "collect", STIR_YOUTUBE_URL=f"{youtube.url}/youtube/v3", STIR_YOUTUBE_RSS_URL=NOWHERE),
        connections.clickhouse(own) as client,
        connections.beat(own, autocommit=True) as connection,
    ):
        if scheduler is None:
            assert asked_by_trigger(mine, tmp_path_factory.mktemp("trigger"), TRIGGER) == 1
        else:
            ran = first_scheduled_runs(scheduler, [TRIGGER])[TRIGGER]
            assert ran["state"] == "success", logs(scheduler, TRIGGER, ran["dag_run_id"])
        wait_for(lambda: client.query(written).first_row[0], "what was collected to be written")
        wait_for(
            lambda: connection.execute(f"{asked} where status = 'COMPLETE'").fetchall(), "the request to be closed"
        )
        return [f"{status} {data}" for status, data in connection.execute(asked).fetchall()]


@pytest.fixture(scope="module")
def once_more(
    mine: Path, own: Settings, scheduler: AirflowApi | None, repaired: None, collected: list[str]
) -> list[str]:
    """What came since the first runs is built and published. Returns the board row from before."""
    before = board(mine, NEWEST)
    if scheduler is None:
        run_dbt(own, ["run", "--select", *CHANGED["select"].split()]).raise_for_failure()
        stir(mine, "publish", "leaderboard", "rank_movement")
        return before
    published = {run["dag_run_id"] for run in runs(scheduler, "sync_leaderboard_prod")}
    with unpaused(scheduler, *SCHEDULED):
        for dag_id in ("dbt_core", "dbt_daily"):
            run_id = scheduler.trigger(dag_id, CHANGED)
            assert ended(scheduler, dag_id, run_id) == "success", logs(scheduler, dag_id, run_id)
        done = {"state": "success"}
        wait_for(
            lambda: {run["dag_run_id"] for run in runs(scheduler, "sync_leaderboard_prod", **done)} - published,
            "the changed board to be published",
        )
    return before


def test_rows_of_a_file_and_of_a_stream_reach_the_leaderboard(mine: Path, scheduled: None) -> None:
    query = "select name, followers, followers_change, views, followers_rank, views_rank from leaderboard"
    query += " where platform = 'YOUTUBE' and month = '2024-02-01' order by followers_rank nulls last, views_rank"
    assert board(mine, query) == [
        "Fay & Söhne|5000|1000||1|", "Ada & Söhne|3500|2500||2|", "Bea|2100|100||3|",
        "Eva|||120000||1", "Dua|||9000||2",
    ]  # fmt: skip
    stir(mine, "publish", "time_series")  # the printed board has each creator's weeks from there
    printed = stir(mine, "leaderboard")
    assert f"YouTube leaderboard, {NOW:%B %Y}" in printed
    assert "Fay & Söhne" in printed
    assert "Eva" in stir(mine, "leaderboard", "--by", "views")


# The marts of collected rows are in tests/integration/collector/test_collected_marts.py, a trigger's requests and the
# workers that answer them in tests/integration/triggers and test_workers.py.
@pytest.mark.long
def test_a_channel_that_a_trigger_asks_for_is_collected_and_its_row_on_the_leaderboard_changes(
    mine: Path, collected: list[str], once_more: list[str]
) -> None:
    assert collected == ['COMPLETE {"ok": true, "records": 2, "source": "ytapi"}']
    assert once_more == ["6000|500|1"]
    assert board(mine, NEWEST) == ["6400|900|1"]


@pytest.mark.long  # tests/integration/ingest/test_quarantine.py repairs and replays rows
def test_a_repaired_row_joins_a_mart(mine: Path, once_more: list[str]) -> None:
    series = "select followers from social_profile_time_series where monthly_stats and followers = 1200"
    assert board(mine, series) == []
    stir(mine, "publish", "time_series")
    assert board(mine, series) == ["1200"]


def test_nothing_is_written_when_a_file_or_the_table_does_not_do(mine: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("channel,date,subscribers\nFay,2024-01-01,1\n")
    bad.write_text("one,two\n1,2\n")
    assert "b.csv" in stir(mine, "load", "channels", str(good), str(bad), expect=1)
    assert "there is no contract" in stir(mine, "load", "events.nothing", str(good), expect=1)
    assert "no such file" in stir(mine, "load", "channels", str(tmp_path / "c.csv"), expect=1)
    bad.write_text("channel,date,subscribers\n")
    assert "nothing was loaded" in stir(mine, "load", "channels", str(bad), expect=1)
    bad.write_text("channel,date,subscribers\nFay,,1\n")
    assert "1 in quarantine" in stir(mine, "load", "channels", str(bad), expect=1)
    assert "rows read, 1 loaded" in stir(mine, "load", "channels", str(good))


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
    assert "stir warehouse new" in stir(mine, "load", "channels", str(path), expect=1)
    assert "1 loaded" in stir(mine, "load", "channels", str(path), "--into-world")
