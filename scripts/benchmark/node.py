"""A `symbolon serve` on the server's core."""

import json
import os
import pathlib
import shlex
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request

SERVER_CORE = "0"
PATIENCE_SECONDS = 60


class Node:
    """A node in `folder/node`, on free ports; ends with the `with`."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path):
        self.program, self.folder = program, folder

    def __enter__(self):
        settings = {
            "data_folder": "node",
            "issuer": "https://localhost:0",
            "wallet.origin": "https://localhost:0",
            "listeners.web": "[::1]:0,127.0.0.1:0",
            "listeners.partner": "[::1]:0,127.0.0.1:0",
            "listeners.operators": "[::1]:0,127.0.0.1:0",
        }
        command = ["taskset", "-c", SERVER_CORE, str(self.program), "serve"]
        for name, value in settings.items():
            command += ["--set", f"{name}={value}"]
        self.log = self.folder / "node.log"
        self.began = time.monotonic()
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(), stdout=log, stderr=log
            )
        self.origins = self.wait_until_ready()
        self.ready_seconds = time.monotonic() - self.began
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def environment(self) -> dict:
        # Settings of whoever runs the bench are none of this node.
        own = {name: value for name, value in os.environ.items() if not name.startswith("SYMBOLON_")}
        return {**own, "HOME": str(self.folder)}

    def stop(self) -> None:
        """Ends it in order."""
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=PATIENCE_SECONDS) != 0:
            raise RuntimeError(f"the node ended with {self.process.returncode}: {self.said()}")

    def said(self) -> str:
        return (self.log.read_text().strip().splitlines() or ["nothing"])[-1]

    def wait_until_ready(self) -> dict:
        """Its origins, once /readyz says yes."""
        names = ("web", "partner", "operators")
        until = self.began + PATIENCE_SECONDS
        origins, trust = {}, None
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the node does not start: {self.said()}")
            if len(origins) < len(names):
                lines = [text.split() for text in self.log.read_text().splitlines()]
                origins = {words[0]: words[1] for words in lines if words and words[0] in names}
            else:
                trust = trust or ssl.create_default_context(cafile=self.folder / "node/tls/ca.pem")
                try:
                    url = origins["web"] + "/readyz"
                    with urllib.request.urlopen(url, context=trust, timeout=5) as answer:
                        if answer.status == 200:
                            return origins
                except (OSError, urllib.error.URLError):
                    pass
            time.sleep(0.002)
        raise RuntimeError("the node did not get ready in time")

    def command(self, line: str):
        """Runs a command beside the node and gives its JSON."""
        command = [str(self.program), "--json", *shlex.split(line)]
        ended = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True,
            timeout=PATIENCE_SECONDS, check=False,
        )
        if ended.returncode != 0:
            raise RuntimeError(f"symbolon {line}: {ended.stderr.strip()}")
        return json.loads(ended.stdout)
