"""A local Ampersand API over real HTTP, for demos, tests and benchmarks.

with SandboxServer(bundled_account()) as server:
    requests.get(f"{server.url}/projects", headers={"X-Api-Key": "any"}, timeout=5)
"""

from ampersand.manifest_files import ManifestError

from .account import Account, Failure, Platform
from .manifests import BUNDLED, bundled_account, read_manifests
from .operations import finish_running
from .server import RecordedRequest, SandboxServer

__all__ = [
    "BUNDLED",
    "Account",
    "Failure",
    "ManifestError",
    "Platform",
    "RecordedRequest",
    "SandboxServer",
    "bundled_account",
    "finish_running",
    "read_manifests",
]
