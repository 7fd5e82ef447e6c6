"""A chat that takes messages in Slack's form."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Chat:
    """Takes messages.

    Attributes:
        hook: Its address.
        messages: What was sent to it.
    """

    def __init__(self, hook: str) -> None:
        """Begins with no message."""
        self.hook = hook
        self.messages: list[str] = []


@contextmanager
def listening_chat(path: str = "/hooks/any") -> Iterator[Chat]:
    """A chat that listens at a path."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            chat.messages.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        chat = Chat(f"http://127.0.0.1:{http.server_port}{path}")
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield chat
        finally:
            http.shutdown()
            thread.join()
