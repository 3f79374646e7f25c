"""What COPY counted decides, before anything is read back: a part that ends at the end of a row looks whole to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from stir.errors import StirError
from stir.publish import SPECS
from stir.publish.export.manifest import Manifest, Part
from stir.publish.load.stream import Loader
from stir.publish.state import PublishState

from .example import BOARD

if TYPE_CHECKING:
    from stir.settings import Settings

PARTS = (Part(0, "part-000", 3, 10), Part(1, "part-001", 2, 10))
STATE = PublishState(name="board", target="prod", run_id="r", token="aaaaaaaa", rows=5, parts=2)


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    """A loader that has loaded nothing; it needs no server before its `with` block."""
    monkeypatch.setitem(SPECS, "board", BOARD)
    return Loader(cast("Settings", None), STATE)


MANIFEST = Manifest(run_id="r", table="board", columns=("id",), rows=5, checksum="crc32:1", parts=PARTS)


@pytest.mark.parametrize("counted", [{0: 3}, {0: 3, 1: 1}, {0: 2, 1: 3}, {}])
def test_a_part_of_which_copy_read_other_rows_is_refused(loader: Loader, counted: dict[int, int]) -> None:
    loader._loaded.update(counted)
    with pytest.raises(StirError, match=r"part \d of board has \d rows, COPY read"):
        loader.finish(STATE, MANIFEST)


def test_parts_that_copy_read_whole_pass(loader: Loader) -> None:
    loader._loaded.update({0: 3, 1: 2})
    assert loader.finish(STATE, MANIFEST).loaded == loader.table
