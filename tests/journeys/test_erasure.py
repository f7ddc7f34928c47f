"""Somebody with a mark on everything that is theirs takes it home, and leaves without a trace."""

import asyncio
import glob
import io
import json
import os
import pathlib
import sys
import zipfile

import asyncpg
import pytest

from souk.contracts.api import Role
from tests.journeys.people import PASSWORD, Person, eventually, opened_shop, with_role
from tests.support.stack import running
from tests.support.traces import databases_of, traces, urls_of


def stackhome():
    return pathlib.Path(max(glob.glob("/tmp/souk-*/souk.log"), key=os.path.getmtime)).parent


MARK = "Zyxomma"
ADDRESS = {
    "name": f"{MARK} Petiolatum", "street_1": f"1 {MARK} Street", "city": f"{MARK}ville",
    "state": "NY", "postal_code": "12207", "country": "US", "phone": "+1 518 555 0100",
}  # fmt: skip
BOOKS = "select account, currency, sum(amount)::bigint from ledger_entries group by 1, 2 order by 1"
TOTALS = "select count(*), sum(total_amount)::bigint from orders"


@pytest.fixture(scope="module")
async def stack():
    async with running(erasure_quiet_seconds=1) as stack:
        yield stack


async def marked(http):
    """Signed in, known with a mark in every field that takes one."""
    person = Person(http)
    account = {
        "email": f"{MARK.lower()}@example.com", "password": PASSWORD, "first_name": MARK,
        "last_name": f"{MARK}son",
    }  # fmt: skip
    signed_in = await person.must(201, "POST", "/auth/register", json=account)
    person.user = signed_in.pop("user")
    person.tokens = signed_in
    await person.must(201, "POST", "/users/addresses", json={"type": "shipping", **ADDRESS})
    consent = {"kind": "marketing", "version": 1, "is_given": True}
    await person.must(200, "POST", "/users/consents", json=consent)
    await person.must(201, "POST", "/users/wishlists", json={"name": f"For {MARK}"})
    return person


async def confirmed(person):
    token = await person.must(200, "POST", "/auth/step-up", json={"password": PASSWORD})
    person.tokens |= {"access_token": token["access_token"]}


async def bought(person, shop, stack, http):
    """One order that arrived, and one that was called off in the person's own words."""
    product = await shop.product()
    variant_id = product["variants"][0]["id"]
    for _ in range(2):
        await person.add(variant_id)
        placed = await person.place(shipping_address=ADDRESS)
        assert placed.status_code == 201, placed.text
        (order,) = placed.json()["orders"]
        yield order
    words = {"reason": f"{MARK} changed their mind"}
    await person.must(200, "PUT", f"/orders/{order['id']}/cancel", json=words)
    await person.add(variant_id)  # and something stays in the cart


async def arrive(order, shop, stack, http):
    path = f"/shops/{shop.id}/orders/{order['id']}/fulfill"
    await shop.seller.must(200, "POST", path, json={"carrier": "souk"})
    courier = await with_role(stack, http, Role.COURIER)
    await courier.must(200, "PUT", f"/orders/{order['id']}/deliver", json={})


async def asked(stack, database, sql):
    connection = await asyncpg.connect(urls_of(stack.home).postgres, database=database)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def mails_are_out(stack):
    async def none_waits():
        sql = "select count(*) from deliveries where status = 'waiting'"
        return await asked(stack, "souk_notifications", sql) == [(0,)]

    await eventually(none_waits)


async def copied(stack, suffix, *, back=False):
    """Every database beside itself, or what lies beside it back in its place."""
    urls = urls_of(stack.home)
    connection = await asyncpg.connect(urls.postgres, database="postgres")
    try:
        for name in await databases_of(urls):
            if name.endswith(suffix):
                continue
            source, target = (name + suffix, name) if back else (name, name + suffix)
            end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1"
            for each in (source, target):
                await connection.execute(f'drop database if exists "{target}" with (force)')
                await connection.fetch(end, each)
            await connection.execute(f'create database "{target}" template "{source}"')
    finally:
        await connection.close()


async def downloaded(person):
    await confirmed(person)
    export = await person.must(202, "POST", "/users/exports", json={})

    async def is_ready():
        (one,) = (await person.must(200, "GET", "/users/exports"))["items"]
        return one["status"] == "ready"

    try:
        await eventually(is_ready)
    except AssertionError:
        print(
            "\n".join(
                l for l in (stackhome() / "souk.log").read_text().splitlines() if "error" in l
            )[-6000:]
        )
        raise
    answer = await person.ask("GET", f"/users/exports/{export['id']}/archive")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def souk(stack, *command):
    environment = {"SOUK_HOME": str(stack.home), "PATH": "/usr/bin:/bin"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "souk", *command, env=environment, stdout=-1, stderr=-1
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_a_marked_person_leaves_no_trace_and_the_books_stay(stack):
    async with stack.http() as http:
        shop, person = await opened_shop(http), await marked(http)
        first, _ = [order async for order in bought(person, shop, stack, http)]
        await confirmed(person)
        refused = await person.ask("POST", "/users/erasure", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "ErasureMustWait")
        assert "orders are not finished" in refused.json()["detail"]
        await arrive(first, shop, stack, http)
        await mails_are_out(stack)

        archive = await downloaded(person)
        assert {"README.txt", "orders/orders.json", "carts/cart.json"} <= set(archive.namelist())
        (account,) = json.loads(archive.read("users/account.json"))
        assert account["first_name"] == MARK
        contacts = json.loads(archive.read("orders/checkouts.json"))
        assert {each["shipping_address"]["city"] for each in contacts} == {f"{MARK}ville"}

        assert any(name.startswith("mail/") for name in await traces(stack.home, MARK))
        books = await asked(stack, "souk_payments", BOOKS)
        totals = await asked(stack, "souk_orders", TOTALS)

        erasure = await person.must(202, "POST", "/users/erasure", json={})
        assert (await person.ask("GET", "/users/profile")).status_code == 401
        support = await with_role(stack, http, Role.SUPPORT)

        async def is_done():
            found = await support.must(200, "GET", f"/erasures/{erasure['id']}")
            return found if found["status"] == "done" else None

        done = await eventually(is_done, 40)
        parts = {
            f"{receipt['service']}.{part['part']}": part
            for receipt in done["receipts"]
            for part in receipt["parts"]
        }
        assert {receipt["service"] for receipt in done["receipts"]} >= {"carts", "orders", "users"}
        assert parts["users.account"]["erased"] == 1
        assert parts["orders.orders"]["kept"] == 2
        assert parts["orders.orders"]["duty"] == "bookkeeping"

        assert await traces(stack.home, MARK) == []
        assert await traces(stack.home, MARK.lower()) == []
        assert await asked(stack, "souk_payments", BOOKS) == books
        assert await asked(stack, "souk_orders", TOTALS) == totals
        again = await marked(http)
        assert again.user["id"] != person.user["id"]
