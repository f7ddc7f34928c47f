"""Catalogues of other languages."""

import io
import re

import pytest
from babel.messages.pofile import read_po

from souk.web.languages import FOLDER, NAMES

CATALOGUES = sorted(FOLDER.glob("*/LC_MESSAGES/web.po"))
PLACE = re.compile(r"%\(\w+\)[sd]")


def test_every_language_but_english_has_a_catalogue():
    assert {path.parts[-3] for path in CATALOGUES} == NAMES.keys() - {"en"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_says_no_more_places_than_its_text(path):
    """A place that nothing is put into would break the page."""
    for message in read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3]):
        texts = [message.id] if isinstance(message.id, str) else message.id
        told = [message.string] if isinstance(message.string, str) else message.string
        known = {place for text in texts for place in PLACE.findall(text)}
        for text in told:
            assert set(PLACE.findall(text or "")) <= known | {"%(num)s"}, message.id


async def test_a_visitor_chooses_the_language_once(guest):
    await guest.see("/")

    await guest.send("/language", language="uk")

    assert '<html lang="uk"' in guest.page.text
    assert guest.has("Новинки")
    await guest.see("/cart")
    assert guest.has("Ваш кошик порожній")


async def test_a_browsers_language_is_spoken_and_its_figures_written(market):
    visitor = market.visitor(**{"accept-language": "vi-VN,vi;q=0.9,en;q=0.5"})
    product = await market.product()

    await visitor.see(f"/p/{product.slug}")

    assert '<html lang="vi"' in visitor.page.text
    assert visitor.has("Thêm vào giỏ")
    assert visitor.has("64,00")
