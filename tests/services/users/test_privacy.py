"""What people agree to, what they are told, how they leave; with the other services at hand."""

import msgspec
import pytest
from msgspec.structs import replace

from souk.contracts import SERVICES
from souk.contracts.common import ErasePersonRequest, ErasureReceipt, Obstacle, PersonalData
from souk.contracts.users import (
    AddAddressRequest,
    AddressType,
    AddToWishlistRequest,
    ConsentTextNotFound,
    ConsentTextOutdated,
    CreateApiKeyRequest,
    CreateWishlistRequest,
    DeleteUserRequest,
    DownloadExportRequest,
    EmailTaken,
    ErasureMustWait,
    ErasureStatus,
    ExportNotFound,
    FindUsersRequest,
    GetAddressesRequest,
    GetErasureRequest,
    GetProfileRequest,
    GetWishlistRequest,
    ListConsentsRequest,
    ListConsentTextsRequest,
    ListExportsRequest,
    LoginRequest,
    PersonErased,
    PublishConsentTextRequest,
    RequestErasureRequest,
    RequestExportRequest,
    SetConsentRequest,
    UserNotFound,
    UserServiceClient,
    WrongCredentials,
)
from souk.kernel.ids import new_id
from souk.kernel.refusals import NotAllowed, StepUpRequired
from souk.services.users import queries
from tests.services.users.persons import PASSWORD, caller_of, registered
from tests.support.hosting import hosted
from tests.support.people import admin, as_, customer, support
from tests.support.waiting import eventually

ADDRESS = {
    "type": AddressType.SHIPPING, "name": "Ada", "street_1": "1 Main St", "city": "Albany",
    "state": "NY", "postal_code": "12207", "country": "US",
}  # fmt: skip


class Neighbour:
    """A service that holds nothing of anybody, until it is told that something is under way."""

    def __init__(self):
        self.obstacles, self.erased = (), []

    async def export_person(self, request):
        return PersonalData()

    async def erase_person(self, request):
        if self.obstacles or request.is_rehearsal:
            return ErasureReceipt(obstacles=self.obstacles)
        self.erased.append(request.person_id)
        return ErasureReceipt()


def base_of(service):
    module, _, name = SERVICES[service].partition(":")
    return getattr(__import__(module, fromlist=[name]), name)


ANSWERING = {name for name in SERVICES if hasattr(base_of(name), "erase_person")}


@pytest.fixture
def orders():
    return Neighbour()


@pytest.fixture
async def host(servers, orders):
    fakes = {base_of(name): Neighbour() for name in ANSWERING - {"users"}}
    fakes[base_of("orders")] = orders
    async with hosted("users", servers, fakes=fakes, erasure_quiet_seconds=0) as host:
        yield host


@pytest.fixture
def users(host):
    return host.client(UserServiceClient)


@pytest.fixture
async def ada(users):
    return await caller_of(users, await registered(users), is_confirmed=True)


async def test_a_consent_is_kept_with_its_wording_and_time(users, ada):
    with as_(ada):
        given = await users.set_consent(
            SetConsentRequest(kind="marketing", version=1, is_given=True)
        )
        await users.set_consent(SetConsentRequest(kind="marketing", version=1, is_given=False))
        history = (await users.list_consents(ListConsentsRequest())).items
    assert "offers" in given.wording
    assert [each.is_given for each in history] == [False, True]
    assert history[0].at > history[1].at
    with as_(customer()):
        assert (await users.list_consents(ListConsentsRequest())).items == ()


async def test_only_a_wording_in_force_can_be_agreed_to(users, ada):
    wording = "I agree to the terms of today."
    with as_(admin(), key=new_id()):
        request = PublishConsentTextRequest(kind="terms", wording=wording)
        assert (await users.publish_consent_text(request)).version == 2
        assert (await users.publish_consent_text(request)).version == 2
    texts = (await users.list_consent_texts(ListConsentTextsRequest())).items
    assert {text.kind: text.version for text in texts}["terms"] == 2
    with as_(ada):
        for kind, version in (("terms", 3), ("astrology", 1)):
            with pytest.raises(ConsentTextNotFound):
                await users.set_consent(
                    SetConsentRequest(kind=kind, version=version, is_given=True)
                )
        with pytest.raises(ConsentTextOutdated) as refused:
            await users.set_consent(SetConsentRequest(kind="terms", version=1, is_given=True))
        assert refused.value.latest == 2
        with pytest.raises(NotAllowed):
            await users.publish_consent_text(request)


async def test_an_archive_is_for_its_owner_and_wants_a_proof(host, users, ada):
    stranger = customer()
    with as_(ada):
        asked = await users.request_export(RequestExportRequest())
        again = await users.request_export(RequestExportRequest())
        assert asked.id == again.id
        with pytest.raises(ExportNotFound):
            await users.download_export(DownloadExportRequest(export_id=asked.id))
    await host.run_job("make_exports")
    wanted = DownloadExportRequest(export_id=asked.id)
    with as_(ada):
        file = await users.download_export(wanted)
        assert file.content.startswith(b"PK")
    with as_(msgspec.structs.replace(stranger, is_confirmed=True)), pytest.raises(ExportNotFound):
        await users.download_export(wanted)
    with as_(msgspec.structs.replace(ada, is_confirmed=False)), pytest.raises(StepUpRequired):
        await users.download_export(wanted)
    stored = await host.database.fetchval("select archive from exports")
    assert b"PK" not in stored[:4]
    await host.database.execute("update exports set expires_at = now()")
    await host.run_job("make_exports")
    with as_(ada):
        assert (await users.list_exports(ListExportsRequest())).items == ()


async def test_whoever_is_needed_is_told_what_to_wait_for(users, ada, orders):
    orders.obstacles = (Obstacle(what="2 orders are not finished", advice="Wait."),)
    with as_(ada):
        with pytest.raises(ErasureMustWait, match="2 orders are not finished"):
            await users.request_erasure(RequestErasureRequest())
        assert (await users.get_profile(GetProfileRequest())).is_active


async def test_an_account_is_deleted_by_its_owner_or_an_admin_and_nobody_else(users, ada):
    its = DeleteUserRequest(user_id=ada.user_id)
    for other in (customer(), support()):
        with as_(replace(other, is_confirmed=True)), pytest.raises(UserNotFound):
            await users.delete_user(its)
    with as_(replace(ada, is_confirmed=False)), pytest.raises(StepUpRequired):
        await users.delete_user(its)
    with as_(ada):
        assert (await users.delete_user(its)).id
    another = (await registered(users, "bob@example.com")).user
    with as_(replace(admin(), is_confirmed=True)):
        assert (await users.delete_user(DeleteUserRequest(user_id=another.id))).id


async def erased(host, users, by):
    with as_(by):
        asked = await users.request_erasure(RequestErasureRequest())

    async def has_ended():
        with as_(support()):
            found = await users.get_erasure(GetErasureRequest(erasure_id=asked.id))
        return found if found.ended_at else None

    return await eventually(has_ended)


async def test_an_erased_account_is_empty_and_its_address_free(host, users, ada, orders):
    with as_(ada):
        await users.add_address(AddAddressRequest(**ADDRESS))
    done = await erased(host, users, ada)

    assert done.status is ErasureStatus.DONE
    assert {receipt.service for receipt in done.receipts} == ANSWERING
    assert orders.erased == [ada.user_id]
    (told,) = await host.published(PersonErased)
    assert told.user_id == ada.user_id
    assert await host.database.fetchval("select count(*) from person_keys") == 0
    with pytest.raises(WrongCredentials):
        await users.login(LoginRequest(email="ada@example.com", password=PASSWORD))
    assert (await registered(users)).user.id != ada.user_id
    audited = "select count(*) from audit where action = 'privacy.person_erased'"
    assert await host.database.fetchval(audited) == 1


async def test_what_begins_after_the_request_stops_it_and_opens_the_account(
    host, users, ada, orders
):
    erasures = host.parts.rpc.erasures
    with as_(ada):
        await users.add_address(AddAddressRequest(**ADDRESS))
    real, looks = erasures.neighbours.obstacles, []

    async def once_clear(person_id):
        looks.append(person_id)
        if len(looks) == 2:
            orders.obstacles = (Obstacle(what="1 orders are not finished", advice="Wait."),)
        return await real(person_id)

    erasures.neighbours.obstacles = once_clear
    done = await erased(host, users, ada)
    assert done.status is ErasureStatus.REFUSED
    assert erasures.journal.read() == []
    assert (await users.login(LoginRequest(email="ada@example.com", password=PASSWORD))).user


async def test_replaying_erases_whoever_a_backup_brought_back(host, users, ada, orders):
    await erased(host, users, ada)
    erasures = host.parts.rpc.erasures
    assert await erasures.replay() == 0
    await host.database.execute(
        "update users set erased_at = null, is_active = true, search = '{1}'"
    )
    assert await erasures.replay() == 1
    assert await host.database.fetchval("select search from users") == []


async def test_operators_find_people_by_beginnings_of_words(users, ada):
    async def found(text):
        with as_(support()):
            return [user.id for user in (await users.find_users(FindUsersRequest(q=text))).items]

    for text in ("", "ada", "LOVE", "ada lovel", "ada@example.com"):
        assert await found(text) == [ada.user_id], text
    for text in ("ova", "ada byron"):
        assert await found(text) == []


async def test_nothing_of_a_person_lies_open_in_the_tables(host, users, ada):
    with as_(ada, key=new_id()):
        await users.add_address(AddAddressRequest(**ADDRESS))
        await users.create_wishlist(CreateWishlistRequest(name="For Grandma"))
        wish = AddToWishlistRequest(product_id=new_id(), note="she likes blue")
        await users.add_to_wishlist(wish)
        await users.create_api_key(CreateApiKeyRequest(name="Lab books", scopes=("orders.*",)))
    tables = ("users", "addresses", "sessions", "wishlists", "wishlist_items", "api_keys")
    for table in (*tables, "idempotency_keys"):
        rows = str(await host.database.fetch(f"select t::text from {table} as t"))
        for word in ("ada@example.com", "Lovelace", "1 Main St", "Grandma", "blue", "Lab books"):
            assert word not in rows
            assert word.encode().hex() not in rows


async def test_rows_from_before_there_were_keys_are_read_and_then_sealed(host, users, ada):
    with as_(ada):
        await users.add_address(AddAddressRequest(**ADDRESS))
    opened = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}
    await host.database.execute("delete from person_keys")
    await host.database.execute(
        "update users set sealed = $1, email_key = 'ada@example.com', search = '{}'",
        msgspec.json.encode(opened),
    )
    address = {name: value for name, value in ADDRESS.items() if name != "type"}
    await host.database.execute("update addresses set sealed = $1", msgspec.json.encode(address))

    async def is_as_it_was():
        with as_(ada):
            assert (await users.get_profile(GetProfileRequest())).last_name == "Lovelace"
            (found,) = (await users.get_addresses(GetAddressesRequest())).items
            assert found.street_1 == "1 Main St"
        assert (await users.login(LoginRequest(email="Ada@example.com", password=PASSWORD))).user
        with pytest.raises(EmailTaken):
            await registered(users)

    await is_as_it_was()
    for _ in range(2):
        await host.run_job("seal_old_rows")
        await is_as_it_was()
    firsts = "select get_byte(sealed, 0) from users union select get_byte(sealed, 0) from addresses"
    assert [row[0] for row in await host.database.fetch(firsts)] == [1]


async def test_names_from_before_are_read_and_then_sealed(host, users, ada):
    with as_(ada):
        made = await users.create_wishlist(CreateWishlistRequest(name="For Grandma"))
        wish = AddToWishlistRequest(wishlist_id=made.id, product_id=new_id(), note="blue")
        await users.add_to_wishlist(wish)
    before = {"wishlists": {"name": "For Grandma"}, "wishlist_items": {"note": "blue"}}
    for table, opened in before.items():
        sql = f"update {table} set sealed = $1"
        await host.database.execute(sql, msgspec.json.encode(opened))
    await host.database.execute(
        "insert into provider_accounts (issuer, subject, user_id, provider, sealed, linked_at)"
        " values ('https://issuer', 'subject-7', $1, 'acme', $2, now())",
        ada.user_id,
        b'{"subject": "subject-7"}',
    )

    async def is_as_it_was():
        with as_(ada):
            found = await users.get_wishlist(GetWishlistRequest(wishlist_id=made.id))
        assert (found.name, found.items[0].note) == ("For Grandma", "blue")
        vouched = {"issuer": "https://issuer", "subject": "subject-7"}
        known = await queries.find_linked(host.database, **vouched)
        assert known.id == ada.user_id

    await is_as_it_was()
    for _ in range(2):
        await host.run_job("seal_old_rows")
        await is_as_it_was()
    for table in (*before, "provider_accounts"):
        rows = str(await host.database.fetch(f"select t::text from {table} as t"))
        for word in ("Grandma", "blue", "subject-7"):
            assert word not in rows
            assert word.encode().hex() not in rows


async def test_erasing_is_for_souk_itself(users, ada):
    with as_(ada), pytest.raises(NotAllowed):
        await users.erase_person(ErasePersonRequest(person_id=ada.user_id))
