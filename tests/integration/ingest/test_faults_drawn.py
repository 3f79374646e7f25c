"""Faults drawn at random while records come in by the broker and by the door: nothing that was confirmed is missing.

Not on a push, and short; `./stir chaos ingest --minutes M --seed S --broker nats|rabbitmq` runs it for longer and
prints the same report.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pydantic import SecretStr

from stir import connections
from stir.ingest import clients, quarantine
from stir.ingest.messages import NDJSON
from stir.local import Supervisor, ensure_services
from stir.local.machine.layout import write_private
from stir.local.machine.ports import find_free
from stir.settings import PROJECT_DIR, Settings

from .flow import TABLE, Condition, Program, landed, publish, run_sink, sink_program, waiting
from .publisher import STREAM, record
from .rabbitmq import RabbitMq

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

SECONDS = 60 * float(os.environ.get("CHAOS_MINUTES", "0.25"))
SEED = int(os.environ.get("CHAOS_SEED", "15"))
WITH_RABBITMQ = os.environ.get("CHAOS_BROKER") == "rabbitmq"
SERVERS = ("clickhouse", "postgres", "broker")
LONGEST = min(20.0, SECONDS / 10)
"""Seconds for which a server is away, or a sink stands still, at most."""
FAULTS = (
    *(f"kill {name}" for name in SERVERS),
    *("ClickHouse away", "kill sink", "end sink", "second sink", "sink stands still", "kill publisher", "kill door"),
    "storm of equal bad records",
)


class Storm:
    """Everything that runs, and what is done to it."""

    def __init__(self, settings: Settings, folder: Path, rabbit: RabbitMq | None) -> None:
        self._rabbit, self._variables = rabbit, {}
        if rabbit:
            settings = settings.model_copy(update={"broker_url": SecretStr(rabbit.url)})
            self._variables = {"STIR_BROKER_URL": rabbit.url}
        self.settings, self.folder, self.draw = settings, folder, random.Random(SEED)  # noqa: S311
        self.faults: Counter[str] = Counter()
        self._publishers = 0
        self._stopped = threading.Event()
        self.posted_sent: set[str] = set()
        self.posted: set[str] = set()
        self.storms: set[str] = set()
        token, content = clients.with_new_client(clients.clients_file(settings.state_dir), "storm", ("*",))
        write_private(clients.clients_file(settings.state_dir), content)
        self._token, self._port = token, find_free(set())
        self.sinks = [self._sink()]
        self.door = self._open_door()
        self.publisher = self._publish()
        self._poster = threading.Thread(target=self._post)
        self._poster.start()

    def _sink(self) -> Program:
        return sink_program(self.settings, **self._variables)

    def _open_door(self) -> Program:
        door = Program(self.settings, "door", "--port", str(self._port), **self._variables)
        door.ready()
        return door

    def _publish(self) -> subprocess.Popen[bytes]:
        self._publishers += 1
        own = {name: value for name, value in os.environ.items() if not name.startswith("STIR_")}
        return subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("publisher.py")), str(self.folder), f"p{self._publishers}"],
            env={
                **own,
                "PYTHONPATH": str(PROJECT_DIR / "plugins"),
                "STIR_STATE_DIR": str(self.settings.state_dir),
                "STIR_ENV_FILE": os.devnull,
                **self._variables,
            },
        )

    def _post(self) -> None:
        """Send by HTTP; a request without an answer of 202 is sent again, as its client would."""
        draw, number = random.Random(SEED), 0  # noqa: S311
        url = f"http://127.0.0.1:{self._port}/v1/streams/{STREAM}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/x-ndjson"}
        with httpx.Client(timeout=20, headers=headers) as client:
            while not self._stopped.is_set():
                identities = [f"d-{number + n}" for n in range(20)]
                number += len(identities)
                body = b"\n".join(json.dumps(record(each, draw)).encode() for each in identities)
                self.posted_sent |= set(identities)
                while not self._stopped.is_set():
                    try:
                        answer = client.post(url, content=body)
                    except httpx.HTTPError:
                        self._stopped.wait(0.2)
                        continue
                    if answer.status_code == 202:
                        self.posted |= set(identities)
                        break
                    self._stopped.wait(0.2)

    def strike(self) -> None:
        """One fault, and what a supervisor of processes does about it a little later."""
        fault = self.draw.choice(FAULTS)
        self.faults[fault] += 1
        pause = self.draw.uniform(0, 2)
        if fault == "ClickHouse away":
            self._kill_server("clickhouse", self.draw.uniform(0, LONGEST))
        elif (name := fault.removeprefix("kill ")) in SERVERS:
            self._kill_server(name, pause)
        elif fault == "sink stands still":
            sink = self.sinks[0]
            sink.signal(signal.SIGSTOP)
            time.sleep(self.draw.uniform(0, LONGEST))
            sink.signal(signal.SIGCONT)
        elif fault == "storm of equal bad records":
            identity = f"s-{self.faults[fault]}"
            bad = json.dumps(record(identity, self.draw) | {"platform": "MYSPACE"}).encode()
            publish(self.settings, [b"\n".join([bad] * 5000)], content_type=NDJSON)
            self.storms.add(identity)
        elif fault in ("kill sink", "end sink"):
            sink = self.sinks.pop(0)
            sink.signal(signal.SIGKILL if fault == "kill sink" else signal.SIGTERM)
            code = sink.end(40)
            assert code == (-signal.SIGKILL if fault == "kill sink" else 0), sink.said.decode()[-2000:]
            time.sleep(pause)
            if not self.sinks:
                self.sinks.append(self._sink())
        elif fault == "second sink" and len(self.sinks) < 2:
            self.sinks.append(self._sink())
        elif fault == "kill publisher":
            self.publisher.kill()
            self.publisher.wait()
            self.publisher = self._publish()
        elif fault == "kill door":
            self.door.signal(signal.SIGKILL)
            self.door.end()
            time.sleep(pause)
            self.door = self._open_door()

    def _kill_server(self, name: str, pause: float) -> None:
        if name == "broker" and self._rabbit:
            self._rabbit.kill()
            time.sleep(pause)
            self._rabbit.start()
            return
        if running := Supervisor(self.settings).service(name).process():
            running.kill()
            running.wait(10)
        time.sleep(pause)
        ensure_services(self.settings, [name])

    def end(self) -> None:
        """End everything but the servers."""
        self._stopped.set()
        self.publisher.kill()
        self.publisher.wait()
        self._poster.join()
        for program in (*self.sinks, self.door):
            program.close()


def numbers(path: Path) -> list[str]:
    """The whole lines of a note; its last one may be cut short by a kill."""
    text = path.read_text() if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def at_rest(settings: Settings) -> Condition:
    """A condition: nothing waits, and no row has come for a while. RabbitMQ does not count what a consumer holds."""
    seen = [0, 0.0]
    client = connections.clickhouse(settings)

    def holds() -> bool:
        # Counted by the server: the names of all rows, again and again, would keep this process from writing.
        rows = int(client.query(f"select count() from {TABLE}").result_rows[0][0])
        if rows != seen[0] or waiting(settings):
            seen[:] = [rows, time.monotonic()]
        return time.monotonic() - seen[1] > 10

    return holds


def drain(settings: Settings) -> None:
    """Have a sink write all that waits. What RabbitMQ has pushed to it counts as waiting once the sink has ended."""
    client = connections.clickhouse(settings)
    while True:
        handled = done(settings, client)
        run_sink(settings, at_rest(settings), seconds=600)
        time.sleep(2)  # until RabbitMQ has taken back what the sink held
        if not (left := waiting(settings)):
            return
        assert done(settings, client) > handled, f"the sink stands still: {left:,} messages wait"


def done(settings: Settings, client: Client) -> int:
    """Rows in the table and records in quarantine, each as often as it came."""
    with quarantine.connect(settings) as connection:
        aside = connection.execute("select coalesce(sum(times), 0) from ingest.quarantine").fetchone()
    return int(client.query(f"select count() from {TABLE}").result_rows[0][0]) + int(aside[0] if aside else 0)


@pytest.mark.long  # test_sink.py kills a sink at each step and each of its servers, and counts in the same way
def test_nothing_that_was_confirmed_is_missing_after_faults_at_random(
    own: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    connections.clickhouse(own).command(f"truncate table {TABLE}")
    with quarantine.connect(own) as connection:
        connection.execute("truncate ingest.quarantine")
    storm = Storm(own, tmp_path, request.getfixturevalue("rabbit") if WITH_RABBITMQ else None)
    deadline = time.monotonic() + SECONDS
    try:
        while time.monotonic() < deadline:
            storm.strike()
            time.sleep(storm.draw.uniform(0, 1.5))
    finally:
        storm.end()
    ensure_services(own, SERVERS)
    drain(storm.settings)

    noted = [line.split() for line in numbers(tmp_path / "confirmed")]
    good = {identity for kind, identity in noted if kind == "good"} | storm.posted
    bad = {identity for kind, identity in noted if kind == "bad"} | storm.storms
    sent = set(numbers(tmp_path / "sent")) | storm.posted_sent
    rows = landed(own)
    with quarantine.connect(own) as connection:
        kept = quarantine.entries(own, connection)
    aside = {entry.key for entry in kept}
    missing = (good - rows.keys()) | (bad - aside)
    extra = rows.keys() - sent
    report = {
        "confirmed": len(good) + len(bad),
        "in the table": len(good & rows.keys()),
        "in quarantine": len(bad & aside),
        "waiting": waiting(storm.settings),
        "missing": len(missing),
        "extra ids": len(extra),
        "ids in the table": len(rows),
        "rows that came again": sum(rows.values()) - len(rows),
        "equal bad records of storms": sum(entry.times for entry in kept if entry.key in storm.storms),
        "bodies that are no records": sum(entry.times for entry in kept if not entry.key),
    }
    with capsys.disabled():
        scheme, count = storm.settings.broker.scheme, sum(storm.faults.values())
        print(f"\n{scheme}, seed {SEED}, {SECONDS / 60:g} minutes, {count} faults:")
        for fault, count in sorted(storm.faults.items()):
            print(f"  {fault:<28}{count:>10,}")
        for name, count in report.items():
            print(f"  {name:<28}{count:>10,}")
    assert good, "nothing was confirmed"
    assert report["equal bad records of storms"] >= 5000 * len(storm.storms)
    assert (missing, extra, report["waiting"]) == (set(), set(), 0)
    assert report["confirmed"] == report["in the table"] + report["in quarantine"] + report["waiting"]
