"""Which service listens on which port when every one is a process of its own."""

from __future__ import annotations

from pathlib import Path

from souk.kernel.settings import Settings

GATEWAY, WEB = "gateway", "web"
DOORS = (GATEWAY, WEB)
"""What answers HTTP in front of the services; hosted together."""
SEATS = {
    "users": 1,
    "shops": 2,
    "catalog": 3,
    "carts": 4,
    "orders": 5,
    "payments": 6,
    "search": 7,
    "notifications": 8,
    "shipping": 9,
    "media": 10,
    "analytics": 11,
    "reviews": 12,
    "inventory": 13,
    "pricing": 14,
}
HEALTH_BELOW_HTTP = 80
"""Health ports begin at 8000 when the gateway is at 8080, and move along with it."""


def all_services() -> tuple[str, ...]:
    """The services of this distribution: folders with a wiring."""
    folder = Path(__file__).parents[1] / "services"
    return tuple(sorted(path.parent.name for path in folder.glob("*/wiring.py")))


def grpc_port(settings: Settings, service: str) -> int:
    """Where a service alone in its process answers gRPC."""
    return settings.grpc_port + SEATS.get(service, 0) if settings.grpc_port else 0


def health_port(settings: Settings, service: str) -> int:
    """Where a service alone in its process tells its health and metrics."""
    return max(settings.http_port - HEALTH_BELOW_HTTP, 1024) + SEATS.get(service, 0)


def service_urls(settings: Settings, services: tuple[str, ...]) -> dict[str, str]:
    """SOUK_<SERVICE>_URL of each service, when each has a process of its own on this machine."""
    return {
        f"SOUK_{service.upper()}_URL": f"127.0.0.1:{grpc_port(settings, service)}"
        for service in services
    }
