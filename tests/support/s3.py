"""An S3 server from a wheel, SeaweedFS."""

import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from itertools import count
from os import getpid
from pathlib import Path

import s3fs
from dlt.common.configuration.specs import AwsCredentials
from urllib3 import PoolManager, Retry

NAME = "tests"
"""What the server knows its only user by; the user's key is the same."""

REGION = "us-east-1"

_PORTS = (
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "s3.port", "s3.port.grpc", "debug.port"),
)


class S3:
    """A server on this machine."""

    def __init__(self, folder: Path) -> None:
        """Starts it, and waits until it answers.

        Args:
            folder: For its files; is made.
        """
        folder.mkdir()
        ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        config = folder / "s3.json"
        user = {
            "name": NAME,
            "credentials": [{"accessKey": NAME, "secretKey": NAME}],
            "actions": ["Admin"],
        }
        config.write_text(json.dumps({"identities": [user]}))
        self._numbers = count()
        with (folder / "log").open("w") as log:
            self._process = subprocess.Popen(
                [
                    *(Path(sys.executable).with_name("weed"), "server", f"-dir={folder}"),
                    *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3"),
                    *(f"-s3.config={config}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
                    *("-volume.max=0", "-master.volumeSizeLimitMB=64"),
                    *(f"-{option}={port}" for option, port in ports.items()),
                ],
                stdout=log,
                stderr=log,
            )
        self.url = f"http://127.0.0.1:{ports['s3.port']}"
        patience = Retry(total=60, backoff_factor=0.1, backoff_max=0.5, status_forcelist=(503,))
        PoolManager().request("GET", f"{self.url}/status", retries=patience)

    def stop(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()

    def credentials(self) -> AwsCredentials:
        """How dlt reaches it."""
        return AwsCredentials(
            aws_access_key_id=NAME,
            aws_secret_access_key=NAME,
            region_name=REGION,
            endpoint_url=self.url,
            s3_url_style="path",
        )

    def files(self) -> s3fs.S3FileSystem:
        """Its files."""
        return s3fs.S3FileSystem(
            key=NAME, secret=NAME, endpoint_url=self.url, use_listings_cache=False
        )

    def create(self) -> str:
        """Makes a bucket; returns its name."""
        name = f"test-{getpid()}-{next(self._numbers)}"
        self.files().mkdir(name)
        return name

    def empty(self, bucket: str) -> None:
        """Removes all files from a bucket."""
        self.files().rm(f"{bucket}/*", recursive=True)


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]
