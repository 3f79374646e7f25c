"""`./stir demo`, as a newcomer types it, against services of its own."""

from __future__ import annotations

import csv
import os
import pty
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from tests.parsed_project import take_parse

from stir.local import ensure_services
from stir.settings import load_settings

PROJECT_DIR = Path(__file__).resolve().parents[2]
SMALL = ("--creators", "100", "--days", "40")


class Checkout:
    """The command line of this checkout with a state folder of the test's own."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STIR_", "DBT_"))}
        own = {"STIR_STATE_DIR": str(state_dir), "STIR_ENV_FILE": os.devnull, "COLUMNS": "200"}
        passed = {name: os.environ[name] for name in ("STIR_VENV", "STIR_CACHE_DIR") if name in os.environ}
        self.environment = {**kept, **passed, **own}

    def stir(self, *arguments: str, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROJECT_DIR / "stir", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )

    def take_parse(self) -> None:
        """Begin with the project's parse; the data check begins without one, as a newcomer does."""
        with pytest.MonkeyPatch.context() as patch:
            for name in set(os.environ) - set(self.environment):
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            take_parse(ensure_services(load_settings()))

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """A shell in which the environment of `./stir env` is set, as the README says."""
        return subprocess.run(
            ["bash", "-ec", f'eval "$(./stir env)"\n{script}'],
            cwd=PROJECT_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    # Not under the user's temporary folder: PostgreSQL's unprivileged user must be able to enter it.
    own = Checkout(PROJECT_DIR / ".stir" / "test-demo")
    own.take_parse()
    yield own
    own.stir("down")


@pytest.fixture(scope="module")
def interrupted(checkout: Checkout) -> subprocess.CompletedProcess[str]:
    """The first demo, which gets a Ctrl-C while it builds."""
    return _disturbed(checkout, "stg_*.sql", lambda process: process.send_signal(signal.SIGINT))


@pytest.fixture(scope="module")
def bereft(checkout: Checkout, interrupted: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """The next one, whose ClickHouse is killed while it builds."""
    return _disturbed(checkout, "mart_*.sql", lambda _: _clickhouse(checkout.state_dir).send_signal(signal.SIGKILL))


@pytest.fixture(scope="module")
def demo(
    checkout: Checkout, interrupted: subprocess.CompletedProcess[str], request: pytest.FixtureRequest
) -> subprocess.CompletedProcess[str]:
    """One that nothing disturbs, after it or with --long after both: it goes on from what they left."""
    if request.config.getoption("--long"):
        request.getfixturevalue("bereft")
    done = checkout.stir("demo", *SMALL)
    assert done.returncode == 0, done.stderr
    return done


def test_ctrl_c_ends_a_demo_with_one_line(interrupted: subprocess.CompletedProcess[str]) -> None:
    assert interrupted.returncode == 130
    assert interrupted.stderr.splitlines()[-1] == "stir: interrupted; run the same command again to go on"


# A build that loses ClickHouse is in test_airflow_operations.py, an error of a killed server in one line in
# tests/integration/cli/test_service_commands.py.
@pytest.mark.long
def test_a_killed_service_ends_a_demo_with_one_line(bereft: subprocess.CompletedProcess[str]) -> None:
    assert bereft.returncode == 1
    assert bereft.stderr.splitlines()[-1].startswith("stir: ")
    assert "Traceback" not in bereft.stderr


def test_the_printed_table_is_what_psql_reads_by_hand_as_the_reader(
    checkout: Checkout, demo: subprocess.CompletedProcess[str]
) -> None:
    by_hand = checkout.shell('psql --csv "$STIR_POSTGRES_READER_URL" -f plugins/stir/cli/leaderboard.sql')
    assert by_hand.returncode == 0, by_hand.stderr
    rows = list(csv.DictReader(by_hand.stdout.splitlines()))
    printed = [line.split() for line in demo.stdout.splitlines() if re.match(r" *\d+ +(new|=|▲|▼)", line)]

    assert [int(row["rank"]) for row in rows] == list(range(1, 11))
    numbers = [(row["followers"], row["engagement_pct"], row["followers_by_week"]) for row in rows]
    assert len(set(numbers)) == len(rows), "two creators of equal numbers look like a fault to whoever sees this first"
    for row, cells in zip(rows, printed, strict=True):
        move = int(row["movement"]) if row["movement"] else None
        shown = "new" if move is None else "=" if move == 0 else f"{'▲' if move > 0 else '▼'}{abs(move)}"
        engaged = f"{row['engagement_pct']} %" if row["engagement_pct"] else "-"
        rank, place, creator, *_ = cells
        assert [rank, place] == [row["rank"], shown]
        assert creator == row["creator"] or (creator[-1] == "…" and row["creator"].startswith(creator[:-1]))
        assert f"{int(row['followers']):,}" in cells
        assert " ".join(cells).endswith(engaged)


def test_the_board_is_printed_again_and_drawn_as_an_image(
    checkout: Checkout, demo: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    again, image = checkout.stir("leaderboard"), tmp_path / "board.svg"
    drawn = checkout.stir("leaderboard", "--svg", str(image))

    assert again.returncode == drawn.returncode == 0, again.stderr + drawn.stderr
    assert again.stdout.strip() in demo.stdout
    first = next(line.split()[2] for line in again.stdout.splitlines() if line.split()[:1] == ["1"])
    assert first in image.read_text()


def test_a_second_demo_builds_nothing_and_in_a_terminal_it_serves_the_web_page_until_it_is_interrupted(
    checkout: Checkout, demo: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    plain = {**checkout.environment, "TERM": "dumb", "LINES": "50"}
    shown, said = tmp_path / "stderr", ""
    with shown.open("w") as stderr:
        process = subprocess.Popen(
            [PROJECT_DIR / "stir", "demo", *SMALL], env=plain, stdin=theirs, stdout=theirs, stderr=stderr
        )
    os.close(theirs)
    while not (found := re.search(r"leaderboard on (http://\S+)", said)):
        said += os.read(ours, 4096).decode(errors="replace")
    try:
        page = httpx.get(f"{found[1]}/boards/INSTAGRAM", timeout=180)
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(180) == 0
    os.close(ours)
    for unchanged in ("already there", "unchanged since", "none of them new"):
        assert unchanged in shown.read_text()
    assert demo.stdout in said.replace("\r\n", "\n")
    assert page.status_code == 200
    assert "Instagram: creators by followers" in page.text


def test_plain_dbt_runs_a_cadence_with_the_environment_that_stir_prints(
    checkout: Checkout, demo: subprocess.CompletedProcess[str]
) -> None:
    done = checkout.shell("dbt run --select tag:orders")

    assert done.returncode == 0, done.stdout
    assert "ERROR=0" in done.stdout


def test_a_world_of_other_parameters_is_not_replaced_unasked(
    checkout: Checkout, demo: subprocess.CompletedProcess[str]
) -> None:
    refused = checkout.stir("demo", "--creators", "50", "--days", "30")

    assert refused.returncode == 1
    assert refused.stderr.splitlines()[-1].startswith("stir: ")
    assert "--replace" in refused.stderr.splitlines()[-1]


CONTENT = """
    select count(*), md5(string_agg(content, ',' order by content))
    from (select (to_jsonb(board) - 'computed_as_of')::text as content from leaderboard as board) as boards
"""


# Every model of the board once more. The build after a Ctrl-C has passed its data tests when the demo above ends, and
# what a killed run and the next one make together is in tests/integration/dbt/test_deliveries.py.
@pytest.mark.long
def test_what_is_built_after_ctrl_c_and_a_killed_service_is_what_an_undisturbed_build_makes(
    checkout: Checkout, demo: subprocess.CompletedProcess[str]
) -> None:
    def published() -> str:
        read = checkout.shell(f'psql -At "$STIR_POSTGRES_READER_URL" -c "{CONTENT}"')
        assert read.returncode == 0, read.stderr
        return read.stdout

    before = published()
    for command in ("dbt run --full-refresh --select +mart_leaderboard", "publish --force leaderboard"):
        done = checkout.stir(*command.split())
        assert done.returncode == 0, done.stdout + done.stderr
    assert not before.startswith("0|")
    assert published() == before


ASK = """
import runpy
from stir.settings import load_settings
from stir.triggers.run import run_trigger
from stir.world.answers import moment
settings = load_settings()
for name in ("sync_instagram_profiles_by_handle", "sync_youtube_profiles_by_channel"):
    path = f"dags/{name.split('_')[1]}/{name}.py"
    spec = runpy.run_path(path)["dag"].get_task("enqueue").spec
    print(run_trigger(settings, spec, moment=moment(settings)).enqueued)
"""
REBUILT = (
    "tag:core stg_beat_profile_log mart_instagram_account_weekly mart_instagram_account_monthly mart_time_series"
    " mart_instagram_leaderboard_base mart_instagram_leaderboard mart_leaderboard mart_instagram_tracked_profiles"
)


@pytest.mark.long  # test_real_records.py goes the same way through the scheduler and the collector
def test_a_trigger_ends_in_the_leaderboard(checkout: Checkout, demo: subprocess.CompletedProcess[str]) -> None:
    """Trigger, queue, fresh snapshot, accounts, leaderboard; and what was answered is no longer due."""

    def query(sql: str) -> list[list[str]]:
        asked = checkout.shell(f"""curl -sS --fail-with-body -u "$STIR_CLICKHOUSE_USER:$STIR_CLICKHOUSE_PASSWORD" \\
            "http://$STIR_CLICKHOUSE_HOST:$STIR_CLICKHOUSE_PORT/?database=$STIR_CLICKHOUSE_DATABASE" \\
            --data-binary @- <<'SQL'\n{sql}\nSQL""")
        assert asked.returncode == 0, asked.stdout + asked.stderr
        return [line.split("\t") for line in asked.stdout.splitlines()]

    asked = checkout.shell(f"python - <<'PYTHON'\n{ASK}\nPYTHON")
    assert asked.returncode == 0, asked.stderr
    enqueued = sum(int(line) for line in asked.stdout.splitlines()[-2:])
    assert enqueued > 0
    worked = checkout.stir("world", "work")
    assert worked.returncode == 0, worked.stderr
    assert worked.stdout.startswith(f"{enqueued:,} requests answered, 0 failed, 0 still wait")
    assert checkout.stir("world", "work").stdout.startswith("0 requests answered")

    built = checkout.shell(f"dbt run --select {REBUILT}")
    assert built.returncode == 0, built.stdout[-3000:]
    fresh = query(
        "select profile_id, JSONExtractInt(metrics, 'followers') from events.profile_log_events"
        " where startsWith(event_id, 'work-') and platform = 'INSTAGRAM' order by profile_id"
    )
    assert fresh
    known = dict(query("select profile_id, assumeNotNull(followers) from mart_instagram_account"))
    board = dict(
        query(
            "select platform_id, followers from mart_leaderboard where platform = 'INSTAGRAM'"
            " and month = (select max(month) from mart_leaderboard)"
        )
    )
    for profile_id, followers in fresh:
        assert known[profile_id] == followers
        assert board.get(profile_id, followers) == followers
    assert set(board) & {profile_id for profile_id, _ in fresh}
    due = query(
        "select count() from mart_instagram_tracked_profiles where profile_id in"
        " (select profile_id from events.profile_log_events where startsWith(event_id, 'work-'))"
        " and next_attempt <= (select max(scraped_at) from beat_replica.scrape_request_log where source = 'stir')"
    )
    assert due == [["0"]], "what was answered is not due"


def _disturbed(
    checkout: Checkout, builds: str, disturb: Callable[[subprocess.Popen[str]], None]
) -> subprocess.CompletedProcess[str]:
    """A demo that is disturbed while it builds such models."""
    statements = checkout.state_dir / "dbt" / "target" / "run"
    shutil.rmtree(statements, ignore_errors=True)
    process = subprocess.Popen(
        [PROJECT_DIR / "stir", "demo", *SMALL],
        env=checkout.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not any(statements.rglob(builds)):
        time.sleep(0.5)
    disturb(process)
    _, errors = process.communicate(timeout=1800)
    return subprocess.CompletedProcess(process.args, process.returncode, stderr=errors)


def _clickhouse(state_dir: Path) -> psutil.Process:
    """The ClickHouse server process that runs out of a state folder."""
    for process in psutil.process_iter(["cmdline"]):
        command = " ".join(process.info["cmdline"] or ())
        if str(state_dir) in command and "clickhouse" in command:
            return process
    raise AssertionError("no ClickHouse process found")
