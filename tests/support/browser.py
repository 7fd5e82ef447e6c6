"""Chromium without a window, and what it says of a page."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium_axe_python import Axe

Scheme = Literal["light", "dark"]

_HEIGHT = 1000


class Browser:
    """A page in Chromium."""

    def __init__(self, driver: webdriver.Chrome, width: int, scheme: Scheme) -> None:
        self.driver = driver
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=_HEIGHT,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._command("Emulation.setEmulatedMedia", features=features)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def said(self) -> list[str]:
        """Errors and warnings on the console since it was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked_for(self) -> list[str]:
        """Addresses that were asked for since it was last asked."""
        events = [json.loads(entry["message"]) for entry in self.driver.get_log("performance")]
        return [
            event["message"]["params"]["request"]["url"]
            for event in events
            if event["message"]["method"] == "Network.requestWillBeSent"
        ]

    def what_shuts_people_out(self) -> dict[str, list[str]]:
        """What axe-core finds wrong: rules, and where they are broken."""
        axe = Axe(self.driver)
        axe.inject()
        return {
            violation["id"]: [node["html"] for node in violation["nodes"]]
            for violation in axe.run()["violations"]
        }

    def picture(self, file: Path, height: int) -> None:
        """Writes the top of the page as a picture."""
        width = self.run("return innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self._command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(shot["data"]))

    def print(self) -> bytes:
        """The page on paper, as PDF."""
        return base64.b64decode(self._command("Page.printToPDF")["data"])

    def _command(self, name: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, parameters)


@contextmanager
def browse(file: Path, width: int = 1280, scheme: Scheme = "light") -> Iterator[Browser]:
    """Opens a file."""
    options = Options()
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    arguments = ["--headless=new", "--hide-scrollbars", "--disable-dev-shm-usage"]
    arguments.append(f"--window-size={width},{_HEIGHT}")
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's does not work for root
    for argument in arguments:
        options.add_argument(argument)
    # named, so that selenium does not look for one elsewhere
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    try:
        browser = Browser(driver, width, scheme)
        driver.get(file.as_uri())
        yield browser
    finally:
        driver.quit()
