"""`souk run SERVICE…`: this process hosts some services; servers and the others are elsewhere."""

from __future__ import annotations

import os

from msgspec import structs

from souk.commands.terminal import complain
from souk.devstack.placement import DOORS, all_services, grpc_port, health_port
from souk.kernel.settings import Settings

SERVERS = ("postgres_url", "nats_url", "redis_url")


def run(settings: Settings, names: tuple[str, ...]) -> int:
    """Runs until a signal; 0 after an orderly stop, 2 when something is missing."""
    known = (*all_services(), *DOORS)
    unknown = [name for name in names if name not in known]
    if unknown:
        complain(f"there is no {', '.join(unknown)}: there are {', '.join(known)}")
        return 2
    missing = [f"SOUK_{field.upper()}" for field in SERVERS if not getattr(settings, field)]
    if missing:
        complain(f"souk run needs servers: set {', '.join(missing)}, or use souk up")
        return 2
    chosen = structs.replace(settings, services=names)
    if not set(DOORS) & set(names) and "SOUK_HTTP_PORT" not in os.environ:
        chosen = structs.replace(chosen, http_port=health_port(settings, names[0]))
    if set(names) - set(DOORS):
        chosen = structs.replace(chosen, grpc_port=grpc_port(settings, names[0]))
    from souk.commands.worker import run_alone

    return run_alone(structs.replace(chosen, workers=1))
