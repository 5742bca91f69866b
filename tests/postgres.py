"""A PostgreSQL server of the tests' own: made in a temporary folder, reached by its socket, gone at the end.

Test modules import the fixtures they use: ``postgres``, the server, ``empty_database``, ``database`` (migrated) and
``store`` (open), each of the last three on every kind of database the program runs on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage import Store, open_store
from storage.engine import JournalMode, for_writing, make_engine, parse_url
from tests.fakes import FakeClock

_FAST = "-c fsync=off -c full_page_writes=off -c max_connections=40"
"""Faster, and still safe against everything but a crash of the whole machine."""

_SERVER = pytest.StashKey["Postgres | str"]()


class NoPostgresError(Exception):
    """There is no PostgreSQL to test on; the text says why."""


@dataclass(frozen=True)
class Postgres:
    """A running server. Its socket lies in ``folder``; nobody else can reach it."""

    binaries: Path
    folder: Path
    user: str | None  # the account it runs as, where the tests run as root

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        return self.call("psql", "-qAtX", "-h", str(self.folder), "-U", "postgres", "-c", statement, database)

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' {_FAST}"
        self.call(
            "pg_ctl", "start", "-w", "-s", "-D", self._data, "-l", str(self.folder / "log"), "-o", options
        )

    def stop(self) -> None:
        """Stop as a power cut would."""
        self.call("pg_ctl", "stop", "-w", "-s", "-D", self._data, "-m", "immediate")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def call(self, name: str, *arguments: str) -> str:
        """Run a PostgreSQL program and return its output. Its server keeps no pipe of ours open."""
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [self.binaries / name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                check=False,
            )
            output.seek(0)
            text = output.read()
        if done.returncode:
            raise RuntimeError(f"{name} {' '.join(arguments)}: {text}")
        return text.strip()


def _binaries() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which("initdb")
    if found is None:
        raise NoPostgresError("no PostgreSQL server binaries (initdb) found")
    return Path(found).parent


def _account() -> str | None:
    """Return the account to run as: PostgreSQL refuses root."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise NoPostgresError(
            "running as root, and there is no account `postgres` to run the server"
        ) from None


@contextmanager
def temporary_postgres() -> Iterator[Postgres]:
    """Yield a running server; raise NoPostgresError where there can be none."""
    binaries, user = _binaries(), _account()
    folder = Path(
        tempfile.mkdtemp(prefix="bw-pg-", dir="/tmp")
    )  # short: a socket's path may have 107 characters
    try:
        if user:
            shutil.chown(folder, user, user)
        server = Postgres(binaries, folder, user)
        server.call("initdb", "-D", server._data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Postgres:
    """The server of this test session, one for all modules; skips with the reason where there can be none.

    Where BIDWRIGHT_TESTS_REQUIRE names postgresql, its absence is a failure.
    """
    config = request.config
    if _SERVER not in config.stash:
        stack = ExitStack()
        config.add_cleanup(stack.close)
        try:
            config.stash[_SERVER] = stack.enter_context(temporary_postgres())
        except NoPostgresError as error:
            config.stash[_SERVER] = str(error)
    server = config.stash[_SERVER]
    if isinstance(server, Postgres):
        return server
    if "postgresql" in os.environ.get("BIDWRIGHT_TESTS_REQUIRE", "").split(","):
        pytest.fail(server)
    pytest.skip(server)


@dataclass(frozen=True)
class Database:
    """A database to open as often as a test likes, in the same mode every time."""

    url: str
    clock: FakeClock
    journal_mode: JournalMode | None = None
    path: Path | None = None

    def open(self, **options: float) -> Store:
        return open_store(self.url, clock=self.clock, journal_mode=self.journal_mode, **options)

    @contextmanager
    def raw(self) -> Iterator[Connection]:
        """Yield a connection of the test's own, behind the back of any store."""
        engine = make_engine(parse_url(self.url), lock_timeout=2)
        try:
            with for_writing(engine).begin() as connection:
                yield connection
        finally:
            engine.dispose()


KINDS = ["wal", "delete", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        open_store(f"sqlite:///{path}", journal_mode="delete").close()
        return path.read_bytes()


@cache
def _migrated_template(server: Postgres) -> str:
    server.sql("CREATE DATABASE migrated")
    open_store(server.url("migrated")).close()
    return "migrated"


@contextmanager
def _server_database(server: Postgres, template: str) -> Iterator[Database]:
    name = f"t{uuid.uuid4().hex}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield Database(server.url(name), FakeClock())
    server.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of each kind with nothing in it; a SQLite file is not even there."""
    if request.param == "postgresql":
        with _server_database(request.getfixturevalue("postgres"), "template0") as made:
            yield made
    else:
        path = tmp_path / "bidwright.db"
        yield Database(f"sqlite:///{path}", FakeClock(), request.param, path)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of each kind without rows, copied from one made once."""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        with _server_database(server, _migrated_template(server)) as made:
            yield made
    else:
        path = tmp_path / "bidwright.db"
        path.write_bytes(_migrated_file())
        yield Database(f"sqlite:///{path}", FakeClock(), request.param, path)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """An open store on each kind of database."""
    with database.open() as opened:
        yield opened
