"""Reads the settings from the environment, and says which variables are wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct

from souk.kernel.settings.table import SECRETS, Settings

PREFIX = "SOUK_"
SERVICE_URL = re.compile(r"SOUK_([A-Z][A-Z_]*)_URL")
TARGET = re.compile(r"(dns:///|unix:)?[^\s/]+:\d{1,5}|unix:\S+")


class SettingsError(Exception):
    """Some variables are wrong; the message names every one of them."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(
            "These settings are wrong:\n" + "\n".join(f"  {line}" for line in problems)
        )
        self.problems = problems


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
    "nats_monitor": (
        lambda text: text == "none" or bool(TARGET.fullmatch(text)),
        "must be host:port, or none",
    ),
    "redis_url": _schemes("redis", "rediss", "unix"),
    **dict.fromkeys(("public_url", "otlp_endpoint", "sandbox_url"), _schemes("http", "https")),
    "smtp_url": _schemes("smtp", "smtps"),
    "oidc_providers": (lambda text: text.startswith("{"), "must be a JSON object"),
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


def _sentence(hint: Any, error: ValueError) -> str:
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    if get_origin(plain) is Literal:
        return "must be " + " or ".join(get_args(plain))
    if not isinstance(error, msgspec.ValidationError):
        return str(error)
    wanted = str(error).removeprefix("Expected ").partition(", got")[0].replace("`", "")
    return "must be " + wanted.replace("int", "a whole number").replace("bool", "true or false")


def _shown(field: str, text: str) -> str:
    return "…" if field in SECRETS or "@" in text else text


def _text(field: str, value: Any) -> str:
    if field == "workers":
        return "cores"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _description(hint: Any) -> str:
    metas = [meta for meta in get_args(hint)[1:] if isinstance(meta, Meta) and meta.description]
    return metas[-1].description or "" if metas else ""
