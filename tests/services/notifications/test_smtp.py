"""How the mailer speaks to mail servers: encrypted, and never with a password in the clear."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from souk.kernel.clock import FixedClock
from souk.services.notifications.letters.envelope import Envelope
from souk.services.notifications.letters.welcome import welcome
from souk.services.notifications.mailers import Mail, MailNotTaken
from souk.services.notifications.mailers.smtp import SmtpMailer
from tests.services.notifications.neighbours import NOON
from tests.services.notifications.smtp_server import smtp_server


class Trust:
    """A certificate for 127.0.0.1: the server's side, and a client that believes it."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
        now = datetime.now(UTC)
        places = [x509.IPAddress(ip_address("127.0.0.1"))]
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName(places), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = folder / "mail.pem"
        plain = serialization.NoEncryption()
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        file.write_bytes(key.private_bytes(pem, form, plain) + certificate.public_bytes(pem))
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(file)
        self.client = ssl.create_default_context(cafile=str(file))


@pytest.fixture
def trust(tmp_path: Path) -> Iterator[Trust]:
    return Trust(tmp_path)


def mail(recipient: str = "ada@example.com") -> Mail:
    envelope = Envelope(sender="Souk <post@souk.example>", clock=FixedClock(NOON))
    letter = welcome(greeting="Hello Ada,", home_url="https://souk.example")
    return envelope.seal(letter, mail_id="one", recipient=recipient)


async def ready() -> None:
    """Nothing to write down."""


def mailer(url: str, tls: ssl.SSLContext | None = None) -> SmtpMailer:
    return SmtpMailer(url, name="souk.example", tls=tls)


async def test_starttls_is_used_when_it_is_offered(trust: Trust):
    async with smtp_server(tls=trust.server) as server:
        await mailer(f"smtp://127.0.0.1:{server.port}", trust.client).send(mail(), ready)

    assert len(server.mails) == 1
    overheard = [line for line in server.commands if not line.startswith("(tls)")]
    assert overheard == ["EHLO souk.example", "STARTTLS"]


async def test_smtps_is_encrypted_from_the_first_byte(trust: Trust):
    async with smtp_server(tls=trust.server, implicit=True) as server:
        url = f"smtps://ada:s%40cret@127.0.0.1:{server.port}"
        await mailer(url, trust.client).send(mail(), ready)

    assert len(server.mails) == 1
    assert server.passwords == ["s@cret"]
    assert all(line.startswith("(tls)") for line in server.commands)


async def test_a_certificate_nobody_vouches_for_is_not_believed(trust: Trust):
    async with smtp_server(tls=trust.server) as server:
        with pytest.raises(MailNotTaken):
            await mailer(f"smtp://127.0.0.1:{server.port}").send(mail(), ready)

    assert server.mails == []


async def test_a_password_is_not_sent_in_the_clear_to_another_machine():
    async with smtp_server() as server:
        url = f"smtp://ada:secret@0.0.0.0:{server.port}"  # this machine, but not by a loopback name
        with pytest.raises(MailNotTaken) as refused:
            await mailer(url).send(mail(), ready)

    assert server.passwords == []
    assert not refused.value.is_final


async def test_a_password_may_go_to_a_server_on_this_machine():
    async with smtp_server() as server:
        await mailer(f"smtp://ada:secret@127.0.0.1:{server.port}").send(mail(), ready)

    assert server.passwords == ["secret"]


async def test_a_domain_in_other_letters_is_written_in_ascii():
    async with smtp_server() as server:
        to = mail("ada@bücher.example")
        await mailer(f"smtp://127.0.0.1:{server.port}").send(to, ready)

    assert server.recipients == ["ada@xn--bcher-kva.example"]


@pytest.mark.parametrize("is_able", [True, False])
async def test_a_mailbox_in_other_letters_needs_a_server_that_can(is_able: bool):
    async with smtp_server() as server:
        server.extensions += ["SMTPUTF8"] if is_able else []
        sending = mailer(f"smtp://127.0.0.1:{server.port}").send(mail("jürgen@example.com"), ready)
        if is_able:
            await sending
            assert server.recipients == ["jürgen@example.com"]
            assert server.mails[0]["to"] == "jürgen@example.com"
        else:
            with pytest.raises(MailNotTaken) as refused:
                await sending
            assert refused.value.is_final
            assert server.mails == []


@pytest.mark.parametrize(
    ("url", "port"),
    [("smtp://mail.example", 25), ("smtp://u:p@mail.example", 587), ("smtps://mail.example", 465)],
)
def test_ports_are_the_usual_ones(url: str, port: int):
    assert mailer(url)._port == port
