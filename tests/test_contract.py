"""The vendor's specification, served by Prism: of 200 answers in a row nothing is lost.

`make contract` installs Prism and runs this. Its dynamic mode makes up a new answer for each
request, so what it sent is noted on the way.
"""

import http.client
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import dlt
import pytest

from ampersand import ampersand_source
from tests.support import generated
from tests.support.served import Document, check_listing
from tests.test_properties import check_records, integration_paths, read_back

PRISM = Path(__file__).resolve().parents[1] / ".venv-prism/node_modules/.bin/prism"
ANSWERS = 200

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(not PRISM.exists(), reason="make contract installs Prism"),
    pytest.mark.skipif(
        not generated.SPECIFICATION.exists(),
        reason="the API's specification (shared/openapi) does not lie beside the repository",
    ),
]


@contextmanager
def prism() -> Iterator[int]:
    """Prism, and the port where it serves."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
    arguments = ["mock", "--dynamic", "--multiprocess", "false", "--port", str(port)]
    with subprocess.Popen(
        [PRISM, *arguments, str(generated.SPECIFICATION)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if "is listening" in line:
                    break
            else:
                raise AssertionError("".join(said))
            # what it says of each request is not read, and must not fill the pipe
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield port
        finally:
            process.terminate()


class Recorder(ThreadingHTTPServer):
    """Stands before Prism, which serves the paths without `/v1`, and notes the answers."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Forward)
        self.port = port
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.answers: dict[str, str] = {}


class _Forward(BaseHTTPRequestHandler):
    server: Recorder
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
        connection.request(
            "GET", self.path.removeprefix("/v1"), headers={"X-Api-Key": self.headers["X-Api-Key"]}
        )
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert self.path not in self.server.answers, f"asked twice: {self.path}"
        self.server.answers[self.path] = body.decode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_nothing_is_lost_of_what_the_specification_allows(
    tmp_path: Path, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    pipeline = dlt.pipeline(
        "contract",
        destination=dlt.destinations.duckdb(str(tmp_path / "loaded.duckdb")),
        dataset_name="served",
        pipelines_dir=str(tmp_path / "pipelines"),
    )
    answers = runs = scalars = 0
    with prism() as port, Recorder(port) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        while answers < ANSWERS:
            server.answers.clear()
            pipeline.run(ampersand_source(api_key="key", base_url=server.url, max_attempts=1))
            check_run(pipeline, server.answers)
            runs += 1
            answers += len(server.answers)
            for document in map(Document, server.answers.values()):
                scalars += len(list(document.leaves(document.root)))
        server.shutdown()
    with capsys.disabled():
        pytestconfig.get_terminal_writer().line(
            f"{answers} answers with {scalars:,} values in {runs} runs"
        )


def check_run(pipeline: dlt.Pipeline, answers: dict[str, str]) -> None:
    """Asserts that all answers of a run are in the database."""
    with pipeline.sql_client() as client:
        listed = client.execute_sql(
            "SELECT project_id, listing_key, outcome FROM project_listings "
            "WHERE run_id = (SELECT MAX(run_id) FROM extraction_runs)"
        )
    rows = read_back(pipeline)
    document = Document(answers["/v1/projects"])
    records: dict[str, list[str]] = {}
    for _, node in document.root.members:
        identifier = node.last("id")
        assert identifier
        text = "".join(document.tokens[node.start : node.end])
        records.setdefault(document.meaning(identifier)[0][1], []).append(text)
    assert {project_id for project_id, *_ in listed or ()} == set(records)
    assert len(answers) == 1 + len(records)
    for project_id, listing_key, outcome in listed or ():
        assert outcome == "listed"
        path = f"/v1/projects/{quote(project_id)}/integrations"
        check_listing(answers[path], rows, project_id, listing_key, integration_paths())
        check_records(records[project_id], rows, project_id, listing_key)
