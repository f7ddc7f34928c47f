"""Reads multipart/form-data as it arrives: one file, bounded, and the fields beside it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from souk.gateway.exchange import ClientGone, Exchange
from souk.gateway.problems import UnsupportedMediaType
from souk.kernel.refusals import FieldError, InvalidRequest, MalformedRequest, RequestTooLarge

FORM = b"multipart/form-data"
FILE_PART = "file"  # what the part with the file is called, whatever the field is
BESIDE_BYTES_MAX = 64 << 10  # all that is not the file: fields, headers, boundaries
PARTS_MAX = 64
NAME_LENGTH_MAX = 150
CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
UNSAFE = re.compile(r'[\\/:*?"<>|]')


@dataclass
class Form:
    content: bytearray | None = None
    file_name: str = ""
    content_type: str = ""
    values: list[tuple[str, str]] = field(default_factory=list)


async def read_form(exchange: Exchange, file_field: str, bytes_max: int) -> Form:
    """Raises UnsupportedMediaType, RequestTooLarge, InvalidRequest or MalformedRequest."""
    exchange.check_length(bytes_max + BESIDE_BYTES_MAX)
    kind, options = parse_options_header(exchange.headers.get(b"content-type", b""))
    boundary = options.get(b"boundary")
    if kind != FORM or not boundary:
        raise UnsupportedMediaType(expected="multipart/form-data")
    parts = Parts(file_field, bytes_max)
    try:
        parser = MultipartParser(boundary, parts.callbacks())  # type: ignore[arg-type]
        await feed(parser, exchange)
    except (FormParserError, UnicodeDecodeError):
        raise MalformedRequest(reason="The body is not valid multipart/form-data.") from None
    if not parts.is_complete:
        raise MalformedRequest(reason="The body ends before the form does.")
    return parts.form


async def feed(parser: MultipartParser, exchange: Exchange) -> None:
    more = True
    while more:
        message = await exchange.next_piece()
        if message["type"] == "http.disconnect":
            raise ClientGone
        more = bool(message.get("more_body"))
        if piece := message.get("body"):
            parser.write(piece)
    parser.finalize()


class Parts:
    """What the parser calls as it goes along."""

    def __init__(self, file_field: str, bytes_max: int) -> None:
        self.form = Form()
        self.is_complete = False
        self._file_names = (FILE_PART, file_field)
        self._bytes_max = bytes_max
        self._parts = 0
        self._beside = 0
        self._name = ""
        self._target: bytearray = bytearray()
        self._headers: dict[str, bytes] = {}
        self._header = (bytearray(), bytearray())

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._data,
            "on_part_end": self._part_ends,
            "on_end": self._ends,
        }

    def _part_begins(self) -> None:
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise MalformedRequest(reason=f"A form has at most {PARTS_MAX} parts.")
        self._headers = {}

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])
        self._spend(end - start)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])
        self._spend(end - start)

    def _header_ends(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_end(self) -> None:
        disposition = self._headers.get("content-disposition", b"")
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            raise MalformedRequest(reason="A part of the form has no name.")
        self._name = options[b"name"].decode()
        self._target = bytearray()
        if self._name in self._file_names:
            if self.form.content is not None:
                raise InvalidRequest(FieldError(FILE_PART, "must be one file"))
            self.form.content = self._target
            self.form.file_name = safe_name(options.get(b"filename", b"").decode())
            self.form.content_type = safe_type(self._headers.get("content-type", b""))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._target is not self.form.content:
            self._spend(end - start)
        elif len(self._target) + end - start > self._bytes_max:
            raise RequestTooLarge(max_bytes=self._bytes_max)
        self._target.extend(memoryview(data)[start:end])

    def _part_ends(self) -> None:
        if self._target is not self.form.content and self._target:
            self.form.values.append((self._name, self._target.decode()))

    def _ends(self) -> None:
        self.is_complete = True

    def _spend(self, count: int) -> None:
        self._beside += count
        if self._beside > BESIDE_BYTES_MAX:
            raise RequestTooLarge(max_bytes=BESIDE_BYTES_MAX)


def safe_name(name: str) -> str:
    """A file's name as it may be kept and shown: no folders, no control characters, not hidden."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    plain = UNSAFE.sub("_", visible).strip(" .")
    if len(plain) <= NAME_LENGTH_MAX:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        return plain[:NAME_LENGTH_MAX]
    return stem[: NAME_LENGTH_MAX - len(ending) - 1] + dot + ending


def safe_type(kind: bytes) -> str:
    """The media type without its parameters; what is no type is bytes."""
    plain = kind.decode("latin-1").partition(";")[0].strip().lower()
    return plain if CONTENT_TYPE.fullmatch(plain) else "application/octet-stream"
