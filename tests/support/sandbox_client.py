"""What asks the sandbox in its own tests."""

import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ampersand_pipelines.sandbox import SandboxServer

KEY = "made-up-key"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One keep-alive connection, which sends paths as they are."""

    def __init__(self, server: SandboxServer) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)

    def send(
        self,
        path: str,
        key: str | None = KEY,
        method: str = "GET",
        body: bytes | None = None,
        **extra: str,
    ) -> Reply:
        headers = {name.replace("_", "-"): value for name, value in extra.items()}
        if key is not None:
            headers["X-Api-Key"] = key
        self.connection.request(method, f"/v1{path}", body=body, headers=headers)
        response = self.connection.getresponse()
        return Reply(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
