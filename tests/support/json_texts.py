"""JSON as text: its tokens, other spellings of the same document, and hypothesis strategies.

Written without the code under test and without a decoder that changes anything, so that what went
in can be compared with what came out.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from hypothesis import strategies as st

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+)\s*', re.DOTALL)

INTEGERS_BEYOND_64_BITS = ("9223372036854775808", "-9223372036854775809", "18446744073709551616")
WIDE_NUMBERS = (
    *INTEGERS_BEYOND_64_BITS,
    "9" * 5000,
    "-" + "9" * 5000,
    "1e400",
    "-1E+400",
    "1e-400",
    "0e99999999999999999999",
    "1e99999999999999999999",
    "1e-99999999999999999999",
    "0.1000000000000000055511151231257827",
    "0." + "3" * 5000,
    "9007199254740993.0",
    "-0",
    "-0.0",
    "1.50",
    "1e2",
)


def tokens(text: str) -> list[str]:
    """The tokens of a JSON text, blanks left out."""
    found = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        assert match, f"no JSON: {text[at : at + 40]!r}"
        found.append(match.group(1))
        at = match.end()
    return found


def meaning(token: str) -> Any:
    """A token without the freedom of spelling that JSON gives: equal meanings, equal results."""
    if token.startswith('"'):
        return ("string", json.loads(token, strict=False))
    if token[0] in "-0123456789":
        is_integer = not set(token) & set(".eE")
        try:
            number = Decimal(token)
            # a float and the text of its digits are the same number
            return ("number", is_integer and token != "-0", number.is_signed(), number)
        except InvalidOperation:
            return ("number", token)
    return token


def meanings(text: str) -> list[Any]:
    return [meaning(token) for token in tokens(text)]


def compact(text: str) -> str:
    """The document without blanks, its strings with no escapes that are not needed."""
    return "".join(_respell(token, ascii_only=False) for token in tokens(text))


def escaped(text: str) -> str:
    """The document without blanks, in ASCII."""
    return "".join(_respell(token, ascii_only=True) for token in tokens(text))


def go_escaped(text: str) -> str:
    """The document as Go's encoder writes it."""
    spelled = compact(text)
    for char in "<>&\u2028\u2029":
        spelled = spelled.replace(char, f"\\u{ord(char):04x}")
    return spelled


def pretty(text: str) -> str:
    """The document with blanks wherever they may stand."""
    return "\t" + "".join(f"{token} \r\n" for token in tokens(text))


def _respell(token: str, *, ascii_only: bool) -> str:
    if not token.startswith('"'):
        return token
    string = json.loads(token, strict=False)
    spelled = json.dumps(string, ensure_ascii=ascii_only)
    try:
        spelled.encode()
    except UnicodeEncodeError:  # lone surrogates have no other spelling
        return json.dumps(string)
    return spelled


def nested(levels: int, shape: str = "[]", leaf: str = "") -> str:
    """Containers within containers."""
    if shape == "[]":
        return "[" * levels + leaf + "]" * levels
    return '{"k":' * (levels - 1) + "{" + (f'"k":{leaf}' if leaf else "") + "}" * levels


_ODD_CHARS = "\x00\x01\x1f\x7f\"\\/'<>&\u2028\u2029\ud800\udfff\ue000\U0001f600éßİ.[]$*: \n"
_CHARS = st.characters(codec=None, categories=None) | st.sampled_from(_ODD_CHARS)


@st.composite
def _string_texts(draw: st.DrawFn, chars: st.SearchStrategy[str] = _CHARS) -> str:
    """JSON strings, each character raw or escaped."""
    spelled = []
    for char in draw(st.text(chars, max_size=8)):
        must_escape = char < " " or char in '"\\' or "\ud800" <= char <= "\udfff"
        if must_escape or draw(st.integers(0, 4)) == 0:
            escapes = json.dumps(char)[1:-1]
            if len(escapes) < 2:
                escapes = f"\\u{ord(char):04X}"
            spelled.append(escapes)
        else:
            spelled.append(char)
    return '"' + "".join(spelled) + '"'


STRINGS = _string_texts() | st.sampled_from(
    [
        '""',
        '"2024-W05"',
        '"1e5"',
        '"null"',
        '"{}"',
        '"0001-01-01T00:00:00Z"',
        '"always"',
        '"\\u0000"',
    ]
)
NUMBERS = (
    st.from_regex(r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    | st.integers(-1000, 1000).map(str)
    | st.sampled_from(WIDE_NUMBERS)
)
SCALARS = st.sampled_from(["null", "true", "false"]) | NUMBERS | STRINGS


def _object(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{key}:{value}" for key, value in members) + "}"


def texts(names: st.SearchStrategy[str] = STRINGS, max_leaves: int = 12) -> st.SearchStrategy[str]:
    """Any JSON, compact: odd strings and numbers, repeated keys, now and then very deep nesting.

    Args:
        names: Texts of property names, quoted.
        max_leaves: Scalars in it, roughly and at most.
    """
    lists = st.sampled_from([1, 2, 250, 260, 1200]).flatmap(
        lambda levels: st.sampled_from(["[]", "{}"]).map(lambda shape: nested(levels, shape, "7"))
    )
    return st.recursive(
        SCALARS | lists,
        lambda children: (
            st.lists(children, max_size=4).map(lambda items: f"[{','.join(items)}]")
            | st.lists(st.tuples(names, children), max_size=4).map(_object)
        ),
        max_leaves=max_leaves,
    )


REPEATED_NAMES = st.sampled_from(['"a"', '"b"', '"A"', '"é"', '""'])


@st.composite
def spaced(draw: st.DrawFn, documents: st.SearchStrategy[str]) -> str:
    """The documents, with blanks put between their tokens at random."""
    blanks = st.sampled_from(["", "", " ", "\n\t", "\r\n "])
    return "".join(draw(blanks) + token for token in tokens(draw(documents))) + draw(blanks)
