"""What an operator can set: SOUK_* variables with defaults that work on a laptop."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Meta, Struct, structs

from souk.kernel.contract import Rate

PREFIX = "SOUK_"
SERVICE_URL = re.compile(r"SOUK_([A-Z][A-Z_]*)_URL")
TARGET = re.compile(r"(dns:///|unix:)?[^\s/]+:\d{1,5}|unix:\S+")


def about(text: str, **bounds: Any) -> Meta:
    return Meta(description=text, **bounds)


Port = Annotated[int, Meta(ge=0, le=65535)]
Seconds = Annotated[int, Meta(ge=1)]
PerMinute = Annotated[int, Meta(ge=0)]


class SettingsError(Exception):
    """Some variables are wrong; the message names every one of them."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(
            "These settings are wrong:\n" + "\n".join(f"  {line}" for line in problems)
        )
        self.problems = problems


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

    postgres_url: Annotated[str, about("PostgreSQL server; empty: Souk starts its own.")] = ""
    postgres_connections_max: Annotated[
        int, about("Connections that all Souk processes together may open.", ge=4)
    ] = 180
    nats_url: Annotated[str, about("NATS server with JetStream; empty: Souk starts its own.")] = ""
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
    otlp_endpoint: Annotated[str, about("OTLP/HTTP collector for traces; empty: none.")] = ""

    @property
    def public_address(self) -> str:
        return (self.public_url or f"http://127.0.0.1:{self.http_port}").rstrip("/")

    def rate_per_minute(self, rate: Rate) -> int:
        """How many calls of this class a client may make in a minute; 0 is without limit."""
        found: int = getattr(self, f"rate_{rate.value}_per_minute")
        return found


class Variable(Struct, frozen=True):
    """One row of the table of settings."""

    name: str
    default: str
    description: str


def settings_from(environ: Mapping[str, str]) -> Settings:
    """Reads the variables; raises SettingsError that names every wrong one."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field, hint in _hints().items():
        name = variable_of(field)
        if field == "service_urls" or name not in environ:
            continue
        try:
            values[field] = _read(hint, environ[name].strip())
            _check(field, values[field])
        except ValueError as error:  # msgspec.ValidationError is one
            problems.append(f"{name}={_shown(field, environ[name])}: {_sentence(hint, error)}")
    values["service_urls"] = urls = _service_urls(environ)
    for service, url in urls.items():
        if not TARGET.fullmatch(url):
            problems.append(f"{PREFIX}{service.upper()}_URL={url}: must be host:port")
    if problems:
        raise SettingsError(tuple(problems))
    return Settings(**values)


def describe() -> tuple[Variable, ...]:
    """Every variable with its default and what it is for, in the order of the table."""
    defaults = Settings()
    return tuple(
        Variable(
            name="SOUK_<SERVICE>_URL" if field == "service_urls" else variable_of(field),
            default="" if field == "service_urls" else _text(field, getattr(defaults, field)),
            description=_description(hint),
        )
        for field, hint in _hints().items()
    )


def unrecognized(environ: Mapping[str, str]) -> tuple[str, ...]:
    """SOUK_* variables that mean nothing here. Told, not refused: Kubernetes adds some itself."""
    known = {variable_of(field) for field in _hints()} | {"SOUK_FAILPOINTS"}
    return tuple(
        sorted(
            name
            for name in environ
            if name.startswith(PREFIX) and name not in known and not SERVICE_URL.fullmatch(name)
        )
    )


def with_secrets(settings: Settings) -> Settings:
    """Fills in the secrets that were not given from files under home, made at the first start.

    Processes of one home share them; processes on several machines must be given them.
    """
    missing = [name for name in ("internal_secret", "master_key") if not getattr(settings, name)]
    kept = {name: _kept_secret(settings.home / "secrets" / name) for name in missing}
    return structs.replace(settings, **kept)


def database_url(server_url: str, service: str) -> str:
    """The address of a service's database on the server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/souk_{service}"))


def variable_of(field: str) -> str:
    return PREFIX + field.upper()


def _hints() -> dict[str, Any]:
    return get_type_hints(Settings, include_extras=True)


def _read(hint: Any, text: str) -> Any:
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if plain is Path:
        return Path(text).expanduser()
    if get_origin(plain) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if plain is bool:
        text = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower(), text)
    return msgspec.convert(text, hint, strict=False)


def _check(field: str, value: Any) -> None:
    rule = CHECKS.get(field)
    if rule and value and not rule[0](value):
        raise ValueError(rule[1])


def _schemes(*allowed: str) -> tuple[Callable[[Any], bool], str]:
    return (
        lambda url: urlsplit(url).scheme in allowed,
        "must begin with " + " or ".join(f"{scheme}://" for scheme in allowed),
    )


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "postgres_url": _schemes("postgresql", "postgres"),
    "nats_url": _schemes("nats", "tls"),
    "redis_url": _schemes("redis", "rediss", "unix"),
    **dict.fromkeys(("public_url", "otlp_endpoint", "sandbox_url"), _schemes("http", "https")),
    "smtp_url": _schemes("smtp", "smtps"),
    "internal_secret": (lambda text: len(text) >= 16, "must be at least 16 characters"),
    "master_key": (lambda text: len(text) >= 16, "must be at least 16 characters"),
    "services": (
        lambda names: all(re.fullmatch(r"[a-z][a-z_]*", name) for name in names),
        "must be names of services, by comma",
    ),
    "cors_origins": (
        lambda origins: all(
            origin == "*" or re.fullmatch(r"https?://[^/\s]+", origin) for origin in origins
        ),
        "must be origins such as https://shop.example, by comma",
    ),
}


def _service_urls(environ: Mapping[str, str]) -> dict[str, str]:
    own = {variable_of(field) for field in _hints()}
    found = {}
    for name, url in environ.items():
        match = SERVICE_URL.fullmatch(name)
        if match and name not in own and url.strip():
            found[match[1].lower()] = url.strip().removeprefix("grpc://")
    return found


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside and linked into place: of several processes at the first start one wins,
    # and none reads a file half written.
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(32))
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_text().strip()


def _sentence(hint: Any, error: ValueError) -> str:
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(plain) is Literal:
        return "must be " + " or ".join(get_args(plain))
    if not isinstance(error, msgspec.ValidationError):
        return str(error)
    wanted = str(error).removeprefix("Expected ").partition(", got")[0].replace("`", "")
    return "must be " + wanted.replace("int", "a whole number").replace("bool", "true or false")


def _shown(field: str, text: str) -> str:
    return "…" if field in ("internal_secret", "master_key") or "@" in text else text


def _text(field: str, value: Any) -> str:
    if field == "workers":
        return "cores"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _description(hint: Any) -> str:
    metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, Meta) and meta.description]
    return metas[-1].description or "" if metas else ""
