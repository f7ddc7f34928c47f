"""Codes and links reach people by mail and by SMS, and stand nowhere else."""

import pytest

from souk.contracts.users import CodePurpose, CodeRequested, RevealedCode
from souk.kernel.ids import new_id
from tests.services.notifications.neighbours import Neighbours, Office, text_of
from tests.support.hosting import hosted


class Secrets(Neighbours):
    """Users, who know what is to be sent."""

    def __init__(self):
        super().__init__()
        self.codes = {}

    async def reveal_code(self, request):
        return self.codes.get(request.code_id, RevealedCode())


@pytest.fixture
async def office(servers):
    secrets = Secrets()
    async with hosted("notifications", servers, fakes=secrets.fakes) as host:
        yield Office(host, secrets)


async def sent(office: Office, **revealed) -> str:
    code_id = new_id()
    office.neighbours.codes[code_id] = RevealedCode(**revealed)
    await office.host.deliver(CodeRequested(code_id=code_id))
    await office.turn()
    return code_id


async def test_a_code_goes_out_by_mail(office: Office):
    await sent(
        office,
        purpose=CodePurpose.SIGN_IN,
        secret="12345678",
        email="ada@example.com",
        first_name="Ada",
    )
    (mail,) = office.files
    assert mail["To"] == "ada@example.com"
    assert "12345678" not in mail["Subject"], "subjects are shown on locked screens"
    assert "1234 5678" in text_of(mail)


@pytest.mark.parametrize(
    ("purpose", "path"),
    [
        (CodePurpose.EMAIL_VERIFICATION, "/verify-email?token=a.b"),
        (CodePurpose.EMAIL_CHANGE, "/verify-email?token=a.b"),
        (CodePurpose.PASSWORD_RESET, "/reset-password?token=a.b"),
    ],
)
async def test_a_link_goes_out_by_mail(office: Office, purpose, path):
    await sent(office, purpose=purpose, secret="a.b", email="ada@example.com")
    (mail,) = office.files
    assert path in text_of(mail)


async def test_a_code_goes_out_by_sms(office: Office):
    await sent(office, purpose=CodePurpose.SIGN_IN, secret="12345678", phone_number="+14155550100")
    assert office.files == []
    (text,) = (office.host.process.settings.home / "sms").glob("*.txt")
    assert text.read_text().startswith("1234 5678 is your Souk code")


async def test_nothing_goes_out_for_a_code_that_nobody_is_to_have(office: Office):
    await office.host.deliver(CodeRequested(code_id=new_id()))
    await office.turn()
    assert office.files == []
    assert await office.deliveries() == [("failed", "there is nothing to send")]


async def test_a_code_stands_in_no_table(office: Office):
    await sent(office, purpose=CodePurpose.SIGN_IN, secret="12345678", email="ada@example.com")
    for table in ("deliveries", "notifications", "inbox", "dead_letters"):
        rows = await office.host.database.fetch(f"select t::text as row from {table} t")
        assert not [
            row for row in rows if "12345678" in row["row"] or "ada@example.com" in row["row"]
        ]
