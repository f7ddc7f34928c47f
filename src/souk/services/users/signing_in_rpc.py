"""Signing in, sessions and factors, as the gateway and other services see them."""

from __future__ import annotations

from abc import ABC

from souk.contracts import users as contract
from souk.contracts.users import UserService
from souk.kernel.context import caller
from souk.kernel.contract import Empty
from souk.services.users.desks import Desks
from souk.services.users.guests import Guests
from souk.services.users.use_cases.bar import bar
from souk.services.users.use_cases.end_access import end_access, end_session
from souk.services.users.visits import Visit


class SigningInRpc(UserService, ABC):
    """The half of the contract by which people come in."""

    desks: Desks
    guests: Guests

    async def register(self, request: contract.RegisterRequest) -> contract.SignedIn:
        return await self.desks.door.register(request, visit(request))

    async def login(self, request: contract.LoginRequest) -> contract.SignedIn:
        return await self.desks.door.sign_in(request, visit(request))

    async def refresh_token(self, request: contract.RefreshTokenRequest) -> contract.Tokens:
        return await self.desks.door.refresh(request.refresh_token, visit(request))

    async def logout(self, request: contract.LogoutRequest) -> Empty:
        by, database = caller(), self.desks.on.database
        if request.everywhere:
            await database.transact(end_access, by.user_id)
        elif by.session_id:
            await self.desks.sessions.end(by.session_id, user_id=by.user_id)
        return Empty()

    async def change_password(self, request: contract.ChangePasswordRequest) -> Empty:
        await self.desks.door.change_password(caller(), request)
        return Empty()

    async def request_otp(self, request: contract.RequestOtpRequest) -> contract.OtpRequested:
        return await self.desks.codes.request_otp(request, visit(request))

    async def verify_otp(self, request: contract.VerifyOtpRequest) -> contract.SignedIn:
        return await self.desks.codes.verify_otp(request, visit(request))

    async def forgot_password(self, request: contract.ForgotPasswordRequest) -> Empty:
        await self.desks.codes.forgot_password(request.email, visit(request))
        return Empty()

    async def reset_password(self, request: contract.ResetPasswordRequest) -> Empty:
        await self.desks.codes.reset_password(request.token, request.new_password)
        return Empty()

    async def verify_email(self, request: contract.VerifyEmailRequest) -> Empty:
        await self.desks.codes.verify_email(request.token)
        return Empty()

    async def request_email_verification(
        self, request: contract.RequestEmailVerificationRequest
    ) -> Empty:
        await self.desks.codes.request_email_verification(caller().user_id, visit(request))
        return Empty()

    async def change_email(self, request: contract.ChangeEmailRequest) -> Empty:
        await self.desks.codes.change_email(caller().user_id, request.new_email, visit(request))
        return Empty()

    async def request_phone_verification(
        self, request: contract.RequestPhoneVerificationRequest
    ) -> contract.OtpRequested:
        return await self.desks.codes.request_phone_verification(
            caller().user_id, request.phone_number, visit(request)
        )

    async def verify_phone(self, request: contract.VerifyPhoneRequest) -> Empty:
        await self.desks.codes.verify_phone(caller().user_id, request.challenge, request.code)
        return Empty()

    async def list_sessions(self, request: contract.ListSessionsRequest) -> contract.SessionList:
        by = caller()
        return await self.desks.sessions.list(
            by.user_id, current=by.session_id, ended=request.ended
        )

    async def revoke_session(self, request: contract.RevokeSessionRequest) -> Empty:
        await self.desks.on.database.transact(
            end_session, request.session_id, user_id=caller().user_id
        )
        return Empty()

    async def step_up(self, request: contract.StepUpRequest) -> contract.SteppedUp:
        return await self.desks.step_up.step_up(caller(), request)

    async def get_sign_in_methods(
        self, request: contract.GetSignInMethodsRequest
    ) -> contract.SignInMethods:
        return await self.desks.sessions.methods(caller().user_id)

    async def enroll_totp(self, request: contract.EnrollTotpRequest) -> contract.TotpEnrollment:
        return await self.desks.second_factor.enroll(caller().user_id)

    async def confirm_totp(self, request: contract.ConfirmTotpRequest) -> contract.RecoveryCodes:
        return await self.desks.second_factor.confirm(caller().user_id, request.code)

    async def remove_totp(self, request: contract.RemoveTotpRequest) -> Empty:
        await self.desks.second_factor.remove(caller().user_id)
        return Empty()

    async def renew_recovery_codes(
        self, request: contract.RenewRecoveryCodesRequest
    ) -> contract.RecoveryCodes:
        return await self.desks.second_factor.renew_recovery_codes(caller().user_id)

    async def start_passkey(self, request: contract.StartPasskeyRequest) -> contract.PasskeyOptions:
        return await self.desks.passkeys.start(caller().user_id)

    async def add_passkey(self, request: contract.AddPasskeyRequest) -> contract.Passkey:
        return await self.desks.passkeys.add(caller().user_id, request)

    async def rename_passkey(self, request: contract.RenamePasskeyRequest) -> contract.Passkey:
        return await self.desks.passkeys.rename(caller().user_id, request)

    async def remove_passkey(self, request: contract.RemovePasskeyRequest) -> Empty:
        await self.desks.passkeys.remove(caller().user_id, request.passkey_id)
        return Empty()

    async def start_passkey_sign_in(
        self, request: contract.StartPasskeySignInRequest
    ) -> contract.PasskeyOptions:
        return await self.desks.passkeys.start_sign_in()

    async def sign_in_with_passkey(
        self, request: contract.SignInWithPasskeyRequest
    ) -> contract.SignedIn:
        return await self.desks.passkeys.sign_in(request, visit(request))

    async def list_providers(self, request: contract.ListProvidersRequest) -> contract.ProviderList:
        return contract.ProviderList(items=self.desks.providers.names)

    async def start_provider_sign_in(
        self, request: contract.StartProviderSignInRequest
    ) -> contract.ProviderSignInStarted:
        return await self.desks.providers.start(request)

    async def finish_provider_sign_in(
        self, request: contract.FinishProviderSignInRequest
    ) -> contract.SignedIn:
        headers = request.headers
        by = Visit(
            address=caller().address,
            user_agent=headers.get("user-agent", ""),
            device_token=headers.get("x-device-token", ""),
            cart_token=headers.get("x-cart-token", ""),
        )
        return await self.desks.providers.finish(request, by)

    async def ban_user(self, request: contract.BanUserRequest) -> contract.User:
        barred = await self.desks.on.database.transact(
            bar, request.user_id, by=caller(), is_active=False
        )
        return barred.view()

    async def reinstate_user(self, request: contract.ReinstateUserRequest) -> contract.User:
        reinstated = await self.desks.on.database.transact(
            bar, request.user_id, by=caller(), is_active=True
        )
        return reinstated.view()

    async def get_keys(self, request: contract.GetKeysRequest) -> contract.KeySet:
        return await self.desks.on.keys.public()

    async def validate_token(
        self, request: contract.ValidateTokenRequest
    ) -> contract.ValidatedToken:
        return await self.desks.sessions.validate(request.access_token)

    async def list_ended_access(
        self, request: contract.ListEndedAccessRequest
    ) -> contract.EndedAccessList:
        return await self.desks.sessions.ended_since(request.since)

    async def reveal_code(self, request: contract.RevealCodeRequest) -> contract.RevealedCode:
        revealed = await self.desks.codes.reveal(request.code_id)
        return revealed if revealed.secret else await self.guests.reveal(request.code_id)


def visit(request: object) -> Visit:
    """What came with a request besides its proof; not every request has all of it."""
    return Visit(
        address=caller().address,
        user_agent=getattr(request, "user_agent", ""),
        device_token=getattr(request, "device_token", ""),
        cart_token=getattr(request, "cart_token", ""),
    )
