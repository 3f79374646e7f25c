"""The letters of Indic scripts in Latin ones, where the search for creators needs them: in dbt and in the application.

Their owner is stir.authenticity.transliterate. `./stir metrics --write` writes them into a macro and a JSON file.
"""

from __future__ import annotations

import json

from stir.authenticity.transliterate import marked_letters
from stir.settings import PROJECT_DIR

MACRO = PROJECT_DIR / "macros" / "application" / "latin_letter.sql"
FILE = PROJECT_DIR / "plugins" / "stir" / "app" / "letters.json"
_LONGEST = 110
_MACRO = """\
{{#- A letter of an Indic script in Latin ones, with a mark for what becomes of a consonant's "a"; any other stays.
    Written by `./stir metrics --write` from plugins/stir/authenticity/transliterate.py, which says what the marks mean;
    do not edit it by hand. -#}}
{{% macro latin_letter(letter) -%}}
transform({{{{ letter }}}}, [
{letters}
], [
{latins}
], {{{{ letter }}}})
{{%- endmacro %}}
"""


def render_macro() -> str:
    """The macro's file."""
    pairs = sorted(marked_letters().items())
    return _MACRO.format(
        letters=_lines([f"'{letter}'" for letter, _ in pairs]),
        latins=_lines(["'" + "".join(_escaped(sign) for sign in latin) + "'" for _, latin in pairs]),
    )


def _escaped(sign: str) -> str:
    return sign if sign.isprintable() else f"\\x{ord(sign):02x}"


def _lines(items: list[str]) -> str:
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) > _LONGEST:
            lines.append("")
        lines[-1] += f"{item}, "
    return "\n".join(f"    {line.rstrip()}" for line in lines).rstrip(",")


def render_json() -> str:
    """The application's file."""
    return json.dumps(dict(sorted(marked_letters().items())), ensure_ascii=False, indent=0) + "\n"
