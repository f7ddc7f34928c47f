"""Settings: what is read from the environment, and how a wrong value is told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from souk.kernel.contract import Rate
from souk.kernel.settings import (
    Settings,
    SettingsError,
    database_url,
    describe,
    settings_from,
    unrecognized,
    with_secrets,
)


async def test_an_empty_environment_gives_settings_that_work() -> None:
    settings = settings_from({})

    assert settings.http_port == 8080
    assert settings.home == Path(".souk")
    assert settings.public_address == "http://127.0.0.1:8080"
    assert settings.workers >= 1


async def test_variables_are_read_as_what_their_fields_are() -> None:
    settings = settings_from(
        {
            "SOUK_HOME": "/srv/souk",
            "SOUK_HTTP_PORT": "9999",
            "SOUK_SERVICES": "orders, payments",
            "SOUK_SANDBOX_ENABLED": "no",
            "SOUK_LOG_LEVEL": "debug",
            "SOUK_PUBLIC_URL": "https://souk.example/",
            "PATH": "/bin",
        }
    )

    assert settings.home == Path("/srv/souk")
    assert settings.http_port == 9999
    assert settings.services == ("orders", "payments")
    assert settings.sandbox_enabled is False
    assert settings.log_level == "debug"
    assert settings.public_address == "https://souk.example"


async def test_every_wrong_variable_is_named_at_once() -> None:
    wrong = {
        "SOUK_HTTP_PORT": "eighty",
        "SOUK_GRPC_PORT": "70000",
        "SOUK_WORKERS": "0",
        "SOUK_LOG_FORMAT": "xml",
        "SOUK_POSTGRES_URL": "mysql://localhost",
        "SOUK_SANDBOX_ENABLED": "perhaps",
        "SOUK_INTERNAL_SECRET": "short",
        "SOUK_USERS_URL": "nowhere",
        "SOUK_SERVICES": "Orders!",
        "SOUK_CORS_ORIGINS": "shop.example/path",
    }

    with pytest.raises(SettingsError) as raised:
        settings_from(wrong)

    assert len(raised.value.problems) == len(wrong)
    assert all(name in str(raised.value) for name in wrong)


async def test_a_wrong_secret_is_named_but_not_shown() -> None:
    with pytest.raises(SettingsError) as raised:
        settings_from(
            {"SOUK_MASTER_KEY": "hunter2", "SOUK_POSTGRES_URL": "mysql://me:hunter2@host/"}
        )

    assert "SOUK_MASTER_KEY" in str(raised.value)
    assert "hunter2" not in str(raised.value)


async def test_addresses_of_services_are_found_by_their_names() -> None:
    settings = settings_from(
        {
            "SOUK_USERS_URL": "grpc://users:9001",
            "SOUK_ORDERS_URL": "dns:///orders:9005",
            "SOUK_NATS_URL": "nats://broker:4222",
        }
    )

    assert settings.service_urls == {"users": "users:9001", "orders": "dns:///orders:9005"}
    assert settings.nats_url == "nats://broker:4222"


async def test_variables_that_mean_nothing_are_told_apart_from_those_that_do() -> None:
    environ = {
        "SOUK_HTP_PORT": "8080",
        "SOUK_HTTP_PORT": "8080",
        "SOUK_USERS_URL": "users:9001",
        "SOUK_FAILPOINTS": "",
        "HOME": "/root",
    }

    assert unrecognized(environ) == ("SOUK_HTP_PORT",)


async def test_the_table_describes_every_setting() -> None:
    table = describe()

    assert len(table) == len(Settings.__struct_fields__)
    assert all(row.description.endswith(".") for row in table)
    assert {row.name for row in table} >= {"SOUK_HOME", "SOUK_<SERVICE>_URL", "SOUK_HOLD_MINUTES"}


def test_secrets_are_made_once_and_kept_for_their_owner_only(tmp_path: Path) -> None:
    first = with_secrets(Settings(home=tmp_path))
    second = with_secrets(Settings(home=tmp_path))

    assert len(first.internal_secret) >= 32
    assert first.internal_secret != first.master_key
    assert first.internal_secret == second.internal_secret
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)


def test_a_given_secret_is_used_and_not_kept(tmp_path: Path) -> None:
    settings = with_secrets(Settings(home=tmp_path, internal_secret="a" * 32, master_key="b" * 32))

    assert settings.internal_secret == "a" * 32
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rate", list(Rate))
async def test_every_class_of_method_has_a_budget(rate: Rate) -> None:
    assert Settings().rate_per_minute(rate) >= 0


async def test_a_service_has_a_database_of_its_own_on_the_server() -> None:
    server = "postgresql://me@/?host=/tmp/socket&port=5433"

    assert database_url(server, "orders") == (
        "postgresql://me@/souk_orders?host=/tmp/socket&port=5433"
    )
