"""`stir load` reads a file more than once, so what comes by a pipe is kept first."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from stir.cli.load import _spooled
from stir.settings import Settings


def test_a_pipe_is_kept_under_its_name_and_a_file_is_read_where_it_is(tmp_path: Path) -> None:
    pipe, plain = tmp_path / "pipe.csv", tmp_path / "plain.csv"
    os.mkfifo(pipe)
    plain.write_bytes(b"a")
    threading.Thread(target=pipe.write_bytes, args=[b"channel,date\n"], daemon=True).start()
    settings = Settings(_env_file=None, state_dir=tmp_path / "state")

    with _spooled(settings, [str(plain), str(pipe)]) as paths:
        assert paths[0] == plain
        assert (paths[1].name, paths[1].read_bytes()) == ("pipe.csv", b"channel,date\n")
    assert not paths[1].exists()
