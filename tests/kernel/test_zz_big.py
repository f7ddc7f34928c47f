"""Every wrong field of a request is named, in words; what is sound passes at both edges."""

from __future__ import annotations

import json
import timeit
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from souk.kernel.money import Money
from souk.kernel.refusals import FieldError, InvalidRequest, MalformedRequest
from souk.kernel.validation import check, explain, read_json, read_parts, read_values
from tests.architecture import scratch
from tests.kernel import contract_values as values

bazaar = scratch.bazaar()
ID = "0190f1d2-0000-7000-8000-000000000000"
NO_MOMENT = "must be a time with its zone, such as 2026-01-31T12:00:00Z"
QUIET = settings(
    max_examples=150,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def plain(**fields: Any) -> dict[str, Any]:
    """A sound OpenStallRequest as JSON has it; a field given as ... is left out."""
    usual: dict[str, Any] = {
        "bazaar_id": ID,
        "name": "Spices",
        "seats": 2,
        "rent": {"amount": 500, "currency": "USD"},
        "opens_at": "2026-01-31T12:00:00Z",
        "state": "open",
    }
    return {name: value for name, value in (usual | fields).items() if value is not ...}


def read(**fields: Any) -> Any:
    return read_json(bazaar.OpenStallRequest, json.dumps(plain(**fields)).encode())


def wrong(**fields: Any) -> dict[str, str]:
    """Field -> what is said of it."""
    with pytest.raises(InvalidRequest) as refused:
        read(**fields)
    told = {error.field: error.message for error in refused.value.errors}
    assert [FieldError(*pair) for pair in told.items()] == explain(
        bazaar.OpenStallRequest, plain(**fields)
    )
    return told


def test_a_sound_request_is_read() -> None:
    assert read() == bazaar.OpenStallRequest(
        bazaar_id=ID,
        name="Spices",
        seats=2,
        rent=Money(500, "USD"),
        opens_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        state=bazaar.StallState.OPEN,
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"seats": 0}, {"seats": "must be at least 1"}),
        ({"seats": 13}, {"seats": "must be at most 12"}),
        ({"seats": 2.5}, {"seats": "must be a whole number"}),
        ({"seats": True}, {"seats": "must be a whole number"}),
        ({"seats": "2"}, {"seats": "must be a whole number"}),
        ({"seats": 10**30}, {"seats": "must be at most 12"}),
        ({"seats": ...}, {"seats": "is required"}),
        ({"seats": None}, {"seats": "is required"}),
        ({"turnover": 4}, {"turnover": "must be more than 4"}),
        ({"turnover": 2**53}, {"turnover": f"must be at most {2**53 - 1}"}),
        ({"floor": -1}, {"floor": "must be at least 0"}),
        ({"share": 1.5}, {"share": "must be at most 1"}),
        ({"share": "x"}, {"share": "must be a number"}),
        ({"is_loud": 1}, {"is_loud": "must be true or false"}),
        ({"name": 7}, {"name": "must be text"}),
        ({"name": ""}, {"name": "must not be empty"}),
        ({"name": "x"}, {"name": "must be at least 2 characters"}),
        ({"name": "x" * 21}, {"name": "must be at most 20 characters"}),
        ({"name": "a\x00b"}, {"name": "must not contain control characters"}),
        ({"name": "a\nb"}, {"name": "must not contain control characters"}),
        ({"name": "a\x85b"}, {"name": "must not contain control characters"}),
        ({"motto": "ab"}, {"motto": "must be at least 3 characters"}),
        ({"motto": "a\x1bbc"}, {"motto": "must not contain control characters"}),
        ({"bazaar_id": "17"}, {"bazaar_id": "must be a UUID"}),
        ({"bazaar_id": ID + "\n"}, {"bazaar_id": "must not contain control characters"}),
        ({"neighbour_id": "17"}, {"neighbour_id": "must be a UUID"}),
        ({"email": "a@b"}, {"email": "must be an e-mail address"}),
        ({"email": "a b@example.com"}, {"email": "must be an e-mail address"}),
        ({"colour": ""}, {"colour": "must not be empty"}),
        ({"colour": "RED"}, {"colour": "must match the pattern ^[a-z]+$"}),
        ({"state": "ajar"}, {"state": "must be one of: open, closed"}),
        ({"states": ["open", "ajar"]}, {"states[1]": "must be one of: open, closed"}),
        ({"opens_at": "noon"}, {"opens_at": NO_MOMENT}),
        ({"opens_at": "2026-01-31T12:00:00"}, {"opens_at": NO_MOMENT}),
        ({"opens_at": "0001-01-01T00:00:00+14:00"},
         {"opens_at": "must be a time between the years 2 and 9998"}),
        ({"rent": 5}, {"rent": "must be an object"}),
        ({"rent": {"amount": 2**53, "currency": "usd"}},
         {"rent.amount": f"must be at most {2**53 - 1}",
          "rent.currency": "must match the pattern ^[A-Z]{3}$"}),
        ({"rent": {"amount": 1, "currency": "USD", "cents": 1}},
         {"rent.cents": "is not a known field"}),
        ({"goods": {}}, {"goods": "must be a list"}),
        ({"goods": [{"sku": "a"}] * 6}, {"goods": "must have at most 5 items"}),
        ({"goods": [{"sku": "a"}, {"sku": "", "parts": [{"size": "huge"}]}]},
         {"goods[1].sku": "must not be empty", "goods[1].parts[0].sku": "is required",
          "goods[1].parts[0].size": "must be one of: small, large"}),
        ({"labels": []}, {"labels": "must be an object"}),
        ({"labels": {"a": 1}}, {"labels.a": "must be text"}),
        ({"labels": {"a\x00": "b"}}, {"labels.a\x00": "must not contain control characters"}),
        ({"labels": dict.fromkeys("abcd", "")}, {"labels": "must have at most 3 items"}),
        ({"drawers": {"top": {}}}, {"drawers.top.sku": "is required"}),
        ({"counts": {"a": 2**53}}, {"counts.a": f"must be at most {2**53 - 1}"}),
        ({"tags": ["a", "B"]}, {"tags[1]": "must match the pattern ^[a-z]+$"}),
        ({"seal": "!"}, {"seal": "must be base64 text"}),
        ({"seal": "QUJDREVGR0hJSktMTU5PUFE="}, {"seal": "must be at most 16 bytes"}),
        ({"card_token": "abcd", "cash": {}}, {"payment": "give only one of card_token, cash"}),
        ({"nam": "x"}, {"nam": "is not a known field"}),
        ({"from_": "x"}, {"from_": "is not a known field"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(fields: dict[str, Any], told: dict[str, str]) -> None:
    assert wrong(**fields) == told


def test_every_wrong_field_is_named_at_once() -> None:
    told = wrong(name="", seats=0, state=..., rent={"amount": "1"}, more=1)
    assert set(told) == {"name", "seats", "state", "rent.amount", "rent.currency", "more"}


def test_no_more_than_a_hundred_are_told() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(states=["ajar"] * 5000)
    assert len(refused.value.errors) == 100


def test_what_is_not_required_counts_as_not_given_at_its_zero() -> None:
    request = read(email="", neighbour_id="", motto="", turnover=0)
    assert request == read()
    assert check(request) == []


def test_lines_and_tabs_pass_where_text_has_lines() -> None:
    assert read(motto="one\r\n\ttwo").motto == "one\r\n\ttwo"


@pytest.mark.parametrize("email", ["ann@example.com", "o'neil@shop.example.org", "ann@souk.test"])
def test_addresses_pass(email: str) -> None:
    assert read(email=email).email == email


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "truncated"),
        (b'{"name": "a"', "truncated"),
        (b'{"share": NaN}', "invalid character"),
        (b'{"share": Infinity}', "invalid character"),
        (b'{"share": 1e400}', "out of range"),
        (b'{"seats": 1e999999999}', "out of range"),
        (b'{"seats": ' + b"9" * 5000 + b"}", "out of range"),
        (b'{"name": "\xff"}', "UTF-8"),
        (b'{"name": "\\ud800"}', "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"goods":' * 100_000, "nested too deeply"),
        (b'{"goods":[{"parts":' + b'[{"parts":' * 50_000, "nested too deeply"),
        (b'{"name": "a"} x', "trailing characters"),
    ],
)
def test_a_body_that_is_no_json_is_refused_as_malformed(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedRequest, match=reason):
        read_json(bazaar.OpenStallRequest, body)
    if body:
        with pytest.raises(MalformedRequest, match=reason):
            read_parts(bazaar.OpenStallRequest, body, {})


def test_a_sound_request_as_deep_as_json_goes_is_read_or_refused() -> None:
    for depth in (10, 100, 500, 900, 2000):
        goods = b'[{"sku":"a","parts":' * depth + b"[]" + b"}]" * depth
        body = json.dumps(plain(goods="GOODS")).encode().replace(b'"GOODS"', goods)
        try:
            request = read_json(bazaar.OpenStallRequest, body)
        except MalformedRequest:
            assert depth > 100
        else:
            assert check(request) == []


@pytest.mark.parametrize("body", [b"[]", b"1", b'"a"', b"null"])
def test_a_body_is_an_object(body: bytes) -> None:
    for reading in (read_json, lambda kind, data: read_parts(kind, data, {})):
        with pytest.raises(InvalidRequest) as refused:
            reading(bazaar.OpenStallRequest, body)
        assert refused.value.errors == (FieldError("", "must be an object"),)


def test_of_a_field_said_twice_the_last_counts() -> None:
    body = json.dumps(plain()).encode().replace(b'"seats": 2', b'"seats": "x", "seats": 3')
    assert read_json(bazaar.OpenStallRequest, body).seats == 3


def test_numbers_and_flags_of_a_query_are_read_from_text() -> None:
    asked = {"page_size": "20", "is_open": "true", "states": "open", "radius_km": "2.5"}
    assert read_values(bazaar.ListStallsRequest, asked) == bazaar.ListStallsRequest(
        page_size=20, is_open=True, states=(bazaar.StallState.OPEN,), radius_km=2.5
    )


def test_a_name_asked_for_again_makes_a_list() -> None:
    request = read_values(bazaar.ListStallsRequest, {"states": ["open", "closed"]})
    assert request.states == (bazaar.StallState.OPEN, bazaar.StallState.CLOSED)


def test_a_message_in_a_query_is_read_from_its_parts() -> None:
    near = {"near": {"latitude": "10.5", "longitude": "-7"}}
    request = read_values(bazaar.ListStallsRequest, near)
    assert (request.near.latitude, request.near.longitude) == (10.5, -7.0)


def test_text_that_looks_like_a_number_stays_text() -> None:
    assert read_values(bazaar.RenameRequest, {"name": "0042"}).name == "0042"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"page_size": "many"}, {"page_size": "must be a whole number"}),
        ({"page_size": "1.0"}, {"page_size": "must be a whole number"}),
        ({"page_size": "१"}, {"page_size": "must be a whole number"}),
        ({"page_size": ["1", "2"]}, {"page_size": "must be a whole number"}),
        ({"page_size": "9" * 4000}, {"page_size": "must be a whole number"}),
        ({"page_size": "101"}, {"page_size": "must be at most 100"}),
        ({"is_open": "yes"}, {"is_open": "must be true or false"}),
        ({"radius_km": "nan"}, {"radius_km": "must be a number"}),
        ({"radius_km": "1e999"}, {"radius_km": "must be a number"}),
        ({"radius_km": "0"}, {"radius_km": "must be more than 0"}),
        ({"near": "here"}, {"near": "must be an object"}),
        ({"near": {"latitude": "91"}},
         {"near.latitude": "must be at most 90", "near.longitude": "is required"}),
        ({"sort": "price", "states": "ajar"},
         {"states[0]": "must be one of: open, closed", "sort": "is not a known field"}),
    ],
)  # fmt: skip
def test_wrong_values_of_a_query_are_named(asked: dict[str, Any], told: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_values(bazaar.ListStallsRequest, asked)
    assert {error.field: error.message for error in refused.value.errors} == told


def test_a_file_of_a_form_stays_bytes() -> None:
    asked = {"content": b"\x00\xff", "name": "a.png"}
    assert read_values(bazaar.PutPictureRequest, asked).content == b"\x00\xff"


def test_a_required_file_must_not_be_empty() -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_values(bazaar.PutPictureRequest, {"content": b""})
    assert refused.value.errors == (FieldError("content", "must not be empty"),)


def test_a_raw_request_takes_body_headers_and_query() -> None:
    hook = {"body": b"{}", "headers": {"x-signature": "ab"}, "query": {"a": "1"}}
    assert read_values(bazaar.TakeHookRequest, hook) == bazaar.TakeHookRequest(**hook)


def test_path_and_headers_complete_the_body() -> None:
    body = json.dumps(plain(bazaar_id=...)).encode()
    elsewhere = {"bazaar_id": ID, "cart_token": "T"}
    request = read_parts(bazaar.OpenStallRequest, body, elsewhere)
    assert (request.bazaar_id, request.cart_token, request.name) == (ID, "T", "Spices")


def test_what_the_path_says_cannot_be_said_in_the_body() -> None:
    body = json.dumps(plain(seats=0)).encode()
    with pytest.raises(InvalidRequest) as refused:
        read_parts(bazaar.OpenStallRequest, body, {"bazaar_id": ID})
    assert refused.value.errors == (
        FieldError("bazaar_id", "is given by the address or a header"),
        FieldError("seats", "must be at least 1"),
    )


def test_without_a_body_the_path_is_all() -> None:
    assert read_parts(bazaar.WatchStallRequest, None, {"stall_id": ID}).stall_id == ID
    with pytest.raises(InvalidRequest):
        read_parts(bazaar.WatchStallRequest, b"", {"stall_id": "17"})


def test_a_struct_of_another_service_is_checked_in_full() -> None:
    made = bazaar.OpenStallRequest(
        bazaar_id="",
        name="x",
        seats=0,
        rent=None,
        opens_at=None,
        state=None,
        email="a@b",
        turnover=2**60,
        share=float("nan"),
        goods=(bazaar.Good(sku="a\x00"),),
        feasts=(datetime(2026, 1, 1),),  # noqa: DTZ001 - the mistake itself
        states=(None,),
    )
    assert {error.field: error.message for error in check(made)} == {
        "bazaar_id": "must not be empty",
        "name": "must be at least 2 characters",
        "email": "must be an e-mail address",
        "seats": "must be at least 1",
        "turnover": f"must be at most {2**53 - 1}",
        "rent": "is required",
        "opens_at": "is required",
        "goods[0].sku": "must not contain control characters",
        "state": "must be one of: open, closed",
        "states[0]": "must be one of: open, closed",
        "share": "must be a number",
        "feasts[0]": NO_MOMENT,
    }


@pytest.mark.parametrize("kind", values.requests(), ids=lambda kind: kind.__qualname__)
def test_json_reader_explanation_and_check_agree(kind: type[Struct]) -> None:
    @QUIET
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        request = data.draw(values.sound(kind))
        assert check(request) == []
        said = values.plain_of(request)
        assert explain(kind, said) == []
        spoilt = data.draw(values.spoilt(said))
        errors = explain(kind, spoilt)
        body = json.dumps(spoilt).encode()
        if errors:
            with pytest.raises(InvalidRequest) as refused:
                read_json(kind, body)
            assert list(refused.value.errors) == errors
        else:
            assert check(read_json(kind, body)) == []

    holds()


@pytest.mark.parametrize("kind", values.requests(), ids=lambda kind: kind.__qualname__)
def test_check_finds_what_the_explanation_finds(kind: type[Struct]) -> None:
    @QUIET
    @given(values.representable(kind))
    def holds(request: Struct) -> None:
        errors = check(request)
        assert errors == explain(kind, values.plain_of(request))

    holds()


def test_checking_a_small_request_takes_microseconds() -> None:
    request = read(email="")
    count = 2000
    best = min(timeit.repeat(lambda: check(request), number=count, repeat=5)) / count
    assert best < 50e-6  # five times what it takes on a quiet machine
