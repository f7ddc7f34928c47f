"""The ways in and the proofs that go by mail or SMS: one-time codes, links, what they open."""

from __future__ import annotations

from souk.contracts.users import (
    CodePurpose,
    CodeRefused,
    OtpRequested,
    RequestOtpRequest,
    RevealedCode,
    SignedIn,
    VerifyOtpRequest,
)
from souk.kernel.ids import new_id
from souk.kernel.mailboxes import email_key
from souk.kernel.refusals import FieldError, InvalidRequest
from souk.services.users import challenge_store, queries
from souk.services.users.challenge_store import Challenge, Purpose
from souk.services.users.entrance import Entrance, Grounds
from souk.services.users.model import Account, must_be_hard_to_guess
from souk.services.users.second_factor import SecondFactor
from souk.services.users.use_cases.change_password import reset_password
from souk.services.users.use_cases.send_code import Sending, send_code
from souk.services.users.use_cases.verify_address import verify_email, verify_phone
from souk.services.users.vault import is_same
from souk.services.users.visits import Visit

CODE_SECONDS = 900
VERIFICATION_SECONDS = 3 * 86_400
# What is sent as a code to type; everything else is a link with a token in it.
TYPED = (Purpose.SIGN_IN, Purpose.PHONE_VERIFICATION)
SENT = {
    Purpose.SIGN_IN: CodePurpose.SIGN_IN,
    Purpose.EMAIL_VERIFICATION: CodePurpose.EMAIL_VERIFICATION,
    Purpose.EMAIL_CHANGE: CodePurpose.EMAIL_CHANGE,
    Purpose.PASSWORD_RESET: CodePurpose.PASSWORD_RESET,
    Purpose.PHONE_VERIFICATION: CodePurpose.PHONE_VERIFICATION,
}


class Codes:
    """Every step is the same whether or not somebody has the address, so it tells nobody."""

    def __init__(self, on: Grounds, entrance: Entrance, second_factor: SecondFactor) -> None:
        self.on, self.entrance, self.second_factor = on, entrance, second_factor

    async def request_otp(self, request: RequestOtpRequest, visit: Visit) -> OtpRequested:
        if bool(request.email) == bool(request.phone_number):
            raise InvalidRequest(FieldError("email", "give this or a phone_number"))
        name = email_key(request.email) if request.email else request.phone_number
        if request.email:
            account = await queries.find_by_email(self.on.database, name)
        else:
            account = await queries.find_by_phone(self.on.database, self.phone_key(name))
        target = request.phone_number  # of mail, the account has the right spelling
        return await self.send(Purpose.SIGN_IN, account, name, visit, target=target)

    async def verify_otp(self, request: VerifyOtpRequest, visit: Visit) -> SignedIn:
        challenge = await challenge_store.try_one(
            self.on.database, request.challenge, Purpose.SIGN_IN, Purpose.SECOND_FACTOR
        )
        if challenge is None:
            raise CodeRefused()
        is_whole = challenge.purpose is Purpose.SECOND_FACTOR
        if is_whole:
            account = await self._account_of(challenge)
            guesses = await self.second_factor.must_be_right(account.id, request.code)
        else:
            self.must_be_right(challenge, request.code)
            account, guesses = await self._account_of(challenge), ()
        return await self.entrance.let_in(
            account,
            visit,
            is_whole=is_whole,
            guesses=guesses,
            challenge_id=challenge.id,
            proves_email=not is_whole and not challenge.sealed_target,
        )

    def must_be_right(self, challenge: Challenge, code: str) -> None:
        """Raises CodeRefused; spaces and dashes are how people write long numbers."""
        right = self.on.vault.code(challenge.id)
        if not is_same(code.replace(" ", "").replace("-", ""), right):
            raise CodeRefused()

    async def forgot_password(self, email: str, visit: Visit) -> None:
        name = email_key(email)
        account = await queries.find_by_email(self.on.database, name)
        await self.send(Purpose.PASSWORD_RESET, account, name, visit)

    async def reset_password(self, token: str, new_password: str) -> None:
        challenge = await self.linked(token, Purpose.PASSWORD_RESET)
        account = await self._account_of(challenge)
        must_be_hard_to_guess(new_password, email=account.email)
        new_hash = await self.on.passwords.hash(new_password)
        await self.on.database.transact(reset_password, challenge.id, new_hash)

    async def verify_email(self, token: str) -> None:
        challenge = await self.linked(token, Purpose.EMAIL_VERIFICATION, Purpose.EMAIL_CHANGE)
        new_email = self.target(challenge)
        await self.on.database.transact(verify_email, challenge.id, new_email=new_email)

    async def request_email_verification(self, user_id: str, visit: Visit) -> None:
        account = await queries.get_account(self.on.database, user_id)
        if not account.email_verified:
            name = email_key(account.email)
            await self.send(Purpose.EMAIL_VERIFICATION, account, name, visit)

    async def change_email(self, user_id: str, new_email: str, visit: Visit) -> None:
        account = await queries.get_account(self.on.database, user_id)
        target = new_email.strip()
        name = email_key(target)
        await self.send(Purpose.EMAIL_CHANGE, account, name, visit, target=target)

    async def request_phone_verification(
        self, user_id: str, phone_number: str, visit: Visit
    ) -> OtpRequested:
        account = await queries.get_account(self.on.database, user_id)
        return await self.send(
            Purpose.PHONE_VERIFICATION, account, phone_number, visit, target=phone_number
        )

    async def verify_phone(self, user_id: str, challenge_id: str, code: str) -> None:
        challenge = await challenge_store.try_one(
            self.on.database, challenge_id, Purpose.PHONE_VERIFICATION
        )
        if challenge is None or challenge.user_id != user_id:
            raise CodeRefused()
        self.must_be_right(challenge, code)
        number = self.target(challenge)
        await self.on.database.transact(
            verify_phone, challenge.id, number, phone_key=self.phone_key(number)
        )

    async def reveal(self, code_id: str) -> RevealedCode:
        """What is to be sent, and to whom; nothing where nobody is to have it, or no longer."""
        challenge = await challenge_store.find(self.on.database, code_id, *SENT)
        account = None
        if challenge is not None and challenge.user_id:
            account = await queries.find_account(self.on.database, challenge.user_id)
        if challenge is None or account is None or not account.is_active:
            return RevealedCode()
        target = self.target(challenge)
        is_typed = challenge.purpose in TYPED
        is_text = is_typed and bool(target)
        return RevealedCode(
            purpose=SENT[challenge.purpose],
            secret=self.on.vault.code(challenge.id) if is_typed else self.on.vault.token(code_id),
            email="" if is_text else target or account.email,
            phone_number=target if is_text else "",
            first_name=account.first_name,
            user_id=account.id,
        )

    def phone_key(self, number: str) -> bytes:
        return self.on.vault.derived("phone", number)

    async def send(
        self, purpose: Purpose, account: Account | None, name: str, visit: Visit, target: str = ""
    ) -> OtpRequested:
        guessing = self.on.guessing
        await guessing.begin(
            guessing.sending(name, address=visit.address, device_token=visit.device_token)
        )
        challenge_id = new_id()
        challenge = Challenge(
            id=challenge_id,
            purpose=purpose,
            user_id=account.id if account else "",
            sealed_target=self.on.vault.seal(target, of=challenge_id) if target else b"",
        )
        is_link_to_mailbox = purpose is Purpose.EMAIL_VERIFICATION
        seconds = VERIFICATION_SECONDS if is_link_to_mailbox else CODE_SECONDS
        await self.on.database.transact(send_code, Sending(challenge=challenge, seconds=seconds))
        return OtpRequested(challenge=challenge_id, expires_in=seconds)

    async def linked(self, token: str, *purposes: Purpose) -> Challenge:
        challenge_id = self.on.vault.challenge_of(token)
        found = None
        if challenge_id:
            found = await challenge_store.find(self.on.database, challenge_id, *purposes)
        if found is None:
            raise CodeRefused()
        return found

    async def _account_of(self, challenge: Challenge) -> Account:
        found = None
        if challenge.user_id:
            found = await queries.find_account(self.on.database, challenge.user_id)
        if found is None or not found.is_active:
            raise CodeRefused()
        return found

    def target(self, challenge: Challenge) -> str:
        sealed = challenge.sealed_target
        return self.on.vault.open(sealed, of=challenge.id) if sealed else ""


def verification_of(account: Account) -> Sending:
    """The link that a new account's address is verified by."""
    challenge = Challenge(id=new_id(), purpose=Purpose.EMAIL_VERIFICATION, user_id=account.id)
    return Sending(challenge=challenge, seconds=VERIFICATION_SECONDS)


def invitation_of(account: Account) -> Sending:
    """The link by which whoever was given an account chooses its password; who comes later than
    it lasts has forgotten a password like anybody else."""
    challenge = Challenge(id=new_id(), purpose=Purpose.PASSWORD_RESET, user_id=account.id)
    return Sending(challenge=challenge, seconds=CODE_SECONDS)
