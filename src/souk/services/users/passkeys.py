"""Passkeys (WebAuthn): made by a browser or phone, asked for without a name, two factors in one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from souk.contracts.users import (
    AddPasskeyRequest,
    Passkey,
    PasskeyOptions,
    PasskeyRefused,
    RenamePasskeyRequest,
    SignedIn,
    SignInWithPasskeyRequest,
    TooManyPasskeys,
)
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.services.users import challenge_store, factor_store, queries
from souk.services.users.challenge_store import Challenge, Purpose
from souk.services.users.entrance import Entrance, Grounds
from souk.services.users.factor_store import PASSKEYS_MAX, Credential
from souk.services.users.use_cases.sign_in import use_once
from souk.services.users.visits import Visit

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

# The library brings a certificate machinery along, so it is imported when it is used.
NAME = "Souk"
ANSWER_SECONDS = 600
UNNAMED = "Passkey"


class Passkeys:
    def __init__(self, on: Grounds, entrance: Entrance) -> None:
        self.on, self.entrance = on, entrance
        self._origin = on.settings.public_address
        self._site = urlsplit(self._origin).hostname or "localhost"

    async def start(self, user_id: str) -> PasskeyOptions:
        from webauthn import generate_registration_options, options_to_json
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        account = await queries.get_account(self.on.database, user_id)
        known = await factor_store.list_credentials(self.on.database, user_id)
        if len(known) >= PASSKEYS_MAX:
            raise TooManyPasskeys(max=PASSKEYS_MAX)
        challenge_id = await self._challenge(Purpose.PASSKEY_REGISTRATION, user_id)
        options = generate_registration_options(
            rp_id=self._site,
            rp_name=NAME,
            user_id=user_id.encode(),
            user_name=account.email,
            user_display_name=account.first_name,
            challenge=self._bytes(challenge_id),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
        )
        return PasskeyOptions(challenge=challenge_id, options=options_to_json(options))

    async def add(self, user_id: str, request: AddPasskeyRequest) -> Passkey:
        from webauthn import verify_registration_response
        from webauthn.helpers.exceptions import WebAuthnException

        await self._must_be_open(request.challenge, Purpose.PASSKEY_REGISTRATION, user_id)
        try:
            made = verify_registration_response(
                credential=request.credential,
                expected_challenge=self._bytes(request.challenge),
                expected_rp_id=self._site,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            raise PasskeyRefused() from None
        credential = Credential(
            id=new_id(),
            user_id=user_id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
        )
        name = request.name.strip() or UNNAMED
        return await self.on.database.transact(_keep, credential, request.challenge, name=name)

    async def rename(self, user_id: str, request: RenamePasskeyRequest) -> Passkey:
        name = request.name.strip() or UNNAMED
        return await self.on.database.transact(
            factor_store.rename_passkey, request.passkey_id, user_id=user_id, name=name
        )

    async def remove(self, user_id: str, passkey_id: str) -> None:
        await self.on.database.transact(factor_store.remove_passkey, passkey_id, user_id=user_id)

    async def start_sign_in(self) -> PasskeyOptions:
        """Names no account and no key: the browser offers what it has."""
        from webauthn import generate_authentication_options, options_to_json
        from webauthn.helpers.structs import UserVerificationRequirement

        challenge_id = await self._challenge(Purpose.PASSKEY_SIGN_IN, "")
        options = generate_authentication_options(
            rp_id=self._site,
            challenge=self._bytes(challenge_id),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return PasskeyOptions(challenge=challenge_id, options=options_to_json(options))

    async def sign_in(self, request: SignInWithPasskeyRequest, visit: Visit) -> SignedIn:
        user_id = await self.owner_of(request.challenge, request.credential)
        account = await queries.find_account(self.on.database, user_id)
        if account is None or not account.is_active:
            raise PasskeyRefused()
        return await self.entrance.let_in(account, visit, is_whole=True)

    async def owner_of(self, challenge_id: str, answer: str) -> str:
        """Whose passkey answered; the challenge is used up. Raises PasskeyRefused."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import parse_authentication_credential_json
        from webauthn.helpers.exceptions import WebAuthnException

        await self._must_be_open(challenge_id, Purpose.PASSKEY_SIGN_IN, "")
        try:
            parsed = parse_authentication_credential_json(answer)
            known = await factor_store.find_credential(self.on.database, parsed.raw_id)
            if known is None:
                raise PasskeyRefused()
            found = verify_authentication_response(
                credential=parsed,
                expected_challenge=self._bytes(challenge_id),
                expected_rp_id=self._site,
                expected_origin=self._origin,
                credential_public_key=known.public_key,
                credential_current_sign_count=known.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError):
            raise PasskeyRefused() from None
        await self.on.database.transact(_use, known, challenge_id, sign_count=found.new_sign_count)
        return known.user_id

    def _bytes(self, challenge_id: str) -> bytes:
        return self.on.vault.derived("passkey", challenge_id)

    async def _challenge(self, purpose: Purpose, user_id: str) -> str:
        challenge = Challenge(id=new_id(), purpose=purpose, user_id=user_id)
        await self.on.database.transact(challenge_store.add, challenge, seconds=ANSWER_SECONDS)
        return challenge.id

    async def _must_be_open(self, challenge_id: str, purpose: Purpose, user_id: str) -> None:
        found = await challenge_store.find(self.on.database, challenge_id, purpose)
        if found is None or found.user_id != user_id:
            raise PasskeyRefused()


async def _keep(
    tx: Transaction, credential: Credential, challenge_id: str, *, name: str
) -> Passkey:
    await use_once(tx, challenge_id)
    return await factor_store.add_passkey(tx, credential, name=name)


async def _use(tx: Transaction, known: Credential, challenge_id: str, *, sign_count: int) -> None:
    """A counter that went back says that somebody has copied the key."""
    await use_once(tx, challenge_id)
    if not await factor_store.use_passkey(tx, known.id, sign_count=sign_count):
        raise PasskeyRefused()


def _descriptors(known: list[bytes]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known]
