"""PostgreSQL 15 from Debian's package: single-row updates by pgbench, each durable."""

import os
import pathlib
import pwd
import re
import shutil
import subprocess

from benchmark.row import LeftOut, Measure

PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")
SERVER_CORE, CLIENT_CORE = "0", "1"
# One of the 100,000 rows of pgbench_accounts at scale 1.
UPDATE = """\\set aid random(1, 100000)
UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;
"""


def install() -> None:
    """Installs the package where it is missing, or says why the row is left out."""
    if (PROGRAMS / "postgres").exists():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LeftOut("PostgreSQL 15 is not installed, and only root can install it (apt)")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], **quiet)
    packages = ["postgresql-15", "postgresql-client-15"]
    subprocess.run(
        ["apt-get", "install", "-y", "--no-install-recommends", *packages], env=environment, **quiet
    )
    if not (PROGRAMS / "postgres").exists():
        raise LeftOut("Debian's package postgresql-15 cannot be installed here")


class Postgres:
    """A server of its own on the scratch disk, with the settings of the package."""

    def __init__(self, folder: pathlib.Path):
        install()
        self.folder = folder
        self.data, self.script = folder / "data", folder / "update.sql"
        # It refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    def __enter__(self):
        if os.geteuid() == 0:
            shutil.chown(self.folder, user=self.user)
        self.script.write_text(UPDATE)
        self.script.chmod(0o644)
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "bench")
        settings = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        settings += " -c fsync=on -c synchronous_commit=on"
        log = self.folder / "log"
        self.run("pg_ctl", "-D", self.data, "-l", log, "-w", "-o", settings, "start", core=SERVER_CORE)
        self.run("pgbench", "-h", self.folder, "-U", "bench", "-i", "-q", "-s", "1", "postgres")
        return self

    def __exit__(self, *_):
        try:
            self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        except RuntimeError as error:
            print(error)

    def run(self, program: str, *words, core: str | None = None) -> str:
        command = [str(PROGRAMS / program), *map(str, words)]
        if core:
            command = ["taskset", "-c", core, *command]
        if os.geteuid() == 0:
            command = ["runuser", "-u", self.user, "--", *command]
        ended = subprocess.run(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=180, check=False,
        )
        if ended.returncode != 0:
            raise RuntimeError(f"{program}: {(ended.stdout.strip().splitlines() or ['?'])[-1]}")
        return ended.stdout

    def updates(self, clients: int, seconds: float) -> Measure:
        """So many clients for so long, prepared statements, over the Unix socket."""
        before = self.cpu_seconds()
        said = self.run(
            "pgbench", "-h", self.folder, "-U", "bench", "-n", "-M", "prepared", "-c", clients,
            "-j", "1", "-T", max(1, round(seconds)), "-f", self.script, "postgres",
            core=CLIENT_CORE,
        )
        cpu = self.cpu_seconds() - before
        done = int(re.search(r"actually processed: (\d+)", said)[1])
        rate = float(re.search(r"tps = ([\d.]+)", said)[1])
        return Measure(operations=done, seconds=done / rate, cpu_seconds=cpu)

    def cpu_seconds(self) -> float:
        """Of the server's processes, those that have ended included."""
        leader = int((self.data / "postmaster.pid").read_text().split()[0])
        ticks = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            # Fields 14 to 17 of proc(5): own time, and that of children that have ended.
            if int(stat.parent.name) == leader:
                ticks += sum(map(int, fields[11:15]))
            elif int(fields[1]) == leader:
                ticks += sum(map(int, fields[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")
