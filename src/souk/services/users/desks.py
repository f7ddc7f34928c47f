"""The desks at which people prove who they are, put together once."""

from __future__ import annotations

from msgspec import Struct

from souk.contracts.media import MediaServiceClient
from souk.kernel.identity import Verifier
from souk.services.users.codes import Codes
from souk.services.users.door import Door
from souk.services.users.entrance import Entrance, Grounds
from souk.services.users.passkeys import Passkeys
from souk.services.users.portraits import Portraits
from souk.services.users.providers.desk import Providers
from souk.services.users.second_factor import SecondFactor
from souk.services.users.sessions import Sessions
from souk.services.users.step_up import StepUp


class Desks(Struct, frozen=True, kw_only=True, eq=False):
    on: Grounds
    door: Door
    codes: Codes
    second_factor: SecondFactor
    passkeys: Passkeys
    providers: Providers
    sessions: Sessions
    step_up: StepUp
    portraits: Portraits


def open_desks(on: Grounds, verifier: Verifier, media: MediaServiceClient) -> Desks:
    entrance = Entrance(on)
    door, second_factor = Door(on, entrance), SecondFactor(on)
    codes, passkeys = Codes(on, entrance, second_factor), Passkeys(on, entrance)
    return Desks(
        on=on,
        door=door,
        codes=codes,
        second_factor=second_factor,
        passkeys=passkeys,
        providers=Providers(on, entrance),
        sessions=Sessions(on, verifier),
        step_up=StepUp(
            on,
            entrance,
            door=door,
            codes=codes,
            second_factor=second_factor,
            passkeys=passkeys,
        ),
        portraits=Portraits(on.database, media),
    )
