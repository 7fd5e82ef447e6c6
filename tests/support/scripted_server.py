"""An HTTP server on loopback that answers by script, also as no well-behaved server would.

It writes bytes, not responses, so that a script can cut them, lie about their length, reset the
connection or stall.
"""

import http.client
import socket
import socketserver
import ssl
import struct
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self


@dataclass(frozen=True)
class Answer:
    """Bytes to send, and what to do with the connection afterwards."""

    wire: bytes
    ending: Literal["keep", "close", "reset", "stall", "drip"] = "keep"
    drip: tuple[bytes, int] = b"", 0


@dataclass(frozen=True)
class Request:
    """A request as the server saw it."""

    method: str
    target: str
    headers: http.client.HTTPMessage


def answer(
    status: int = 200,
    body: bytes = b"[]",
    *,
    content_type: str | None = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """A complete answer, after which the connection stays open."""
    lines = {"Content-Length": str(len(body))}
    if content_type:
        lines["Content-Type"] = content_type
    lines |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return Answer(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + body)


def raw(wire: bytes) -> Answer:
    """Exactly these bytes, then the end of the connection."""
    return Answer(wire, "close")


def reset(wire: bytes = b"") -> Answer:
    """These bytes, then a TCP reset."""
    return Answer(wire, "reset")


def stall(wire: bytes = b"") -> Answer:
    """These bytes, then nothing until the client gives up."""
    return Answer(wire, "stall")


def drip(wire: bytes, drop: bytes = b" ", drops: int = sys.maxsize) -> Answer:
    """These bytes, then drop after drop, as many or until the client goes away."""
    return Answer(wire, "drip", (drop, drops))


class ScriptedServer:
    """Serves a script on a free port of 127.0.0.1 while its context is open.

    Args:
        answers: Per request target (path, with query if any) what to answer, one after the other;
            the last one repeats. Other targets are answered with 418.
        greeting: Sent to every connection instead, without reading a request.
        tls: With it, https is spoken.
    """

    def __init__(
        self,
        answers: Mapping[str, Sequence[Answer]] | None = None,
        *,
        greeting: bytes = b"",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.greeting = greeting
        self._answers = {} if answers is None else answers
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.scripted = self
        if tls:  # each handshake is left to the thread of its connection
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.stopping = threading.Event()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    def take(self, request: Request) -> Answer:
        """Records a request and returns what the script has for it."""
        with self._lock:
            turn = self.targets.count(request.target)
            self.requests.append(request)
        answers = self._answers.get(request.target)
        if not answers:
            return answer(418, b"not in the script", content_type="text/plain")
        return answers[min(turn, len(answers) - 1)]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    scripted: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is what many scripts are about."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        scripted = self.server.scripted
        if scripted.greeting:
            self.wfile.write(scripted.greeting)
            self.request.shutdown(socket.SHUT_WR)
            self.rfile.read()
            return
        while line := self.rfile.readline():
            method, target, _ = line.decode().split()
            headers = http.client.parse_headers(self.rfile)
            reply = scripted.take(Request(method, target, headers))
            self.wfile.write(reply.wire)
            if reply.ending == "drip":
                drop, drops = reply.drip
                while drops and not scripted.stopping.wait(0.002):
                    self.wfile.write(drop)
                    drops -= 1
                continue
            if reply.ending == "keep":
                continue
            if reply.ending == "stall":
                self.rfile.read(1)
            elif reply.ending == "reset":
                # without lingering, closing discards what is unsent and resets
                linger = struct.pack("ii", 1, 0)
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.request.close()
            return
