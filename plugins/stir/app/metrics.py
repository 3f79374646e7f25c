"""What the application says of itself to Prometheus: requests, seconds and what the cache saved."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Metrics:
    """The counters of one application; several in a process do not share them."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "stir_app_requests", "Requests by route and status.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "stir_app_request_seconds", "Seconds per request.", ["route"], registry=self._registry, buckets=SECONDS
        )
        self._answers = Counter(
            "stir_app_answers", "Answers that came from the cache, or were read.", ["from"], registry=self._registry
        )
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count one request. `route` is the declared path, so that no client chooses a label."""
        if (route, status) not in self._known:
            self._known[route, status] = self._requests.labels(route, str(status)), self._seconds.labels(route)
        requests, histogram = self._known[route, status]
        requests.inc()
        histogram.observe(seconds)

    def answered(self, *, from_cache: bool) -> None:
        """Count one answer that was given whole."""
        self._answers.labels("cache" if from_cache else "database").inc()

    def page(self) -> tuple[bytes, str]:
        """The metrics as Prometheus reads them, and their media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
