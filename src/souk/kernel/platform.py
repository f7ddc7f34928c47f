"""What a service is given to stand on, and the parts it hands back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from souk.kernel.clock import Clock
from souk.kernel.transport import Switchboard, Transport

if TYPE_CHECKING:
    from souk.kernel.cache import Cache
    from souk.kernel.database import Database
    from souk.kernel.events.bus import Bus
    from souk.kernel.events.consumers import Consumer
    from souk.kernel.events.live import Live
    from souk.kernel.jobs import Job
    from souk.kernel.limits import Limiter
    from souk.kernel.settings import Settings


class Client(Protocol):
    """A generated client."""

    def __init__(self, transport: Transport) -> None: ...


C = TypeVar("C", bound=Client)


class Platform(Struct, frozen=True, kw_only=True, eq=False):
    """One for each hosted service, scoped to it."""

    service: str
    settings: Settings
    clock: Clock
    bus: Bus
    cache: Cache
    limiter: Limiter
    live: Live
    databases: Mapping[str, Database]
    switchboard: Switchboard

    def database(self, name: str) -> Database:
        """The service's own database, connected; asking for another's raises LookupError."""
        if name not in self.databases:
            raise LookupError(f"{self.service} has no database {name}")
        return self.databases[name]

    def client(self, kind: type[C]) -> C:
        """A client whose calls are made by this service, wherever the other one runs."""
        return kind(self.switchboard.client_transport(service=self.service))


Hook = Callable[[], Awaitable[None]]


class Parts(Struct, frozen=True, kw_only=True, eq=False):
    """What a service's wiring builds."""

    rpc: Any  # the contract implemented; several of them as a tuple
    consumers: Sequence[Consumer] = ()
    jobs: Sequence[Job] = ()
    start: Hook | None = None  # after the parts are built, before anybody calls
    stop: Hook | None = None  # after the last request, before the connections close

    @property
    def implementations(self) -> tuple[Any, ...]:
        return self.rpc if isinstance(self.rpc, tuple) else (self.rpc,)
