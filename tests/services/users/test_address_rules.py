"""Addresses of thirty countries: as each writes them, and as it does not."""

import pytest

from souk.contracts.users import AddAddressRequest, AddressType
from souk.kernel.refusals import InvalidRequest
from souk.services.users import address_rules

# country: city, region as written, region as kept, postal code; then a code that is none of theirs.
RIGHT = {
    "US": ("Albany", "New York", "NY", "12207", "1220"),
    "CA": ("Ottawa", "ON", "ON", "K1A 0B1", "12345"),
    "MX": ("Monterrey", "Nuevo León", "N.L.", "64000", "640"),
    "BR": ("São Paulo", "Sao Paulo", "SP", "01310-100", "0131"),
    "AR": ("Rosario", "Santa Fe", "Santa Fe", "S2000", "20"),
    "GB": ("London", "", "", "SW1A 1AA", "12345"),
    "IE": ("Dublin", "Co. Dublin", "Co. Dublin", "D02 AF30", "12345"),
    "DE": ("Berlin", "", "", "10115", "1011"),
    "FR": ("Paris", "", "", "75001", "7500"),
    "IT": ("Roma", "RM", "RM", "00184", "184"),
    "ES": ("Madrid", "Madrid", "M", "28013", "2801"),
    "PT": ("Lisboa", "", "", "1100-148", "11"),
    "NL": ("Amsterdam", "", "", "1012 JS", "101"),
    "BE": ("Brussel", "", "", "1000", "10000"),
    "AT": ("Wien", "", "", "1010", "10100"),
    "CH": ("Zürich", "", "", "8001", "80011"),
    "SE": ("Stockholm", "", "", "111 29", "1112"),
    "NO": ("Oslo", "", "", "0150", "01500"),
    "DK": ("København", "", "", "1050", "10500"),
    "FI": ("Helsinki", "", "", "00100", "001"),
    "PL": ("Warszawa", "", "", "00-001", "0001"),
    "CZ": ("Praha", "", "", "110 00", "1100"),
    "GR": ("Athina", "", "", "105 57", "1055"),
    "TR": ("Çankaya", "Ankara", "Ankara", "06420", "0642"),
    "IN": ("Mumbai", "Maharashtra", "Maharashtra", "400001", "40000"),
    "CN": ("朝阳区", "北京市", "北京市", "100020", "1000"),
    "JP": ("千代田区", "東京都", "東京都", "100-8111", "1008"),
    "KR": ("강남구", "서울", "서울특별시", "06236", "062"),
    "AU": ("Sydney", "nsw", "NSW", "2000", "200"),
    "VN": ("Quận 1", "Ho Chi Minh City", "Thành phố Hồ Chí Minh", "70000", "7"),
    "HK": ("Central", "Hong Kong Island", "Hong Kong Island", "", ""),
    "SG": ("Singapore", "", "", "238801", "23880"),
}


def address(country, **fields):
    city, region, _, code, _ = RIGHT.get(country, ("Town", "", "", "", ""))
    given = {
        "type": AddressType.SHIPPING, "name": "Ada Lovelace", "street_1": "1 High Street",
        "city": city, "state": region, "postal_code": code, "country": country,
    }  # fmt: skip
    return AddAddressRequest(**given | fields)


def wrong_fields(request):
    with pytest.raises(InvalidRequest) as refused:
        address_rules.checked(request)
    return {error.field: error.message for error in refused.value.errors}


@pytest.mark.parametrize("country", RIGHT)
def test_an_address_as_its_country_writes_it_is_kept(country):
    city, _, region, code, _ = RIGHT[country]
    kept = address_rules.checked(address(country))
    assert (kept.city, kept.state, kept.postal_code) == (city, region, code)


@pytest.mark.parametrize("country", [one for one in RIGHT if RIGHT[one][4]])
def test_a_postal_code_of_elsewhere_is_refused_with_one_that_would_fit(country):
    errors = wrong_fields(address(country, postal_code=RIGHT[country][4]))
    assert set(errors) == {"postal_code"}
    assert "try " in errors["postal_code"]


@pytest.mark.parametrize("country", ["US", "CA", "BR", "AU", "CN", "JP"])
def test_what_a_country_needs_is_named_when_it_is_missing(country):
    errors = wrong_fields(address(country, state="", postal_code=""))
    assert set(errors) == {"state", "postal_code"}
    assert errors["state"].startswith("is needed in ")


def test_a_region_that_is_not_there_brings_those_that_are_near():
    errors = wrong_fields(address("US", state="Californai"))
    assert errors["state"] == "is no state there: perhaps California"
    assert "such as" in wrong_fields(address("US", state="北海道"))["state"]


def test_a_code_of_another_region_of_the_country_is_refused():
    assert set(wrong_fields(address("US", state="CA"))) == {"postal_code"}


@pytest.mark.parametrize("country", ["XX", "ZZ", "EU"])
def test_a_country_there_is_not_is_refused(country):
    assert wrong_fields(address(country)) == {"country": "is no country we know"}


def test_all_that_is_wrong_is_named_at_once():
    errors = wrong_fields(
        address("DE", name="\u202e", city="Ber\u200blin", postal_code="x", phone="+49 1")
    )
    assert set(errors) == {"name", "city", "postal_code", "phone"}


def test_a_phone_number_is_read_as_it_is_dialled_there():
    assert address_rules.checked(address("DE", phone="030 901820")).phone == "+4930901820"


def test_a_form_can_ask_what_a_country_needs():
    rules = address_rules.view_of("US")
    assert rules.required == ("city", "postal_code", "state", "street_1")
    assert rules.region_kind == "state"
    assert ("NY", "New York") in [(region.code, region.name) for region in rules.regions]
    assert rules.postal_code_examples[0] == "95014"
