"""A PostgreSQL server for a moment: Debian's, in a folder of its own, reached through a socket there."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2
from sqlalchemy.engine import make_url

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
REASON = "needs PostgreSQL's server: sudo apt-get install postgresql"


def missing() -> bool:
    """Whether there is no server on this machine."""
    return not PROGRAMS and shutil.which("initdb") is None


def owner() -> str:
    """Who runs it where root must not: who owns Debian's own, or else nobody."""
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def connect(url: str, database: str | None = None):
    """Connect to a database, or to another one of the same server."""
    parts = make_url(url)
    found = psycopg2.connect(host=parts.query["host"], user=parts.username, dbname=database or parts.database)
    found.autocommit = True
    return found


def copy(old: str, new: str) -> None:
    """Copy a database that nobody uses."""
    connection = connect(old, "postgres")
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{make_url(new).database}" TEMPLATE "{make_url(old).database}"')
    connection.close()


class Server:
    """A server that can be stopped and started again. Use it as a context manager."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path must be short
        if os.getuid() == 0:  # it refuses to run as root
            shutil.chown(self.folder, owner())
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "grader", "--auth=trust", "-E", "UTF8", "--no-sync")
        self._process: subprocess.Popen | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database: str) -> str:
        """A database's address, as nbgrader wants it."""
        return f"postgresql://grader@/{database}?host={self.folder}"

    def create(self, database: str) -> str:
        """Make an empty database, and give its address."""
        connection = connect(self.url("postgres"))
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{database}"')
        connection.close()
        return self.url(database)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = ("-k", str(self.folder), "-c", "listen_addresses=")
        self._log = (self.folder / "log").open("a")
        self._process = subprocess.Popen(
            self._command("postgres", "-D", f"{self.folder}/data", *settings),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            cwd=self.folder,
        )
        for _ in range(600):
            try:
                connect(self.url("postgres")).close()
                return
            except psycopg2.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.1)
        raise AssertionError("PostgreSQL does not start")

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(60)
        self._log.close()

    def _run(self, *command: str) -> None:
        subprocess.run(self._command(*command), check=True, capture_output=True, cwd=self.folder)

    def _command(self, name: str, *arguments: str) -> list[str]:
        group = str(pwd.getpwnam(owner()).pw_gid)
        as_owner = ["setpriv", f"--reuid={owner()}", f"--regid={group}", "--clear-groups"] if os.getuid() == 0 else []
        return [*as_owner, str(PROGRAMS[-1] / name) if PROGRAMS else name, *arguments]
