"""Whatever is wrong with a request, the answer says so, and nothing is half done."""

import asyncio
import base64
import json
import time

import httpx
import pytest

from souk.kernel.ids import new_id
from tests.journeys.people import Person, opened_shop

VALID = {"email": "a@b.example", "password": "a fine long password", "first_name": "Ada"}


def problem(answer: httpx.Response, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert (found["code"], found["status"]) == (code, status)
    assert found["trace_id"]
    return found


async def test_every_wrong_field_is_named_at_once(http):
    body = {"email": "no mail", "password": "short", "first_name": 7, "nickname": "x"}
    found = problem(await http.post("/auth/register", json=body), 422, "InvalidRequest")
    assert {"email", "password", "first_name", "nickname"} <= {e["field"] for e in found["errors"]}


@pytest.mark.parametrize("body", [b"{", b"", b"[1,", b'{"email": }', b"\xff\xfe", b"[" * 50_000])
async def test_broken_json_is_told_from_wrong_fields(http, body):
    headers = {"Content-Type": "application/json"}
    answer = await http.post("/auth/register", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("quantity", [0, -1, 10**12, 2**63, 1.5, "two", None, True, [1]])
async def test_a_quantity_is_a_small_whole_number(http, quantity):
    body = {"variant_id": new_id(), "quantity": quantity}
    found = problem(await http.post("/cart/items", json=body), 422, "InvalidRequest")
    assert [error["field"] for error in found["errors"]] == ["quantity"]


@pytest.mark.parametrize("text", ["a\u0000b", "a\u0007b", "a\u001bb"])
async def test_control_characters_are_refused(http, text):
    answer = await http.post("/auth/register", json=VALID | {"first_name": text})
    found = problem(answer, 422, "InvalidRequest")
    assert [error["field"] for error in found["errors"]] == ["first_name"]


async def test_a_huge_body_is_refused_without_being_read(http):
    async def endless():
        for _ in range(100):
            yield b"x" * (1 << 20)

    for content in (b" " * (100 << 20), endless()):
        try:
            answer = await http.post(
                "/auth/register", content=content, headers={"Content-Type": "application/json"}
            )
        except httpx.TransportError:
            continue  # the door was shut while we still spoke
        assert answer.status_code == 413, answer.text
    assert (await http.get("/products")).status_code == 200


async def test_the_wrong_kind_of_body_is_refused(http):
    answer = await http.post("/auth/register", content=b"a=b", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 415


def forged(token: str, **header: str) -> str:
    head, payload, signature = token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(head + "==")) | header
    packed = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    return f"{packed}.{payload}.{'' if header.get('alg') == 'none' else signature}"


async def test_tokens_that_are_not_ours_are_refused(http):
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    ada = await Person(http).register()
    token = ada.tokens["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    own = Ed25519PrivateKey.generate()
    expired = claims | {"exp": int(time.time()) - 60}
    bad = {
        "none": forged(token, alg="none"),
        "other key": jwt.encode(claims, own, "EdDSA", headers={"kid": kid, "typ": "at+jwt"}),
        "expired": jwt.encode(expired, own, "EdDSA", headers={"kid": kid, "typ": "at+jwt"}),
        "unknown kid": forged(token, kid=new_id()),
        "truncated": token[:-10],
        "garbage": "garbage",
    }
    for name, forgery in bad.items():
        answer = await http.get("/users/profile", headers={"Authorization": f"Bearer {forgery}"})
        problem(answer, 401, "SignInRequired"), name
        assert "www-authenticate" in answer.headers, name
    await ada.must(200, "GET", "/users/profile")


async def test_foreign_things_do_not_exist(http):
    mine, theirs = await opened_shop(http), await opened_shop(http, "Other & Co")
    product = await theirs.product()
    variant = product["variants"][0]["id"]
    counted = {"variant_id": variant, "on_hand": 0}
    new = {"name": "X", "variants": [{"sku": "X", "price": {"amount": 1, "currency": "USD"}}]}
    for verb, path, body in (
        ("PUT", f"/products/{product['id']}/inventory", counted),
        ("PUT", f"/products/{product['id']}", {"name": "Mine now"}),
        ("DELETE", f"/products/{product['id']}", None),
        ("PUT", f"/products/{product['id']}/price", {"price": {"amount": 1, "currency": "USD"}}),
        ("POST", f"/shops/{theirs.id}/products", new),
        ("POST", f"/shops/{theirs.id}/promotions", {"code": "FREE", "percent_basis_points": 10000}),
        ("GET", f"/shops/{theirs.id}/orders", None),
        ("GET", f"/shops/{theirs.id}/products/export", None),
        ("PUT", f"/shops/{theirs.id}", {"name": "Mine now"}),
    ):
        answer = await mine.seller.ask(verb, path, **({"json": body} if body else {}))
        assert answer.status_code == 404, f"{verb} {path}: {answer.status_code} {answer.text}"
    assert (await theirs.stock(product))["on_hand"] == 20


async def test_a_foreign_order_does_not_exist(http):
    shop = await opened_shop(http)
    product = await shop.product()
    ada, bob = await Person(http).register(), await Person(http).register("Bob")
    await ada.add(product["variants"][0]["id"])
    placed = (await ada.place()).json()
    order_id = placed["orders"][0]["id"]
    paths = [
        ("GET", f"/orders/{order_id}"),
        ("GET", f"/orders/{order_id}/timeline"),
        ("GET", f"/checkouts/{placed['checkout']['id']}"),
        ("GET", f"/payments/{placed['checkout']['payment']['id']}"),
        ("PUT", f"/orders/{order_id}/cancel"),
    ]
    for person in (bob, Person(http)):
        for verb, path in paths:
            body = {"json": {"reason": "not mine"}} if verb == "PUT" else {}
            answer = await person.ask(verb, path, **body)
            assert answer.status_code == 404, f"{verb} {path}: {answer.status_code}"
    assert (await ada.must(200, "GET", f"/orders/{order_id}"))["status"] == "confirmed"


async def test_a_cart_changed_during_checkout_sells_what_was_seen(http):
    shop = await opened_shop(http)
    product = await shop.product()
    ada = await Person(http).register()
    variant = product["variants"][0]["id"]
    await ada.add(variant)
    placing = asyncio.create_task(ada.place("slow"))
    await asyncio.sleep(1)
    await ada.add(variant, 2)
    answer = await placing
    assert answer.status_code == 201, answer.text
    assert [item["quantity"] for item in answer.json()["orders"][0]["items"]] == [1]
    kept = (await ada.must(200, "GET", "/cart"))["items"]
    assert [item["quantity"] for item in kept] == [3]


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n" + b"\0" * 100, b"", b'{"a": 1}', b"a;b\n1;2\n"]
)
async def test_what_is_no_sheet_is_refused(http, content):
    shop = await opened_shop(http)
    file = {"file": ("sheet.csv", content, "text/csv")}
    path = f"/shops/{shop.id}/products/import"
    answer = await shop.seller.ask("POST", path, files=file)
    assert answer.status_code == 422, answer.text
    assert (await http.get(f"/products?shop_id={shop.id}")).json()["items"] == []


@pytest.mark.parametrize(
    "path", ["/nowhere", "/products/../../etc/passwd", "/orders/not-an-id", "/products?nope=1"]
)
async def test_wrong_addresses_are_told_apart(http, path):
    answer = await http.get(path)
    assert answer.status_code in (404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_method_that_is_not_there_says_which_are(http):
    answer = await http.delete("/products")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
