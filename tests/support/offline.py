"""Programs that may speak to this machine only."""

import os
from pathlib import Path

# An audit hook sees what Python's sockets do, whatever library uses them.
_GUARD = """\
import sys

_HOST = {
    "socket.connect": lambda arguments: arguments[1],
    "socket.sendto": lambda arguments: arguments[1],
    "socket.getaddrinfo": lambda arguments: arguments,
    "socket.gethostbyname": lambda arguments: arguments,
    "socket.gethostbyaddr": lambda arguments: arguments,
}


def _refuse(event, arguments):
    if event not in _HOST:
        return
    address = _HOST[event](arguments)
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "localhost"):
        with open(%r, "a") as attempts:
            print(event, address[0], file=attempts)
        raise OSError("only this machine may be spoken to")


sys.addaudithook(_refuse)
"""


class Offline:
    """An environment for programs in Python, without the settings of whoever runs the tests.

    Args:
        folder: An empty folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._attempts = folder / "attempts.txt"
        (folder / "sitecustomize.py").write_text(_GUARD % str(self._attempts))
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
        self.environment = {name: os.environ[name] for name in kept if name in os.environ}
        path = [str(folder), os.environ.get("PYTHONPATH", "")]
        self.environment |= {"HOME": str(folder), "PYTHONPATH": os.pathsep.join(filter(None, path))}

    def attempts(self) -> list[str]:
        """Hosts elsewhere that a program wanted to look up or speak to."""
        return self._attempts.read_text().splitlines() if self._attempts.exists() else []
