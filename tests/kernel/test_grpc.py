"""The gRPC face: what travels, who is believed, and how a refusal looks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2

from souk.contracts.orders import OrderServiceClient, PaymentChoice, PlaceOrderRequest
from souk.contracts.users import (
    GET_PROFILE,
    ContactList,
    EmailTaken,
    GetContactsRequest,
    GetProfileRequest,
    GetUserRequest,
    RegisterRequest,
    SignedIn,
    TooManyAddresses,
    User,
    UserServiceClient,
)
from souk.kernel.clock import SystemClock, monotonic
from souk.kernel.context import Call, Caller, acting, within
from souk.kernel.identity import Seal
from souk.kernel.refusals import (
    DeadlineExceeded,
    IdempotencyKeyRequired,
    InvalidRequest,
    NotAllowed,
    Refusal,
    RequestTooLarge,
    SignInRequired,
    TooManyRequests,
    Unavailable,
    Unexpected,
)
from tests.support.edges import ID, SHOPPER, TRACE, Edge, code_of, edge_of
from tests.support.servers import Desk
from tests.support.tokens import Issuer


@pytest.fixture
async def edge(servers: Desk) -> AsyncIterator[Edge]:
    async with edge_of(servers) as found:
        yield found


async def test_values_come_back_as_they_were(edge: Edge) -> None:
    with acting(Call(caller=SHOPPER)):
        answer = await edge.client.get_profile(GetProfileRequest())

    assert answer == edge.users.answer()


async def test_caller_deadline_trace_and_key_travel_along(edge: Edge) -> None:
    with acting(Call(SHOPPER, within(5), TRACE, "key-1")):
        await edge.client.get_profile(GetProfileRequest())

    (seen,) = edge.users.calls
    assert (seen.caller, seen.trace_id, seen.idempotency_key) == (SHOPPER, TRACE, "key-1")
    assert seen.deadline is not None
    assert 0 < seen.deadline - monotonic() <= 5.5  # gRPC rounds timeouts up


async def test_a_call_without_deadline_gets_one(edge: Edge) -> None:
    with acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert edge.users.calls[0].deadline is not None


async def test_a_service_is_known_as_one_on_the_other_side(edge: Edge) -> None:
    client = UserServiceClient(edge.board.client_transport(service="orders"))
    edge.users.answer = ContactList

    with acting(Call(caller=SHOPPER)):
        await client.get_contacts(GetContactsRequest(user_ids=(ID,)))

    assert edge.users.calls[0].caller.service == "orders"
    assert edge.users.calls[0].caller.user_id == ID


async def test_a_refusal_keeps_its_type_and_fields(edge: Edge) -> None:
    async def refuse() -> User:
        raise TooManyAddresses(max=50)

    edge.users.answer = refuse
    with pytest.raises(TooManyAddresses) as raised, acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert raised.value.max == 50
    assert raised.value.detail == TooManyAddresses(max=50).detail


@pytest.mark.parametrize(
    "refusal",
    [
        EmailTaken(),
        NotAllowed(),
        Unavailable(service="database", retry_seconds=3),
        TooManyRequests(retry_seconds=7),
        SignInRequired(reason="Sign in again: ünïcode, too."),
        DeadlineExceeded(),
        RequestTooLarge(max_bytes=7),
    ],
    ids=lambda refusal: refusal.name,
)
async def test_every_family_of_refusal_crosses_unharmed(edge: Edge, refusal: Refusal) -> None:
    async def refuse() -> User:
        raise refusal

    edge.users.answer = refuse
    with pytest.raises(type(refusal)) as raised, acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert raised.value.fields == refusal.fields
    assert raised.value.retry_after_seconds == refusal.retry_after_seconds


async def test_a_refusal_is_a_standard_status_for_those_who_do_not_know_souk(edge: Edge) -> None:
    async def refuse() -> User:
        raise TooManyAddresses(max=50)

    edge.users.answer = refuse
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await edge.call_plainly({}, authorization=f"Bearer {edge.issuer.token()}")

    assert raised.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    sent: Any = raised.value.trailing_metadata()
    trailers = dict(sent)
    info = error_details_pb2.ErrorInfo()
    status_pb2.Status.FromString(trailers["grpc-status-details-bin"]).details[0].Unpack(info)
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "TooManyAddresses", "souk", {"max": "50"},
    )  # fmt: skip


async def test_every_wrong_field_is_named_before_the_service_hears_of_it(edge: Edge) -> None:
    wrong = RegisterRequest(email="nobody", password="short", first_name="A\x00da")

    with pytest.raises(InvalidRequest) as raised:
        await edge.client.register(wrong)

    assert {error.field for error in raised.value.errors} == {"email", "password", "first_name"}
    assert edge.users.calls == []


async def test_an_id_that_is_none_is_invalid_over_grpc(edge: Edge) -> None:
    with pytest.raises(InvalidRequest), acting(Call(caller=SHOPPER)):
        await edge.client.get_user(GetUserRequest(user_id="1 or 1=1"))


async def test_bytes_that_are_no_message_are_the_clients_mistake(edge: Edge) -> None:
    channel: Any = edge.channel
    send = channel.unary_unary("/souk.users.v1.UserService/GetKeys")

    assert await code_of(send(b"\xff\xff\xff")) is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_bug_is_told_without_detail(edge: Edge, capsys: Any) -> None:
    async def fail() -> User:
        raise KeyError("a secret of the implementation")

    edge.users.answer = fail
    with pytest.raises(Unexpected) as raised, acting(Call(caller=SHOPPER, trace_id=TRACE)):
        await edge.client.get_profile(GetProfileRequest())

    assert "secret" not in str(raised.value)
    logged = "".join(capsys.readouterr())
    assert "rpc_failed" in logged
    assert TRACE in logged


async def test_an_answer_that_does_not_fit_the_contract_is_a_bug(edge: Edge, capsys: Any) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - the mistake in question
    edge.users.answer = lambda: User(id=ID, created_at=naive)

    with pytest.raises(Unexpected), acting(Call(caller=SHOPPER)):
        await edge.client.get_profile(GetProfileRequest())

    assert "rpc_failed" in "".join(capsys.readouterr())


async def test_a_forged_caller_is_not_believed(edge: Edge) -> None:
    forged = Seal("a guess at the secret", SystemClock()).close(
        Caller("admin-1", frozenset({"admin"})), GET_PROFILE.path
    )

    for sealed in (forged, b"", b"nonsense", forged[:-1]):
        code = await code_of(edge.call_plainly({}, souk_caller_bin=sealed))
        assert code is grpc.StatusCode.UNAUTHENTICATED
    assert edge.users.calls == []


async def test_a_person_from_outside_is_known_by_the_token(edge: Edge) -> None:
    token = edge.issuer.token(sub=ID, roles=["seller"])

    await edge.call_plainly(
        {}, authorization=f"Bearer {token}", traceparent=f"00-{TRACE}-{'1' * 16}-01"
    )

    (seen,) = edge.users.calls
    assert (seen.caller.user_id, seen.caller.roles) == (ID, frozenset({"seller"}))
    assert seen.caller.address == "127.0.0.1"
    assert seen.trace_id == TRACE


async def test_nobody_is_refused_and_nonsense_as_a_trace_gives_a_new_one(edge: Edge) -> None:
    assert await code_of(edge.call_plainly({})) is grpc.StatusCode.UNAUTHENTICATED
    bad = Issuer().token()
    code = await code_of(edge.call_plainly({}, authorization=f"Bearer {bad}"))
    assert code is grpc.StatusCode.UNAUTHENTICATED

    good = f"Bearer {edge.issuer.token()}"
    await edge.call_plainly({}, authorization=good, traceparent="00-nonsense-x-01")

    assert len(edge.users.calls[0].trace_id) == 32


async def test_internal_methods_are_closed_to_people(edge: Edge) -> None:
    token = edge.issuer.token(roles=["admin"])

    code = await code_of(
        edge.call_plainly({"user_ids": [ID]}, "GetContacts", authorization=f"Bearer {token}")
    )

    assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_registering_works_with_plain_grpcio(edge: Edge) -> None:
    edge.users.answer = lambda: SignedIn(user=User(id=ID), access_token="a.b.c", expires_in=900)

    answer = await edge.call_plainly(
        {"email": "ada@example.com", "password": "correct horse", "first_name": "Ada"}, "Register"
    )

    assert (answer.user.id, answer.access_token, answer.expires_in) == (ID, "a.b.c", 900)


async def test_sign_in_attempts_are_limited_by_address_over_grpc(servers: Desk) -> None:
    async with edge_of(servers, rate_sign_in_per_minute=3) as edge:
        edge.users.answer = lambda: SignedIn(user=User(id=ID))
        request = {"email": "a@example.com", "password": "correct horse", "first_name": "A"}
        for _ in range(3):
            await edge.call_plainly(request, "Register")

        code = await code_of(edge.call_plainly(request, "Register"))

        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_what_must_not_happen_twice_needs_a_key_from_people_not_from_services(
    edge: Edge,
) -> None:
    order = PlaceOrderRequest(shipping_method="standard", payment=PaymentChoice(provider="sandbox"))
    client = OrderServiceClient(edge.board)
    by_service = OrderServiceClient(edge.board.client_transport(service="carts"))

    with acting(Call(caller=SHOPPER)):
        with pytest.raises(IdempotencyKeyRequired):
            await client.place_order(order)
        await by_service.place_order(order)
    for key in ("x" * 256, "line\x7fbreak"):
        with pytest.raises(IdempotencyKeyRequired), acting(Call(SHOPPER, idempotency_key=key)):
            await client.place_order(order)
    with acting(Call(SHOPPER, idempotency_key="key-1")):
        await client.place_order(order)

    assert edge.orders.placed == ["", "key-1"]
