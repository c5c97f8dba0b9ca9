"""Where the region that is attacked lives: files of SQLite, or databases of PostgreSQL that an account owns."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from sandwich.demo.play import Demo
from sandwich.settings import Settings
from tests.browser.world import tell
from tests.hostile.world import copied
from tests.support import postgres
from tests.support.databases import PostgresDatabases, apart


class Home(Protocol):
    """One kind of database, with the told region in it."""

    region: Settings

    def copy(self, folder: Path) -> Settings:
        """Return the settings of a copy, with its files in ``folder``."""

    def forget(self, settings: Settings) -> None:
        """Throw a copy away."""


class OnSqlite:
    """The region that the tests share, in a file."""

    def __init__(self, region: Settings) -> None:
        """Take the region, in which nothing may be changed."""
        self.region = region

    def copy(self, folder: Path) -> Settings:
        """Return the settings of a copy of the folder."""
        return copied(self.region, folder)

    def forget(self, settings: Settings) -> None:
        """Leave it to whoever made the folder."""


class OnPostgresql:
    """A region in a database whose owner is bound by row-level security, as that of an installation is."""

    def __init__(self, databases: PostgresDatabases, folder: Path) -> None:
        """Tell the region."""
        self._databases = databases
        self._own = databases.owned()
        demo = Demo(folder / "demo")
        settings = demo.prepare({}, 8000, 2525, 4200).model_copy(update={"database_url": self._own})
        apart(demo.set_up(settings, region=True, watching=lambda: nullcontext(lambda _done, _of: None)))
        self.region = settings

    def copy(self, folder: Path) -> Settings:
        """Return the settings of a copy of the database."""
        owner = self._own.partition("//")[2].partition("@")[0]
        url = self._databases.copy(self._own).replace("//sandwich@", f"//{owner}@")
        return copied(self.region, folder).model_copy(update={"database_url": url})

    def forget(self, settings: Settings) -> None:
        """Drop the database."""
        self._databases.forget(settings.store_url)


@contextmanager
def a_home(folder: Path, *, on_postgresql: bool) -> Iterator[Home]:
    """Tell the region, on one kind of database or the other; raises where PostgreSQL is not installed."""
    if not on_postgresql:
        yield OnSqlite(tell(folder))
        return
    binaries = postgres.find_binaries()
    if binaries is None:
        raise RuntimeError(postgres.MISSING)
    with postgres.running(binaries) as server:
        databases = PostgresDatabases(server)
        try:
            yield OnPostgresql(databases, folder)
        finally:
            databases.close()
