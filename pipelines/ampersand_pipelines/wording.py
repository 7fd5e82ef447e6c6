"""Words for people."""

from collections.abc import Iterable


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 project`, `2,000 projects`.

    Args:
        number: How many there are.
        noun: What one of them is called; more of them have an `s` at the end.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def first(texts: Iterable[str], most: int) -> list[str]:
    """The first of some texts, and how many more there are: `["a", "b", "and 3 more"]`.

    Args:
        texts: The texts.
        most: How many are shown before the rest is only counted.
    """
    listed = list(texts)
    more = [f"and {len(listed) - most} more"] if len(listed) > most else []
    return listed[:most] + more
