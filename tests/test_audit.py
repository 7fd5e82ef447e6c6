"""The audit of dependencies fails on what is known, and not on what cannot be looked up."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
GOOD = {"name": "good", "version": "1.0", "vulns": []}
BAD = {"name": "bad", "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "not there"}


@pytest.mark.parametrize(
    ("answer", "exit_code", "line"),
    [
        ({"dependencies": [GOOD, UNKNOWN]}, 0, "1 dependencies audited, 1 not to be had"),
        ({"dependencies": [GOOD, BAD]}, 1, "bad 1.0: X-1, mended in 1.1"),
        ("no network", 0, "Not audited: the list cannot be reached."),
    ],
    ids=["good", "bad", "no network"],
)
def test_audit(tmp_path: Path, answer: Any, exit_code: int, line: str) -> None:
    program = tmp_path / ".venv-audit" / "bin" / "pip-audit"
    program.parent.mkdir(parents=True)
    text = answer if isinstance(answer, str) else json.dumps(answer)
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n")
    program.chmod(0o755)
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "audit", tmp_path / ".ci")
    done = subprocess.run([tmp_path / ".ci" / "audit"], capture_output=True, env=os.environ)
    assert done.returncode == exit_code
    assert line in done.stdout.decode()
