"""The second factor: codes of an authenticator app, and recovery codes for when it is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pyotp

from souk.contracts.users import CodeRefused, RecoveryCodes, TotpEnrollment, TotpNotEnrolled
from souk.kernel.database import Database
from souk.kernel.ids import new_code
from souk.services.users import factor_store, queries
from souk.services.users.entrance import Grounds
from souk.services.users.guess_store import Count
from souk.services.users.model import hash_of

ISSUER = "Souk"
STEP_SECONDS = 30
STEPS_AROUND = 1  # clocks of phones are half a minute off
RECOVERY_CODES = 10
RECOVERY_CHARACTERS = 16
SECRET_NAME = "totp"  # noqa: S105 - what it is sealed as


class SecondFactor:
    def __init__(self, on: Grounds) -> None:
        self.on = on

    async def enroll(self, user_id: str) -> TotpEnrollment:
        """One that is on stays on until the new one is confirmed."""
        account = await queries.get_account(self.on.database, user_id)
        secret = pyotp.random_base32()
        sealed = self.on.vault.seal(secret, of=f"{SECRET_NAME}:{user_id}")
        await self.on.database.transact(factor_store.propose_totp, user_id, sealed)
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=ISSUER)
        return TotpEnrollment(secret=secret, uri=uri)

    async def confirm(self, user_id: str, code: str) -> RecoveryCodes:
        guesses = self.on.guessing.second_factor(user_id)
        await self.on.guessing.begin(guesses)
        sealed = await factor_store.find_proposed(self.on.database, user_id)
        if sealed is None:
            raise TotpNotEnrolled()
        step = self._step_of(self._opened(sealed, user_id), code)
        if step is None:
            raise CodeRefused()
        codes = recovery_codes()
        await self.on.database.transact(
            factor_store.confirm_totp,
            user_id,
            sealed,
            step=step,
            recovery_hashes=hashes(codes),
            guesses=guesses,
        )
        return RecoveryCodes(codes=codes)

    async def remove(self, user_id: str) -> None:
        await self.on.database.transact(factor_store.remove_totp, user_id)

    async def renew_recovery_codes(self, user_id: str) -> RecoveryCodes:
        codes = recovery_codes()
        await self.on.database.transact(factor_store.replace_recovery_codes, user_id, hashes(codes))
        return RecoveryCodes(codes=codes)

    async def must_be_right(self, user_id: str, code: str) -> Sequence[Count]:
        """A code opens once. Raises CodeRefused, TooManyRequests; answers the guesses to take
        back."""
        guesses = self.on.guessing.second_factor(user_id)
        await self.on.guessing.begin(guesses)
        database, typed = self.on.database, code.replace(" ", "").replace("-", "").upper()
        if len(typed) == RECOVERY_CHARACTERS:
            is_right = await factor_store.use_recovery_code(database, user_id, hash_of(typed))
        else:
            is_right = await self._use_totp(database, user_id, typed)
        if not is_right:
            raise CodeRefused()
        return guesses

    async def _use_totp(self, database: Database, user_id: str, code: str) -> bool:
        sealed = await factor_store.find_totp(database, user_id)
        step = None if sealed is None else self._step_of(self._opened(sealed, user_id), code)
        return step is not None and await factor_store.use_totp(database, user_id, step)

    def _opened(self, sealed: bytes, user_id: str) -> str:
        return self.on.vault.open(sealed, of=f"{SECRET_NAME}:{user_id}")

    def _step_of(self, secret: str, code: str) -> int | None:
        """The moment, in steps of thirty seconds, that the code is right for."""
        now = int(self.on.clock.now().timestamp()) // STEP_SECONDS
        totp = pyotp.TOTP(secret)
        around = range(now - STEPS_AROUND, now + STEPS_AROUND + 1)
        right = [
            step for step in around if pyotp.utils.strings_equal(totp.generate_otp(step), code)
        ]
        return right[0] if right else None


def recovery_codes() -> tuple[str, ...]:
    """`ABCD-EFGH-…`: for paper."""
    codes = (new_code(RECOVERY_CHARACTERS) for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes)


def hashes(codes: Sequence[str]) -> list[bytes]:
    return [hash_of(code.replace("-", "")) for code in codes]
