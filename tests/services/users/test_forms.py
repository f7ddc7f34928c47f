"""Bad input, form by form: it is refused at its field, or taken for what it is."""

import json

import msgspec
import pytest

from souk.contracts import users as contract
from souk.contracts.users import EmailTaken, LoginRequest, RegisterRequest, UserService
from souk.kernel import validation
from souk.kernel.refusals import InvalidRequest
from tests.services.users.persons import PASSWORD, login, registered
from tests.support.hosting import hosted

FORMS = {"email": "ada@example.com", "password": PASSWORD, "first_name": "Ada"}
# Long texts are what these are for.
LONG = {("AddPasskeyRequest", "credential"), ("SignInWithPasskeyRequest", "credential"),
        ("StepUpRequest", "credential")}  # fmt: skip


def texts_of_all_forms():
    """Every field that people or browsers write into, of every method that outsiders may call."""
    for method in UserService.METHODS:
        if method.access.internal or method.raw is not None:
            continue
        for field in msgspec.structs.fields(method.request):
            info = msgspec.inspect.type_info(field.type)
            kind = info.type if isinstance(info, msgspec.inspect.Metadata) else info
            of = getattr(kind, "types", (kind,))
            if any(isinstance(one, msgspec.inspect.StrType) for one in of):
                yield method.request, field.name


ALL_FORMS = tuple(texts_of_all_forms())


def fields_refused(kind, values):
    return {error.field: error.message for error in validation.explain(kind, values)}


def register(**changed):
    return validation.read_json(RegisterRequest, json.dumps(FORMS | changed).encode())


@pytest.mark.parametrize(("form", "field"), ALL_FORMS)
def test_no_field_of_any_form_takes_ten_thousand_characters(form, field):
    if (form.__name__, field) in LONG:
        assert fields_refused(form, {field: "x" * 30_000}).get(field)
        return
    for text in ("x" * 10_000, "🙂" * 10_000, "e\u0301" * 5_000):
        assert fields_refused(form, {field: text}).get(field), f"{form.__name__}.{field}"


@pytest.mark.parametrize(("form", "field"), ALL_FORMS)
def test_no_field_of_any_form_takes_what_is_no_line_of_text(form, field):
    for text in ("a\x00b", "a\x1bb", 7, True, ["a"], {"a": "b"}):
        assert fields_refused(form, {field: text}).get(field), f"{form.__name__}.{field}: {text}"


@pytest.mark.parametrize(
    "email",
    [
        "ada+souk@example.com",
        "o'neil@shop.example.org",
        "!#$%&'*+-/=?^_`{|}~@example.com",
        "a@b.co",
        "1@2.museum",
        "ADA@EXAMPLE.COM",
        "x" * 64 + "@example.com",
        "ada@" + ".".join(["d" * 50] * 3) + ".com",
        "用户@例子.广告",
        "ада@почта.рф",
        "ada@bücher.example",
        "ada@xn--bcher-kva.example",
    ],
)
def test_odd_but_valid_addresses_are_taken_as_they_are(email):
    assert register(email=email).email == email


@pytest.mark.parametrize(
    "email",
    [
        "", "ada", "ada@", "@example.com", "ada@@example.com", "ada@example", "ada@.com",
        "ada@example..com", ".ada@example.com", "ada.@example.com", "a..a@example.com",
        "ada lovelace@example.com", "ada@exa mple.com", "ada@-example.com", "ada@example.com.",
        "ada@[127.0.0.1]", "ada@127.0.0.1", "Ada <ada@example.com>", "ada@example.com\n",
        "ada@example.com,ben@example.com", '"ada l"@example.com',
        "ada@" + "d" * 64 + ".com", "ada\u200b@example.com", "ada@exam\u202eple.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_at_its_field(email):
    with pytest.raises(InvalidRequest) as refused:
        register(email=email)
    assert {error.field for error in refused.value.errors} == {"email"}


@pytest.fixture
async def users(servers):
    async with hosted("users", servers) as host:
        yield host.client(contract.UserServiceClient)


TWINS = ["ADA@example.com", "ａｄａ@example.com", "ada@EXAMPLE.com"]  # noqa: RUF001 - that is the point


@pytest.mark.parametrize("twin", TWINS)
async def test_an_address_in_other_letters_that_come_to_the_same_is_the_same(users, twin):
    await registered(users, "ada@example.com")
    with pytest.raises(EmailTaken):
        await registered(users, twin)


async def test_an_address_that_only_looks_the_same_is_another_account(users):
    ada = await registered(users, "ada@example.com")
    other = await registered(users, "аdа@example.com")  # noqa: RUF001 - both a are Cyrillic
    assert ada.user.id != other.user.id
    for email, owner in (("ada@example.com", ada), ("аdа@example.com", other)):  # noqa: RUF001
        assert (await users.login(login(email))).user.id == owner.user.id


async def test_an_address_cannot_be_so_long_that_signing_in_is_slow():
    refused = fields_refused(LoginRequest, {"email": "a" * 10_000, "password": "b" * 10_000})
    assert set(refused) == {"email", "password"}
