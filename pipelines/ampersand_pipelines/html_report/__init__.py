"""A report on what is loaded as one HTML file, for people who do not open a database."""

from datetime import datetime
from pathlib import Path

from ampersand import ConfigurationError

from ..reading import Dataset
from .page import render
from .sections import read_report

__all__ = ["check_file", "write_report"]


def check_file(file: Path) -> None:
    """Looks whether a file can be written, as far as can be told without doing it.

    Raises:
        ConfigurationError: It cannot.
    """
    if not file.parent.is_dir():
        raise ConfigurationError(f"the folder {file.parent} does not exist; make it first")
    if file.is_dir():
        raise ConfigurationError(f"{file} is a folder; name a file: --out {file / 'report.html'}")


def write_report(dataset: Dataset, place: str, file: Path, made_at: datetime) -> None:
    """Writes a report into a file; one that is there is replaced.

    Args:
        dataset: An open dataset.
        place: Where it is, for people.
        file: The file.
        made_at: When the report is made.

    Raises:
        NothingLoaded: Not even projects and integrations were loaded.
        ConfigurationError: The file cannot be written.
    """
    page = render(read_report(dataset, place), made_at)
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be written ({error.strerror}); name another file with --out"
        ) from error
