"""What a shop says of itself; and opening one."""

from __future__ import annotations

from babel import Locale
from starlette.responses import Response

from souk.contracts.media import UploadRequest
from souk.contracts.shops import CreateShopRequest, Shop, UpdateShopRequest
from souk.kernel.ids import new_id
from souk.kernel.money import currencies
from souk.kernel.refusals import InvalidRequest, Refusal
from souk.web.addresses import blame_address, countries, likely_country, rules_for
from souk.web.cookies import ACCESS
from souk.web.forms import Form, in_order
from souk.web.seller.desk import Desk, desk_of, shops_of
from souk.web.shopper.till import ADDRESS
from souk.web.visit import Visit

CURRENCIES = ("USD", "EUR", "GBP", "UAH", "VND", "PLN", "CZK", "CAD", "AUD", "JPY", "INR", "KWD")
PICTURES = ("logo", "banner")


async def door(visit: Visit) -> Response:
    """To the first shop somebody works in; those with none may open one."""
    shops = await shops_of(visit)
    if shops:
        return visit.go(f"/seller/{shops[0].slug}")
    return opening_page(visit, Form())


async def new(visit: Visit) -> Response:
    return opening_page(visit, Form())


async def open_shop(visit: Visit) -> Response:
    form = visit.form
    try:
        with visit.keyed(form["key"][:255]):
            shop = await visit.souk.shops.create_shop(form.read(CreateShopRequest))
    except Refusal as refusal:
        form.refuse(refusal, UnknownCurrency="currency")
        return opening_page(visit, form, status=refusal.KIND.status)
    visit.jar.drop(ACCESS)  # the next one says that they sell
    visit.note("%(name)s is open. Put something on its shelves.", name=shop.name)
    return visit.go(f"/seller/{shop.slug}")


def opening_page(visit: Visit, form: Form, *, status: int = 200) -> Response:
    return visit.page(
        "seller/open.html",
        status=status,
        form=form,
        currencies=named_currencies(visit.tongue.locale),
        key=form["key"] or new_id(),
    )


async def show(visit: Visit) -> Response:
    desk = await desk_of(visit)
    return settings_page(desk, form_of(visit, desk.shop))


async def save(visit: Visit) -> Response:
    """With `action=update` only the country's fields are shown anew."""
    desk, form = await desk_of(visit), visit.form
    if form["action"] == "update":
        return settings_page(desk, form)
    try:
        await visit.souk.shops.update_shop(await request_from(desk, form))
    except Refusal as refusal:
        form.refuse(refusal, NotAPicture="logo", PictureTooLarge="logo", TooManyPictures="logo")
        form.errors = in_order(form.errors, ("name", "description", *PICTURES, "country", *ADDRESS))
        return settings_page(desk, form, status=refusal.KIND.status)
    visit.note("Saved.")
    return desk.go("/settings")


async def request_from(desk: Desk, form: Form) -> UpdateShopRequest:
    """Raises InvalidRequest with all that is wrong, by the contract and by the country."""
    typed = {name: form[name] for name in ADDRESS if form[name]}
    has_address = bool(typed.keys() - {"country", "name"})
    if has_address:
        blame_address(form, desk.visit)
    given = {"shop_id": desk.shop.id, "is_paused": bool(form["is_paused"])}
    if has_address:
        given["address"] = typed | {"name": form["name"]}
    try:
        request = form.read(UpdateShopRequest, **given)
    except InvalidRequest as refusal:
        form.refuse(refusal)
    if form.errors:
        raise InvalidRequest()
    pictures = {
        f"{name}_url": url for name in PICTURES if (url := await kept_picture(desk, form, name))
    }
    return form.read(UpdateShopRequest, **given, **pictures) if pictures else request


async def kept_picture(desk: Desk, form: Form, name: str) -> str:
    """Where media keeps what was chosen; empty where nothing was."""
    for file in form.uploads(name):
        media = await desk.visit.souk.media.upload(
            UploadRequest(file=await file.read(), file_name=(file.filename or "")[:255])
        )
        return str(media.url)
    return ""


def form_of(visit: Visit, shop: Shop) -> Form:
    values = {"name": shop.name, "description": shop.description}
    if shop.address:
        values |= {name: getattr(shop.address, name) for name in ADDRESS if name != "name"}
    if shop.status == "paused":
        values["is_paused"] = "true"
    return Form.of(values)


def settings_page(desk: Desk, form: Form, *, status: int = 200) -> Response:
    visit = desk.visit
    known = countries(visit.tongue.locale)
    country = form["country"] if form["country"] in dict(known) else likely_country(visit)
    return desk.page(
        "settings.html",
        status=status,
        form=form,
        rules=rules_for(country),
        country=country,
        countries=known,
    )


def named_currencies(locale: Locale) -> list[tuple[str, str]]:
    """The usual ones first, then all there are."""
    names = locale.currencies
    rest = sorted(code for code in currencies() if code not in CURRENCIES and code in names)
    return [(code, f"{code} · {names.get(code, code)}") for code in (*CURRENCIES, *rest)]
