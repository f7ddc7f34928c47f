"""Any method of any contract called by anyone, over REST and over gRPC, with a request made up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from enum import Enum
from typing import Any

import grpc
import grpc.aio
import httpx
import msgspec
from msgspec import Struct, inspect

from souk.kernel import validation, wire
from souk.kernel.contract import Http, Idempotency, Method
from souk.kernel.ids import new_id
from souk.kernel.rules import UUID
from tests.journeys.people import ADDRESS, PASSWORD
from tests.services.media.test_pictures import picture

SECONDS_MAX = 30
SHUT_OUT = frozenset({"401", "403", "UNAUTHENTICATED", "PERMISSION_DENIED"})
REFUSED = SHUT_OUT | {"404", "NOT_FOUND"}
PICTURE = picture("PNG", (90, 60))
NOON = "2026-01-01T12:00:00Z"
# Not required by the contract, and yet by the country.
ALSO = {"state": "NY", "postal_code": "12207"}
# What a required field is given, by its name (or its message's and its own), where its rules alone
# do not say what makes sense.
SAMPLES: dict[str, Any] = {
    "AddProductMediaRequest.file": PICTURE,
    "GetFileRequest.name": f"{0:032}-160.webp",
    "PublishConsentTextRequest.kind": "terms",
    # Nobody else in this Souk lives there, and pays what is set here.
    "SetTaxRateRequest.country": "ZZ",
    "SetConsentRequest.kind": "terms",
    "UploadRequest.file": PICTURE,
    "carrier": "souk",
    "code": "123456",
    "country": "US",
    "currency": "USD",
    "hash": "0" * 64,
    "kinds": "mug",
    "look": "4f9d8e-e0b25a-front.svg",
    "file": b"Handle,Title,Variant Price\nwool-hat,Wool hat,19.99\n",
    "payment": {"provider": "sandbox", "method": "approve"},
    "percent_basis_points": 1000,
    "phone_number": "+12125550123",
    "permissions": ["orders.get_order"],
    "provider": "sandbox",
    "role": "courier",
    "scopes": ["orders.*"],
    "service": "users",
    "shipping_method": "standard",
    "url": "https://images.example/tee.jpg",
    "destination": ADDRESS,
    "password": PASSWORD,
    "new_password": PASSWORD + " too",
    "variants": [{"sku": "SKU", "price": {"amount": 1999, "currency": "USD"}, "stock": 1}],
}


class Answer(Struct, frozen=True):
    """`code` is HTTP's status or gRPC's name; `refusal` which refusal it was; `text` all of it."""

    code: str
    refusal: str
    text: str

    @property
    def is_refused(self) -> bool:
        return self.code in REFUSED

    @property
    def is_shut_out(self) -> bool:
        return self.code in SHUT_OUT

    @property
    def has_ended(self) -> bool:
        return "This session has ended" in self.refusal

    @property
    def is_done(self) -> bool:
        return self.code in ("200", "201", "202", "204", "OK")

    @property
    def is_a_bug(self) -> bool:
        return self.code in ("500", "INTERNAL", "UNKNOWN", "UNIMPLEMENTED")


def sample(kind: type[Struct], given: Mapping[str, Any]) -> Any:
    """A sound request: `given`, and something for whatever else is required."""
    try:
        found = msgspec.convert(_struct(kind, given), kind, strict=False)
        problems: Any = validation.check(found)
    except msgspec.ValidationError as error:
        problems = error
    assert not problems, (
        f"no sample fits {kind.__name__}: {problems}. Say in SAMPLES of "
        f"tests/journeys/access_calls.py what such a field may hold"
    )
    return found


def listed(kind: type[Struct], *, inside: bool = False) -> list[str]:
    """Fields within lists that name something: `items.variant_id`, `variant_ids`."""
    found = []
    for field in msgspec.structs.fields(kind):
        name, deep = field.name, _struct_of(field.type)
        if deep is not None:
            found += [f"{name}.{each}" for each in listed(deep, inside=inside or _is_list(field))]
        elif (inside and name.endswith("_id")) or name.endswith("_ids"):
            found.append(name)
    return found


def _is_list(field: msgspec.structs.FieldInfo) -> bool:
    return isinstance(_bare(field.type), inspect.VarTupleType)


def _struct_of(hint: Any) -> type[Struct] | None:
    """What a field holds, or each item of its list."""
    info = _bare(hint)
    if isinstance(info, inspect.VarTupleType):
        info = _bare(info.item_type)
    return info.cls if isinstance(info, inspect.StructType) else None


def _bare(hint: Any) -> inspect.Type:
    info = hint if isinstance(hint, inspect.Type) else inspect.type_info(hint)
    if isinstance(info, inspect.UnionType):
        info = next(each for each in info.types if not isinstance(each, inspect.NoneType))
    return _bare(info.type) if isinstance(info, inspect.Metadata) else info


def _struct(kind: type[Struct], given: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in given.items() if "." not in name}
    for field in msgspec.structs.fields(kind):
        if within := _under(field.name, given):
            deep = _struct_of(field.type)
            assert deep is not None, f"{kind.__name__}.{field.name} holds nothing"
            values[field.name] = (
                [_struct(deep, within)] if _is_list(field) else _struct(deep, within)
            )
        elif field.name.endswith("_ids") and isinstance(values.get(field.name), str):
            values[field.name] = [values[field.name]]
        if field.required and field.name not in values:
            sample_of_it = SAMPLES.get(f"{kind.__name__}.{field.name}")
            values[field.name] = sample_of_it or _value(field.name, field.type)
        elif field.name in ALSO:
            values.setdefault(field.name, ALSO[field.name])
    return values


def _under(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given of a field's own fields."""
    start = f"{name}."
    return {each.removeprefix(start): it for each, it in given.items() if each.startswith(start)}


def _value(name: str, hint: Any) -> Any:
    if name in SAMPLES:
        return SAMPLES[name]
    info = inspect.type_info(hint)
    if isinstance(info, inspect.Metadata):
        info = info.type
    match info:
        case inspect.StrType():
            is_id = name.endswith("_id") or info.pattern == UUID
            return new_id() if is_id else _text(name, info.min_length or 1)
        case inspect.IntType():
            return max(info.ge if info.ge is not None else (info.gt or 0) + 1, 1)
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.StructType(cls=cls):
            return _struct(cls, {})
        case inspect.VarTupleType(item_type=item):
            return [_struct(item.cls, {}) if isinstance(item, inspect.StructType) else new_id()]
    plain = {inspect.BoolType: True, inspect.BytesType: b"{}", inspect.DateTimeType: NOON}
    return plain.get(type(info), _text(name, 1))


def _text(name: str, least: int) -> str:
    if "email" in name:
        return f"{new_id()}@example.com"
    # A letter in front: names need one, and the end of an id may be all digits.
    return "N" + (name.replace("_", "-") + "-" + new_id())[1 - max(least, 12) :].upper()


class Ways:
    """The two ways to a running Souk."""

    def __init__(self, url: str, http: httpx.AsyncClient, channel: grpc.aio.Channel) -> None:
        self.url, self.http, self.channel = url, http, channel

    async def rest(self, method: Method, request: Any, headers: Mapping[str, str]) -> Answer:
        rule = method.http[0]
        values = msgspec.to_builtins(request, builtin_types=(bytes,))
        sent = {**headers, **_key(method)}
        for field, header in method.headers.items():
            if value := values.pop(field, ""):
                sent[header] = value
        asked: dict[str, Any] = {"headers": sent}
        path = rule.path
        for field in [name for name in values if f"{{{name}}}" in path]:
            path = path.replace(f"{{{field}}}", str(_plain(values.pop(field))))
        asked |= _content(method, rule, values)
        if method.streams:
            return await self._first_of(rule, path, sent)
        answer = await self.http.request(rule.verb, self.url + path, **asked)
        return Answer(str(answer.status_code), _code_of(answer), answer.text)

    async def _first_of(self, rule: Http, path: str, headers: dict[str, str]) -> Answer:
        headers["Accept"] = "text/event-stream"
        async with self.http.stream(rule.verb, self.url + path, headers=headers) as answer:
            if answer.status_code == 200:
                async for text in answer.aiter_text():
                    return Answer("200", "", text)
            await answer.aread()
            return Answer(str(answer.status_code), _code_of(answer), answer.text)

    async def grpc(self, method: Method, request: Any, headers: Mapping[str, str]) -> Answer:
        encode, _, _, decode = wire.codecs(method)
        metadata = [(name.lower(), value) for name, value in {**headers, **_key(method)}.items()]
        kind = self.channel.unary_stream if method.streams else self.channel.unary_unary
        call = kind(method.path, request_serializer=encode, response_deserializer=decode)
        going = call(request, metadata=metadata, timeout=SECONDS_MAX)
        try:
            answer = await (going.read() if method.streams else going)
            return Answer("OK", "", repr(answer))
        except grpc.aio.AioRpcError as error:
            text = f"{error.details()} {error.trailing_metadata()}"
            return Answer(error.code().name, str(error.details()), text)
        finally:
            going.cancel()


def _content(method: Method, rule: Http, values: dict[str, Any]) -> dict[str, Any]:
    if method.upload is not None:
        file = values.pop(method.upload.field)
        rest = {name: _plain(value) for name, value in values.items() if value not in ("", False)}
        return {"files": {"file": ("sheet.csv", file, "text/csv")}, "data": rest}
    if method.raw is not None:
        return {"content": values[method.raw.body_field]}
    if rule.body:
        return {"json": values}
    return {"params": {name: _plain(value) for name, value in values.items() if value}}


def _key(method: Method) -> dict[str, str]:
    return {"Idempotency-Key": new_id()} if method.idempotent is not Idempotency.NONE else {}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _code_of(answer: httpx.Response) -> str:
    if answer.status_code < 400:
        return ""
    problem = answer.json()
    return f"{problem.get('code')}: {problem.get('detail')}"


async def gathered(tasks: list[Any]) -> list[Any]:
    async with asyncio.TaskGroup() as group:
        begun = [group.create_task(task) for task in tasks]
    return [task.result() for task in begun]
