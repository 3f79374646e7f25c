"""Traps of likeness and rules: floors, repeated words, unknown values."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tracemalloc
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz import fuzz

from stir.authenticity import rules
from stir.authenticity import similarity as similarity_module
from stir.authenticity.listing import BLOCK, NameList
from stir.authenticity.names import NOTHING_LEARNED, learn
from stir.authenticity.probability import has_evidence
from stir.authenticity.samples import Sample, identity, namesake_key
from stir.authenticity.scoring import Followers, Scorer, judge
from stir.authenticity.similarity import similarity
from stir.settings import PROJECT_DIR

from .pairs import pairs


def test_likeness_of_repeated_words_is_that_of_their_different_orders() -> None:
    words = ["anna", "anna", "lee"]
    best = max(fuzz.partial_ratio("leeannaanna", " ".join(order)) for order in permutations(words))
    name = " ".join(words)
    wanted = (2 * best + fuzz.token_sort_ratio("leeannaanna", name) + fuzz.token_set_ratio("leeannaanna", name)) / 4

    assert similarity(["leeannaanna"], [name]).tolist() == [wanted]


def test_two_letters_are_like_most_handles_to_version_1_and_say_nothing_to_version_2() -> None:
    assert fuzz.partial_ratio("oliviasmith", "li") == 100
    found = judge(["olivia_smith_li"], ["Li"])

    assert rules.similarity_v2(found.similarity, found.texts.handle_letters, found.texts.name_letters).tolist() != [100]
    assert np.isnan(rules.similarity_v2(found.similarity, found.texts.handle_letters, found.texts.name_letters)[0])


def test_a_huge_name_costs_no_more_than_a_long_one() -> None:
    """Ten thousand letters beside ten thousand took eleven seconds, and a text of many words memory by their square."""
    handle, name = "ab" * 10_000, " ".join(f"b{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(10_000))
    longest = similarity_module.LONGEST

    assert similarity([handle], [name]) == similarity([handle[:longest]], [name[:longest]])
    assert namesake_key(name) == ""
    assert not Sample.of([name], [handle]).beside
    assert namesake_key(" ".join(name.split()[:12])).count(" ") == 11


def test_unknown_likeness_is_real_to_version_1_and_unknown_to_version_2() -> None:
    found = judge(["annasmith"], ["😀"])
    assert found.similarity.tolist() == [0.0]
    assert found.verdict.tolist() == [rules.REAL]
    later = rules.judge_v2(found, [Sample.of(["😀"], ["annasmith"])])

    assert np.isnan(later[0])


def test_version_2_excuses_the_script_of_home_and_the_digits_of_a_birth_date() -> None:
    handles, names = ["eleni1988", "nikos.pappas", "user12345678"], ["Ελένη", "Νίκος Παππάς", "Ελένη"]
    found = judge(handles, names)
    assert found.verdict.tolist() == [1.0, 1.0, 1.0]

    assert rules.judge_v2(found, [Sample.of(names, handles, "GR")] * 3).tolist() == [0.0, 0.0, 1.0]
    abroad = Sample.of([*names, *["Anna Smith"] * 20], [*handles, *["anna"] * 20], "US")
    assert rules.judge_v2(found, [abroad] * 3).tolist() == [0.33, 0.33, 1.0]
    born = judge(["anna19051988"], ["Anna"])
    assert born.verdict.tolist() == [1.0]
    assert rules.judge_v2(born, [Sample.of(["Anna"], ["anna19051988"])]).tolist() == [0.0]


def test_no_name_is_no_evidence() -> None:
    found = judge(["anna", "12345", "anna"], ["", "Anna", "🔥"])

    assert has_evidence(found.texts).tolist() == [False, False, False]


def test_namesakes_are_found_without_initials_and_in_any_order() -> None:
    assert namesake_key("anna b smith") == namesake_key("smith anna")
    sample = Sample.of(["Anna Smith", "Smith, Anna", "Anna B. Smith", "😀"], ["a1234", "b1988", "c12345", "d"])

    assert sample.names[namesake_key("anna smith")] == 3
    assert sample.numbered[namesake_key("anna smith")] == 1
    assert sample.size == 4


def test_a_name_of_one_word_is_a_namesake_by_what_its_handle_adds() -> None:
    assert identity("rahul", "rahulsharma") == identity("rahul", "sharmarahul") == "rahul sharma"
    assert identity("rahul", "rahul") == identity("rahul", "cricketlover") == "rahul"
    assert identity("rahul sharma", "rahulsharmax") == "rahul sharma"
    sample = Sample.of(["Rahul", "Rahul Sharma", "Rahul"], ["rahul_sharma12", "rahulsharma", "rahul.verma"])

    assert sample.persons["rahul sharma"] == 2
    assert sample.names["rahul"] == 2


def test_chance_joins_words_of_the_same_language_only() -> None:
    greek = [f"{a} {b}" for a in ("Eleni", "Nikos", "Maria", "Kostas") for b in ("Pappas", "Georgiou")]
    english = [f"{a} {b}" for a in ("Anna", "Emma", "Noah", "Liam") for b in ("Smith", "Brown", "Jones", "Clark")]
    isolated, among = Sample.of(greek, ["x"] * 8), Sample.of([*greek, *english * 5], ["x"] * 88)

    assert among.namesakes("eleni pappas") == pytest.approx(isolated.namesakes("eleni pappas"))


@pytest.mark.parametrize("part", [1, 7, 1_000])
def test_the_parts_of_a_sample_change_nothing(part: int) -> None:
    handles, names = pairs(300)
    whole, parts = Sample.of(names, handles, "IN"), Sample("IN")
    for start in reversed(range(0, len(names), part)):
        parts.add(names[start : start + part], handles[start : start + part])

    assert parts == whole


def test_order_and_chunk_size_change_no_score() -> None:
    handles, names = pairs(400)
    creators = [str(place % 5) for place in range(400)]
    samples = {each: Sample("IN") for each in "01234"}
    for creator, handle, name in zip(creators, handles, names, strict=True):
        samples[creator].add([name], [handle])
    scorer = Scorer.shipped()

    def scored(places: list[int]) -> dict[int, tuple[object, ...]]:
        chosen = [[column[place] for place in places] for column in (creators, handles, names)]
        found = scorer.score(Followers(chosen[0], [str(each) for each in places], *chosen[1:]), samples).columns()
        return dict(zip(places, zip(*(map(repr, column) for column in found.values()), strict=True), strict=True))

    whole = scored(list(range(400)))
    assert scored(list(reversed(range(400)))) == whole
    in_parts: dict[int, tuple[object, ...]] = {}
    for start in range(0, 400, 37):
        in_parts |= scored(list(range(start, min(start + 37, 400))))
    assert in_parts == whole


def test_tables_of_names_keep_no_rare_name_and_know_their_country() -> None:
    made = [(f"{a}an{b}{c}a", "IN") for a in "bcdmnprst" for b in ["an", "am", "as", "ir"] for c in "klmnprsty"]
    tables = learn([*made, ("qzxqzx", "IN")], 3)

    assert tables.version == 3
    assert "qzx" not in tables.counts["IN"]
    assert tables.score("nananya", "IN") > 60 > 40 > tables.score("qwxkz", "IN")
    assert NOTHING_LEARNED.score("ananya", "IN") == 50
    assert tables.score("", "IN") == 50
    assert tables.score("ananya", "XX") == tables.score("ananya", None)


def test_a_list_of_names_is_compared_in_blocks_and_never_as_one_table() -> None:
    parts = ["an", "ra", "vi", "ka", "me", "shi", "lo", "dev", "pri", "su", "ti", "ga"]
    listed = NameList(f"{a}{b}{c}" for a, b, c in product(parts, repeat=3))
    asked = [f"{a}x{b}{c}" for a, b, c in product(parts, repeat=3)]
    tracemalloc.start()
    try:
        listed.scores(asked)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    whole = 4 * len(asked) * len(listed.names)
    assert len(asked) > 4 * BLOCK
    assert peak < whole / 3, "a table of all words and all names"


def test_every_trap_of_the_page_has_its_test() -> None:
    page = (PROJECT_DIR / "docs" / "authenticity.md").read_text(encoding="utf-8")
    table = page.partition("## Traps and their tests")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ") and "`" in line]
    named = re.findall(r"`(test_\w+)`", "".join(rows))
    defined = {
        name
        for path in Path(__file__).parent.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert len(rows) >= 12
    assert all("`test_" in row for row in rows)
    assert set(named) <= defined


@pytest.mark.parametrize(("given", "threads"), [({}, "1 1 1"), ({"OMP_NUM_THREADS": "3"}, "3 1 1")])
def test_libraries_start_no_threads_of_their_own_unless_asked_to(given: dict[str, str], threads: str) -> None:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    code = f"import os, stir.authenticity.scoring; print(*(os.environ[name] for name in {names}))"
    clean = {name: value for name, value in os.environ.items() if name not in names}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**clean, "PYTHONPATH": str(PROJECT_DIR / "plugins"), **given},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == threads
