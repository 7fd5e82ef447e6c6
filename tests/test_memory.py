"""What the extraction of one long listing takes of memory."""

import sys
from pathlib import Path

import pytest

from benchmarks.data import Shape
from benchmarks.measure import Job
from benchmarks.run import execute, make_data
from benchmarks.server import serving

_EXTRACT = """
from pathlib import Path

from ampersand import ampersand_source
from benchmarks.contestants.this_source import new_pipeline
from benchmarks.measure import API_KEY, read_job

job = read_job()
new_pipeline(job).extract(ampersand_source(api_key=API_KEY, base_url=job.url))
# not `ru_maxrss`, which begins with the memory of the process that started this one
(line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(int(line.split()[1]) * 1024)
"""
"""Tells the most memory that it ever took, in bytes."""


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no /proc")
def test_long_listing(tmp_path: Path):
    with serving(make_data(Shape(1, 37_000))) as server:
        job = Job(server.url, str(tmp_path))
        done = execute([sys.executable, "-c", _EXTRACT, job.as_argument()], tmp_path)
    assert "error" not in done
    assert int((tmp_path / "output.txt").read_text()) < 600_000_000  # of a page of 51 MB
