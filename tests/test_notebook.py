"""What runs the notebooks, on small ones, and what each of the real ones has to be.

`make notebook-check` runs the real ones.
"""

from pathlib import Path

import nbformat
import pytest

from notebooks import run

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))  # it sets them; this sets them back
    return tmp_path


def write(file: Path, code: str) -> None:
    cells = [nbformat.v4.new_code_cell(code, id="only")]
    file.write_text(run.text(nbformat.v4.new_notebook(cells=cells)))


def test_all_are_written_and_the_check_says_whether_each_shows_what_it_gives(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "one.ipynb", "1 + 1")
    write(folder / "two.ipynb", "2 + 2")
    assert run.main(["--check"]) == 1
    told = capsys.readouterr()
    for name in ("one", "two"):
        assert f"notebooks/{name}.ipynb shows other than it gives; `make notebook`" in told.err
    assert run.main([]) == 0
    assert capsys.readouterr().out == "notebooks/one.ipynb written\nnotebooks/two.ipynb written\n"
    write(folder / "one.ipynb", "1 + 2")
    assert run.main(["--check"]) == 1
    told = capsys.readouterr()
    assert "notebooks/one.ipynb shows other than it gives" in told.err
    assert told.out == "notebooks/two.ipynb shows what it gives now\n"


def test_one_that_fails_is_left_as_it_was_and_the_others_are_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "one.ipynb", "1 / 0")
    write(folder / "two.ipynb", "2 + 2")
    before = (folder / "one.ipynb").read_text()
    assert run.main([]) == 1
    told = capsys.readouterr()
    assert "notebooks/one.ipynb fails" in told.err
    assert "ZeroDivisionError" in told.err
    assert told.out == "notebooks/two.ipynb written\n"
    assert (folder / "one.ipynb").read_text() == before


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_each_can_be_read_as_it_is(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert run.text(notebook) == file.read_text()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} == {"execute_result", "display_data"}
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds[0] == kinds[-1] == "markdown"


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_each_is_pointed_at_other_data_in_the_same_way(file: Path) -> None:
    first, explore = (
        next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.id == "load")
        for path in (file, ROOT / "notebooks" / "explore.ipynb")
    )
    assert first == explore


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_readme_tells_of_each(file: Path) -> None:
    assert f"(notebooks/{file.name})" in (ROOT / "README.md").read_text()
