"""`souk mail`: what Souk would have sent, kept in the mailbox folder."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from souk.commands.terminal import complain, say, table
from souk.kernel.settings import Settings


def list_mails(settings: Settings) -> int:
    """One line a mail, the oldest first; the numbers are what `show` takes."""
    if settings.smtp_url:
        say("Mails are sent by SOUK_SMTP_URL; those below were kept before.")
    files = _files(settings)
    if not files:
        say(f"No mails in {settings.home / 'mail'}.")
        return 0
    rows = [("", "when", "to", "subject")]
    for number, file in enumerate(files, start=1):
        mail = _read(file)
        rows.append((str(number), _of(mail, "date"), _of(mail, "to"), _of(mail, "subject")))
    table(rows)
    return 0


def show_mail(settings: Settings, number: int | None) -> int:
    """The mail of that number, the latest when there is none."""
    files = _files(settings)
    chosen = len(files) if number is None else number
    if not 1 <= chosen <= len(files):
        complain(f"there is no mail {chosen}: souk mail lists {len(files)}")
        return 1
    mail = _read(files[chosen - 1])
    for name in ("From", "To", "Date", "Subject"):
        say(f"{name}: {_of(mail, name)}")
    body = mail.get_body(preferencelist=("plain", "html"))
    say()
    say(body.get_content().rstrip() if isinstance(body, EmailMessage) else "")
    return 0


def _files(settings: Settings) -> list[Path]:
    # By name as the tie-break: mails of one second keep the order of their ids.
    found = (settings.home / "mail").glob("*.eml")
    return sorted(found, key=lambda file: (file.stat().st_mtime_ns, file.name))


def _read(file: Path) -> EmailMessage:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _of(mail: EmailMessage, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split())
