from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest

from stir.errors import StirError
from stir.local.machine.layout import Layout, file_lock, read_json, write_private


def _hold(path: Path, seconds: float, held: multiprocessing.synchronize.Event) -> None:
    with file_lock(path, 1, "the test"):
        held.set()
        time.sleep(seconds)


def test_a_second_command_waits_for_the_first(tmp_path: Path) -> None:
    held = multiprocessing.get_context("spawn").Event()
    other = multiprocessing.get_context("spawn").Process(target=_hold, args=(tmp_path / "lock", 2.0, held))
    other.start()
    assert held.wait(180)
    began = time.monotonic()
    with file_lock(tmp_path / "lock", 180, "the test"):
        assert time.monotonic() - began > 0.1
    other.join()


def test_a_lock_that_stays_held_is_one_clear_line(tmp_path: Path) -> None:
    with (
        file_lock(tmp_path / "lock", 1, "the test"),
        pytest.raises(StirError, match="another stir command has been working on the test"),
        file_lock(tmp_path / "lock", 0.1, "the test"),
    ):
        pass


def test_a_lock_of_a_killed_holder_is_free(tmp_path: Path) -> None:
    held = multiprocessing.get_context("spawn").Event()
    other = multiprocessing.get_context("spawn").Process(target=_hold, args=(tmp_path / "lock", 60, held))
    other.start()
    assert held.wait(180)
    other.kill()
    with file_lock(tmp_path / "lock", 180, "the test"):
        other.join()


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "file", "new \ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def test_written_files_are_the_owners_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "file", "text")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_others_may_pass_through_the_state_folder_but_not_list_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "state")
    layout.create()
    assert layout.root.stat().st_mode & 0o777 == 0o711
    assert (layout.root / "logs").stat().st_mode & 0o077 == 0


def test_a_file_that_is_not_an_object_is_refused(tmp_path: Path) -> None:
    assert read_json(tmp_path / "absent.json") == {}
    (tmp_path / "list.json").write_text("[1]")
    with pytest.raises(StirError, match="damaged"):
        read_json(tmp_path / "list.json")
