"""What an operator can set: SOUK_* variables with defaults that work on a laptop."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta, Struct

from souk.kernel.contract import Rate

# Never shown, not even when they are wrong.
SECRETS = ("internal_secret", "master_key", "metrics_token", "oidc_providers")


def about(text: str, **bounds: Any) -> Meta:
    return Meta(description=text, **bounds)


Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[int, Meta(ge=1)]
PerMinute = Annotated[int, Meta(ge=0)]


class Settings(Struct, frozen=True, kw_only=True):
    """The field `http_port` is the variable SOUK_HTTP_PORT; its Meta says what it is for."""

    home: Annotated[Path, about("Where Souk keeps its data.")] = Path(".souk")
    services: Annotated[
        tuple[str, ...], about("Services this process hosts, by comma; empty: all of them.")
    ] = ()
    workers: Annotated[int, about("Worker processes; by default one a core.", ge=1, le=512)] = (
        msgspec.field(default_factory=lambda: os.cpu_count() or 1)
    )

    http_host: Annotated[str, about("Address the gateway listens on.")] = "127.0.0.1"
    http_port: Annotated[Port, about("Port of the gateway.")] = 8080
    grpc_host: Annotated[str, about("Address the gRPC server listens on.")] = "127.0.0.1"
    grpc_port: Annotated[Port, about("Port of the gRPC server; 0 takes a free one.")] = 9000
    public_url: Annotated[str, about("How people reach Souk; empty: http://127.0.0.1:<port>.")] = ""
    cors_origins: Annotated[
        tuple[str, ...], about("Origins whose pages may call the API, by comma; `*` for all.")
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...], about("Networks whose X-Forwarded-For is believed, by comma.")
    ] = ()
    request_timeout_seconds: Annotated[Seconds, about("Time allowed for one request.")] = 30
    stop_grace_seconds: Annotated[Seconds, about("Time that running requests get at a stop.")] = 10
    grpc_concurrency_max: Annotated[
        int, about("gRPC requests at once in one process; more are refused.", ge=1)
    ] = 1000
    body_bytes_max: Annotated[int, about("Largest request body in bytes.", ge=1024)] = 10 << 20
    shelf_bytes_max: Annotated[
        int, about("Room for public answers that a process keeps for a second; 0: none.", ge=0)
    ] = 16 << 20

    postgres_url: Annotated[str, about("PostgreSQL server; empty: Souk starts its own.")] = ""
    postgres_connections_max: Annotated[
        int, about("Connections that all Souk processes together may open.", ge=4)
    ] = 180
    nats_url: Annotated[str, about("NATS server with JetStream; empty: Souk starts its own.")] = ""
    nats_monitor: Annotated[
        str,
        about(
            "NATS's monitoring, asked at the start whether events are on disk when acknowledged;"
            " empty: port 8222 of the server, none: not asked."
        ),
    ] = ""
    redis_url: Annotated[str, about("Redis or Valkey; empty: Souk starts its own.")] = ""
    redis_answer_ms: Annotated[int, about("A later answer of Redis is as none.", ge=5)] = 50
    service_urls: Annotated[
        dict[str, str], about("SOUK_<SERVICE>_URL: host:port of a service that runs elsewhere.")
    ] = {}

    internal_secret: Annotated[
        str, about("Signs calls between services; empty: made and kept under SOUK_HOME.")
    ] = ""
    master_key: Annotated[
        str, about("Encrypts keys at rest; empty: made and kept under SOUK_HOME.")
    ] = ""
    access_token_seconds: Annotated[Seconds, about("Life of an access token.")] = 900
    refresh_token_seconds: Annotated[Seconds, about("Life of a refresh token.")] = 30 * 86_400
    argon2_memory_kib: Annotated[int, about("Memory a password hash takes.", ge=8192)] = 19_456
    argon2_time_cost: Annotated[int, about("Passes of a password hash.", ge=1)] = 2
    argon2_lanes: Annotated[int, about("Lanes of a password hash.", ge=1)] = 1
    refresh_grace_seconds: Annotated[
        int, about("Tabs that use one refresh token within so long get the same new one.", ge=0)
    ] = 10
    signing_key_days: Annotated[int, about("Age at which the signing key is rotated.", ge=1)] = 90
    guess_pair_free: Annotated[
        int, about("Wrong sign-ins a day on an account from one address before waits.", ge=1)
    ] = 5
    guess_account_free: Annotated[
        int, about("Wrong sign-ins a day on an account before unknown devices wait.", ge=1)
    ] = 10
    guess_address_free: Annotated[
        int, about("Wrong sign-ins a day from an address before waits.", ge=1)
    ] = 200
    guess_wait_seconds_max: Annotated[
        Seconds, about("Waits double from one second up to this.")
    ] = 3600
    code_free: Annotated[
        int, about("Codes and links a day to one address or number before waits.", ge=1)
    ] = 20
    erasure_quiet_seconds: Annotated[
        int, about("From the shutting of an account until it is erased: all know by then.", ge=0)
    ] = 90
    guest_contact_days: Annotated[
        int, about("How long guests can be reached after the last news of their orders.", ge=30)
    ] = 730
    oidc_providers: Annotated[
        str,
        about('JSON: {"google": {"client_id": …, "client_secret": …}, "acme": {"issuer": …, …}}.'),
    ] = ""

    rate_read_per_minute: Annotated[PerMinute, about("Reads a client may make; 0: any.")] = 0
    rate_write_per_minute: Annotated[PerMinute, about("Writes a client may make; 0: any.")] = (
        120_000
    )
    rate_sign_in_per_minute: Annotated[PerMinute, about("Sign-in attempts; 0: any.")] = 3_000
    rate_checkout_per_minute: Annotated[PerMinute, about("Checkouts; 0: any.")] = 30_000
    rate_upload_per_minute: Annotated[PerMinute, about("Uploads; 0: any.")] = 600
    rate_webhook_per_minute: Annotated[PerMinute, about("Webhooks of providers; 0: any.")] = 0

    hold_minutes: Annotated[int, about("How long a checkout holds stock.", ge=1)] = 20
    checkout_minutes: Annotated[int, about("How long a parked payment may take.", ge=1)] = 15
    escrow_days: Annotated[int, about("Days from delivery until sellers are paid.", ge=0)] = 7
    sandbox_enabled: Annotated[bool, about("Whether the sandbox payment provider exists.")] = True
    sandbox_url: Annotated[str, about("A sandbox provider outside Souk; empty: its own.")] = ""
    smtp_url: Annotated[str, about("smtp(s)://user:password@host:port; empty: a folder.")] = ""
    mail_from: Annotated[str, about("Sender of mails.")] = "Souk <no-reply@souk.localhost>"

    log_level: Annotated[Literal["debug", "info", "warning", "error"], about("Least level.")] = (
        "info"
    )
    log_format: Annotated[Literal["json", "console"], about("How log lines look.")] = "json"
    metrics_token: Annotated[
        str, about("Bearer token that /metrics of the gateway wants; empty: this machine alone.")
    ] = ""
    otlp_endpoint: Annotated[str, about("OTLP/HTTP collector for traces; empty: none.")] = ""

    @property
    def public_address(self) -> str:
        return (self.public_url or f"http://127.0.0.1:{self.http_port}").rstrip("/")

    def rate_per_minute(self, rate: Rate) -> int:
        """How many calls of this class a client may make in a minute; 0 is without limit."""
        found: int = getattr(self, f"rate_{rate.value}_per_minute")
        return found


def database_url(server_url: str, service: str) -> str:
    """The address of a service's database on the server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/souk_{service}"))
