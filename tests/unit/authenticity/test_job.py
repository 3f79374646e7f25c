"""How a run of the scorer shares its creators out."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from stir.authenticity.edges import CHUNK, Unfinished
from stir.authenticity.job import PACK_CREATORS, PACK_SAMPLE, Plan

creators = st.lists(st.tuples(st.integers(0, 60_000), st.integers(0, 60_000)), max_size=40).map(
    lambda sizes: tuple(Unfinished(str(i), max(sizes_), sizes_[1]) for i, sizes_ in enumerate(sizes))
)


@given(creators, st.integers(1, 5))
def test_packs_have_every_creator_once_and_keep_their_bounds(found: tuple[Unfinished, ...], workers: int) -> None:
    plan = Plan(found)
    packs = list(plan.packs(workers))
    assert list(chain.from_iterable(packs)) == [each.creator_id for each in found]
    sizes = {each.creator_id: each for each in found}
    for pack in packs:
        assert 0 < len(pack) <= PACK_CREATORS
        if len(pack) > 1:
            assert sum(sizes[each].unscored for each in pack) <= CHUNK
            assert sum(sizes[each].sample for each in pack) <= PACK_SAMPLE


def test_two_workers_have_a_pack_each() -> None:
    assert len(list(Plan(tuple(Unfinished(str(i), 10, 10) for i in range(8))).packs(2))) == 2
