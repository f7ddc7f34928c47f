"""Cursors say where a page ended, and nothing else is taken for one."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime

import msgspec
import pytest

from souk.kernel.cursors import Place, read_cursor, write_cursor
from souk.kernel.ids import new_id
from souk.kernel.refusals import InvalidRequest


def test_a_cursor_is_read_as_it_was_written():
    place = Place(datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC), new_id())
    cursor = write_cursor(place)
    assert read_cursor(cursor) == place
    assert "=" not in cursor


def test_no_cursor_is_the_beginning():
    assert read_cursor("") is None


@pytest.mark.parametrize(
    "place",
    [
        ["0001-01-01T00:00:00Z", new_id()],  # PostgreSQL could not say it in every zone
        ["9999-12-31T23:59:59Z", new_id()],
        ["2026-11-21T12:00:00", new_id()],  # no zone
        ["2026-11-21T12:00:00Z", "me"],
        ["2026-11-21T12:00:00Z"],
        {},
    ],
)
def test_a_made_up_cursor_is_refused_by_name(place):
    cursor = urlsafe_b64encode(msgspec.json.encode(place)).decode()
    with pytest.raises(InvalidRequest) as refused:
        read_cursor(cursor)
    assert [error.field for error in refused.value.errors] == ["cursor"]


@pytest.mark.parametrize("text", ["x", "äöü", "\x00", "=", "a" * 5000])
def test_what_is_no_cursor_at_all_is_refused(text):
    with pytest.raises(InvalidRequest):
        read_cursor(text)
