"""Debian's Chromium through its chromedriver, as far as a row needs it."""

import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request

from benchmark.row import LeftOut

PATIENCE_SECONDS = 60
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]
PHONE = {"width": 390, "height": 844, "pixelRatio": 2.0, "touch": True, "mobile": True}


def version() -> str:
    """Which browser it is: driver and browser come as one."""
    if shutil.which("chromedriver") is None:
        return "Chromium"
    said = subprocess.run(["chromedriver", "--version"], capture_output=True, text=True, check=True)
    return f"Chromium {said.stdout.split()[1]}"


class Driver:
    """A chromedriver on a free port; ends with the `with`, and its browsers with it."""

    def __enter__(self):
        for program in ("chromium", "chromedriver"):
            if shutil.which(program) is None:
                raise LeftOut(f"{program} is not installed (Debian: chromium, chromium-driver)")
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if "started successfully on port" in line:
                self.origin = f"http://127.0.0.1:{line.strip().rstrip('.').rsplit(' ', 1)[1]}"
                return self
        raise RuntimeError("chromedriver does not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Page:
    """A browser of its own with an empty profile, speaking HTTP/3 to a node."""

    def __init__(self, driver: Driver, node):
        self.driver, self.node = driver, node

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="symbolon-bench-")
        authority = self.node.origins["web"].removeprefix("https://")
        flags = [
            *FLAGS,
            f"--user-data-dir={self.profile}",
            f"--origin-to-force-quic-on={authority}",
            f"--ignore-certificate-errors-spki-list={key_hash(self.node.folder / 'node/tls/server.pem')}",
        ]
        options = {"args": flags, "mobileEmulation": {"deviceMetrics": PHONE}}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "timeouts": {"script": 60_000}}
        self.base = ""
        made = self.send("session", {"capabilities": {"alwaysMatch": wanted}})
        self.base = f"/session/{made['sessionId']}"
        self.version = made["capabilities"]["browserVersion"]
        return self

    def __exit__(self, *_):
        try:
            self.send("", None, "DELETE")
        finally:
            shutil.rmtree(self.profile, ignore_errors=True)

    def devtools(self, command: str, **parameters):
        return self.send("goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, path: str) -> None:
        self.send("url", {"url": self.node.origins["web"] + path})

    def run(self, script: str):
        """The body of a function whose last argument takes the answer."""
        return self.send("execute/async", {"script": script, "args": []})

    def send(self, path: str, body, method: str = "POST"):
        address = "/".join(part for part in (self.driver.origin + self.base, path) if part)
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, sent, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            raise RuntimeError(json.load(refused)["value"]["message"].splitlines()[0]) from None


def key_hash(certificate: pathlib.Path) -> str:
    """What Chromium wants to know of a certificate that it is to believe: its key's SHA-256."""
    command = ["openssl", "x509", "-noout", "-pubkey", "-in", str(certificate)]
    public = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    der = base64.b64decode("".join(public.strip().splitlines()[1:-1]))
    return base64.b64encode(hashlib.sha256(der).digest()).decode()
