"""Names, slugs and states of shops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.contracts.shops import ShopStatus, UnknownCurrency
from souk.kernel.refusals import InvalidRequest
from souk.services.shops.model import (
    UUID,
    must_be_a_currency,
    name_from,
    slug_from,
    status_after,
)

ACTIVE, PAUSED, CLOSED = ShopStatus.ACTIVE, ShopStatus.PAUSED, ShopStatus.CLOSED


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Café Noir & Co.", "cafe-noir-co"),
        ("  Ada's   Lamps  ", "ada-s-lamps"),
        ("陶器の店", "shop"),
        ("Search", "shop-search"),
        ("---", "shop"),
        ("x" * 120, "x" * 80),
        ("01a1fd8c-78d8-7315-93db-98641c07a9f6", "shop-01a1fd8c-78d8-7315-93db-98641c07a9f6"),
    ],
)
def test_a_slug_is_made_of_the_name(name: str, slug: str):
    assert slug_from(name) == slug


@given(st.text(max_size=100))
def test_a_slug_is_always_one_that_addresses_can_hold(name: str):
    slug = slug_from(name)
    assert 1 <= len(slug) <= 85
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert not UUID.fullmatch(slug)


def test_a_name_is_more_than_spaces():
    assert name_from("  Ada  ") == "Ada"
    for text in ("  ", " a ", ""):
        with pytest.raises(InvalidRequest):
            name_from(text)


@pytest.mark.parametrize("code", ["XYZ", "AAA", "usd"])
def test_a_currency_that_does_not_exist_is_refused(code: str):
    with pytest.raises(UnknownCurrency):
        must_be_a_currency(code)


@pytest.mark.parametrize(
    ("now", "is_paused", "then"),
    [
        (ACTIVE, None, ACTIVE),
        (ACTIVE, True, PAUSED),
        (ACTIVE, False, ACTIVE),
        (PAUSED, None, PAUSED),
        (PAUSED, True, PAUSED),
        (PAUSED, False, ACTIVE),
        (CLOSED, True, CLOSED),
        (CLOSED, False, CLOSED),
    ],
)
def test_a_shop_pauses_and_goes_on_unless_it_is_closed(
    now: ShopStatus, is_paused: bool | None, then: ShopStatus
):
    assert status_after(now, is_paused=is_paused) is then
