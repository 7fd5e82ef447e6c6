"""Words for people."""


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 project`, `2,000 projects`.

    Args:
        number: How many there are.
        noun: What one of them is called; more of them have an `s` at the end.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
