"""What surrounds every answer: the limit of its client, headers, an id, and a count for the metrics."""

from __future__ import annotations

import time

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stir.app.api import problems
from stir.app.api.answers import client, encoded, serve_again, services
from stir.app.web.site import respond, without_empty_fields

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = encoded(SAFE_HEADERS)


def given_twice(request: Request) -> Response | None:
    """400 where a parameter is given twice: one of the two would be ignored without a word."""
    names = [name for name, _ in request.query_params.multi_items()]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is None:
        return None
    shown = twice[:60]
    fault = problems.Fault(parameter=shown, value=None, message="it is given twice")
    return respond(request, problems.Problem(400, f"{shown} is given twice", kind="bad-parameter", errors=[fault]))


class Guard:
    """ASGI middleware. Every request counts against its client's limit, but those to paths that begin as one of `free`.

    Pages count as the API does: without a limit, share links and tokens could be guessed at through them.
    """

    def __init__(self, app: ASGIApp, free: tuple[str, ...]) -> None:
        self._app, self._free = app, free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        if is_head:  # what GET answers, without the body
            scope = {**scope, "method": "GET"}
        request, began = Request(scope, receive), time.perf_counter()
        using = services(request)
        is_free = scope["path"].startswith(self._free)
        verdict = None if is_free else using.limits.take(client(request))

        began_to_answer = False

        async def send_with_headers(message: Message) -> None:
            nonlocal began_to_answer
            if message["type"] == "http.response.start":
                began_to_answer = True
                own = verdict.headers if verdict else {}
                more = [*_SAFE, *encoded({**own, "X-Request-ID": problems.request_id(request)})]
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(header for header in more if header[0] not in given)]
                route = getattr(scope.get("route"), "path", "unknown")
                using.metrics.count(route, message["status"], time.perf_counter() - began)
            elif is_head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            answer: ASGIApp
            if verdict and not verdict.allowed:
                words = f"more than {verdict.limit} requests a minute; come again in {verdict.seconds} s"
                answer = respond(request, problems.Problem(429, words, kind="too-many"))
            else:
                answer = (
                    await serve_again(request) or without_empty_fields(request) or given_twice(request) or self._app
                )
            await answer(scope, receive, send_with_headers)
        except Exception as error:
            if began_to_answer:
                raise
            await problems.answer(request, error, respond)(scope, receive, send_with_headers)
