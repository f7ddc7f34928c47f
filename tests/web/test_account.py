"""What people do with their accounts: show a picture, agree, take their data, leave."""

import io
import re
import zipfile
from email import message_from_bytes, policy
from html import unescape

import pyotp
from PIL import Image

from souk.contracts.users import (
    PublishConsentTextRequest,
    UserServiceClient,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from tests.services.users.authenticator import Authenticator
from tests.support.people import as_
from tests.support.waiting import eventually
from tests.web.market import HOST, PASSWORD, Form

ADMIN = Caller(new_id(), frozenset({"customer", "admin"}))


def picture(kind="PNG", size=(40, 60)):
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, kind)
    return drawn.getvalue()


async def prove(visitor):
    """Shows who they are, where they are asked, and sends what they wanted to send."""
    assert visitor.has("Is it you?"), visitor.page.text
    path = visitor.fields("/prove")["again-path"]
    await visitor.send("/prove", password=PASSWORD)
    assert visitor.has("Once more, please")
    return await visitor.send(path, _exactly=True)


async def publish(market, kind, wording):
    with as_(ADMIN):
        return await UserServiceClient(market.board).publish_consent_text(
            PublishConsentTextRequest(kind=kind, wording=wording)
        )


async def test_a_picture_is_shown_and_taken_down(market):
    visitor = await market.signed_in()
    await visitor.see("/account")
    assert '<img id="portrait" src' not in visitor.page.text

    await visitor.upload("/account/picture", file=("me.png", picture(), "image/png"))

    assert visitor.has("That is you.")
    shown = re.search(r'<img id="portrait" src="([^"]+)"', visitor.page.text)[1]
    assert (await visitor.see(shown)).headers["content-type"].startswith("image/")
    await visitor.see("/account")
    await visitor.post("/account/picture", **visitor.fields("/account/picture"), action="remove")
    assert visitor.has("The picture is gone.")
    assert '<img id="portrait" src' not in visitor.page.text


async def test_what_is_no_picture_is_refused_at_its_field(market):
    visitor = await market.signed_in()
    for given in (("me.png", b"not a picture", "image/png"), ("", b"", "image/png")):
        await visitor.see("/account")
        await visitor.upload("/account/picture", file=given)
        assert visitor.page.status_code == 422
        assert 'id="e-file"' in visitor.page.text


async def test_an_address_is_changed_by_the_link_that_was_mailed_to_it(market):
    visitor = await market.signed_in()
    new = f"{new_id()}@example.com"
    await visitor.see("/account")
    await visitor.send("/account/email", new_email="no address", action="change")
    assert visitor.page.status_code == 422
    assert 'id="e-new_email"' in visitor.page.text

    await visitor.send("/account/email", new_email=new, action="change")
    assert visitor.has("A link is on its way to the new address")
    assert visitor.has(visitor.email)
    await visitor.see(await mailed(market, new, "/verify-email"))
    await visitor.send("/verify-email")

    await visitor.see("/account")
    assert visitor.has(new)
    assert not visitor.has(visitor.email)


async def mailed(market, address, page):
    """The path of the link to that page in a mail to somebody."""
    link = re.compile(rf"http://shop\.test({page}\?token=\S+)")

    async def found() -> str:
        for path in market.mails.glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",)).get_content()
            if address in mail["to"] and (match := link.search(body)):
                return match[1]
        return ""

    return await eventually(found)


async def test_a_forgotten_password_is_replaced_by_the_link_in_a_mail(market, guest):
    known = await market.person()
    await guest.see("/forgot-password")
    await guest.send("/forgot-password", email=known.user.email)
    link = await mailed(market, known.user.email, "/reset-password")

    await guest.see(link)
    await guest.send("/reset-password", new_password="short")
    assert 'id="e-new_password"' in guest.page.text
    await guest.send("/reset-password", new_password="another lamp for the window")
    assert guest.page.url.path == "/sign-in"
    await guest.send("/sign-in", email=known.user.email, password="another lamp for the window")

    await guest.see("/account")
    assert guest.has("Hello, Ada")


async def test_consents_are_given_and_taken_back_with_their_wording_and_version(market):
    kind = "news_" + new_id()[-6:].translate(str.maketrans("0123456789", "ghijklmnop"))
    await publish(market, kind, "We write to you every month.")
    visitor = await market.signed_in()
    await visitor.see("/account/privacy")
    assert visitor.has("We write to you every month.")
    fields = consent_fields(visitor, kind)
    assert fields["is_given"] == "true"

    await visitor.post("/account/privacy/consents", **fields)
    assert visitor.has("You agreed to version 1")
    await publish(market, kind, "We write to you every week.")
    await visitor.see("/account/privacy")
    assert visitor.has("The wording has changed")
    await visitor.post("/account/privacy/consents", **fields)
    assert visitor.page.status_code == 409
    assert visitor.has("newer version")

    await visitor.post("/account/privacy/consents", **consent_fields(visitor, kind))
    await visitor.post("/account/privacy/consents", **consent_fields(visitor, kind))
    assert visitor.has("You took that back.")
    assert visitor.has("You took back version 2")


def consent_fields(visitor, kind):
    return next(
        dict(fields)
        for form, fields in Form(visitor.page.text).forms
        if form["action"] == "/account/privacy/consents" and dict(fields)["kind"] == kind
    )


async def test_people_take_their_data_home_after_showing_who_they_are(market):
    visitor = await market.signed_in()
    await visitor.see("/account/privacy")
    await market.much_later(visitor)
    await visitor.send("/account/privacy/archives", _exactly=True)
    await prove(visitor)
    assert visitor.page.url.path == "/account/privacy"

    async def is_ready() -> bool:
        return (await visitor.see("/account/privacy")).text.count("/account/privacy/archives/") > 0

    await eventually(is_ready)
    await visitor.send("/account/privacy/archives/")

    assert visitor.page.headers["content-type"] == "application/zip"
    assert "attachment" in visitor.page.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(visitor.page.content)) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    assert visitor.email.encode() in held


async def test_nobody_gets_the_archive_of_another(market):
    visitor = await market.signed_in()
    await visitor.see("/account/privacy")
    csrf = visitor.fields("/account/privacy/archives")["csrf"]
    for wanted in (new_id(), "not-an-id"):
        await visitor.post(f"/account/privacy/archives/{wanted}", csrf=csrf)
        assert visitor.page.status_code in (404, 422)


async def test_an_account_is_deleted_by_its_owner_who_is_sure_of_it(market):
    visitor = await market.signed_in()
    await visitor.see("/account/leave")
    await visitor.send("/account/leave")
    assert visitor.page.status_code == 422
    assert 'id="e-sure"' in visitor.page.text

    await market.much_later(visitor)
    await visitor.send("/account/leave", sure="true")
    await prove(visitor)

    assert visitor.page.url.path == "/goodbye"
    assert visitor.has("Goodbye, and thank you")
    await visitor.see("/account")
    assert visitor.page.url.path == "/sign-in"
    await visitor.send("/sign-in", email=visitor.email, password=PASSWORD)
    assert visitor.page.status_code == 401


async def test_who_has_something_under_way_is_told_what_and_stays(market):
    owner = await market.at_desk()
    await owner.see("/account/leave")

    await owner.send("/account/leave", sure="true")

    assert owner.page.status_code == 409
    assert owner.has("Not just yet")
    assert owner.has("1 shop of yours is open. Close them first.")
    await owner.see("/account")
    assert owner.has("Hello, Ada")


async def test_a_key_is_shown_once_and_ended(market):
    visitor = await market.signed_in()
    await visitor.see("/account/keys")
    await visitor.send("/account/keys", name="ERP", days="")
    assert visitor.page.status_code == 422
    assert 'id="e-scopes"' in visitor.page.text
    assert 'value="ERP"' in visitor.page.text

    await visitor.send("/account/keys", name="ERP", days="", scopes="orders.*")
    secret = re.search(r'class="key mono">(souk_[^<]+)<', visitor.page.text)[1]
    await visitor.see("/account/keys")
    assert visitor.has("ERP")
    assert secret not in visitor.page.text
    headers = {"authorization": f"Bearer {secret}"}
    orders = await market.visitor(**headers).see("/api/v1/orders")
    assert orders.status_code == 200

    await visitor.send("/account/keys", action="revoke")
    assert visitor.has("There are none.")


async def test_a_second_factor_begins_with_a_code_to_scan_and_a_key_to_type(market):
    visitor = await market.signed_in()
    await visitor.see("/account/security")
    await visitor.send("/account/second-factor", action="begin")

    assert '<svg aria-hidden="true" viewBox' in visitor.page.text
    key = re.search(r'class="key mono">([A-Z2-7]+)<', visitor.page.text)[1]
    await visitor.send("/account/second-factor", action="confirm", code="000000")
    assert 'id="e-code"' in visitor.page.text
    key = re.search(r'class="key mono">([A-Z2-7]+)<', visitor.page.text)[1]
    await visitor.send("/account/second-factor", action="confirm", code=pyotp.TOTP(key).now())

    assert visitor.has("They are shown only now.")
    code = re.search(r'class="codes mono"><li>([^<]+)', visitor.page.text)[1]
    await visitor.see("/account/security")
    assert code not in visitor.page.text


async def test_a_passkey_shows_who_somebody_is(market):
    visitor, device = await market.signed_in(), Authenticator(HOST)
    await visitor.see("/account/security")
    await visitor.send("/account/passkeys", action="begin")
    await visitor.send("/account/passkeys", credential="{}", name="Phone")
    assert visitor.page.status_code == 401
    await visitor.send("/account/passkeys", action="begin")
    await visitor.send("/account/passkeys", credential=device.create(asked(visitor)), name="Phone")
    assert visitor.has("The passkey is kept.")
    await visitor.send("/account/passkeys", action="rename", name="")
    assert 'id="problems"' in visitor.page.text

    await market.much_later(visitor)
    await visitor.see("/account/security")
    await visitor.send("/account/passkeys", action="remove")
    assert visitor.has("Show it with a passkey")
    await visitor.post("/prove", **last_fields(visitor, "/prove"), action="passkey")
    await visitor.send("/prove", credential=device.get(asked(visitor), is_forged=True))
    assert visitor.page.status_code == 403
    assert visitor.has("That did not work")
    await visitor.post("/prove", **last_fields(visitor, "/prove"), action="passkey")
    await visitor.send("/prove", credential=device.get(asked(visitor)))
    await visitor.send("/account/passkeys", _exactly=True)

    assert visitor.has("The passkey is gone.")


def asked(visitor):
    """What the browser is to answer."""
    return unescape(re.search(r'data-options="([^"]+)"', visitor.page.text)[1])


def last_fields(visitor, action):
    forms = Form(visitor.page.text).forms
    return next(dict(fields) for form, fields in reversed(forms) if form["action"] == action)
