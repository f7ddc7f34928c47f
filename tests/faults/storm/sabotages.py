"""For every invariant a way to break it, so that it is known to turn red."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from tests.faults.storm.counting import Counter

PATCHES = "tests.faults.storm.patches"
NEW_SESSIONS = """
select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'souk-%'
"""


class Sabotage(Struct, frozen=True, kw_only=True):
    """What is taken out. `breaks` is the invariant that must notice, `harms` show it.

    `patch` is applied in every serving process (a function of `patches.py`); `sql` is run by
    service before the storm: where the database guards as well, that guard goes too.
    """

    breaks: str
    harms: tuple[str, ...]
    patch: str = ""
    sql: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    @property
    def function(self) -> str:
        return f"{PATCHES}:{self.patch}" if self.patch else ""

    async def prepare(self, counter: Counter) -> None:
        for service, statements in self.sql.items():
            for statement in statements:
                await counter.run(service, statement)


SABOTAGES: dict[str, Sabotage] = {
    "no guard on stock": Sabotage(
        breaks="nothing is oversold",
        harms=("repeat",),
        patch="sell_what_is_not_there",
        sql={
            "inventory": (
                "alter table stock drop constraint stock_check,"
                " drop constraint stock_on_hand_check, drop constraint stock_reserved_check",
            )
        },
    ),
    "holds are kept": Sabotage(
        breaks="no hold leaks", harms=("repeat",), patch="keep_what_is_held"
    ),
    "charged anew": Sabotage(
        breaks="never more than one capture for an order",
        harms=("lose", "fail"),
        patch="charge_anew",
    ),
    "no ledger": Sabotage(
        breaks="provider = payments = ledger", harms=("repeat",), patch="write_no_ledger"
    ),
    "half a ledger": Sabotage(
        breaks="the ledger sums to zero, all the time",
        harms=("repeat",),
        patch="write_half_a_ledger",
        sql={"payments": ("drop trigger balanced on ledger_entries",)},
    ),
    "answered before it is on disk": Sabotage(
        breaks="no acknowledged order is lost",
        harms=("postgres",),
        sql={
            "orders": (
                "alter role postgres set synchronous_commit = off",
                "alter system set wal_writer_delay = '10s'",
                "alter system set wal_writer_flush_after = '1GB'",
                "select pg_reload_conf()",
                NEW_SESSIONS,
            )
        },
    ),
    "unknown is no": Sabotage(
        breaks="who was refused bought nothing",
        harms=("postgres", "kill"),
        patch="take_unknown_for_no",
    ),
    "keys are forgotten": Sabotage(
        breaks="copies of a request get one answer, and none is wrong",
        harms=("repeat",),
        patch="forget_keys",
    ),
    "money is kept": Sabotage(
        breaks="what is cancelled is paid back, once", harms=("repeat",), patch="keep_the_money"
    ),
    "events are lost": Sabotage(
        breaks="no event is lost, invented or taken twice",
        harms=("nats",),
        patch="lose_events",
    ),
    "checkouts are left lying": Sabotage(
        breaks="all is settled after healing",
        harms=("kill",),
        patch="leave_checkouts_lying",
    ),
    "Redis is believed": Sabotage(
        breaks="Redis may be flushed", harms=("flush",), patch="believe_in_redis"
    ),
    "transactions are left open": Sabotage(
        breaks="no transaction lies idle, no connection leaks",
        harms=("repeat",),
        patch="leave_transactions_open",
    ),
}
