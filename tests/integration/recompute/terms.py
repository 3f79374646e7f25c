"""Hashtags and keywords of a text by their definition (docs/metrics.md, mart_collection_post), letter by letter."""

from __future__ import annotations

import html.entities
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from .accounts import newest
from .comparison import Row, Subject

SIGNS = "#\uff03\ufe5f"
TAG_JOINERS = "\u200c\u200d\u00b7\u30fb"
WORD_JOINERS = "\u200c\u200d\u00b7"
UNSPACED = (
    *("CJK ", "KANGXI ", "HIRAGANA ", "KATAKANA ", "HALFWIDTH KATAKANA ", "BOPOMOFO ", "IDEOGRAPHIC ", "YI ", "THAI "),
    *("LAO ", "KHMER ", "MYANMAR ", "TIBETAN ", "TAI THAM ", "TAI LE ", "TAI VIET ", "NEW TAI LUE ", "JAVANESE "),
    "BALINESE ",
)
"""How the names of letters begin in Unicode whose scripts put no blanks between words."""
SHORTEST, LONGEST = 4, 100
MOST, MOST_OF_A_PROFILE = 100, 10
HOST = re.compile(r"https?://|www\.")
BARE_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z]{2,}(?::[0-9]+)?(?=[/?])", re.ASCII)
ADDRESS = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+\.[a-z0-9.-]+", re.ASCII)
MENTION = re.compile(r"[@\uff20][a-z0-9._]+", re.ASCII)
OLD_NAMES = "|".join(name for name in html.entities.html5 if not name.endswith(";"))
REFERENCE = re.compile(
    rf"&(?:#([0-9]+);?|#[xX]([0-9a-fA-F]+);?|([A-Za-z][A-Za-z0-9]*);|({OLD_NAMES})(?![0-9A-Za-z_=;]))", re.ASCII
)
KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")


def is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "L"


def begins(sign: str) -> bool:
    """Whether a tag or a word may begin with it: a letter, a number or an underscore."""
    return sign == "_" or unicodedata.category(sign)[0] in "LN"


def goes_on(sign: str) -> bool:
    """The same, or a mark."""
    return begins(sign) or unicodedata.category(sign)[0] == "M"


def run(text: str, start: int, joiners: str) -> int:
    """Where the tag or word that begins at `start` ends; joiners count only before what goes on."""
    if start >= len(text) or not begins(text[start]):
        return start
    end = place = start + 1
    while place < len(text) and (goes_on(text[place]) or text[place] in joiners):
        place += 1
        if goes_on(text[place - 1]):
            end = place
    return end


def link_end(text: str, start: int) -> int:
    """Where a link that begins at `start` ends; `start` where none does."""
    place = start
    if found := HOST.match(text, start):
        place = found.end()
        while place < len(text) and (text[place].isascii() and (text[place].isalnum() or text[place] in ".:@_%-")):
            place += 1
        if place == found.end():
            while place < len(text) and (goes_on(text[place]) or text[place] in ".:@%-"):
                place += 1
        if place == found.end():
            place = start
    if place == start:
        bare = BARE_HOST.match(text, start)
        if not bare:
            return start
        place = bare.end()
    if place < len(text) and text[place] in "/?#":
        place += 1
        while place < len(text) and ("!" <= text[place] <= "~" or goes_on(text[place])):
            place += 1
    return place


def decoded(text: str) -> str:
    """A text with its character references decoded once; `&copy=` of a link is none."""
    return REFERENCE.sub(lambda found: _character(found) or found[0], text)


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal, name, old = reference.groups()
    if name or old:
        return html.entities.html5.get(f"{name or old};", "")
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if code <= sys.maxunicode else "\ufffd"


def plain(text: str | None) -> str:
    """What a person reads of a text, in lower case, without links and keycaps."""
    read = unicodedata.normalize("NFC", decoded(decoded(text or ""))).lower()
    found, place = [], 0
    while place < len(read):
        keycap = KEYCAP.match(read, place)
        end = keycap.end() if keycap else link_end(read, place)
        found.append(" " if end > place else read[place])
        place = max(end, place + 1)
    return re.sub("[\u00ad\u2060\ufe0e\ufe0f\ufeff]", "", "".join(found))


def hashtags(text: str | None) -> list[str]:
    """Distinct tags in the order of the text."""
    read, found, place = plain(text), [], 0
    after_tag = False
    while place < len(read):
        before = read[place - 1] if place else " "
        may_begin = after_tag or not (goes_on(before) or before == "&")
        end = run(read, place + 1, TAG_JOINERS) if read[place] in SIGNS and may_begin else place
        if after_tag := end > place + 1:
            found.append(read[place + 1 : end])
            place = end
        else:
            place += 1
    return list(dict.fromkeys(tag for tag in found if len(tag) <= LONGEST and any(map(is_letter, tag))))


def without_tags(text: str) -> str:
    """A plain text with a blank for each hashtag, mention and address of e-mail."""
    found, place = [], 0
    while place < len(text):
        match = ADDRESS.match(text, place) or MENTION.match(text, place)
        end = match.end() if match else place
        if text[place] in SIGNS:
            end = place + 1
            while end < len(text) and (goes_on(text[end]) or text[end] in TAG_JOINERS):
                end += 1
        found.append(" " if end > place else text[place])
        place = max(end, place + 1)
    return "".join(found)


def is_unspaced(sign: str) -> bool:
    name = unicodedata.name(sign, "")
    # The middle dot of Katakana is of no script.
    return sign in "ー々〆" or (name.startswith(UNSPACED) and not name.endswith("MIDDLE DOT"))


def unspaced_runs(text: str | None) -> int:
    """How many runs of letters of scripts without blanks between words a text has."""
    marks = [is_unspaced(sign) for sign in without_tags(plain(text))]
    return sum(own and not before for before, own in zip([False, *marks], marks, strict=False))


def keywords(text: str | None, stop_words: set[str]) -> list[str]:
    """Distinct words in the order of the text."""
    read = "".join(" " if is_unspaced(sign) else sign for sign in without_tags(plain(text)))
    found, place = [], 0
    while place < len(read):
        end = run(read, place, WORD_JOINERS)
        found.append(read[place:end])
        place = max(end, place + 1)
    long_enough = (word for word in found if SHORTEST <= len(word) <= LONGEST and is_letter(word[0]))
    return list(dict.fromkeys(word for word in long_enough if word not in stop_words))


def stop_words(subject: Subject) -> set[str]:
    return {row["word"] for row in subject.rows(f"select word from {subject.database}.stop_word")}


def by_use(uses: Counter[str], most: int) -> list[tuple[str, int]]:
    """Terms by how often they are used, ties by their bytes."""
    return sorted(uses.items(), key=lambda use: (-use[1], use[0].encode()))[:most]


def of_collections(posts: Iterable[Row], plural: str, singular: str) -> Iterator[Row]:
    """The terms that most posts of each list have."""
    lists: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for post in posts:
        lists[post["collection_id"], post["collection_type"]].append(post)
    for (name, kind), inside in lists.items():
        shared = max((post["share_id"] for post in inside if post["share_id"]), default=None)
        for term, uses in by_use(Counter(term for post in inside for term in post[plural]), MOST):
            by_users = sum(term in post[plural] and post["campaign_profile_id"] is None for post in inside)
            yield {"collection_id": name, "collection_type": kind, "share_id": shared, singular: term} | {
                "posts": uses,
                "ugc_posts": by_users if kind == "POST" else 0,
            }


def of_profiles(subject: Subject) -> list[Row]:
    """The ten tags in most posts of each profile, stories apart."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    feed = newest(subject.rows("select * from beat_replica.instagram_post_simple"), "shortcode", r"[\w-]{1,64}")
    for post in feed.values():
        profile = (post["profile_id"] or "").strip()
        if re.fullmatch(r"\d{1,20}", profile) and (post["post_type"] or "").strip().lower() != "story":
            uses[profile].update(hashtags(post["caption"]))
    return [
        {"platform": "INSTAGRAM", "platform_id": profile}
        | {"hashtags": [tag for tag, _ in kept], "posts": [number for _, number in kept]}
        for profile, tags in uses.items()
        if (kept := by_use(tags, MOST_OF_A_PROFILE))
    ]
