"""A file taken for a sheet: its encoding, its header and its rows, one after another."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from msgspec import Struct

from souk.contracts.catalog import NotAProductSheet
from souk.services.catalog.shopify.columns import Header, header_from

ROWS_MAX = 100_000
PIECE_BYTES = 1 << 20
# UTF-8, as Shopify writes it, or what Excel makes of it on Windows.
ENCODINGS = ("utf-8-sig", "cp1252")
# Office programs run what begins so. A leading apostrophe keeps them from it: written before such
# text, and taken away again when read, it changes nothing on the way.
RUNS = re.compile(r"'*[=+\-@]")
GUARDED = re.compile(r"'+[=+\-@]")


class Row(Struct, frozen=True):
    """One row of the sheet, whatever number of lines it takes."""

    number: int  # the header's is 1
    cells: list[str]
    header: Header

    def get(self, column: str) -> str:
        """Without blanks around it; empty where the row or the sheet has none."""
        place = self.header.places.get(column)
        if place is None or place >= len(self.cells):
            return ""
        return unguarded(self.cells[place].strip())

    @property
    def is_too_long(self) -> bool:
        return any(cell.strip() for cell in self.cells[self.header.width :])

    @property
    def has_further_options(self) -> bool:
        places = self.header.further_options
        return any(place < len(self.cells) and self.cells[place].strip() for place in places)


class Sheet:
    """Read again from its beginning as often as asked, a row at a time."""

    def __init__(self, content: bytes) -> None:
        """Raises NotAProductSheet, also from `rows` where the file breaks off further down."""
        self._content = content
        self._encoding = encoding_of(content)
        numbered = self._numbered()
        found = next(((number, cells) for number, cells in numbered if any(cells)), None)
        if found is None:
            raise NotAProductSheet(reason="it is empty")
        self._first, cells = found
        self.header = header_from(cells)

    def rows(self) -> Iterator[Row]:
        """Those with anything in them."""
        for number, cells in self._numbered():
            if number > self._first and any(cells):
                yield Row(number, cells, self.header)

    def count(self) -> int:
        """How many rows there are. Raises NotAProductSheet for none or too many."""
        count = 0
        for count, _ in enumerate(self.rows(), 1):
            if count > ROWS_MAX:
                raise NotAProductSheet(reason=f"it has more than {ROWS_MAX} rows")
        if not count:
            raise NotAProductSheet(reason="it has no rows below its header")
        return count

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        text = io.TextIOWrapper(io.BytesIO(self._content), self._encoding, newline="")
        # Strict: a quotation mark that is missing would otherwise swallow the rows that follow.
        reader = csv.reader(text, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, 1):
                yield number, cells
        except csv.Error as error:
            reason = f"row {number + 1} cannot be read ({error}); look for a quotation mark there"
            raise NotAProductSheet(reason=reason) from None


def encoding_of(content: bytes) -> str:
    if b"\0" in content:
        raise NotAProductSheet(reason="it is not a text file")
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), PIECE_BYTES):
                decoder.decode(content[start : start + PIECE_BYTES])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise NotAProductSheet(reason="it is neither UTF-8 nor Windows-1252 text")


def guarded(text: str) -> str:
    """Text of people's as a cell that no office program runs."""
    return f"'{text}" if RUNS.match(text) else text


def unguarded(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell
