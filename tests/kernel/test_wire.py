"""Structs travel as protobuf bytes and come back as they were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from google.protobuf import message_factory
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from souk.kernel import wire
from souk.kernel.contract import Empty, File, Method
from souk.kernel.money import Money
from tests.architecture import scratch
from tests.kernel import contract_values as values

QUIET = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
ID = "0190f1d2-0000-7000-8000-000000000000"


def codecs_of(method: Method) -> tuple[wire.Encode, wire.Decode, wire.Encode, wire.Decode]:
    if method.owner != "bazaar":
        return wire.codecs(method)
    found = scratch.bazaar_pool().FindMethodByName(f"{method.service}.{method.name}")
    request = wire.codec(found.input_type, method.request)
    return (*request, *wire.codec(found.output_type, method.response))


def codec_of(name: str) -> tuple[wire.Encode, wire.Decode]:
    message = scratch.bazaar_pool().FindMessageTypeByName(f"souk.bazaar.v1.{name}")
    return wire.codec(message, getattr(scratch.bazaar(), name))


def raw(name: str, **fields: Any) -> bytes:
    """Bytes as any protobuf client would send them."""
    message = scratch.bazaar_pool().FindMessageTypeByName(f"souk.bazaar.v1.{name}")
    data: bytes = message_factory.GetMessageClass(message)(**fields).SerializeToString()
    return data


@pytest.mark.parametrize("method", values.methods(), ids=lambda method: method.path)
def test_requests_and_answers_come_back_as_they_were(method: Method) -> None:
    encode_request, decode_request, encode_answer, decode_answer = codecs_of(method)

    @QUIET
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        request = data.draw(values.representable(method.request))
        assert decode_request(encode_request(request)) == request
        answer = data.draw(values.representable(method.response))
        assert decode_answer(encode_answer(answer)) == answer

    holds()


@pytest.mark.parametrize("kind", values.events(), ids=lambda kind: kind.SUBJECT)
def test_events_come_back_from_json_as_they_were(kind: type[msgspec.Struct]) -> None:
    @QUIET
    @given(values.sound(kind))
    def holds(event: msgspec.Struct) -> None:
        assert msgspec.json.decode(msgspec.json.encode(event), type=kind) == event

    holds()


def test_there_are_events_and_methods_to_try() -> None:
    assert len(values.methods()) > 50
    assert len(values.events()) > 5


def test_a_message_without_values_is_a_struct_of_defaults() -> None:
    _, decode = codec_of("ListStallsRequest")
    assert decode(b"") == scratch.bazaar().ListStallsRequest()


def test_a_missing_message_and_a_missing_enum_are_none() -> None:
    _, decode = codec_of("OpenStallRequest")
    request = decode(b"")
    assert (request.rent, request.opens_at, request.state, request.address) == (None,) * 4


def test_an_optional_scalar_at_zero_is_not_a_missing_one() -> None:
    encode, decode = codec_of("ListStallsRequest")
    kind = scratch.bazaar().ListStallsRequest
    assert decode(encode(kind(radius_km=0.0))).radius_km == 0.0
    assert decode(encode(kind())).radius_km is None


def test_an_enum_of_a_newer_peer_reads_as_none() -> None:
    _, decode = codec_of("Stall")
    assert decode(raw("Stall", state=99)).state is None


def test_a_moment_without_a_zone_is_refused() -> None:
    encode, _ = codec_of("Stall")
    naive = datetime(2026, 1, 31)  # noqa: DTZ001 - the mistake itself
    with pytest.raises(ValueError, match="has no time zone"):
        encode(scratch.bazaar().Stall(opened_at=naive))


def test_moments_in_lists_need_their_zones_too() -> None:
    encode, _ = codec_of("OpenStallRequest")
    naive = datetime(2026, 1, 31)  # noqa: DTZ001 - the mistake itself
    with pytest.raises(ValueError, match="has no time zone"):
        encode(open_stall(feasts=(naive,)))


def test_a_moment_of_another_zone_is_the_same_moment_in_utc() -> None:
    encode, decode = codec_of("Stall")
    noon = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=7)))
    back = decode(encode(scratch.bazaar().Stall(opened_at=noon))).opened_at
    assert back == noon
    assert back.tzinfo is UTC


def test_a_moment_beyond_the_years_of_python_is_refused() -> None:
    _, decode = codec_of("Stall")
    with pytest.raises(ValueError, match="no moment"):
        decode(raw("Stall", opened_at={"seconds": 2**60}))


def test_bytes_that_are_no_message_are_refused() -> None:
    _, decode = codec_of("Stall")
    with pytest.raises(DecodeError):
        decode(b"\x0a\xff\xff\xff\xff\x0fabc")


def test_a_number_too_large_for_its_field_is_refused() -> None:
    encode, _ = codec_of("OpenStallRequest")
    with pytest.raises(ValueError, match="out of range"):
        encode(open_stall(seats=2**31))


def test_a_field_whose_name_is_a_keyword_travels() -> None:
    encode, decode = codec_of("OpenStallRequest")
    assert decode(encode(open_stall(from_="Basra"))).from_ == "Basra"


def test_money_files_and_nothing_have_types_of_the_kernel() -> None:
    by_name = {method.name: method for method in scratch.bazaar().BazaarService.METHODS}
    _, _, encode, decode = codecs_of(by_name["PutPicture"])
    picture = File(content=b"\x89PNG", content_type="image/png", name="stall.png")
    assert decode(encode(picture)) == picture
    _, _, encode, decode = codecs_of(by_name["TakeHook"])
    assert decode(encode(Empty())) == Empty()


def open_stall(**fields: Any) -> Any:
    bazaar = scratch.bazaar()
    usual = {
        "bazaar_id": ID,
        "name": "Spices",
        "seats": 2,
        "rent": Money(500, "USD"),
        "opens_at": datetime(2026, 1, 31, 12, tzinfo=UTC),
        "state": bazaar.StallState.OPEN,
    }
    return bazaar.OpenStallRequest(**usual | fields)
