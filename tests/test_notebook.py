"""What runs the notebook, on a small one; `make notebook-check` runs the real one."""

from pathlib import Path

import nbformat
import pytest

from notebooks import run


def test_it_is_written_and_the_check_says_whether_it_shows_what_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", id="sum")])
    file = tmp_path / "small.ipynb"
    file.write_text(run.text(notebook))
    monkeypatch.setattr(run, "NOTEBOOK", file)
    for name in ("IPYTHONDIR", "JUPYTER_DATA_DIR", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))  # it sets them; this sets them back
    assert run.main(["--check"]) == 1
    assert "shows other than it gives; `make notebook` writes it anew" in capsys.readouterr().err
    assert run.main([]) == 0
    assert capsys.readouterr().out == "notebooks/small.ipynb written\n"
    assert run.main(["--check"]) == 0
    assert capsys.readouterr() == ("notebooks/small.ipynb shows what it gives now\n", "")
