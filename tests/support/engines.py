"""Engines that read a lake past one machine: Sail, by Spark Connect, and Spark with executors."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyspark
from pyspark.sql import SparkSession
from pyspark.sql.connect.session import SparkSession as ConnectSession
from urllib3 import PoolManager

from .s3 import NAME, REGION, S3, free_ports
from .warehouses import DATASET, Row

EXECUTORS = 2


def sail_settings(s3: S3) -> Mapping[str, str]:
    """What Sail takes from its environment to reach an S3 server."""
    return {
        "AWS_ENDPOINT": s3.url,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": NAME,
        "AWS_SECRET_ACCESS_KEY": NAME,
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "false",
        "AWS_ALLOW_HTTP": "true",
    }


class Engine:
    """Something that has a Spark session.

    Attributes:
        session: The session, whose times are UTC.
    """

    session: Any

    def table(self, query: str) -> tuple[list[str], list[Row]]:
        """The names of the columns of a query, and its rows."""
        found = self.session.sql(query)
        return list(found.columns), [tuple(row) for row in found.collect()]

    def _start(self) -> None:
        self.session.conf.set("spark.sql.session.timeZone", "UTC")
        self.session.sql(f"CREATE DATABASE {DATASET}")
        self.session.sql(f"USE DATABASE {DATASET}")


class Sail(Engine):
    """A Sail server in a process of its own, and a client of it."""

    def __init__(self, folder: Path, s3: S3) -> None:
        """Starts it, and waits until it answers.

        Args:
            folder: For what it logs.
            s3: The server whose files it reads.
        """
        (port,) = free_ports(1)
        telemetry = ("TRACES", "METRICS", "LOGS")
        with (folder / "sail.log").open("w") as log:
            self._process = subprocess.Popen(
                [
                    *(Path(sys.executable).with_name("sail"), "spark", "server"),
                    *("--ip=127.0.0.1", f"--port={port}"),
                ],
                env={
                    "PATH": os.environ["PATH"],
                    # driver and workers, which speak to each other as they would on many machines
                    "SAIL_MODE": "local-cluster",
                    **{f"SAIL_TELEMETRY__EXPORT_{kind}": "false" for kind in telemetry},
                    **sail_settings(s3),
                },
                stdout=log,
                stderr=log,
            )
        self.session = ConnectSession.builder.remote(f"sc://127.0.0.1:{port}").create()
        self._start()

    def stop(self) -> None:
        """Ends both."""
        self.session.client.close()
        self._process.kill()
        self._process.wait()


class Spark(Engine):
    """Spark with a master, workers and executors, each executor a JVM of its own."""

    def __init__(self, folder: Path) -> None:
        """Starts it.

        Args:
            folder: For its files; is made.
        """
        folder.mkdir()
        os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "2g",
            "spark.local.dir": str(folder / "local"),
            "spark.scheduler.minRegisteredResourcesRatio": "1.0",
            "spark.sql.shuffle.partitions": str(EXECUTORS),
            "spark.sql.warehouse.dir": (folder / "tables").as_uri(),
            "spark.ui.port": "0",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master(f"local-cluster[{EXECUTORS},1,1024]")
        self.session = builder.config(map=settings).getOrCreate()
        self._start()

    def tasks(self) -> dict[str, int]:
        """How many tasks each executor has done, by what Spark calls it."""
        context = self.session.sparkContext
        url = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/executors"
        with closing(PoolManager().request("GET", url)) as response:
            executors = response.json()
        return {each["id"]: each["totalTasks"] for each in executors if each["id"] != "driver"}

    def stop(self) -> None:
        """Ends all of it."""
        gateway = self.session.sparkContext._gateway
        self.session.stop()
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait()
