"""A report as one HTML page, which asks no other host for anything."""

import base64
import hashlib
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from .model import Chart, Note, Report, RuleFindings, Table, Value

_STRENGTHS = 5
_SHORT = 32
_TONES = {
    **dict.fromkeys(("dangling", "bad_credentials", "failed", "error", "unhealthy"), "bad"),
    **dict.fromkeys(("unused", "warning"), "warning"),
    **dict.fromkeys(("used", "working"), "good"),
}


def render(report: Report, made_at: datetime) -> str:
    """The report as HTML. Everything in it that comes from a dataset is text, whatever it holds.

    Args:
        report: What it shows.
        made_at: When it was made, which it says once.
    """
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "number": number,
        "width": _width,
        "time": _time,
        "day": _day,
        "iso": _iso,
        "age": _age,
    }
    environment.globals |= {
        "is_chart": lambda part: isinstance(part, Chart),
        "is_note": lambda part: isinstance(part, Note),
        "is_rule": lambda part: isinstance(part, RuleFindings),
        "is_table": lambda part: isinstance(part, Table),
        "strength": strength,
        "tone": lambda text: _TONES.get(str(text), "bad"),
    }
    style, script = (_resource(name) for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        report=report,
        made_at=made_at.astimezone(UTC),
        version=version("dlt-source-ampersand"),
        style=style,
        script=script,
        style_hash=_digest(style),
        script_hash=_digest(script),
    )


def number(value: float, digits: int = 1) -> str:
    """A number for people: `1,234`, `0.5`; digits after the point where it is no whole one."""
    rounded = round(value, digits)
    if rounded == 0 and value:
        return f"< {10**-digits}"
    return f"{rounded:,.{0 if rounded == int(rounded) else digits}f}"


def strength(value: Value, most: float) -> int:
    """How strong a colour is, from 0, for nothing, to 5, for the most."""
    if not isinstance(value, int | float) or value <= 0:
        return 0
    return max(1, round(value / most * _STRENGTHS))


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """What a Content-Security-Policy calls an element with this text."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"


def _width(text: str) -> str:
    """How much room a text takes: names stay on one line, sentences have room for some words."""
    return "short" if len(text) <= _SHORT else "long"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _age(at: datetime, now: datetime) -> str:
    hours = (now - at).total_seconds() / 3600
    if hours < 1:
        return "less than an hour old"
    if hours < 48:
        return f"{int(hours)} hours old" if hours >= 2 else "an hour old"
    return f"{int(hours / 24)} days old"
