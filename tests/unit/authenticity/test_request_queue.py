"""What a request to score may say."""

from __future__ import annotations

import pytest

from stir.authenticity.request_queue import creator_of, message_of
from stir.errors import StirError


def test_a_request_names_one_creator() -> None:
    assert creator_of(b'{"creator_id": "17841400000000001", "asked_by": "anybody"}') == "17841400000000001"


@pytest.mark.parametrize(
    "body",
    [b"", b"1", b"null", b'{"creator": "1"}', b'{"creator_id": 1}', b'{"creator_id": ""}',
     b'{"creator_id": "a\\u0000"}', b'{"creator_id": "' + b"9" * 201 + b'"}', b"[" * 100_000, b"\xff"],
)  # fmt: skip
def test_a_message_that_names_no_creator_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="creator_id"):
        creator_of(body)


def test_what_no_worker_would_accept_is_not_asked_for() -> None:
    assert creator_of(message_of("17841400000000001")) == "17841400000000001"
    for creator in ("", "9" * 201, "a\0"):
        with pytest.raises(StirError, match="cannot be asked for"):
            message_of(creator)
