"""What people write of themselves is kept in one spelling, or refused at its field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from souk.kernel.refusals import InvalidRequest
from souk.services.users import texts


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("José", "José"),  # e and an accent of its own
        ("Нгуен", "Нгуен"),
        ("O’Brien-Smith, Jr.", "O’Brien-Smith, Jr."),  # noqa: RUF001 - as it is written
        ("陳大文", "陳大文"),
        ("محمد", "محمد"),
        ("क्‍ष", "क्‍ष"),  # joined by a character that cannot be seen, as Hindi writes
        ("Аda", "Аda"),  # noqa: RUF001 - its first letter is Cyrillic: names are no identifiers, so be it
    ],
)
def test_names_of_every_script_are_welcome(written, kept):
    assert texts.name("first_name", written) == kept


@pytest.mark.parametrize(
    "hidden",
    [
        "Ada\u202eecalevoL",
        "A\u200bda",
        "Ada\ufeff",
        "A\u00adda",
        "Ada\u2066",
        "\ue000Ada",
        "A\u2028da",
    ],
)
def test_what_cannot_be_seen_is_refused_by_its_number(hidden):
    with pytest.raises(InvalidRequest) as refused:
        texts.name("first_name", hidden)
    (error,) = refused.value.errors
    assert error.field == "first_name"
    assert "U+" in error.message


@pytest.mark.parametrize("nothing", ["", "   ", "123", "--", "🙂"])
def test_a_name_has_a_letter(nothing):
    with pytest.raises(InvalidRequest):
        texts.name("first_name", nothing)


@given(st.text(max_size=80))
def test_a_line_that_was_kept_is_kept_as_it_is(text):
    try:
        kept = texts.line("city", text)
    except InvalidRequest:
        return
    assert texts.line("city", kept) == kept
    assert kept == kept.strip()


@pytest.mark.parametrize(
    ("written", "country", "kept"),
    [
        ("+1 (212) 555-0123", "", "+12125550123"),
        ("+44 20 7946 0958", "", "+442079460958"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+49 30 901820", "US", "+4930901820"),
        ("", "", ""),
        ("  ", "", ""),
    ],
)
def test_phone_numbers_are_kept_as_e164_writes_them(written, country, kept):
    assert texts.phone("phone_number", written, country=country) == kept


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("212 555 0123", "must begin with +"),
        ("+999 1234567", "must begin with +"),
        ("+1 212", "too few or too many digits"),
        ("+1 212 555 0123 4567 89", "too few or too many digits"),
        ("+" + "1" * 39, "is no telephone number"),
        ("()", "is no telephone number"),
    ],
)
def test_a_phone_number_that_is_none_is_refused_with_the_reason(wrong, reason):
    with pytest.raises(InvalidRequest) as refused:
        texts.phone("phone_number", wrong)
    (error,) = refused.value.errors
    assert (error.field, reason in error.message) == ("phone_number", True), error.message


@pytest.mark.parametrize(
    ("written", "kept"),
    [("de", "de"), ("pt_br", "pt-BR"), ("zh-hant-tw", "zh-Hant-TW"), ("EN-us", "en-US"), ("", "")],
)
def test_languages_are_kept_as_bcp47_writes_them(written, kept):
    assert texts.locale("locale", written) == kept


@pytest.mark.parametrize("wrong", ["klingon", "e", "en-US-x-", "xx-YY", "../../etc"])
def test_a_language_there_is_not_is_refused(wrong):
    with pytest.raises(InvalidRequest):
        texts.locale("locale", wrong)


def test_time_zones_are_those_of_the_database():
    assert texts.time_zone("time_zone", "europe/berlin") == "Europe/Berlin"
    assert texts.time_zone("time_zone", "Asia/Ho_Chi_Minh") == "Asia/Ho_Chi_Minh"
    assert texts.time_zone("time_zone", "") == ""


@pytest.mark.parametrize(
    "wrong", ["Mars/Olympus", "+02:00", "CEST", "../zoneinfo/UTC", "Europe/Berlin "]
)
def test_a_time_zone_that_does_not_exist_is_refused(wrong):
    with pytest.raises(InvalidRequest) as refused:
        texts.time_zone("time_zone", wrong)
    assert refused.value.errors[0].field == "time_zone"
