"""From an HTTP request to the request of a method: path, query, body and headers put together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import unquote_plus

from msgspec import Struct, inspect

from souk.gateway.exchange import Exchange
from souk.gateway.problems import UnsupportedMediaType
from souk.gateway.router import parameters_of
from souk.gateway.uploads import Form, read_form
from souk.kernel.contract import Http, Method, Raw, Upload
from souk.kernel.refusals import FieldError, InvalidRequest, MalformedRequest
from souk.kernel.validation import read_json, read_parts, read_values

JSON = b"application/json"
NESTED_MAX = 3  # how deep `location.latitude` may go
TOKEN = "access_token"  # noqa: S105 - a name: for clients that cannot set headers

Values = dict[str, Any]
Read = Callable[[Exchange, list[str]], Awaitable[Any]]


class Reader:
    """Reads the requests of one route; how is decided once, when it is built."""

    def __init__(self, method: Method, http: Http, body_bytes_max: int) -> None:
        self._kind: type[Struct] = method.request
        self._parameters = parameters_of(http.path)
        self._repeated = frozenset(repeated(self._kind))
        self._body_bytes_max = body_bytes_max
        self._headers = [(field, name.lower().encode()) for field, name in method.headers.items()]
        # What comes by path or header cannot also be said in the query.
        self._elsewhere = frozenset((*self._parameters, *method.headers))
        if method.streams:
            self._elsewhere |= {TOKEN}
        self._plain = not self._parameters and not self._headers
        self.read: Read = self._way(method, http)

    def _way(self, method: Method, http: Http) -> Read:
        if method.raw is not None:
            return self._raw(method.raw)
        if method.upload is not None:
            return self._upload(method.upload)
        return self._json if http.body == "*" else self._query

    async def _query(self, exchange: Exchange, values: list[str]) -> Any:
        return read_values(self._kind, self._asked(exchange, values))

    async def _json(self, exchange: Exchange, values: list[str]) -> Any:
        kind = exchange.headers.get(b"content-type", b"")
        if kind != JSON and not is_json(kind) and has_body(exchange):
            raise UnsupportedMediaType(expected="application/json")
        body = await exchange.body(self._body_bytes_max) or b"{}"
        given = self._addressed(exchange, values)
        if given:
            absent = dict.fromkeys((field for field, _ in self._headers), "")
            return read_parts(self._kind, body, absent | given)
        request = read_json(self._kind, body)
        for field, _ in self._headers:  # what is a header's to say, the body may not
            if getattr(request, field):
                raise InvalidRequest(FieldError(field, "is given by a header"))
        return request

    def _upload(self, upload: Upload) -> Read:
        bytes_max = upload.max_bytes or self._body_bytes_max

        async def read(exchange: Exchange, values: list[str]) -> Any:
            form = await read_form(exchange, upload.field, bytes_max)
            found = gathered(form.values, self._repeated, self._elsewhere)
            found |= self._asked(exchange, values) | uploaded(form, upload)
            return read_values(self._kind, found)

        return read

    def _raw(self, raw: Raw) -> Read:
        async def read(exchange: Exchange, values: list[str]) -> Any:
            found: Values = dict(zip(self._parameters, values, strict=True))
            found[raw.body_field] = await exchange.body(self._body_bytes_max)
            if raw.headers_field:
                found[raw.headers_field] = joined(exchange.scope["headers"])
            if raw.query_field:
                found[raw.query_field] = dict(pairs(exchange.scope["query_string"]))
            return read_values(self._kind, found)

        return read

    def _asked(self, exchange: Exchange, values: list[str]) -> Values:
        """Path, headers and query."""
        query = exchange.scope["query_string"]
        if not query:
            return self._addressed(exchange, values)
        found = gathered(pairs(query), self._repeated, self._elsewhere)
        if not self._plain:
            found |= self._addressed(exchange, values)
        return found

    def _addressed(self, exchange: Exchange, values: list[str]) -> Values:
        """Path and headers."""
        found: Values = dict(zip(self._parameters, values, strict=True))
        for field, name in self._headers:
            value = exchange.headers.get(name)
            if value:
                found[field] = header_text(name, value)
        return found


def pairs(query: bytes) -> list[tuple[str, str]]:
    """Names and values of a query. Blank text counts as not given, as it does everywhere."""
    text = query.decode("latin-1")
    found = []
    is_encoded = "%" in text or "+" in text
    for part in text.split("&"):
        name, _, value = part.partition("=")
        if name:
            found.append((plain(name), plain(value)) if is_encoded else (name, value))
    return found


def plain(text: str) -> str:
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise MalformedRequest(reason="The query is not percent-encoded UTF-8.") from None


def gathered(
    given: Iterable[tuple[str, str]], repeated: frozenset[str], elsewhere: frozenset[str]
) -> Values:
    """Pairs as nested values: lists where a field is one, and where a name came twice.

    A list in the place of one value is then refused as what it is.
    """
    found: Values = {}
    for name, value in given:
        if name in elsewhere:
            continue
        place, last = (found, name) if "." not in name else nested(found, name)
        if last in place:
            before = place[last]
            place[last] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            place[last] = [value] if name in repeated else value
    return found


def nested(found: Values, name: str) -> tuple[Values, str]:
    """Where `location.latitude` goes; what stands in its way is left to be refused as it is."""
    *above, last = name.split(".", NESTED_MAX)
    place = found
    for step in above:
        inner = place.setdefault(step, {})
        place = inner if isinstance(inner, dict) else {}
    return place, last


def repeated(kind: type[Struct], depth: int = 0) -> list[str]:
    """Names of the fields that are lists, `outer.inner` for those of a message within."""
    found = []
    for field in struct_fields(kind):
        plain = plain_type(field.type)
        if isinstance(plain, inspect.VarTupleType | inspect.ListType | inspect.SetType):
            found.append(field.encode_name)
        elif isinstance(plain, inspect.StructType) and depth < NESTED_MAX:
            inner = repeated(plain.cls, depth + 1)
            found += [f"{field.encode_name}.{name}" for name in inner]
    return found


def struct_fields(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    return described.fields


def plain_type(described: inspect.Type) -> inspect.Type:
    """The type itself, without its annotations and without `| None`."""
    while True:
        if isinstance(described, inspect.Metadata):
            described = described.type
        elif isinstance(described, inspect.UnionType) and described.includes_none:
            rest = [kind for kind in described.types if not isinstance(kind, inspect.NoneType)]
            if len(rest) != 1:
                return described
            described = rest[0]
        else:
            return described


def is_json(kind: bytes) -> bool:
    main, _, options = kind.lower().partition(b";")
    main = main.strip()
    if main != JSON and not (main.startswith(b"application/") and main.endswith(b"+json")):
        return False
    charset = options.replace(b'"', b"").replace(b" ", b"").partition(b"charset=")[2]
    return charset.partition(b";")[0] in (b"", b"utf-8", b"utf8")


def has_body(exchange: Exchange) -> bool:
    length = exchange.headers.get(b"content-length")
    return (length is not None and length != b"0") or b"transfer-encoding" in exchange.headers


def header_text(name: bytes, value: bytes) -> str:
    if not value.isascii():  # nobody knows which letters other bytes would be
        raise InvalidRequest(FieldError(name.decode(), "must be ASCII"))
    return value.decode("ascii")


def joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; those sent twice are one, as RFC 9110 joins them."""
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def uploaded(form: Form, upload: Upload) -> Values:
    """What the file fills: the bytes, and the fields that take its name and its type."""
    if form.content is None:
        return {}
    found: Values = {upload.field: bytes(form.content)}
    if upload.name_field:
        found[upload.name_field] = form.file_name
    if upload.content_type_field:
        found[upload.content_type_field] = form.content_type
    return found
