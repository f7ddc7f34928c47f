"""An account: profile, addresses, password, and where it is signed in."""

from __future__ import annotations

from starlette.responses import Response

from souk.contracts.users import (
    AddAddressRequest,
    AddressType,
    ChangeEmailRequest,
    ChangePasswordRequest,
    DeleteAddressRequest,
    GetAddressesRequest,
    GetAddressRequest,
    GetProfileRequest,
    RequestEmailVerificationRequest,
    SetDefaultAddressRequest,
    UpdateAddressRequest,
    UpdateProfileRequest,
)
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.addresses import blame_address, countries, likely_country, rules_for
from souk.web.forms import Form
from souk.web.shopper.till import ADDRESS
from souk.web.visit import Visit

ADDRESSES_MAX = 50


async def profile(visit: Visit) -> Response:
    return await profile_page(visit, Form())


async def save_profile(visit: Visit) -> Response:
    form = visit.form
    try:
        await visit.souk.users.update_profile(form.read(UpdateProfileRequest))
    except Refusal as refusal:
        return await profile_page(visit, form.refuse(refusal), status=refusal.KIND.status)
    visit.note("Saved.")
    return visit.go("/account")


async def profile_page(
    visit: Visit,
    form: Form,
    *,
    status: int = 200,
    picture: Form | None = None,
    email: Form | None = None,
) -> Response:
    """Three forms on one page; those that were not sent are empty."""
    return visit.page(
        "account.html",
        status=status,
        user=await visit.souk.users.get_profile(GetProfileRequest()),
        form=form,
        picture=picture or Form(),
        email=email or Form(),
    )


async def email(visit: Visit) -> Response:
    """Sends a link: to the address there is, or to the one that is to take its place."""
    form, users = visit.form, visit.souk.users
    if form["action"] == "confirm":
        await users.request_email_verification(RequestEmailVerificationRequest())
        visit.note("A link is on its way to you.")
        return visit.go("/account")
    try:
        await users.change_email(form.read(ChangeEmailRequest))
    except Refusal as refusal:
        form.refuse(refusal)
        return await profile_page(visit, Form(), status=refusal.KIND.status, email=form)
    visit.note("A link is on its way to the new address. Until you follow it, all stays as it is.")
    return visit.go("/account")


async def addresses(visit: Visit) -> Response:
    found = await visit.souk.users.get_addresses(
        GetAddressesRequest(page=1, page_size=ADDRESSES_MAX)
    )
    return visit.page("addresses.html", addresses=found.items)


async def address(visit: Visit) -> Response:
    """One to change, or an empty one."""
    address_id = visit.params.get("id", "")
    if not address_id:
        country = visit.query.get("country", "") or likely_country(visit)
        return address_page(visit, Form.of({"country": country}))
    kept = await visit.souk.users.get_address(
        Form.of({}).read(GetAddressRequest, address_id=address_id)
    )
    return address_page(visit, Form.of({name: getattr(kept, name) for name in ADDRESS}))


async def save_address(visit: Visit) -> Response:
    """Adds or changes one; with `action=update` only the country's fields are shown anew."""
    form, address_id = visit.form, visit.params.get("id", "")
    if form["action"] == "update":
        return address_page(visit, form)
    try:
        await keep_address(visit, form, address_id)
    except Refusal as refusal:
        return address_page(visit, form.refuse(refusal), status=refusal.KIND.status)
    visit.note("Saved.")
    return visit.go("/account/addresses")


async def keep_address(visit: Visit, form: Form, address_id: str) -> None:
    """Raises InvalidRequest with everything that is wrong, by the contract and by the country."""
    if form["country"]:
        blame_address(form, visit)
    users = visit.souk.users
    if address_id:
        changed = form.read(UpdateAddressRequest, address_id=address_id, type=AddressType.SHIPPING)
    else:
        added = form.read(AddAddressRequest, type=AddressType.SHIPPING)
    if form.errors:
        raise InvalidRequest()
    if address_id:
        await users.update_address(changed)
    else:
        await users.add_address(added)


def address_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    known = dict(countries(visit.tongue.locale))
    country = form["country"] if form["country"] in known else likely_country(visit)
    return visit.page(
        "address.html",
        status=status,
        form=form,
        rules=rules_for(country),
        country=country,
        countries=countries(visit.tongue.locale),
    )


async def change_address(visit: Visit) -> Response:
    """Takes one away, or makes it the first."""
    given = {"address_id": visit.params["id"]}
    if visit.form["action"] == "remove":
        await visit.souk.users.delete_address(visit.form.read(DeleteAddressRequest, **given))
        visit.note("The address is gone.")
    else:
        await visit.souk.users.set_default_address(
            visit.form.read(SetDefaultAddressRequest, **given)
        )
        visit.note("Saved.")
    return visit.go("/account/addresses")


async def password(visit: Visit) -> Response:
    return visit.page("password.html", form=Form())


async def change_password(visit: Visit) -> Response:
    form = visit.form
    try:
        await visit.souk.users.change_password(form.read(ChangePasswordRequest))
    except Refusal as refusal:
        form.refuse(refusal, WrongCredentials="current_password", PasswordRefused="new_password")
        return visit.page("password.html", status=refusal.KIND.status, form=form)
    visit.note("Your password is changed. Everywhere else you are signed out.")
    return visit.go("/account/password")
