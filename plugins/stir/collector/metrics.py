"""What the collector says of itself to Prometheus."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from stir.collector.quota import Used
from stir.collector.worker import Tally


class CollectMetrics:
    """Counters and gauges of one service with all its processes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"stir_collect_{name}", text, labels, registry=self.registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"stir_collect_{name}", text, labels, registry=self.registry)

        self.requests = counter("requests", "Requests by flow and outcome.", "flow", "outcome")
        self.calls = counter("calls", "Calls of flows; a call may answer several requests.", "flow")
        self.seconds = counter("call_seconds", "Seconds in calls, with their waits for limits.", "flow")
        self.lost = counter("lost_leases", "Requests that another worker had taken over before they were closed.")
        self.restarts = counter("restarts", "Worker processes that ended by themselves and were started again.")
        self.processes = gauge("processes", "Worker processes that run.")
        self.running = gauge("running_calls", "Calls in work.")
        self.held = gauge("held_requests", "Requests in work.")
        self.waiting = gauge("waiting_requests", "Requests of the queue that may be picked now.", "flow")
        self.units = gauge("quota_units", "Units charged today.", "source", "bucket", "project")
        self.left = gauge("quota_left", "Units left of today's quota.", "source", "bucket", "project")
        self.credentials = gauge("credentials", "Credentials by state.", "source", "state")

    def add(self, tally: Tally) -> None:
        """Count what a process reports."""
        for (flow, outcome), count in tally.outcomes.items():
            self.requests.labels(flow, outcome).inc(count)
        for flow, count in tally.calls.items():
            self.calls.labels(flow).inc(count)
        for flow, seconds in tally.seconds.items():
            self.seconds.labels(flow).inc(seconds)
        self.lost.inc(tally.lost)

    def show_quota(self, lines: Iterable[Used]) -> None:
        """Today's lines of the ledger."""
        for gauge in (self.units, self.left):
            gauge.clear()
        for used in lines:
            labels = (used.source, used.bucket, used.project)
            self.units.labels(*labels).set(used.units)
            if used.left is not None:
                self.left.labels(*labels).set(used.left)

    def page(self) -> tuple[bytes, str]:
        """The metrics as Prometheus reads them, and their media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
