"""Guests ask by mail what is known of them, and leave; nobody learns who has bought."""

import io
import zipfile

import pytest

from souk.contracts.common import Obstacle, PersonalData, PersonalRecord
from souk.contracts.orders import GuestList
from souk.contracts.users import (
    CodePurpose,
    CodeRefused,
    EraseGuestDataRequest,
    ErasureMustWait,
    ErasureStatus,
    ForgetGuestsRequest,
    GetErasureRequest,
    RequestGuestLinkRequest,
    TakeGuestDataRequest,
    UserServiceClient,
    VerifyEmailRequest,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed, TooManyRequests
from tests.services.users.persons import last_sent
from tests.services.users.test_privacy import ANSWERING, Neighbour, base_of
from tests.support.hosting import hosted
from tests.support.people import as_, customer, guest, service, support
from tests.support.waiting import eventually

EMAIL = "Gus@example.com"


class Orders(Neighbour):
    """Knows one guest, of two purchases."""

    def __init__(self):
        super().__init__()
        self.checkouts = [new_id(), new_id()]

    async def find_guests(self, request):
        is_known = request.email.casefold() == EMAIL.casefold()
        return GuestList(checkout_ids=tuple(self.checkouts if is_known else ()))

    async def export_person(self, request):
        row = PersonalRecord(part="orders", json=f'{{"id": "{request.person_id}"}}')
        return PersonalData(records=(row,) if request.person_id in self.checkouts else ())

    async def erase_person(self, request):
        receipt = await super().erase_person(request)
        if not receipt.obstacles and not request.is_rehearsal:
            self.checkouts.remove(request.person_id)
        return receipt


@pytest.fixture
def orders():
    return Orders()


@pytest.fixture
async def host(servers, orders):
    fakes = {base_of(name): Neighbour() for name in ANSWERING - {"users"}}
    fakes[base_of("orders")] = orders
    async with hosted("users", servers, fakes=fakes, code_free=3) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


async def asked(users, email=EMAIL):
    with as_(guest()):
        await users.request_guest_link(RequestGuestLinkRequest(email=email))


async def link(host, users):
    await asked(users)
    revealed = await last_sent(host, users)
    assert (revealed.purpose, revealed.email) == (CodePurpose.GUEST_DATA, EMAIL)
    return revealed.secret


async def done(users, erasure):
    async def has_ended():
        with as_(support()):
            found = await users.get_erasure(GetErasureRequest(erasure_id=erasure.id))
        return found if found.ended_at else None

    return await eventually(has_ended)


async def test_a_guest_takes_home_every_purchase_by_one_link_that_opens_once(host, users, orders):
    token = await link(host, users)
    file = await users.take_guest_data(TakeGuestDataRequest(token=token))
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        found = archive.read("orders/orders.json").decode()
    assert all(checkout_id in found for checkout_id in orders.checkouts)
    for again in (
        users.take_guest_data(TakeGuestDataRequest(token=token)),
        users.erase_guest_data(EraseGuestDataRequest(token=token)),
    ):
        with pytest.raises(CodeRefused):
            await again


async def test_a_guest_leaves_purchase_by_purchase_with_receipts(host, users, orders):
    ids = list(orders.checkouts)
    token = await link(host, users)
    begun = await users.erase_guest_data(EraseGuestDataRequest(token=token))
    assert [each.user_id for each in begun.items] == ids
    for one in begun.items:
        each = await done(users, one)
        assert each.status is ErasureStatus.DONE
        assert {receipt.service for receipt in each.receipts} == ANSWERING
    assert orders.erased == ids
    journal = host.parts.rpc.erasures.journal.read()
    assert [line.user_id for line in journal] == ids
    await asked(users)
    assert (await last_sent(host, users)).secret == "", "there is nobody to be told any more"


async def test_a_purchase_under_way_is_waited_for_and_the_link_stays_good(host, users, orders):
    token = EraseGuestDataRequest(token=await link(host, users))
    orders.obstacles = (Obstacle(what="1 orders are not finished", advice="Wait."),)
    with pytest.raises(ErasureMustWait, match="1 orders are not finished"):
        await users.erase_guest_data(token)
    assert await host.database.fetchval("select count(*) from erasures") == 0
    orders.obstacles = ()
    assert len((await users.erase_guest_data(token)).items) == 2


async def test_asking_tells_nobody_who_has_bought(host, users):
    """The same rows are written, and the same event: what differs is mailed or not, later."""
    rows = []
    for email in (EMAIL, "nobody@example.com"):
        await asked(users, email)
        rows.append(
            await host.database.fetchrow(
                "select purpose, user_id, length(sealed_target) > 0 as is_sealed,"
                " expires_at - created_at as good_for from challenges order by id desc limit 1"
            )
        )
    assert tuple(rows[0]) == tuple(rows[1])
    assert rows[0]["good_for"].total_seconds() == 900
    assert (await last_sent(host, users)).secret == ""
    everything = str(await host.database.fetch("select c::text from challenges as c"))
    assert "example.com" not in everything
    assert b"example.com".hex() not in everything


async def test_links_to_a_mailbox_are_counted_however_it_is_spelled(users):
    for email in ("gus@example.com", " GUS@example.com".strip(), "gus@EXAMPLE.com"):
        await asked(users, email)
    with pytest.raises(TooManyRequests):
        await asked(users, "Gus@Example.com")
    await asked(users, "another@example.com")


async def test_a_link_opens_in_its_time_and_for_its_purpose(host, users):
    token = await link(host, users)
    for wrong in ("x", token[:-1], f"{new_id()}.{token.partition('.')[2]}"):
        with pytest.raises(CodeRefused):
            await users.take_guest_data(TakeGuestDataRequest(token=wrong))
    with pytest.raises(CodeRefused):
        await users.verify_email(VerifyEmailRequest(token=token))
    await host.database.execute("update challenges set expires_at = now()")
    with pytest.raises(CodeRefused):
        await users.take_guest_data(TakeGuestDataRequest(token=token))


async def test_guests_whose_time_is_over_are_forgotten_by_souk_itself(users, orders):
    request = ForgetGuestsRequest(checkout_ids=(orders.checkouts[0],))
    with as_(customer()), pytest.raises(NotAllowed):
        await users.forget_guests(request)
    with as_(service("orders")):
        (begun,) = (await users.forget_guests(request)).items
    assert (await done(users, begun)).status is ErasureStatus.DONE
    assert request.checkout_ids[0] not in orders.checkouts
