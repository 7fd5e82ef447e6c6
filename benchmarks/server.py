"""Serves the answers that `data.make` or `account.make` wrote, from a process of its own.

    python -m benchmarks.server FOLDER LATENCY HELD_BACK

It prints its port. All answers but those in pages are in memory with their headers, so that it
takes next to nothing of the machine that it shares with what is measured. It ends when its standard
input does.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

from benchmarks.data import PROJECTS_FILE

ROOT = Path(__file__).resolve().parents[1]

COUNTS_PATH = "/counts"

ANSWERS_FILE = "answers.json"
"""Whole answers, by their paths below /v1."""

LISTS_FOLDER = "operations"
"""Has a file for each installation: an operation in each line, from new to old."""

PAGE_SIZE = 200
"""Of a page, where a request does not say (spec api.yaml, listOperations)."""


@dataclass(frozen=True)
class Served:
    """A server that runs.

    Attributes:
        url: Root of the API.
    """

    url: str

    def counts(self) -> tuple[int, int]:
        """Requests answered and bytes of their bodies since this was asked last."""
        with urllib.request.urlopen(self.url + COUNTS_PATH) as answer:
            requests, size = json.load(answer)
        return requests, size


@contextmanager
def serving(folder: Path, latency: float = 0, held_back: int = 0) -> Iterator[Served]:
    """Serves a folder from another process.

    Args:
        folder: What `data.make` or `account.make` returned.
        latency: Seconds that every request waits before it is answered.
        held_back: How many of the newest operations of each installation are not there yet.
    """
    arguments = [str(folder), str(latency), str(held_back)]
    command = [sys.executable, "-m", "benchmarks.server", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        port = process.stdout.readline().strip()
        try:
            yield Served(f"http://127.0.0.1:{port}/v1")
        finally:
            process.stdin.close()


def main(folder: Path, latency: float, held_back: int) -> None:
    """Serves until standard input ends."""
    answers = dict(_answers(folder))
    lock = threading.Lock()
    counts = [0, 0]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path.endswith(COUNTS_PATH):
                with lock:
                    body = json.dumps(counts).encode()
                    counts[:] = [0, 0]
                self.wfile.write(_with_headers("200 OK", body))
                return
            if latency:
                time.sleep(latency)
            found = answers.get(path) or _page(folder, path, query, held_back)
            answer, size = found or (_with_headers("404 Not Found", b"{}"), 2)
            with lock:
                counts[0] += 1
                counts[1] += size
            self.wfile.write(answer)

        def log_request(self, *_: object) -> None:
            """Writes nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        sys.stdin.read()
        server.shutdown()


def _answers(folder: Path) -> Iterator[tuple[str, tuple[bytes, int]]]:
    if (folder / ANSWERS_FILE).exists():
        for path, answer in json.loads((folder / ANSWERS_FILE).read_bytes()).items():
            yield f"/v1{path}", _ok(json.dumps(answer, separators=(",", ":")).encode())
        return
    body = (folder / PROJECTS_FILE).read_bytes()
    yield "/v1/projects", _ok(body)
    for project in json.loads(body):
        body = (folder / f"{project['id']}.json").read_bytes()
        yield f"/v1/projects/{project['id']}/integrations", _ok(body)


def _page(folder: Path, path: str, query: str, held_back: int) -> tuple[bytes, int] | None:
    """A page of operations; None: no such installation. Its token is where it begins."""
    *_, name, last = path.split("/")
    file = folder / LISTS_FOLDER / name
    if last != "operations" or not file.exists():
        return None
    parameters = dict(parse_qsl(query))
    lines = file.read_bytes().split(b"\n")[held_back:]
    start = int(parameters.get("pageToken", 0))
    end = start + int(parameters.get("pageSize", PAGE_SIZE))
    pagination: dict[str, object] = {"done": end >= len(lines)}
    if end < len(lines):
        pagination["nextPageToken"] = str(end)
    results = b",".join(lines[start:end])
    encoded = json.dumps(pagination, separators=(",", ":")).encode()
    return _ok(b'{"results":[%b],"pagination":%b}' % (results, encoded))


def _ok(body: bytes) -> tuple[bytes, int]:
    return _with_headers("200 OK", body), len(body)


def _with_headers(status: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
