"""The connections of the sandbox: HTTP/1.1 on the loopback interface, one thread for each."""

import logging
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from gzip import compress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from types import TracebackType
from typing import Any, Self

from .account import Account
from .answers import ROOT, Answer, Api, problem

_log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_LONGEST_LINE = 65_536
_LARGEST_REQUEST_BODY = 1 << 20
_SMALLEST_COMPRESSED_BODY = 1 << 10
_STOP_SECONDS = 5.0


@dataclass(frozen=True)
class RecordedRequest:
    """A request as it arrived."""

    method: str
    path: str
    """Undecoded, with the query."""
    headers: dict[str, str] = field(repr=False)
    """By lower-case name. Kept out of the repr, since the API key is among them."""


class SandboxServer:
    """An Ampersand API on this machine.

    Use it as a context manager, or call `start` and `stop`, or `serve_forever`. The port is taken
    at once, so `url` is known before anything is served; `stop` gives it back in every case.
    """

    def __init__(
        self,
        account: Account,
        *,
        port: int = 0,
        latency: float = 0.0,
        gzip: bool = False,
        freeze: bool = False,
    ) -> None:
        """Take the port.

        Args:
            account: What to serve.
            port: Port on the loopback interface. 0: any that is free.
            latency: Seconds that each answer waits.
            gzip: Compress answers over 1 kB for clients that accept it.
            freeze: Keep the bytes of each listing until `Account.set_integrations` replaces it,
                which is faster. False: any change of the account is seen by the next request.

        Raises:
            OSError: The port is taken.
        """
        self.requests: list[RecordedRequest] = []
        """Every request so far, in order of arrival."""
        self._api = Api(account, freeze=freeze)
        self._latency = latency
        self._gzip = gzip
        self._thread: threading.Thread | None = None
        self._listener: _Listener | None = self._listen(port)
        self._port: int = self._listener.server_address[1]

    @property
    def url(self) -> str:
        """The API's address, such as http://127.0.0.1:8080/v1."""
        return f"http://{_HOST}:{self._port}{ROOT}"

    def serve_forever(self) -> None:
        """Serve in this thread, until `stop` is called elsewhere or an exception interrupts it."""
        listener = self._open()
        try:
            listener.run()
        finally:
            self.stop()

    def start(self) -> None:
        """Serve in a thread of its own. After `stop`, this takes the same port again.

        Raises:
            RuntimeError: It is running already.
            OSError: Somebody else took the port meanwhile.
        """
        if self._thread is not None:
            raise RuntimeError("the sandbox is running already")
        self._thread = threading.Thread(target=self._open().run, name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection; does nothing where that has been done."""
        listener, self._listener = self._listener, None
        thread, self._thread = self._thread, None
        if listener is not None:
            listener.stop()
        if thread is not None:
            thread.join(_STOP_SECONDS)

    def __enter__(self) -> Self:
        """Start, and return the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def _open(self) -> "_Listener":
        if self._listener is None:
            self._listener = self._listen(self._port)
        return self._listener

    def _listen(self, port: int) -> "_Listener":
        return _Listener(port, self._api, self.requests, latency=self._latency, gzip=self._gzip)


class _Listener(ThreadingTCPServer):
    """Accepts connections.

    Not http.server's own class: that one asks the resolver for the host's name when it starts,
    and leaves connections open when it stops.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256
    timeout = 0.02  # how soon the loop below sees that it should end

    def __init__(
        self,
        port: int,
        api: Api,
        requests: list[RecordedRequest],
        *,
        latency: float,
        gzip: bool,
    ) -> None:
        self.api = api
        self.requests = requests
        self.latency = latency
        self.gzip = gzip
        self.stopping = threading.Event()
        # Re-entrant, so that a signal handler may stop the loop of its own thread.
        self._serving = threading.RLock()
        self._connections: set[socket.socket] = set()
        self._closed = threading.Condition()
        super().__init__((_HOST, port), _Handler)

    def run(self) -> None:
        with self._serving:
            while not self.stopping.is_set():
                self.handle_request()

    def stop(self) -> None:
        self.stopping.set()
        with self._serving:
            self.server_close()
        with self._closed:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._closed.wait_for(lambda: not self._connections, _STOP_SECONDS)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._closed:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._closed:
            self._connections.discard(request)
            self._closed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if isinstance(sys.exc_info()[1], ConnectionError):
            _log.debug("a client went away")
        else:
            _log.exception("a request could not be answered")


class _Handler(BaseHTTPRequestHandler):
    """Serves the requests of one connection."""

    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go separately; the second must not wait

    def version_string(self) -> str:
        return "ampersand-sandbox"

    def handle_one_request(self) -> None:
        self.command = self.requestline = self.request_version = ""
        self.raw_requestline = self.rfile.readline(_LONGEST_LINE + 1)
        if len(self.raw_requestline) > _LONGEST_LINE:
            self.send_error(HTTPStatus.REQUEST_URI_TOO_LONG)
        elif not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            self._drop_body()
            self._answer()

    def _drop_body(self) -> None:
        """Read past a body, which would else be taken for the next request."""
        length = self.headers.get("Content-Length", "0")
        if length.isdecimal() and int(length) <= _LARGEST_REQUEST_BODY:
            self.rfile.read(int(length))
        else:
            self.close_connection = True
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True

    def _answer(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(RecordedRequest(self.command, self.path, headers))
        if self.server.latency and self.server.stopping.wait(self.server.latency):
            self.close_connection = True
            return
        self._send(self.server.api.answer(self.command, self.path, headers.get("x-api-key", "")))

    def _send(self, answer: Answer) -> None:
        body = answer.body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.server.gzip and not answer.is_canned:
            self.send_header("Vary", "Accept-Encoding")
            if len(body) > _SMALLEST_COMPRESSED_BODY and self._accepts_gzip():
                self.send_header("Content-Encoding", "gzip")
                body = compress(body, mtime=0)
        if any(name.lower() == "content-length" for name in answer.headers):
            self.close_connection = True
        elif answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _accepts_gzip(self) -> bool:
        codings = self.headers.get("Accept-Encoding", "").lower().split(",")
        return any(coding.split(";")[0].strip() == "gzip" for coding in codings)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no proper HTTP request. The message may quote it, so it is not sent."""
        self.close_connection = True
        self._send(problem(code, "This is no request that the API understands."))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        _log.debug(format, *args)
