"""What the Graph API's errors mean, by code and subcode. Texts for users come in any language and decide nothing.

Source: developers.facebook.com/docs/graph-api/guides/error-handling and .../overview/rate-limiting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from stir.collector.faults import Fault, Kind
from stir.collector.http import Answer
from stir.collector.protocol import Usage
from stir.collector.reading import count, measure, part, text

LIMITS = (4, 17, 32, 613, 80002)
HICCUPS = (1, 2, 341)
PAIRS: Mapping[tuple[int, int], Kind] = {
    (110, 2207013): Kind.STRANGER,  # no professional account of that name
    (100, 2108006): Kind.NOTHING,  # media from before the account became professional: no insights, ever
    (100, 33): Kind.DOUBTFUL,  # gone, no permission, or a limit in disguise
}


class InstagramRules:
    """The rules of the Graph API."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer; an error may come under any status."""
        error = part(answer.document, "error")
        if error is None:
            if answer.status != 200 or not isinstance(answer.document, dict):
                return Fault(Kind.HICCUP, f"status {answer.status} without an error", answer.retry_after())
            return None
        code, subcode = count(part(error, "code")) or 0, count(part(error, "error_subcode")) or 0
        said = text(part(error, "message")) or ""
        named = f"{code}/{subcode}" if subcode else str(code)
        kind = _kind(code, subcode, said, is_transient=part(error, "is_transient") is True)
        usage = self.usage(answer)
        rest = timedelta(minutes=usage.regain_minutes) if usage and usage.regain_minutes else None
        if kind == Kind.HICCUP and answer.status >= 500:
            rest = answer.retry_after()
        return Fault(kind, f"Instagram answers {named}", rest if kind in (Kind.LIMIT, Kind.HICCUP) else None, said)

    def usage(self, answer: Answer) -> Usage | None:
        """The greatest percentage of the usage headers, and the minutes until access comes back. They may be absent."""
        found = [
            one
            for name in ("x-app-usage", "x-business-use-case-usage")
            for one in _usages(_document(answer.headers.get(name, "")))
        ]
        if not found:
            return None
        return Usage(percent=max(percent for percent, _ in found), regain_minutes=max(wait for _, wait in found))


def _kind(code: int, subcode: int, said: str, *, is_transient: bool) -> Kind:
    if kind := PAIRS.get((code, subcode)):
        return kind
    if code in HICCUPS and "reduce the amount of data" in said:
        return Kind.SMALLER
    if code in LIMITS:
        return Kind.LIMIT
    if code == 100 and "metric" in said.lower():
        return Kind.METRIC
    if code == 10 and "Not enough viewers" in said:
        return Kind.NOTHING  # a story that fewer than five have seen
    if code in (10, 102, 190, 368) or 200 <= code < 300:
        return Kind.CREDENTIAL
    if code == 803:
        return Kind.GONE
    return Kind.HICCUP if code in HICCUPS or is_transient else Kind.REFUSED


def _usages(document: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(document, Mapping):
        return
    used = [measure(document.get(name)) for name in ("call_count", "total_time", "total_cputime")]
    if known := [percent for percent in used if percent is not None]:
        yield max(known), measure(document.get("estimated_time_to_regain_access")) or 0.0
    for cases in document.values():
        for case in cases if isinstance(cases, list) else ():
            yield from _usages(case)


def _document(header: str) -> Any:
    try:
        return json.loads(header) if header else None
    except (ValueError, RecursionError):
        return None
