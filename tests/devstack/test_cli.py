"""`souk` answers quickly, plainly, and says what is wrong by its name."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

CPU_SECONDS_MAX = 0.15


def souk(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if "SOUK" not in name}
    return subprocess.run(
        [sys.executable, "-m", "souk", *arguments],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_is_there_at_once_and_names_every_command() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = souk("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < CPU_SECONDS_MAX
    assert said.returncode == 0
    commands = "up run migrate seed import export mail dead-letters doctor settings version"
    for command in commands.split():
        assert f"\n    {command}" in said.stdout


def test_souk_alone_shows_what_it_can_do() -> None:
    said = souk()
    assert said.returncode == 2
    assert "souk" in said.stdout
    assert "doctor" in said.stdout


@pytest.mark.parametrize("command", ["up", "settings", "seed"])
def test_a_wrong_setting_stops_every_command_and_names_itself(command: str, home: Path) -> None:
    said = souk(command, SOUK_HOME=str(home), SOUK_HTTP_PORT="99999", SOUK_WORKERS="none")
    assert said.returncode == 2
    assert "SOUK_HTTP_PORT=99999" in said.stderr
    assert "SOUK_WORKERS=none" in said.stderr
    assert "Traceback" not in said.stderr


def test_the_table_of_settings_masks_what_nobody_should_see() -> None:
    said = souk(
        "settings",
        SOUK_INTERNAL_SECRET="0123456789abcdef",
        SOUK_POSTGRES_URL="postgresql://souk:sesame@db/",
        SOUK_HTTP_PORT="8123",
    )
    assert said.returncode == 0
    assert "8123" in said.stdout
    assert "0123456789abcdef" not in said.stdout
    assert "sesame" not in said.stdout
    assert "postgresql://…@db/" in said.stdout


def test_doctor_says_that_souk_will_start_on_a_good_machine(home: Path) -> None:
    said = souk("doctor", SOUK_HOME=str(home), SOUK_HTTP_PORT=free(), SOUK_GRPC_PORT=free())
    assert "the embedded ones start and stop" in said.stdout
    assert said.stdout.rstrip().endswith("Souk will start here.")
    assert said.returncode == 0


def test_doctor_names_every_wrong_setting(home: Path) -> None:
    said = souk("doctor", SOUK_HOME=str(home), SOUK_GRPC_PORT="-1", SOUK_NATS_URL="http://x")
    assert said.returncode == 1
    assert "WRONG    setting: SOUK_GRPC_PORT=-1" in said.stdout
    assert "WRONG    setting: SOUK_NATS_URL=http://x" in said.stdout
    assert "2 to mend." in said.stdout


def test_doctor_finds_taken_ports_dead_servers_and_slips_of_the_pen(home: Path) -> None:
    dead = f"127.0.0.1:{free()}"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = souk(
            "doctor",
            SOUK_HOME=str(home),
            SOUK_HTTP_PORT=str(port),
            SOUK_GRPC_PORT=free(),
            SOUK_POSTGRES_URL=f"postgresql://postgres@{dead}/",
            SOUK_NATS_URL=f"nats://{dead}",
            SOUK_REDIS_URL=f"redis://{dead}",
            SOUK_ORDERS_URL=dead,
            SOUK_HTPP_PORT="1",
        )
    assert said.returncode == 1
    assert f"WRONG    port: {port} is taken\n         → set SOUK_HTTP_PORT" in said.stdout
    for name in ("POSTGRES", "NATS", "REDIS", "ORDERS"):
        assert f"WRONG    SOUK_{name}_URL: " in said.stdout
    assert "warning  setting: SOUK_HTPP_PORT means nothing to Souk" in said.stdout
    assert "Traceback" not in said.stderr


def test_run_says_which_servers_it_lacks() -> None:
    said = souk("run", "gateway", SOUK_NATS_URL="nats://there")
    assert said.returncode == 2
    assert "set SOUK_POSTGRES_URL, SOUK_REDIS_URL" in said.stderr


def test_run_and_migrate_refuse_services_that_do_not_exist() -> None:
    for command in (("run", "blimps"), ("migrate", "up", "blimps")):
        said = souk(*command)
        assert said.returncode == 2
        assert "there is no" in said.stderr
        assert "blimps" in said.stderr


def test_migrating_everything_down_at_once_is_refused() -> None:
    said = souk("migrate", "down")
    assert said.returncode == 2
    assert "needs a service" in said.stderr


def test_mails_are_listed_in_order_and_shown_whole(home: Path) -> None:
    for number, subject in enumerate(("Welcome", "Your order NÜ-1 is confirmed")):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Souk <s@s>", "ada@example.com", subject
        mail.set_content(f"Dear Ada, this is mail {number}.")
        mail.add_alternative("<p>Dear Ada</p>", subtype="html")
        (home / "mail").mkdir(exist_ok=True)
        file = home / "mail" / f"{number}.eml"
        file.write_bytes(mail.as_bytes())
        os.utime(file, (1_700_000_000 + number, 1_700_000_000 + number))

    listed = souk("mail", SOUK_HOME=str(home)).stdout
    assert listed.index("Welcome") < listed.index("Your order NÜ-1 is confirmed")
    shown = souk("mail", "show", "2", SOUK_HOME=str(home)).stdout
    assert "Subject: Your order NÜ-1 is confirmed" in shown
    assert "Dear Ada, this is mail 1." in shown
    assert "<p>" not in shown
    missing = souk("mail", "show", "3", SOUK_HOME=str(home))
    assert missing.returncode == 1
    assert "there is no mail 3" in missing.stderr


def test_an_empty_mailbox_is_no_failure(home: Path) -> None:
    said = souk("mail", SOUK_HOME=str(home))
    assert said.returncode == 0
    assert "No mails" in said.stdout


def test_importing_a_file_that_is_not_there_says_so(home: Path) -> None:
    said = souk("import", "shopify", "nowhere.csv", "--shop", "x", SOUK_HOME=str(home))
    assert said.returncode == 2
    assert "nowhere.csv: No such file" in said.stderr


def test_a_reader_who_leaves_early_gets_no_traceback() -> None:
    reading = subprocess.run(
        f"{sys.executable} -m souk settings | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert reading.stdout.startswith("variable")
    assert reading.stderr == ""


def free() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])
