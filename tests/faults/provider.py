"""A payment provider outside Souk: a process with a book of its own, and moods.

    python -m tests.faults.provider --book FILE --port PORT --key HEX --shop URL

It charges once for each key, as providers do, and writes what it did to a file that outlives it;
the storm counts charges there. `PUT /mood` makes it late, lose answers after the deed, answer 500
after the deed, and send its webhooks three times, shuffled or never. It ends with its parent.
"""

from __future__ import annotations

import argparse
import hmac
import http.client
import json
import os
import random
import sqlite3
import sys
import threading
import time
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

WEBHOOK_PATH = "/api/v1/payments/sandbox/webhook"
SCHEMA = """
pragma journal_mode = wal;
pragma synchronous = full;
create table if not exists charges (
    key text primary key, reference text not null unique, state text not null,
    method text not null, reason text not null default '', currency text not null,
    amount integer not null check (amount > 0),
    captured integer not null default 0 check (captured in (0, amount)),
    refunded integer not null default 0 check (refunded between 0 and captured));
create table if not exists refunds (
    key text primary key, charge text not null references charges, amount integer not null);
create table if not exists webhooks (
    id text primary key, charge text not null, kind text not null, due real not null,
    left integer not null);
"""
OUTCOMES = {
    "approve": ("authorized", ""),
    "decline": ("declined", "the card was declined"),
    "insufficient_funds": ("declined", "insufficient funds"),
    "challenge": ("requires_action", ""),
}
CALM = {"late": 0.0, "late_seconds": 60.0, "lose": 0.0, "fail": 0.0, "webhooks": "once"}


class Book:
    """What this provider knows: one file, one writer at a time, on disk when it answers."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(SCHEMA)

    def find(self, column: str, value: str) -> dict[str, Any] | None:
        with self._lock:
            row = self._db.execute(f"select * from charges where {column} = ?", (value,)).fetchone()
        return dict(row) if row else None

    def change(self, key: str, sql: str, *values: Any) -> dict[str, Any] | None:
        """The charge as it is afterwards."""
        with self._lock:
            self._db.execute(sql, values)
        return self.find("key", key)

    def authorize(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        state, reason = OUTCOMES[asked["method"]]
        reference = uuid.uuid4().hex
        return self.change(
            asked["key"],
            "insert into charges (key, reference, state, method, reason, currency, amount)"
            " values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
            *(asked["key"], reference, state, asked["method"], reason),
            *(asked["currency"], asked["amount"]),
        )

    def refund(self, key: str, refund_key: str, amount: int) -> bool:
        with self._lock:
            self._db.execute("begin immediate")
            try:
                if self._db.execute(
                    "select 1 from refunds where key = ?", (refund_key,)
                ).fetchone():
                    return True
                given = self._db.execute(
                    "update charges set refunded = refunded + ?1"
                    " where key = ?2 and captured - refunded >= ?1",
                    (amount, key),
                ).rowcount
                if given:
                    row = (refund_key, key, amount)
                    self._db.execute("insert into refunds values (?, ?, ?)", row)
                return bool(given)
            finally:
                self._db.execute("commit")

    def tell(self, charge: dict[str, Any], mood: dict[str, Any]) -> None:
        """Notes a webhook about it, due as the mood has it."""
        copies = {"never": 0, "thrice": 3}.get(mood["webhooks"], 1)
        due = time.time() + (random.uniform(0, 3) if mood["webhooks"] == "shuffled" else 0)
        row = (uuid.uuid4().hex, charge["key"], f"charge.{charge['state']}", due, copies)
        with self._lock:
            self._db.execute("insert into webhooks values (?, ?, ?, ?, ?)", row)

    def due_webhooks(self) -> list[dict[str, Any]]:
        with self._lock:
            rows = self._db.execute(
                "select w.*, c.reference from webhooks w join charges c on c.key = w.charge"
                " where w.left > 0 and w.due <= ? order by random() limit 50",
                (time.time(),),
            ).fetchall()
        return [dict(row) for row in rows]

    def told(self, webhook_id: str, *, taken: bool) -> None:
        with self._lock:
            self._db.execute(
                "update webhooks set left = left - ?, due = ? where id = ?",
                (int(taken), time.time() + (0 if taken else 1), webhook_id),
            )


class Desk(ThreadingHTTPServer):
    """The provider's counter: a thread for each connection."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int, book: Book, seed: int) -> None:
        super().__init__(("127.0.0.1", port), Answer)
        self.book = book
        self.mood: dict[str, Any] = dict(CALM)
        self.chance = random.Random(seed)
        self.fired: Counter[str] = Counter()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # who hung up is no error
            super().handle_error(request, client_address)

    def whim(self) -> str:
        """What becomes of this request: it is done late, done and not told, or just done."""
        draw = self.chance.random()
        for whim in ("late", "lose", "fail"):
            draw -= self.mood[whim]
            if draw < 0:
                self.fired[whim] += 1
                return whim
        return ""


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Desk
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        body = self._body()
        if body.get("webhooks") == "once":
            self.server.book.change("", "update webhooks set due = 0 where left > 0")
        self.server.mood = CALM | body
        self._say(200, dict(self.server.fired))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        return

    def _answer(self, verb: str) -> None:
        body = self._body()
        what = [part for part in self.path.split("/") if part]
        if what == ["mood"]:
            self._say(200, dict(self.server.fired))
            return
        whim = self.server.whim()
        if whim == "late":
            self._dawdle()
        status, said = self._done(verb, what, body)
        if whim == "late":
            self._dawdle()
        if whim == "lose":
            self.close_connection = True
            return
        self._say(500 if whim == "fail" else status, said)

    def _dawdle(self) -> None:
        """Before the deed and after it: money may arrive long after its asker went away."""
        time.sleep(self.server.chance.uniform(0, self.server.mood["late_seconds"] / 2))

    def _done(self, verb: str, what: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        book, charge = self.server.book, None
        match verb, what:
            case "POST", ["charges"]:
                charge = book.authorize(body)
                if charge and charge["state"] == "authorized":
                    book.tell(charge, self.server.mood)
            case "GET", ["charges", key]:
                charge = book.find("key", key)
            case "POST", ["charges", key, "capture"]:
                charge = book.change(
                    key,
                    "update charges set state = 'captured', captured = amount"
                    " where key = ? and state = 'authorized'",
                    key,
                )
            case "POST", ["charges", key, "void"]:
                charge = book.change(
                    key,
                    "update charges set state = 'voided'"
                    " where key = ? and state in ('authorized', 'requires_action')",
                    key,
                )
            case "POST", ["charges", key, "refunds"]:
                done = book.refund(key, body["refund_key"], body["amount"])
                return (200, {}) if done else (409, {"reason": "more than is left"})
            case "POST", ["challenges", reference]:
                charge = self._decided(reference, approve=body["approve"])
        return (200, self._shown(charge)) if charge else (404, {})

    def _decided(self, reference: str, *, approve: bool) -> dict[str, Any] | None:
        book, found = self.server.book, self.server.book.find("reference", reference)
        if found is None:
            return None
        state, reason = ("authorized", "") if approve else ("declined", "you declined it")
        charge = book.change(
            found["key"],
            "update charges set state = ?, reason = ? where key = ? and state = 'requires_action'",
            *(state, reason, found["key"]),
        )
        if charge:
            book.tell(charge, self.server.mood)
        return charge

    def _shown(self, charge: dict[str, Any]) -> dict[str, Any]:
        host, port = self.server.server_address[:2]
        url = f"http://{host!s}:{port}/challenges/{charge['reference']}"
        shown = {name: charge[name] for name in ("key", "reference", "state", "reason")}
        return shown | {"action_url": url if charge["state"] == "requires_action" else ""}

    def _body(self) -> dict[str, Any]:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            raise ConnectionError("the shop hung up")
        read: dict[str, Any] = json.loads(body) if body else {}
        return read

    def _say(self, status: int, what: Any) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Teller(threading.Thread):
    """Tells the shop, until it has listened often enough."""

    def __init__(self, book: Book, *, shop: str, key: bytes) -> None:
        super().__init__(daemon=True)
        self._book, self._key = book, key
        self._shop = urlsplit(shop)

    def run(self) -> None:
        while True:
            for webhook in self._book.due_webhooks():
                self._book.told(webhook["id"], taken=self._is_taken(webhook))
            time.sleep(0.05)

    def _is_taken(self, webhook: dict[str, Any]) -> bool:
        told = {
            "id": webhook["id"], "type": webhook["kind"], "key": webhook["charge"],
            "reference": webhook["reference"], "created_at": str(int(webhook["due"])),
        }  # fmt: skip
        body, moment = json.dumps(told).encode(), str(int(time.time()))
        mark = hmac.new(self._key, f"{moment}.".encode() + body, "sha256").hexdigest()
        headers = {
            "content-type": "application/json", "souk-signature": f"t={moment},v1={mark}",
        }  # fmt: skip
        assert self._shop.hostname
        shop = http.client.HTTPConnection(self._shop.hostname, self._shop.port, timeout=5)
        try:
            shop.request("POST", WEBHOOK_PATH, body, headers)
            return 200 <= shop.getresponse().status < 300
        except (OSError, http.client.HTTPException):
            return False
        finally:
            shop.close()


def until_orphaned() -> None:
    """The parent holds the other end of our input."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.provider")
    parser.add_argument("--book", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", type=bytes.fromhex, required=True, help="signs webhooks, in hex")
    parser.add_argument("--shop", required=True, help="where webhooks go: http://host:port")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    book = Book(given.book)
    desk = Desk(given.port, book, given.seed)
    threading.Thread(target=until_orphaned, daemon=True).start()
    Teller(book, shop=given.shop, key=given.key).start()
    desk.serve_forever()


if __name__ == "__main__":
    main()
