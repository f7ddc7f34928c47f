"""Catalogues of other languages say what the pages say."""

import io
import re

import pytest
from babel.messages.pofile import read_po

from souk.web.languages import FOLDER, NAMES
from tools.texts import gathered

CATALOGUES = sorted(FOLDER.glob("*/LC_MESSAGES/web.po"))
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
DESKS = ("seller/", "operator/", "templates/seller/", "templates/operator/")
in_every_language = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])


def catalogue(path):
    return read_po(io.BytesIO(path.read_bytes()), locale=path.parts[-3])


def forms_of(told):
    return [told] if isinstance(told, str) else list(told)


def test_every_language_but_english_has_a_catalogue():
    assert {path.parts[-3] for path in CATALOGUES} == NAMES.keys() - {"en"}


@in_every_language
def test_whatever_shoppers_read_is_translated_in_all_its_forms(path):
    known = {message.id: forms_of(message.string) for message in catalogue(path)}
    shoppers = [
        message.id
        for message in gathered()
        if any(not name.startswith(DESKS) for name, _ in message.locations)
    ]
    assert len(shoppers) > 300

    missing = [text for text in shoppers if not all(known.get(text, [""]))]

    assert missing == [], "`make texts`, then translate these"


@in_every_language
def test_a_translation_has_the_places_of_its_text(path):
    """A place that nothing is put into would break the page; one that is missing hides a figure."""
    for message in catalogue(path):
        wanted = set(PLACE.findall(forms_of(message.id)[-1]))
        for text in forms_of(message.string):
            if text and message.id:
                assert set(PLACE.findall(text)) == wanted, message.id
