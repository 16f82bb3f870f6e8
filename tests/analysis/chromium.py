"""A real browser, driven over its debugging pipe (no packages, no ports)."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60
"""How long an answer may take."""


def installed() -> str | None:
    """The browser's path, None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One tab."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._number, self._rest = 0, b""
        self._session: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """The answer to a command of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params, **self._session}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self.events.append(answer)

    def open(self, path: Path, *, width: int, height: int = 900) -> None:
        """Load a file in a window of `width` CSS pixels."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.call("Page.navigate", url=path.resolve().as_uri())
        deadline = time.monotonic() + SECONDS
        while self.evaluate("document.readyState") != "complete":
            assert time.monotonic() < deadline, "the page does not load"
            time.sleep(0.05)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        found = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def screenshot(self, path: Path, *, full: bool = False) -> None:
        """A PNG of the window, or of the whole page."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(found["data"]))

    def complaints(self) -> list[dict[str, Any]]:
        """Errors and warnings of the console, and whatever was asked of a network."""
        return [event for event in self.events if _is_complaint(event)]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            received = os.read(self._answers, 1 << 16)
            assert received, "the browser has gone"
            self._rest += received
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)


@contextmanager
def browser(profile: Path, *flags: str) -> Iterator[Browser]:
    """A browser with a profile of its own, closed at the end."""
    commands, answers = os.pipe(), os.pipe()
    script = 'exec 3<&"$0" 4>&"$1"; shift; exec "$@"'
    arguments = [
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={profile}", *flags),
    ]
    process = subprocess.Popen(
        ["bash", "-c", script, str(commands[0]), str(answers[1]), installed(), *arguments],
        pass_fds=(commands[0], answers[1]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(commands[0])
    os.close(answers[1])
    try:
        yield Browser(commands[1], answers[0])
    finally:
        process.terminate()
        process.wait()
        os.close(commands[1])
        os.close(answers[0])


def _is_complaint(event: dict[str, Any]) -> bool:
    method, params = event.get("method"), event.get("params", {})
    if method == "Network.requestWillBeSent":
        return not params["request"]["url"].startswith(("file:", "data:", "about:"))
    if method == "Log.entryAdded":
        return params["entry"]["level"] in ("error", "warning")
    if method == "Runtime.consoleAPICalled":
        return params["type"] in ("error", "warning", "assert")
    return method == "Runtime.exceptionThrown"
