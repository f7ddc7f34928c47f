"""Files that are no sheet, and sheets however they are written."""

import json
import struct
import zlib

import pytest

from souk.contracts.catalog import NotAProductSheet
from souk.services.catalog.shopify.sheet import Sheet, guarded, unguarded
from tests.services.catalog.sheets import APPAREL, HOME, drafts, head, sheet

HEADER = b"Handle,Title,Variant Price\n"
PIXEL = zlib.compress(b"\x00\xff\xff\xff")
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", len(PIXEL), b"IDAT") + PIXEL


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (PNG, "not a text file"),
        (b"PK\x03\x04" + bytes(100), "not a text file"),
        (json.dumps({"products": [1, 2]}).encode(), "no columns Handle, Title, Variant Price"),
        (b"<html><body>Sign in</body></html>", "no columns"),
        (b"\n \n\r\n", "no columns"),
        (b"\n\n", "it is empty"),
        ("\ufeff".encode(), "it is empty"),
        (HEADER, "no rows below its header"),
        (HEADER + b"\n\n,,\n", "no rows below its header"),
        (b"Handle,Title\na,A\n", "it has no column Variant Price"),
        (b"Handle;Title;Variant Price\na;A;1\n", "separated by semicolons"),
        (b"Handle\tTitle\tVariant Price\na\tA\t1\n", "separated by tabs"),
        (b"Handle,Title,Variant Price,title\na,A,1,B\n", "the column Title twice"),
        (HEADER + b'a,"A,1\nb,B,2\n', "row 2 cannot be read"),
        (HEADER + b'a,"A"x,1\n', "row 2 cannot be read"),
        (HEADER + b'a,"' + b"A" * 140_000 + b'",1\n', "row 2 cannot be read"),
        (HEADER.decode().encode("utf-16"), "not a text file"),
        (HEADER + b"a,\x81\x8d,1\n", "neither UTF-8 nor Windows-1252"),
        (HEADER + b"a,A,1\n" * 100_001, "more than 100000 rows"),
    ],
)
def test_what_is_no_sheet_is_refused_with_the_reason(content, reason):
    with pytest.raises(NotAProductSheet) as refused:
        Sheet(content).count()
    assert reason in refused.value.reason


async def test_a_file_that_is_no_sheet_leaves_nothing_behind(market, seller):
    with pytest.raises(NotAProductSheet):
        await market.begin_import(seller, PNG)
    assert await market.host.database.fetchval("select count(*) from imports") == 0


@pytest.mark.parametrize(
    "content",
    [
        "Handle,Title,Variant Price\ncafé,Café Crème,1\n".encode(),
        "\ufeffHandle,Title,Variant Price\r\ncafé,Café Crème,1\r\n".encode(),
        "Handle,Title,Variant Price\ncafé,Café Crème,1".encode("cp1252"),
        'hANDLE , title,"Variant  price",Cost per item\ncafé,"Café\nCrème",1,,,\n'.encode(),
        "\n\nHandle,Title,Variant Price\n\ncafé,Café Crème,1\n,,\n".encode(),
        "Handle,Title,Variant Price\rcafé,Café Crème,1\r".encode(),
    ],
)
def test_encodings_line_ends_and_headings_vary(content):
    (draft,) = drafts(content)
    assert (draft.handle, draft.name) == ("café", "Café Crème")


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    content = b'Handle,Title,Variant Price\n\na,"A\nA\nA",1\n\nb,B,1\n'
    read = Sheet(content)
    assert [row.number for row in read.rows()] == [3, 5]
    assert read.count() == 2


@pytest.mark.parametrize(("content", "rows"), [(APPAREL, 22), (HOME, 21)])
def test_the_real_sheets_are_read_whole(content, rows):
    assert Sheet(content).count() == rows
    assert len(drafts(content)) == 20


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("'=1", "''=1"),
        ("''-", "'''-"),
        ("it's", "it's"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_cells_that_programs_would_run_are_guarded_there_and_back(text, cell):
    assert guarded(text) == cell
    assert unguarded(cell) == text


def test_a_sheet_that_guards_its_cells_is_read_without_the_guards():
    (draft,) = drafts(sheet(head(title="'=HYPERLINK(1)", vendor="'@home", tags="'-50%, new")))
    assert (draft.name, draft.brand, draft.tags) == ("=HYPERLINK(1)", "@home", ("-50%", "new"))
