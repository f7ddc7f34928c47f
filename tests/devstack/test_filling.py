"""A demo marketplace is put into a Souk that has much else to do."""

import pytest

from souk.demo import filling
from souk.kernel.refusals import NotAllowed, Unavailable


@pytest.fixture
def turned_away(monkeypatch):
    """How long each waited who was told to come again."""
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    monkeypatch.setattr(filling.asyncio, "sleep", sleep)
    return pauses


async def test_whoever_is_told_to_come_again_does(turned_away):
    done = []

    async def do(item):
        if len(turned_away) < 3:
            raise Unavailable(service="sign-in", retry_seconds=2)
        done.append(item)

    await filling.at_once(do, ["ada", "bob"])
    assert sorted(done) == ["ada", "bob"]
    assert set(turned_away) == {2}


@pytest.mark.parametrize("refusal", [Unavailable(service="sign-in"), NotAllowed()])
async def test_what_stays_refused_ends_it(turned_away, refusal):
    async def do(_):
        raise refusal

    with pytest.raises(type(refusal)):
        await filling.at_once(do, ["ada"])
    assert len(turned_away) == (filling.TRIES_MAX if isinstance(refusal, Unavailable) else 0)
