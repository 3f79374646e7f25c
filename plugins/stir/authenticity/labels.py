"""Followers of whom somebody says whether they are inauthentic: what a model is fitted on and measured against.

Never imported by the job: it must not see a label.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stir.authenticity.names import NameTables, learn
from stir.authenticity.normalise import clean_name, fold, fold_handle, handle_letters
from stir.authenticity.samples import Sample
from stir.authenticity.scoring import Followers
from stir.authenticity.scripts import family_of, script_of
from stir.errors import StirError

REQUIRED = ("creator_id", "handle", "name", "is_fake")
OPTIONAL = ("follower_id", "country", "truth", "kind", "share")
TRUE, FALSE = {"1", "true", "yes"}, {"0", "false", "no"}


@dataclass(frozen=True)
class Labelled:
    """Followers with labels; each column has one place per follower.

    Attributes:
        is_fake: the label.
        truth: what is known to be true; of a user's own file it is the label.
        kinds: the kind of fake, "real", or empty where unknown.
        countries: of the creator, None where unknown.
        shares: the share of inauthentic ones among all followers of the creator, not of the sample; NaN where unknown.
    """

    followers: Followers
    is_fake: NDArray[np.bool_]
    truth: NDArray[np.bool_]
    kinds: list[str]
    countries: list[str | None]
    shares: NDArray[np.float64]

    def written_in(self, scripts: Collection[str]) -> Labelled:
        """The followers with a name in one of these scripts; whose samples they are in does not change."""
        places = [place for place, name in enumerate(self.followers.names) if script_of(fold(name)) in scripts]
        followers = self.followers
        return Labelled(
            Followers(
                [followers.creator_ids[each] for each in places],
                [followers.follower_ids[each] for each in places],
                [followers.handles[each] for each in places],
                [followers.names[each] for each in places],
            ),
            self.is_fake[places],
            self.truth[places],
            [self.kinds[each] for each in places],
            [self.countries[each] for each in places],
            self.shares[places],
        )

    def samples(self, creators: Collection[str] | None = None) -> dict[str, Sample]:
        """The whole sample of each creator, or of each of these."""
        found: dict[str, Sample] = {}
        followers = self.followers
        columns = (followers.creator_ids, self.countries, followers.names, followers.handles)
        for creator, country, name, handle in zip(*columns, strict=True):
            if creators is None or creator in creators:
                found.setdefault(creator, Sample(country)).add([name], [handle])
        return found

    def names(self, version: int) -> NameTables:
        """Tables learned from names and handles alone, without a label."""
        names, handles = self.followers.names, self.followers.handles
        pairs = zip(names, self.countries, strict=True)
        beside = (
            (handle_letters(fold_handle(h)), family_of(script_of(fold(n)))) for h, n in zip(handles, names, strict=True)
        )
        return learn(((clean_name(name), country) for name, country in pairs), version, beside)


def from_rows(rows: Iterable[Mapping[str, object]], where: str, lines: Sequence[int] = ()) -> Labelled:
    """Labelled followers from rows with the columns of `REQUIRED`; those of `OPTIONAL` may be missing.

    Args:
        rows: each follower of a creator once.
        where: what an error names as their source.
        lines: the line of each row in its file; by default they follow a header of one line.

    Raises:
        StirError: a column is missing, a value is none that its column may have, a follower occurs twice, or there is
            no row.
    """
    listed = list(rows)
    if not listed:
        raise StirError("there is no labelled follower", where=where)
    missing = [name for name in REQUIRED if name not in listed[0]]
    if missing:
        columns = ", ".join(REQUIRED)
        raise StirError(f"the column {missing[0]!r} is missing", where=where, do=f"the columns are: {columns}")
    places = [f"{where}, line {line}" for line in lines or range(2, len(listed) + 2)]
    numbered = list(zip(listed, places, strict=True))
    found = Labelled(
        Followers(
            [_id(row, place) for row, place in numbered],
            [str(row.get("follower_id") or f"@{fold_handle(str(row['handle'] or ''))}") for row in listed],
            [str(row["handle"] or "") for row in listed],
            [str(row["name"] or "") for row in listed],
        ),
        np.array([_flag(row, "is_fake", place) for row, place in numbered], dtype=np.bool_),
        np.array([_flag(row, "truth" if "truth" in row else "is_fake", place) for row, place in numbered]),
        [str(row.get("kind") or "") for row in listed],
        [str(row["country"]).upper() if row.get("country") else None for row in listed],
        np.array([_share(row, place) for row, place in numbered]),
    )
    _refuse_repetitions(found.followers, places)
    return found


def joined(parts: Sequence[Labelled]) -> Labelled:
    """All followers of several samples, one or more; a creator that occurs in two of them has both of its samples.

    Raises:
        StirError: a follower of a creator occurs in two of them.
    """
    followers = [part.followers for part in parts]
    found = Labelled(
        Followers(
            [each for part in followers for each in part.creator_ids],
            [each for part in followers for each in part.follower_ids],
            [each for part in followers for each in part.handles],
            [each for part in followers for each in part.names],
        ),
        np.concatenate([part.is_fake for part in parts]),
        np.concatenate([part.truth for part in parts]),
        [each for part in parts for each in part.kinds],
        [each for part in parts for each in part.countries],
        np.concatenate([part.shares for part in parts]),
    )
    numbers = [f"file {number}" for number, part in enumerate(parts, 1) for _ in range(len(part.followers))]
    _refuse_repetitions(found.followers, numbers)
    return found


def read_csv(path: Path) -> Labelled:
    """Labelled followers of a CSV file with a header.

    Raises:
        StirError: the file cannot be read or lacks a column, or a label is no label.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            numbered = [(row, reader.line_num) for row in reader]
    except (OSError, csv.Error) as error:
        raise StirError(f"the labels cannot be read: {error}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise StirError("the labels are not UTF-8", where=str(path), do="save the file as UTF-8") from error
    rows, lines = [row for row, _ in numbered], [line for _, line in numbered]
    for row, line in numbered:
        if None in row or None in row.values():
            raise StirError(
                f"line {line} has {'more' if None in row else 'fewer'} cells than the header",
                where=str(path),
                do="quote texts that have a comma",
            )
    return from_rows(rows, str(path), lines)


def _id(row: Mapping[str, object], where: str) -> str:
    if not row["creator_id"]:
        raise StirError("creator_id is empty", where=where, do="say whose follower it is")
    return str(row["creator_id"])


def _flag(row: Mapping[str, object], column: str, where: str) -> bool:
    text = str(row[column]).strip().lower()
    if text not in TRUE | FALSE:
        raise StirError(f"{column} is {text[:20]!r}", where=where, do="write 1 or 0")
    return text in TRUE


def _share(row: Mapping[str, object], where: str) -> float:
    text = str(row.get("share") or "nan")
    try:
        share = float(text)
    except ValueError:
        share = math.inf
    if not math.isnan(share) and not 0 <= share <= 1:
        raise StirError(f"share is {text[:20]!r}", where=where, do="write a part of 1, as 0.25, or nothing")
    return share


def _refuse_repetitions(followers: Followers, places: Sequence[str]) -> None:
    """A follower that counts twice is a namesake of itself."""
    seen: dict[tuple[str, str], str] = {}
    for creator, follower, place in zip(followers.creator_ids, followers.follower_ids, places, strict=True):
        first = seen.setdefault((creator, follower), place)
        if first is not place:
            raise StirError(
                f"the follower {follower[:40]!r} of {creator[:40]!r} is there twice",
                where=f"{first} and {place}",
                do="keep one of them; give a follower_id where two have the same handle",
            )
