"""Every service answers for the people in its database, with statements that run there."""

import importlib

import pytest

from souk.contracts import SERVICES
from souk.contracts.common import ErasePersonRequest, ExportPersonRequest
from souk.kernel.personal_data import PersonalDataRpc
from tests.architecture.source import SOURCE, modules

HOSTED = sorted(path.parent.name for path in (SOURCE / "services").glob("*/wiring.py"))
# Columns whose name says that they point at a person.
WHOSE = """
select table_name, column_name from information_schema.columns
where table_schema = 'public'
  and column_name in ('user_id', 'owner_id', 'buyer_id', 'payer_id', 'person_id', 'customer_id',
                      'courier_id', 'author_id', 'reviewer_id', 'viewer_id')
"""
# Sealed and chained by the kernel, or void within a day.
NOT_HELD = {
    ("audit", "owner_id"),  # kept for security: ids, and addresses of networks
    ("ended_access", "user_id"),
    ("erasures", "user_id"),
}


def rpc_of(service):
    module = importlib.import_module(f"souk.services.{service}.rpc")
    (found,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, PersonalDataRpc)
        and value.__module__ == module.__name__
    ]
    return found


def statements(service):
    for holding in rpc_of(service).HOLDINGS:
        yield f"{holding.export} limit $2 offset $3"
        yield from filter(None, (holding.lock, holding.erase, holding.kept, holding.under_way))


@pytest.mark.parametrize("service", HOSTED)
def test_a_contract_hands_over_and_erases_people(service):
    module, _, name = SERVICES[service].partition(":")
    by_name = {each.name: each for each in getattr(importlib.import_module(module), name).METHODS}
    assert by_name["ExportPerson"].request is ExportPersonRequest
    assert by_name["ErasePerson"].request is ErasePersonRequest
    assert by_name["ExportPerson"].access.internal
    assert by_name["ErasePerson"].access.internal


@pytest.mark.parametrize("service", HOSTED)
async def test_what_is_declared_runs_and_forgets_no_table(service, database_of):
    database = await database_of(service)
    async with database.transaction() as tx:
        for sql in statements(service):
            await tx.execute(f"prepare it as {sql}")
            await tx.execute("deallocate it")
    words = " ".join(statements(service)).split()
    held = {word.strip("(),") for word in words}
    columns = {tuple(row) for row in await database.fetch(WHOSE)} - NOT_HELD
    forgotten = {(table, column) for table, column in columns if table not in held}
    assert not forgotten


@pytest.mark.parametrize("service", HOSTED)
def test_who_answers_for_people_asks_nobody_else(service):
    """So asking every service runs in no circle, whoever calls whom otherwise."""
    for path, _ in modules(SOURCE / "services" / service):
        if path.name == "personal_store.py":
            assert "Client" not in path.read_text(), path
