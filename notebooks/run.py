"""Executes the notebooks of this folder and writes them with their outputs.

    python notebooks/run.py            writes them
    python notebooks/run.py --check    fails when one is not what this would write

Pictures are not compared, since fonts differ between machines: they have to be there.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

FOLDER = Path(__file__).parent

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""What is true of a notebook on every machine."""


def executed(notebook: NotebookNode, folder: str) -> NotebookNode:
    """A copy of a notebook, run in a folder of its own, without the settings of who runs it.

    Raises:
        CellExecutionError: A cell fails.
    """
    os.environ |= dict.fromkeys(("IPYTHONDIR", "JUPYTER_DATA_DIR", "TMPDIR"), folder)
    os.environ.pop("MPLBACKEND", None)
    client = NotebookClient(
        deepcopy(notebook),
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": folder}},
        extra_arguments=["--log-level=ERROR"],  # no warning that loopback is not encrypted
    )
    copy = client.execute()
    copy.metadata = nbformat.from_dict(METADATA)
    for cell in copy.cells:
        cell.metadata = NotebookNode()
    return copy


def text(notebook: NotebookNode) -> str:
    """A notebook as the text of its file."""
    return f"{nbformat.writes(notebook)}\n"


def without_pictures(notebook: NotebookNode) -> str:
    """The text of a notebook in which each picture is only said to be there."""
    copy = deepcopy(notebook)
    for cell in copy.cells:
        for output in cell.get("outputs", ()):
            for kind, content in output.get("data", {}).items():
                if kind.startswith("image/"):
                    output.data[kind] = "a picture" if content.strip() else "an empty picture"
    return text(copy)


def is_good(file: Path, *, check: bool) -> bool:
    """Executes a notebook and writes or compares it.

    Returns:
        Whether it runs and, when compared, shows what it gives now. What is wrong is printed.
    """
    name = f"notebooks/{file.name}"
    old = nbformat.read(file, as_version=4)
    with TemporaryDirectory(prefix="ampersand-notebook-") as folder:
        try:
            new = executed(old, folder)
        except CellExecutionError as error:
            print(f"{name} fails:\n{error}", file=sys.stderr)
            return False
    if not check:
        file.write_text(text(new), encoding="utf-8")
        print(f"{name} written")
        return True
    shown, given = (without_pictures(notebook).splitlines(keepends=True) for notebook in (old, new))
    if shown == given:
        print(f"{name} shows what it gives now")
        return True
    print(f"{name} shows other than it gives; `make notebook` writes it anew:", file=sys.stderr)
    sys.stderr.writelines(difflib.unified_diff(shown, given, name, f"{name}, executed now"))
    return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Executes every notebook, writes or compares each, and returns the exit code."""
    parser = argparse.ArgumentParser(description="Execute the notebooks of notebooks/.")
    parser.add_argument("--check", action="store_true", help="compare only; fail when one differs")
    check = parser.parse_args(arguments).check
    good = [is_good(file, check=check) for file in sorted(FOLDER.glob("*.ipynb"))]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
