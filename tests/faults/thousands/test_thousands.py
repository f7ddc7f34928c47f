"""The counts of this folder with few enough for every day; `python -m` has them by the thousand."""

import pytest

from tests.faults.thousands.events import events, out_of_order
from tests.faults.thousands.keys import keys

pytestmark = [pytest.mark.xdist_group("thousands"), pytest.mark.timeout(300)]


async def test_a_key_has_one_effect_and_one_answer_though_its_process_dies_in_between(servers):
    found = await keys(servers, count=40, copies=20)
    assert not found.wrong, str(found)


async def test_events_of_long_transactions_take_effect_once_and_in_order_amid_deaths(servers):
    found = await events(servers, count=4000)
    assert not found.wrong, str(found)


def test_an_effect_out_of_order_is_seen():
    assert out_of_order([("a", 1), ("b", 1), ("a", 2), ("a", 2)]) == []
    assert out_of_order([("a", 2), ("a", 1), ("b", 1)]) == [("a", 2)]
