"""`souk`: one command for everything a person does with a Souk on their machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

# Nothing heavy is imported here: `souk --help` must be there at once.
if TYPE_CHECKING:
    from souk.kernel.settings import Settings

Do = Callable[["Settings", argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what it is told; the exit code is 0, 1 when it failed, 2 when it was told wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    do: Do | None = getattr(given, "do", None)
    if do is None:
        parser.print_help()
        return 2
    from souk.kernel.settings import SettingsError, settings_from

    if getattr(given, "reads_settings_itself", False):
        return do(None, given)  # type: ignore[arg-type] # doctor explains what is wrong with them
    try:
        settings = settings_from(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        return do(settings, given)
    except BrokenPipeError:
        # `souk settings | head`: whoever read our lines has had enough of them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="souk", description="An open marketplace: start it, look after it, fill it."
    )
    commands = parser.add_subparsers(title="commands", metavar="")
    _add_running(commands)
    _add_databases(commands)
    _add_goods(commands)
    _add_operators(commands)
    return parser


def _add_running(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    up = commands.add_parser("up", help="start everything on this machine, until Ctrl-C")
    up.add_argument("--split", action="store_true", help="a process a service, and a gateway")
    up.add_argument("--seed", action="store_true", help="fill an empty shop on the first start")
    up.set_defaults(do=_up)
    run = commands.add_parser("run", help="start some services; the servers are given by URL")
    run.add_argument("services", nargs="+", metavar="SERVICE", help="`gateway` is one as well")
    run.set_defaults(do=_run)


def _add_databases(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrate = commands.add_parser("migrate", help="bring the databases up to date, or back")
    migrate.add_argument("way", choices=("up", "down"))
    migrate.add_argument("service", nargs="?", default="", help="just this one; `down` needs it")
    migrate.add_argument("--steps", type=int, default=1, help="how many to take back")
    migrate.set_defaults(do=_migrate)
    letters = commands.add_parser("dead-letters", help="events that could not be taken in")
    letters.add_argument("action", choices=("list", "replay"))
    letters.add_argument("service", nargs="?", default="")
    letters.add_argument("ids", nargs="*", metavar="ID", help="all of the service when absent")
    letters.set_defaults(do=_dead_letters)


def _add_goods(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    seed = commands.add_parser("seed", help="demo shops, goods, a coupon and accounts")
    seed.set_defaults(do=_seed)
    importing = commands.add_parser("import", help="take a shop's goods in")
    importing.add_argument("kind", choices=("shopify",))
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--shop", required=True, metavar="SLUG")
    importing.add_argument("--dry-run", action="store_true", help="only say what would happen")
    importing.set_defaults(do=_import)
    exporting = commands.add_parser("export", help="give a shop's goods out, on standard output")
    exporting.add_argument("kind", choices=("shopify",))
    exporting.add_argument("--shop", required=True, metavar="SLUG")
    exporting.set_defaults(do=_export)


def _add_operators(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    mail = commands.add_parser("mail", help="the mails Souk sent into its mailbox folder")
    mail.add_argument("action", nargs="?", choices=("list", "show"), default="list")
    mail.add_argument("number", nargs="?", type=int, help="as `list` counts them")
    mail.set_defaults(do=_mail)
    audit = commands.add_parser("audit", help="the record of who did what, and the proof of it")
    audit.add_argument("action", choices=("list", "verify", "anchor"))
    audit.add_argument("service", nargs="?", default="", help="all of them when absent")
    audit.add_argument("--person", default="", metavar="ID", help="what they did, or was theirs")
    audit.add_argument("--limit", type=int, default=100, help="how many at most")
    audit.set_defaults(do=_audit)
    erasures = commands.add_parser("erasures", help="who was erased; again, after a restore")
    erasures.add_argument("action", choices=("list", "replay"))
    erasures.set_defaults(do=_erasures)
    keys = commands.add_parser("keys", help="the keys that access tokens are signed with")
    keys.add_argument("action", choices=("list", "rotate"))
    keys.add_argument("--now", action="store_true", help="a key has leaked: void what it signed")
    keys.set_defaults(do=_keys)
    doctor = commands.add_parser("doctor", help="what is wrong with this machine or the settings")
    doctor.set_defaults(do=_doctor, reads_settings_itself=True)
    settings = commands.add_parser("settings", help="every setting, its value, what it is for")
    settings.set_defaults(do=_settings)
    commands.add_parser("version", help="which Souk this is").set_defaults(do=_version)


def _up(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.up import up

    return up(settings, split=given.split, seed=given.seed)


def _run(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.run import run

    return run(settings, tuple(given.services))


def _migrate(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.migrate import migrate

    return migrate(settings, way=given.way, service=given.service, steps=given.steps)


def _dead_letters(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.dead_letters import dead_letters

    return dead_letters(settings, action=given.action, service=given.service, ids=tuple(given.ids))


def _seed(settings: Settings, given: argparse.Namespace) -> int:
    del given
    from souk.commands.seed import seed

    return seed(settings)


def _import(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.shopify import import_goods

    return import_goods(settings, given.file, shop=given.shop, dry_run=given.dry_run)


def _export(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.shopify import export_goods

    return export_goods(settings, shop=given.shop)


def _mail(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.mail import list_mails, show_mail

    if given.action == "show":
        return show_mail(settings, given.number)
    return list_mails(settings)


def _audit(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.audit import audit

    return audit(
        settings,
        action=given.action,
        service=given.service,
        person=given.person,
        limit=given.limit,
    )


def _erasures(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.erasures import erasures

    return erasures(settings, action=given.action)


def _keys(settings: Settings, given: argparse.Namespace) -> int:
    from souk.commands.keys import keys

    return keys(settings, action=given.action, now=given.now)


def _doctor(_: Settings, given: argparse.Namespace) -> int:
    del given
    from souk.commands.doctor import doctor

    return doctor(os.environ)


def _settings(settings: Settings, given: argparse.Namespace) -> int:
    del given
    from souk.commands.settings import show_settings

    return show_settings(settings)


def _version(settings: Settings, given: argparse.Namespace) -> int:
    del settings, given
    from importlib.metadata import version

    sys.stdout.write(f"souk {version('souk')}, Python {sys.version.split()[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
