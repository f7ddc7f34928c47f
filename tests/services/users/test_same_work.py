"""Nobody can tell by the answer or by the work behind it whether there is an account.

How long it takes is measured by `python -m bench.people timing`; here is why it takes that long.
"""

import msgspec
import pytest
from argon2 import extract_parameters

from souk.contracts.users import (
    BanUserRequest,
    CreateUserRequest,
    UserServiceClient,
    WrongCredentials,
)
from souk.kernel.context import Caller
from souk.kernel.ids import new_id
from souk.services.users.passwords import Passwords
from tests.services.users.persons import login, registered
from tests.support.hosting import hosted
from tests.support.people import as_

ADMIN = Caller(new_id(), frozenset({"admin"}))


class Watched(Passwords):
    """Remembers what it had to compute."""

    def __init__(self, settings):
        super().__init__(settings)
        self.computed = []

    def _fits(self, password, known_hash):
        self.computed.append(extract_parameters(known_hash))
        return super()._fits(password, known_hash)


@pytest.fixture
async def host(servers):
    async with hosted("users", servers) as host:
        yield host


async def test_every_wrong_sign_in_costs_one_hash_of_the_same_size(host):
    users, desks = host.client(UserServiceClient), host.parts.rpc.desks
    watched = Watched(host.platform.settings)
    desks.door.on = msgspec.structs.replace(desks.on, passwords=watched)
    await registered(users, "known@example.com")
    barred = await registered(users, "barred@example.com")
    with as_(ADMIN):
        await users.ban_user(BanUserRequest(user_id=barred.user.id))
        await users.create_user(CreateUserRequest(email="new@example.com", first_name="Ada"))

    answers = set()
    for name in ("known", "unknown", "barred", "new"):
        with pytest.raises(WrongCredentials) as refused:
            await users.login(login(f"{name}@example.com", "a wrong password"))
        answers.add((refused.value.detail, tuple(refused.value.fields.items())))
    with pytest.raises(WrongCredentials):  # the right one does not open a barred account either
        await users.login(login("barred@example.com"))
    await watched.close()

    assert len(answers) == 1
    assert len(watched.computed) == 5
    assert len(set(map(str, watched.computed))) == 1
