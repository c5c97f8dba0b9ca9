"""What every process opens once: settings, store, clock and the library of playbooks and forms."""

from dataclasses import dataclass
from pathlib import Path

from sandwich.clock import Clock
from sandwich.definitions.library import Library, load_library
from sandwich.settings import Settings, read_settings
from sandwich.store import Store


@dataclass(frozen=True)
class Runtime:
    """The parts that services work with."""

    settings: Settings
    store: Store
    clock: Clock
    library: Library

    async def close(self) -> None:
        """Let go of the database."""
        await self.store.close()


def open_runtime(settings: Settings) -> Runtime:
    """Open the parts that ``settings`` describe; connects to nothing yet."""
    store = Store(settings.store_url)
    return Runtime(settings, store, Clock(store), load_library(_folders(settings.playbooks), _folders(settings.forms)))


_runtimes: dict[str, Runtime] = {}


async def runtime() -> Runtime:
    """Return the one runtime of this process, opened from the environment at the first call."""
    if "own" not in _runtimes:
        _runtimes["own"] = open_runtime(read_settings())
    return _runtimes["own"]


def _folders(paths: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in paths.split(":") if path)
