"""What `stir backfill` refuses before it asks a server."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from stir.cli.backfill import backfill


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("", "give a MODEL or TAG with --from and --to, or one of --undo, --discard, --list"),
        ("daily --undo", "give a MODEL or TAG with --from and --to, or one of --undo, --discard, --list"),
        ("daily --from 2026-05-01", "--from and --to are missing"),
        ("daily --from 2026-02-30 --to 2026-03-01", "'2026-02-30' does not match the format '%Y-%m-%d'."),
        ("--undo --dry-run", "--dry-run belongs to the building of MODEL or TAG, not to --undo, --discard or --list"),
        ("--discard --hold", "--hold belongs to the building of MODEL or TAG, not to --undo, --discard or --list"),
        ("--undo 7 --to 2026-05-01", "--to belongs to the building of MODEL or TAG"),
        ("--undo newer", "--undo takes the number of a backfill, not 'newer'; `--list` shows them"),
    ],
)
def test_options_that_contradict_each_other_are_refused(arguments: str, line: str) -> None:
    done = CliRunner().invoke(backfill, arguments.split())

    assert done.exit_code == 2
    assert line in done.output
