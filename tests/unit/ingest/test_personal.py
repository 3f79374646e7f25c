"""What a refused record shows of a person without being asked: nothing."""

from __future__ import annotations

import json

from stir.ingest.files.plans import Options
from stir.ingest.personal import HIDDEN, without_personal

RECORD = {"event_id": "e-1", "platform": "MYSPACE", "dimensions": {"handle": "meera"}, "mail": "meera@example.org"}
SHEET = {"Channel": "Meera", "Date": "2024-01-31", "Subscribers": "12x", "Owner": "Meera Rao", "Notes": ""}


def test_of_a_message_only_fields_are_shown_that_its_contract_knows_as_impersonal() -> None:
    shown = without_personal("profile_log", json.dumps(RECORD).encode(), None)
    assert shown == {"event_id": "e-1", "platform": "MYSPACE", "dimensions": HIDDEN, "mail": HIDDEN}


def test_of_a_line_of_a_file_a_column_that_nothing_was_taken_from_is_hidden() -> None:
    known = ("channels", Options().as_dict() | {"columns": list(SHEET), "read_delimiter": ",", "formats": {}})
    shown = without_personal("channels", json.dumps(SHEET).encode(), known)
    assert shown == SHEET | {"Channel": HIDDEN, "Owner": HIDDEN}


def test_of_a_body_that_is_no_record_only_its_size_is_shown() -> None:
    assert (
        without_personal("profile_log", b'{"mail": "meera@', None)
        == "16 bytes that are no record (--reveal shows them)"
    )
