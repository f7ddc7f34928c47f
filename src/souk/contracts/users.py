"""Users: accounts, sign-in, sessions, profiles and addresses.

Generated from souk/users/v1/users.proto, souk/users/v1/events.proto, souk/users/v1/privacy.proto, souk/users/v1/roles.proto, souk/users/v1/signing_in.proto, souk/users/v1/wishlists.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.api import Role
from souk.contracts.common import (
    ErasePersonRequest,
    ErasedPart,
    ErasureReceipt,
    ExportPersonRequest,
    PersonalData,
)
from souk.contracts.media import NotAPicture, PictureTooLarge, TooManyPictures
from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    Event,
    File,
    Http,
    Idempotency,
    Int32,
    Int64,
    Method,
    Rate,
    Raw,
    Upload,
)
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Email, Instant, Uuid, UuidOrEmpty

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class AddressType(StrEnum):
    SHIPPING = "shipping"
    BILLING = "billing"


class FindUsersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    q: Annotated[str, Meta(max_length=200, description="A part of the e-mail or of the name.")] = ""
    role: Role | None = None


class UserPage(Struct, frozen=True, kw_only=True):
    items: tuple[User, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    total: Int64 = 0


class RegisterRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email
    password: Annotated[
        str,
        Meta(
            min_length=10,
            max_length=128,
            description="10 to 128 characters; common ones and the e-mail itself are refused.",
        ),
    ]
    first_name: Annotated[str, Meta(min_length=1, max_length=80)]
    last_name: Annotated[str, Meta(max_length=80)] = ""
    cart_token: Annotated[
        str, Meta(max_length=100, description="A guest's cart, to be merged into the account's.")
    ] = ""
    user_agent: Annotated[str, Meta(max_length=1000)] = ""


class LoginRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=128)]
    cart_token: Annotated[
        str, Meta(max_length=100, description="A guest's cart, to be merged into the account's.")
    ] = ""
    user_agent: Annotated[str, Meta(max_length=1000)] = ""
    device_token: Annotated[
        str,
        Meta(
            max_length=200,
            description=(
                "From an earlier sign-in on this device: it gets in even while guesses "
                "are turned away."
            ),
        ),
    ] = ""


class RefreshTokenRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    refresh_token: Annotated[str, Meta(min_length=1, max_length=200)]


class LogoutRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    everywhere: Annotated[
        bool, Meta(description="Ends every session of the account, not only this one.")
    ] = False


class ChangePasswordRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    current_password: Annotated[str, Meta(min_length=1, max_length=128)]
    new_password: Annotated[str, Meta(min_length=10, max_length=128)]


class GetProfileRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class UpdateProfileRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    first_name: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    last_name: Annotated[str, Meta(max_length=80)] | None = None
    phone_number: (
        Annotated[
            str,
            Meta(
                max_length=40,
                pattern="^[0-9+(). -]*$",
                description="With + and the country's code; kept as E.164 writes it.",
            ),
        ]
        | None
    ) = None
    locale: (
        Annotated[str, Meta(max_length=20, description='BCP 47: "pt-BR"; empty takes it back.')]
        | None
    ) = None
    time_zone: (
        Annotated[
            str, Meta(max_length=60, description='IANA: "Europe/Berlin"; empty takes it back.')
        ]
        | None
    ) = None


class GetUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


class CreateUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email
    first_name: Annotated[str, Meta(min_length=1, max_length=80)]
    last_name: Annotated[str, Meta(max_length=80)] = ""


class UpdateUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As UpdateProfile reads them."""

    user_id: Uuid
    first_name: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    last_name: Annotated[str, Meta(max_length=80)] | None = None
    phone_number: Annotated[str, Meta(max_length=40, pattern="^[0-9+(). -]*$")] | None = None
    locale: Annotated[str, Meta(max_length=20)] | None = None
    time_zone: Annotated[str, Meta(max_length=60)] | None = None


class GrantRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid
    role: Role


class User(Struct, frozen=True, kw_only=True):
    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    roles: tuple[Role, ...] = ()
    is_active: bool = False
    email_verified: bool = False
    created_at: Instant | None = None
    locale: str = ""
    time_zone: str = ""
    avatar_url: Annotated[str, Meta(description="Empty where none is shown.")] = ""


class SetAvatarRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    file: Annotated[bytes, Meta(min_length=1)]
    file_name: Annotated[str, Meta(max_length=255)] = ""
    content_type: Annotated[str, Meta(max_length=255)] = ""


class RemoveAvatarRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class SignedIn(Struct, frozen=True, kw_only=True):
    user: User
    access_token: str = ""
    refresh_token: str = ""
    token_type: str = ""
    expires_in: Annotated[
        Int32, Meta(description="Seconds for which the access token is good.")
    ] = 0
    device_token: Annotated[
        str,
        Meta(description="Makes this device known: sent as X-Device-Token with the next sign-in."),
    ] = ""


class Tokens(Struct, frozen=True, kw_only=True):
    access_token: str = ""
    refresh_token: str = ""
    token_type: str = ""
    expires_in: Int32 = 0


class UserAddress(Struct, frozen=True, kw_only=True):
    id: str = ""
    type: AddressType | None = None
    name: str = ""
    street_1: str = ""
    street_2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    phone: str = ""
    is_default: bool = False


class AddressList(Struct, frozen=True, kw_only=True):
    items: tuple[UserAddress, ...] = ()


class GetAddressesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most 50 addresses an account."""

    page: Annotated[int, Meta(ge=0, le=1_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0


class AddAddressRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    type: AddressType
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    street_1: Annotated[str, Meta(min_length=1, max_length=200)]
    street_2: Annotated[str, Meta(max_length=200)] = ""
    city: Annotated[str, Meta(min_length=1, max_length=120)]
    state: Annotated[str, Meta(max_length=120)] = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    country: Annotated[
        str, Meta(min_length=1, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    ]
    phone: Annotated[str, Meta(max_length=40, pattern="^[0-9+(). -]*$")] = ""
    is_default: bool = False


class GetAddressRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address_id: Uuid


class UpdateAddressRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address_id: Uuid
    type: AddressType
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    street_1: Annotated[str, Meta(min_length=1, max_length=200)]
    street_2: Annotated[str, Meta(max_length=200)] = ""
    city: Annotated[str, Meta(min_length=1, max_length=120)]
    state: Annotated[str, Meta(max_length=120)] = ""
    postal_code: Annotated[str, Meta(max_length=20)] = ""
    country: Annotated[str, Meta(min_length=1, pattern="^[A-Z]{2}$")]
    phone: Annotated[str, Meta(max_length=40, pattern="^[0-9+(). -]*$")] = ""
    is_default: bool = False


class DeleteAddressRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address_id: Uuid


class SetDefaultAddressRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    address_id: Uuid


class GetKeysRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class KeySet(Struct, frozen=True, kw_only=True):
    keys: tuple[Key, ...] = ()


class Key(Struct, frozen=True, kw_only=True):
    """A public key: RFC 8037, Ed25519."""

    kty: str = ""
    crv: str = ""
    x: str = ""
    kid: str = ""
    use: str = ""
    alg: str = ""


class ValidateTokenRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    access_token: Annotated[str, Meta(min_length=1, max_length=4000)]


class ValidatedToken(Struct, frozen=True, kw_only=True):
    is_valid: bool = False
    user_id: str = ""
    roles: tuple[Role, ...] = ()
    session_id: str = ""


class GetContactsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)]


class Contact(Struct, frozen=True, kw_only=True):
    user_id: str = ""
    email: str = ""
    first_name: str = ""


class ContactList(Struct, frozen=True, kw_only=True):
    items: tuple[Contact, ...] = ()


class EmailTaken(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "There is an account with this e-mail already."


class PasswordRefused(Refusal):
    KIND = Kind.INVALID
    DETAIL = "This password is too easy to guess: {reason}."
    reason: str


class WrongCredentials(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "The e-mail or the password is wrong."


class RefreshTokenRefused(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "This refresh token is not valid (any more); sign in again."


class UserNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such account."


class AddressNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such address in your account."


class TooManyAddresses(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "An account holds at most {max} addresses."
    max: int


class NotYourRank(Refusal):
    KIND = Kind.NOT_ALLOWED
    DETAIL = "Only an admin may do this to somebody of the staff, and nobody to themselves."


class UserRegistered(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.users.registered"
    AGGREGATE: ClassVar[str] = "user_id"

    user_id: str = ""
    registered_at: Instant | None = None


class RoleGranted(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.users.role_granted"
    AGGREGATE: ClassVar[str] = "user_id"

    user_id: str = ""
    role: Role | None = None


class GuestSignedIn(Event, frozen=True, kw_only=True):
    """A guest with a cart signed in; the cart is known by the SHA-256 of its token, in hex."""

    SUBJECT: ClassVar[str] = "souk.users.guest_signed_in"
    AGGREGATE: ClassVar[str] = "user_id"

    user_id: str = ""
    cart_token_hash: str = ""


class AccessEnded(Event, frozen=True, kw_only=True):
    """Access ended before its tokens did: of one session, or, where none is named, of all
    tokens with a
    lower version.
    """

    SUBJECT: ClassVar[str] = "souk.users.access_ended"
    AGGREGATE: ClassVar[str] = "user_id"

    user_id: str = ""
    session_id: str = ""
    version: Int32 = 0
    ended_at: Instant | None = None


class CodeRequested(Event, frozen=True, kw_only=True):
    """A code waits to be sent. What it is and to whom it goes, users tell whoever sends it."""

    SUBJECT: ClassVar[str] = "souk.users.code_requested"
    AGGREGATE: ClassVar[str] = "code_id"

    code_id: str = ""


class ExportStatus(StrEnum):
    WAITING = "waiting"
    READY = "ready"


class ErasureStatus(StrEnum):
    # The account is shut; it is erased when all that was under way has ended.
    WAITING = "waiting"
    # Services take the person out, one by one.
    ERASING = "erasing"
    DONE = "done"
    # Something stood in the way, and the account is open again.
    REFUSED = "refused"


class ListConsentTextsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ConsentText(Struct, frozen=True, kw_only=True):
    """The wording in force of one kind of consent."""

    kind: Annotated[str, Meta(description='"terms", "privacy", "marketing"')] = ""
    version: Int32 = 0
    wording: str = ""
    published_at: Instant | None = None


class ConsentTextList(Struct, frozen=True, kw_only=True):
    """At most 100 kinds."""

    items: tuple[ConsentText, ...] = ()


class PublishConsentTextRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(min_length=1, pattern="^[a-z_]{2,40}$")]
    wording: Annotated[str, Meta(min_length=1, max_length=8000, extra={"multiline": True})]


class SetConsentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(min_length=1, pattern="^[a-z_]{2,40}$")]
    version: Annotated[
        int, Meta(ge=1, le=2**31 - 1, description="The version whose wording the person was shown.")
    ]
    is_given: Annotated[bool, Meta(description="False takes the consent back.")]


class Consent(Struct, frozen=True, kw_only=True):
    """What somebody agreed to, or took back: which wording, and when."""

    kind: str = ""
    version: Int32 = 0
    is_given: bool = False
    at: Instant | None = None
    wording: str = ""


class ListConsentsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0


class ConsentList(Struct, frozen=True, kw_only=True):
    items: Annotated[tuple[Consent, ...], Meta(description="The latest first.")] = ()


class PersonExport(Struct, frozen=True, kw_only=True):
    """An archive of everything Souk knows of a person."""

    id: str = ""
    status: ExportStatus | None = None
    requested_at: Instant | None = None
    ready_at: Instant | None = None
    expires_at: Instant | None = None
    size_bytes: Int32 = 0


class RequestExportRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ListExportsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class PersonExportList(Struct, frozen=True, kw_only=True):
    """At most 10, the latest first."""

    items: tuple[PersonExport, ...] = ()


class DownloadExportRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    export_id: Uuid


class ServiceReceipt(Struct, frozen=True, kw_only=True):
    """What became of what one service held."""

    service: str = ""
    parts: tuple[ErasedPart, ...] = ()


class Erasure(Struct, frozen=True, kw_only=True):
    id: str = ""
    user_id: Annotated[str, Meta(description="Of a guest, the checkout.")] = ""
    status: ErasureStatus | None = None
    requested_at: Instant | None = None
    ended_at: Instant | None = None
    receipts: tuple[ServiceReceipt, ...] = ()


class RequestErasureRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class DeleteUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


class GetErasureRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    erasure_id: Uuid


class RequestGuestLinkRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Email


class TakeGuestDataRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=200,
            description="From the mail. It opens once, for this or for an erasure.",
        ),
    ]


class EraseGuestDataRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=200, description="From the mail.")]


class ForgetGuestsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    checkout_ids: Annotated[tuple[Uuid, ...], Meta(max_length=100)]


class ErasureList(Struct, frozen=True, kw_only=True):
    items: tuple[Erasure, ...] = ()


class ReplayErasuresRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ReplayedErasures(Struct, frozen=True, kw_only=True):
    replayed: Int32 = 0


class ConsentTextNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no consent text {kind} of version {version}."
    kind: str
    version: int


class ConsentTextOutdated(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = (
        "The text {kind} has a newer version, {latest}: it must be shown before anybody agrees."
    )
    kind: str
    latest: int


class ExportNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such export, or it is not ready or no longer kept."


class ErasureMustWait(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "What is known cannot be erased yet: {reasons}"
    reasons: str


class ErasureNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such erasure."


class PersonErased(Event, frozen=True, kw_only=True):
    """Everything that services held of a person is gone. Whoever keeps copies drops them."""

    SUBJECT: ClassVar[str] = "souk.users.person_erased"
    AGGREGATE: ClassVar[str] = "user_id"

    user_id: str = ""
    erasure_id: str = ""


class ListPermissionsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Permission(Struct, frozen=True, kw_only=True):
    """One method of one service: "orders.cancel_order"."""

    name: str = ""
    description: str = ""
    for_staff: Annotated[
        bool,
        Meta(
            description="Whether a staff role may hold it: support or admins may call the method."
        ),
    ] = False
    for_keys: Annotated[bool, Meta(description="Whether an API key may hold it.")] = False
    for_shops: Annotated[
        bool,
        Meta(
            description=(
                "Whether a shop may give it to its people: it is done for a shop, and its"
                " owner may do it."
            )
        ),
    ] = False


class PermissionList(Struct, frozen=True, kw_only=True):
    items: tuple[Permission, ...] = ()


class ListStaffRolesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class StaffRole(Struct, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""
    permissions: tuple[str, ...] = ()
    member_count: Annotated[Int32, Meta(description="How many people hold it.")] = 0
    created_at: Instant | None = None


class StaffRoleList(Struct, frozen=True, kw_only=True):
    """At most 100 staff roles."""

    items: tuple[StaffRole, ...] = ()


class CreateStaffRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2, max_length=60)]
    permissions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class UpdateStaffRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role_id: Uuid
    name: Annotated[str, Meta(min_length=2, max_length=60)]
    permissions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class DeleteStaffRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role_id: Uuid


class AssignStaffRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid
    role_id: Uuid


class WithdrawStaffRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid
    role_id: Uuid


class RevokeRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid
    role: Role


class GetStaffPermissionsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


class StaffPermissions(Struct, frozen=True, kw_only=True):
    permissions: tuple[str, ...] = ()


class ListApiKeysRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ApiKey(Struct, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""
    prefix: Annotated[
        str, Meta(description="How the key begins, so that it is recognized in a list.")
    ] = ""
    scopes: tuple[str, ...] = ()
    created_at: Instant | None = None
    expires_at: Instant | None = None
    last_used_at: Instant | None = None


class ApiKeyList(Struct, frozen=True, kw_only=True):
    """At most 50 keys an account."""

    items: tuple[ApiKey, ...] = ()


class CreateApiKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    scopes: Annotated[
        tuple[str, ...],
        Meta(
            min_length=1,
            max_length=200,
            description=(
                'Permissions, as ListPermissions names them; of a whole service: "orders.*".'
            ),
        ),
    ]
    days: Annotated[
        int,
        Meta(ge=0, le=3_650, description="Days for which it is good; absent: until it is revoked."),
    ] = 0


class NewApiKey(Struct, frozen=True, kw_only=True):
    key: ApiKey
    secret: Annotated[str, Meta(description="Shown this once: only its hash is kept.")] = ""


class RevokeApiKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key_id: Uuid


class CheckApiKeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    hash: Annotated[
        str, Meta(min_length=1, pattern="^[0-9a-f]{64}$", description="SHA-256 of the key, in hex.")
    ]


class CheckedApiKey(Struct, frozen=True, kw_only=True):
    is_valid: bool = False
    key_id: str = ""
    user_id: str = ""
    roles: tuple[Role, ...] = ()
    scopes: tuple[str, ...] = ()
    expires_at: Instant | None = None


class RoleRevoked(Event, frozen=True, kw_only=True):
    """A role was taken from somebody."""

    SUBJECT: ClassVar[str] = "souk.users.role_revoked"
    AGGREGATE: ClassVar[str] = "user_id"

    user_id: str = ""
    role: Role | None = None


class UnknownPermission(Refusal):
    KIND = Kind.INVALID
    DETAIL = (
        "{permission} is no permission that can be given here; GET /api/v1/permissions lists them."
    )
    permission: str


class StaffRoleNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such staff role."


class StaffRoleNameTaken(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "There is a staff role of this name already."


class TooManyStaffRoles(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "There can be at most {max} staff roles."
    max: int


class RoleMustStay(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Every account stays a customer's, and there is always an admin."


class ApiKeyNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such API key in your account."


class TooManyApiKeys(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "An account holds at most {max} API keys."
    max: int


class CodePurpose(StrEnum):
    SIGN_IN = "sign_in"
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_CHANGE = "email_change"
    PASSWORD_RESET = "password_reset"
    PHONE_VERIFICATION = "phone_verification"
    GUEST_DATA = "guest_data"


class RequestOtpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[
        str,
        Meta(
            max_length=254,
            description=(
                "Where the code goes: an e-mail address, or a phone number that was "
                "verified before."
            ),
        ),
    ] = ""
    phone_number: Annotated[
        str,
        Meta(max_length=20, pattern="^(|\\+[1-9][0-9]{6,14})$", description="E.164: +14155550100."),
    ] = ""
    device_token: Annotated[str, Meta(max_length=200)] = ""


class OtpRequested(Struct, frozen=True, kw_only=True):
    """The same whether or not there is such an account."""

    challenge: Annotated[str, Meta(description="Sent back with the code.")] = ""
    expires_in: Annotated[Int32, Meta(description="Seconds for which the code is good.")] = 0


class VerifyOtpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    challenge: Annotated[
        Uuid, Meta(description="From RequestOtp, or from the refusal SecondFactorRequired.")
    ]
    code: Annotated[
        str,
        Meta(
            min_length=6,
            max_length=32,
            description=(
                "The code that was sent; for a second factor that of the app, or a recovery code."
            ),
        ),
    ]
    cart_token: Annotated[
        str, Meta(max_length=100, description="A guest's cart, to be merged into the account's.")
    ] = ""
    user_agent: Annotated[str, Meta(max_length=1000)] = ""


class ForgotPasswordRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(min_length=1, max_length=254)]


class ResetPasswordRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=200, description="From the mail.")]
    new_password: Annotated[str, Meta(min_length=10, max_length=128)]


class VerifyEmailRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=200, description="From the mail.")]


class RequestEmailVerificationRequest(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    pass


class ChangeEmailRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    new_email: Email


class RequestPhoneVerificationRequest(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True
):
    phone_number: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=20,
            pattern="^\\+[1-9][0-9]{6,14}$",
            description="E.164: +14155550100.",
        ),
    ]


class VerifyPhoneRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    challenge: Uuid
    code: Annotated[str, Meta(min_length=6, max_length=32)]


class ListSessionsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The latest, at most 100."""

    ended: Annotated[bool, Meta(description="Those that ended in the last 30 days instead.")] = (
        False
    )


class SessionList(Struct, frozen=True, kw_only=True):
    items: tuple[Session, ...] = ()


class Session(Struct, frozen=True, kw_only=True):
    """A browser or an app in which somebody is signed in."""

    id: str = ""
    device: Annotated[
        str, Meta(description='"Firefox on Linux"; empty where it cannot be told.')
    ] = ""
    address: Annotated[
        str, Meta(description="The network address of its latest sign-in or refresh.")
    ] = ""
    country: Annotated[
        str,
        Meta(
            description=(
                "ISO 3166-1 alpha-2; empty where the address is in no table that this "
                "Souk was given."
            )
        ),
    ] = ""
    created_at: Instant | None = None
    last_used_at: Instant | None = None
    is_current: Annotated[bool, Meta(description="Whether it is the one that asks.")] = False
    ended_at: (
        Annotated[
            Instant,
            Meta(
                description=(
                    "When it was signed out, or could be used no longer; absent while it is open."
                )
            ),
        ]
        | None
    ) = None


class RevokeSessionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    session_id: Uuid


class StepUpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give what the account has: a code of the app or a recovery code, else the password, or a
    code
    that RequestOtp sent with its challenge, or a passkey's answer with its challenge.
    """

    password: Annotated[str, Meta(max_length=128)] = ""
    code: Annotated[str, Meta(max_length=32)] = ""
    challenge: UuidOrEmpty = ""
    credential: Annotated[
        str, Meta(max_length=20000, description="JSON of the browser's PublicKeyCredential.")
    ] = ""


class SteppedUp(Struct, frozen=True, kw_only=True):
    """Good for what asks for a step-up, for five minutes."""

    access_token: str = ""
    token_type: str = ""
    expires_in: Int32 = 0


class GetSignInMethodsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class SignInMethods(Struct, frozen=True, kw_only=True):
    """How the account of whoever asks can be entered."""

    has_password: bool = False
    has_totp: bool = False
    recovery_codes_left: Int32 = 0
    passkeys: tuple[Passkey, ...] = ()
    providers: Annotated[
        tuple[str, ...], Meta(description="Names of providers that are linked.")
    ] = ()


class EnrollTotpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class TotpEnrollment(Struct, frozen=True, kw_only=True):
    """Nothing is asked for at sign-in until ConfirmTotp has seen a code."""

    secret: Annotated[str, Meta(description="Base32, for typing.")] = ""
    uri: Annotated[str, Meta(description="otpauth://, for a QR code.")] = ""


class ConfirmTotpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=1, pattern="^[0-9]{6}$")]


class RecoveryCodes(Struct, frozen=True, kw_only=True):
    """Shown once: each opens the account a single time where the app is not at hand."""

    codes: tuple[str, ...] = ()


class RemoveTotpRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class RenewRecoveryCodesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Passkey(Struct, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""
    created_at: Instant | None = None
    last_used_at: Instant | None = None


class StartPasskeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class StartPasskeySignInRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class PasskeyOptions(Struct, frozen=True, kw_only=True):
    challenge: Annotated[str, Meta(description="Sent back with the browser's answer.")] = ""
    options: Annotated[
        str,
        Meta(
            description=(
                "JSON for PublicKeyCredential.parseCreationOptionsFromJSON or "
                "parseRequestOptionsFromJSON."
            )
        ),
    ] = ""


class AddPasskeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    challenge: Uuid
    credential: Annotated[
        str,
        Meta(
            min_length=2, max_length=20000, description="JSON of the browser's PublicKeyCredential."
        ),
    ]
    name: Annotated[str, Meta(max_length=80)] = ""


class RenamePasskeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    passkey_id: Uuid
    name: Annotated[str, Meta(min_length=1, max_length=80)]


class RemovePasskeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    passkey_id: Uuid


class SignInWithPasskeyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    challenge: Uuid
    credential: Annotated[
        str,
        Meta(
            min_length=2, max_length=20000, description="JSON of the browser's PublicKeyCredential."
        ),
    ]
    cart_token: Annotated[str, Meta(max_length=100)] = ""
    user_agent: Annotated[str, Meta(max_length=1000)] = ""


class ListProvidersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """There are at most 50."""


class ProviderList(Struct, frozen=True, kw_only=True):
    items: tuple[str, ...] = ()


class StartProviderSignInRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z][a-z0-9_-]{0,30}$")]
    redirect_path: Annotated[
        str,
        Meta(
            max_length=200,
            pattern="^(|/[A-Za-z0-9/_-]*)$",
            description=(
                "Where on this Souk the provider sends the browser back; by default the "
                "API's own callback."
            ),
        ),
    ] = ""


class ProviderSignInStarted(Struct, frozen=True, kw_only=True):
    location: str = ""
    set_cookie: Annotated[
        str,
        Meta(
            description="Ties the sign-in to this browser: what comes back without it is refused."
        ),
    ] = ""


class FinishProviderSignInRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the provider sent the browser back with, taken as it is: providers add parameters."""

    provider: Annotated[str, Meta(min_length=1, pattern="^[a-z][a-z0-9_-]{0,30}$")]
    body: bytes = b""
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}


class BanUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


class ReinstateUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


class ListEndedAccessRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The answer has at most 1000; ask again from the last one on while there are as many."""

    since: (
        Annotated[Instant, Meta(description="Later ones only; all that still matter when absent.")]
        | None
    ) = None


class EndedAccess(Struct, frozen=True, kw_only=True):
    user_id: str = ""
    session_id: Annotated[
        str, Meta(description="Empty where all of the account's sessions ended.")
    ] = ""
    version: Annotated[
        Int32, Meta(description="Tokens of the account with a lower version are void.")
    ] = 0
    ended_at: Instant | None = None


class EndedAccessList(Struct, frozen=True, kw_only=True):
    items: tuple[EndedAccess, ...] = ()


class RevealCodeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code_id: Uuid


class RevealedCode(Struct, frozen=True, kw_only=True):
    """A code to be sent, and to whom. Empty where it was used or has expired: nothing is sent
    then.
    """

    purpose: CodePurpose | None = None
    secret: Annotated[str, Meta(description="A code to type, or the token of a link.")] = ""
    email: Annotated[str, Meta(description="One of these is given.")] = ""
    phone_number: str = ""
    first_name: str = ""
    user_id: Annotated[
        str, Meta(description="Whose it is; of a guest, one of their checkouts.")
    ] = ""


class CodeRefused(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "The code or the link is wrong, was used before or has expired; ask for a new one."


class SecondFactorRequired(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = (
        "Now the second factor: send `challenge` with a code of your app, or a "
        "recovery code, to verify-otp."
    )
    challenge: str


class ProviderRequired(Refusal):
    KIND = Kind.NOT_ALLOWED
    DETAIL = "People of {provider} who work for this marketplace come in by it."
    provider: str


class SessionNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such session."


class TotpNotEnrolled(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "This account has no such second factor."


class PasskeyNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such passkey."


class PasskeyRefused(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "The passkey's answer is not valid."


class TooManyPasskeys(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "An account holds at most {max} passkeys."
    max: int


class ProviderNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no provider {provider} here."
    provider: str


class ProviderRefused(Refusal):
    KIND = Kind.UNAUTHENTICATED
    DETAIL = "The sign-in with {provider} did not succeed: {reason}."
    provider: str
    reason: str


class PhoneTaken(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Another account has verified this phone number."


class GetAddressRulesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    country: Annotated[
        str, Meta(min_length=1, pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2.")
    ]


class AddressRules(Struct, frozen=True, kw_only=True):
    """What a form asks for; regions are at most 200."""

    country: str = ""
    country_name: str = ""
    required: Annotated[tuple[str, ...], Meta(description="Names of UserAddress's fields.")] = ()
    fields: tuple[str, ...] = ()
    region_kind: Annotated[
        str, Meta(description='What its regions are called: "state", "province", "prefecture".')
    ] = ""
    regions: tuple[Region, ...] = ()
    postal_code_examples: tuple[str, ...] = ()


class Region(Struct, frozen=True, kw_only=True):
    code: str = ""
    name: str = ""


class WishlistItem(Struct, frozen=True, kw_only=True):
    product_id: str = ""
    variant_id: Annotated[str, Meta(description="Empty where no variant was chosen yet.")] = ""
    note: str = ""
    added_at: Instant | None = None


class Wishlist(Struct, frozen=True, kw_only=True):
    id: str = ""
    name: str = ""
    is_default: Annotated[
        bool, Meta(description="The first of an account, which lists without a name go to.")
    ] = False
    item_count: Int32 = 0
    share_token: Annotated[
        str, Meta(description="Whoever has this may look at it; empty while it is not shared.")
    ] = ""
    created_at: Instant | None = None
    items: Annotated[
        tuple[WishlistItem, ...], Meta(description="Latest first; not told in a list of wishlists.")
    ] = ()
    has_product: Annotated[
        bool,
        Meta(
            description="Whether that product is on it which a list of wishlists was asked about."
        ),
    ] = False


class WishlistList(Struct, frozen=True, kw_only=True):
    """At most 20 wishlists an account."""

    items: tuple[Wishlist, ...] = ()


class ListWishlistsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Annotated[UuidOrEmpty, Meta(description="Tells of each whether this is on it.")] = (
        ""
    )


class CreateWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=80)]


class UpdateWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    wishlist_id: Uuid
    name: Annotated[str, Meta(min_length=1, max_length=80)] | None = None
    is_shared: (
        Annotated[bool, Meta(description="Sharing again after it was ended makes a new link.")]
        | None
    ) = None


class DeleteWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    wishlist_id: Uuid


class GetWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most 200 items a wishlist."""

    wishlist_id: Annotated[UuidOrEmpty, Meta(description="Empty: the default one.")] = ""


class AddToWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: UuidOrEmpty = ""
    note: Annotated[str, Meta(max_length=200)] = ""
    wishlist_id: Annotated[UuidOrEmpty, Meta(description="Empty: the default one.")] = ""


class RemoveFromWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    product_id: Uuid
    variant_id: Annotated[UuidOrEmpty, Meta(description="Empty: any variant of it.")] = ""
    wishlist_id: Annotated[UuidOrEmpty, Meta(description="Empty: the default one.")] = ""


class GetSharedWishlistRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    share_token: Annotated[str, Meta(min_length=1, max_length=100)]


class SharedWishlist(Struct, frozen=True, kw_only=True):
    """As its owner shares it: without who they are, and without their notes."""

    name: str = ""
    items: tuple[WishlistItem, ...] = ()


class WishlistNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such wishlist."


class TooManyWishlists(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "An account holds at most {max} wishlists."
    max: int


class WishlistFull(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A wishlist holds at most {max} items."
    max: int


class UserService(ABC):
    """Accounts: who people are and how they prove it."""

    NAME: ClassVar[str] = "souk.users.v1.UserService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def find_users(self, request: FindUsersRequest) -> UserPage:
        """Accounts, newest first, for operators."""

    @abstractmethod
    async def register(self, request: RegisterRequest) -> SignedIn:
        """Opens an account and signs it in."""

    @abstractmethod
    async def login(self, request: LoginRequest) -> SignedIn:
        """Signs in with e-mail and password."""

    @abstractmethod
    async def refresh_token(self, request: RefreshTokenRequest) -> Tokens:
        """Exchanges a refresh token for a new pair. Tabs that do so together get the same pair;
        a token
        used again later ends its whole family.
        """

    @abstractmethod
    async def logout(self, request: LogoutRequest) -> Empty:
        """Ends this session, or all of them."""

    @abstractmethod
    async def change_password(self, request: ChangePasswordRequest) -> Empty:
        """Changes the password and ends every other session."""

    @abstractmethod
    async def get_profile(self, request: GetProfileRequest) -> User:
        """The account of whoever asks."""

    @abstractmethod
    async def update_profile(self, request: UpdateProfileRequest) -> User:
        """Changes names, telephone number, language and time zone; absent fields stay as they
        are.
        """

    @abstractmethod
    async def set_avatar(self, request: SetAvatarRequest) -> User:
        """Shows a picture of the signed-in person: uploaded, made anew and kept by media. The
        one before goes.
        """

    @abstractmethod
    async def remove_avatar(self, request: RemoveAvatarRequest) -> User:
        """Shows none any more."""

    @abstractmethod
    async def get_user(self, request: GetUserRequest) -> User:
        """Any account, for support and admin; people see their own."""

    @abstractmethod
    async def create_user(self, request: CreateUserRequest) -> User:
        """Opens an account for somebody, who is sent a link by which to choose a password."""

    @abstractmethod
    async def update_user(self, request: UpdateUserRequest) -> User:
        """Changes what an account says of somebody, for staff; absent fields stay as they are."""

    @abstractmethod
    async def grant_role(self, request: GrantRoleRequest) -> User:
        """Gives an account a role; giving it twice changes nothing."""

    @abstractmethod
    async def get_addresses(self, request: GetAddressesRequest) -> AddressList:
        """The addresses of whoever asks, the default first."""

    @abstractmethod
    async def add_address(self, request: AddAddressRequest) -> UserAddress:
        """Adds an address; the first of its type becomes the default."""

    @abstractmethod
    async def get_address(self, request: GetAddressRequest) -> UserAddress: ...

    @abstractmethod
    async def update_address(self, request: UpdateAddressRequest) -> UserAddress:
        """Replaces an address."""

    @abstractmethod
    async def delete_address(self, request: DeleteAddressRequest) -> Empty: ...

    @abstractmethod
    async def set_default_address(self, request: SetDefaultAddressRequest) -> UserAddress:
        """Makes an address the default of its type."""

    @abstractmethod
    async def get_keys(self, request: GetKeysRequest) -> KeySet:
        """The keys that access tokens are signed with, as RFC 7517 writes them."""

    @abstractmethod
    async def validate_token(self, request: ValidateTokenRequest) -> ValidatedToken:
        """Whether an access token is good, and whose it is."""

    @abstractmethod
    async def get_contacts(self, request: GetContactsRequest) -> ContactList:
        """How to reach people: for mails about their own orders."""

    @abstractmethod
    async def list_permissions(self, request: ListPermissionsRequest) -> PermissionList:
        """Everything that staff roles and API keys can be allowed to do; at most 1000."""

    @abstractmethod
    async def revoke_role(self, request: RevokeRoleRequest) -> User:
        """Takes a role from an account; taking it twice changes nothing."""

    @abstractmethod
    async def list_staff_roles(self, request: ListStaffRolesRequest) -> StaffRoleList:
        """The staff roles there are, by name; at most 100."""

    @abstractmethod
    async def create_staff_role(self, request: CreateStaffRoleRequest) -> StaffRole:
        """Makes a staff role of some permissions."""

    @abstractmethod
    async def update_staff_role(self, request: UpdateStaffRoleRequest) -> StaffRole:
        """Renames a staff role and replaces its permissions, for everyone who holds it."""

    @abstractmethod
    async def delete_staff_role(self, request: DeleteStaffRoleRequest) -> Empty:
        """Deletes a staff role; whoever held it does not any more."""

    @abstractmethod
    async def assign_staff_role(self, request: AssignStaffRoleRequest) -> User:
        """Gives somebody a staff role; giving it twice changes nothing."""

    @abstractmethod
    async def withdraw_staff_role(self, request: WithdrawStaffRoleRequest) -> User:
        """Takes a staff role from somebody; taking it twice changes nothing."""

    @abstractmethod
    async def get_staff_permissions(self, request: GetStaffPermissionsRequest) -> StaffPermissions:
        """What somebody's staff roles allow."""

    @abstractmethod
    async def list_api_keys(self, request: ListApiKeysRequest) -> ApiKeyList:
        """The API keys of whoever asks, without their secrets; at most 50."""

    @abstractmethod
    async def create_api_key(self, request: CreateApiKeyRequest) -> NewApiKey:
        """Makes an API key that acts for whoever makes it, within its scopes."""

    @abstractmethod
    async def revoke_api_key(self, request: RevokeApiKeyRequest) -> Empty:
        """Ends an API key, everywhere within half a minute."""

    @abstractmethod
    async def check_api_key(self, request: CheckApiKeyRequest) -> CheckedApiKey:
        """Whose an API key is and what it may do."""

    @abstractmethod
    async def request_otp(self, request: RequestOtpRequest) -> OtpRequested:
        """Sends a one-time code to sign in with. The answer is the same for an address nobody
        has.
        """

    @abstractmethod
    async def verify_otp(self, request: VerifyOtpRequest) -> SignedIn:
        """Signs in with a one-time code, or ends a sign-in that asked for the second factor."""

    @abstractmethod
    async def forgot_password(self, request: ForgotPasswordRequest) -> Empty:
        """Sends a link to choose a new password. The answer is the same for an address nobody
        has.
        """

    @abstractmethod
    async def reset_password(self, request: ResetPasswordRequest) -> Empty:
        """Sets a new password by the link of the mail, and ends every session."""

    @abstractmethod
    async def verify_email(self, request: VerifyEmailRequest) -> Empty:
        """Proves by the link of the mail that an e-mail address is the account's, or makes it
        so.
        """

    @abstractmethod
    async def request_email_verification(self, request: RequestEmailVerificationRequest) -> Empty:
        """Sends the link again that verifies the account's e-mail address."""

    @abstractmethod
    async def change_email(self, request: ChangeEmailRequest) -> Empty:
        """Sends a link to a new e-mail address; the account has it once the link was followed."""

    @abstractmethod
    async def request_phone_verification(
        self, request: RequestPhoneVerificationRequest
    ) -> OtpRequested:
        """Sends a code to a phone number, to verify it."""

    @abstractmethod
    async def verify_phone(self, request: VerifyPhoneRequest) -> Empty:
        """Makes the phone number the account's, so that one can sign in by it."""

    @abstractmethod
    async def list_sessions(self, request: ListSessionsRequest) -> SessionList:
        """Where the account of whoever asks is signed in, or was until lately; the latest 100
        first.
        """

    @abstractmethod
    async def revoke_session(self, request: RevokeSessionRequest) -> Empty:
        """Signs a session out."""

    @abstractmethod
    async def step_up(self, request: StepUpRequest) -> SteppedUp:
        """Proves once more who somebody is, for what is asked for next."""

    @abstractmethod
    async def get_sign_in_methods(self, request: GetSignInMethodsRequest) -> SignInMethods:
        """How the account of whoever asks can be entered."""

    @abstractmethod
    async def enroll_totp(self, request: EnrollTotpRequest) -> TotpEnrollment:
        """Begins a second factor: a secret for an authenticator app."""

    @abstractmethod
    async def confirm_totp(self, request: ConfirmTotpRequest) -> RecoveryCodes:
        """Switches the second factor on by a first code, and shows recovery codes once."""

    @abstractmethod
    async def remove_totp(self, request: RemoveTotpRequest) -> Empty:
        """Switches the second factor off."""

    @abstractmethod
    async def renew_recovery_codes(self, request: RenewRecoveryCodesRequest) -> RecoveryCodes:
        """Makes new recovery codes; the old ones open nothing any more."""

    @abstractmethod
    async def start_passkey(self, request: StartPasskeyRequest) -> PasskeyOptions:
        """Begins a passkey: what the browser needs to make one."""

    @abstractmethod
    async def add_passkey(self, request: AddPasskeyRequest) -> Passkey:
        """Keeps the passkey that the browser made."""

    @abstractmethod
    async def rename_passkey(self, request: RenamePasskeyRequest) -> Passkey:
        """Calls a passkey something else."""

    @abstractmethod
    async def remove_passkey(self, request: RemovePasskeyRequest) -> Empty:
        """A passkey opens the account no longer."""

    @abstractmethod
    async def start_passkey_sign_in(self, request: StartPasskeySignInRequest) -> PasskeyOptions:
        """Begins a sign-in with whatever passkey the browser holds."""

    @abstractmethod
    async def sign_in_with_passkey(self, request: SignInWithPasskeyRequest) -> SignedIn:
        """Signs in with a passkey, which is both factors in one."""

    @abstractmethod
    async def list_providers(self, request: ListProvidersRequest) -> ProviderList:
        """The OpenID Connect providers that people may sign in with here."""

    @abstractmethod
    async def start_provider_sign_in(
        self, request: StartProviderSignInRequest
    ) -> ProviderSignInStarted:
        """Sends the browser to a provider, to sign in there."""

    @abstractmethod
    async def finish_provider_sign_in(self, request: FinishProviderSignInRequest) -> SignedIn:
        """Where the provider sends the browser back; an e-mail it has verified finds or opens
        the account.
        """

    @abstractmethod
    async def ban_user(self, request: BanUserRequest) -> User:
        """Bars an account: all its access ends within a minute."""

    @abstractmethod
    async def reinstate_user(self, request: ReinstateUserRequest) -> User:
        """Lets an account back in; it must sign in anew."""

    @abstractmethod
    async def list_ended_access(self, request: ListEndedAccessRequest) -> EndedAccessList:
        """Whose access ended before their tokens did, the earliest first."""

    @abstractmethod
    async def reveal_code(self, request: RevealCodeRequest) -> RevealedCode:
        """A code that is to be sent, for whoever sends it; events only say that there is one."""

    @abstractmethod
    async def get_address_rules(self, request: GetAddressRulesRequest) -> AddressRules:
        """How a country writes addresses: for forms."""

    @abstractmethod
    async def list_wishlists(self, request: ListWishlistsRequest) -> WishlistList:
        """The wishlists of whoever asks, the default one first; at most 20."""

    @abstractmethod
    async def create_wishlist(self, request: CreateWishlistRequest) -> Wishlist: ...

    @abstractmethod
    async def update_wishlist(self, request: UpdateWishlistRequest) -> Wishlist:
        """Renames a wishlist, shares it by link or ends the sharing; absent fields stay as they
        are.
        """

    @abstractmethod
    async def delete_wishlist(self, request: DeleteWishlistRequest) -> Empty: ...

    @abstractmethod
    async def get_wishlist(self, request: GetWishlistRequest) -> Wishlist:
        """A wishlist with its items."""

    @abstractmethod
    async def add_to_wishlist(self, request: AddToWishlistRequest) -> Wishlist:
        """Puts something on a wishlist; what is on it already stays, with the new note."""

    @abstractmethod
    async def remove_from_wishlist(self, request: RemoveFromWishlistRequest) -> Empty:
        """Takes something off a wishlist; what is not on it is off it."""

    @abstractmethod
    async def get_shared_wishlist(self, request: GetSharedWishlistRequest) -> SharedWishlist:
        """A wishlist by the link that its owner shared."""

    @abstractmethod
    async def list_consent_texts(self, request: ListConsentTextsRequest) -> ConsentTextList:
        """The wordings in force that people may agree to: at most 100 kinds."""

    @abstractmethod
    async def publish_consent_text(self, request: PublishConsentTextRequest) -> ConsentText:
        """Puts a new version of a wording in force; who agreed to an older one keeps having
        done so.
        """

    @abstractmethod
    async def set_consent(self, request: SetConsentRequest) -> Consent:
        """Agrees to a wording that was shown, or takes that back."""

    @abstractmethod
    async def list_consents(self, request: ListConsentsRequest) -> ConsentList:
        """Everything the caller has agreed to and taken back."""

    @abstractmethod
    async def request_export(self, request: RequestExportRequest) -> PersonExport:
        """Asks for an archive of everything Souk knows of the caller; work goes on after the
        answer.
        """

    @abstractmethod
    async def list_exports(self, request: ListExportsRequest) -> PersonExportList:
        """The caller's archives: at most 10, the latest first."""

    @abstractmethod
    async def download_export(self, request: DownloadExportRequest) -> File:
        """One of the caller's archives, a zip of JSON files and pictures."""

    @abstractmethod
    async def request_erasure(self, request: RequestErasureRequest) -> Erasure:
        """Shuts the caller's account and takes everything that is theirs out of Souk, for good."""

    @abstractmethod
    async def delete_user(self, request: DeleteUserRequest) -> Erasure:
        """Does the same for an account by its id: one's own, or as an admin anybody's, who
        asked for it in
        another way.
        """

    @abstractmethod
    async def request_guest_link(self, request: RequestGuestLinkRequest) -> Empty:
        """Mails a link to whoever bought without an account, by which they take home what is
        known of
        them, or have it erased. The answer is the same for an address nobody has bought
        with.
        """

    @abstractmethod
    async def take_guest_data(self, request: TakeGuestDataRequest) -> File:
        """Everything Souk knows of a guest, by the link of the mail: a zip of JSON files."""

    @abstractmethod
    async def erase_guest_data(self, request: EraseGuestDataRequest) -> ErasureList:
        """Takes a guest out of Souk for good, by the link of the mail. Purchase by purchase."""

    @abstractmethod
    async def forget_guests(self, request: ForgetGuestsRequest) -> ErasureList:
        """Guests whose time is over, by their checkouts."""

    @abstractmethod
    async def get_erasure(self, request: GetErasureRequest) -> Erasure:
        """How far an erasure is, with what each service answered."""

    @abstractmethod
    async def replay_erasures(self, request: ReplayErasuresRequest) -> ReplayedErasures:
        """After a restore: erases again whoever the journal says was erased since."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class UserServiceClient(UserService):
    """Calls UserService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def find_users(self, request: FindUsersRequest) -> UserPage:
        answer: UserPage = await self._transport.call(FIND_USERS, request)
        return answer

    async def register(self, request: RegisterRequest) -> SignedIn:
        answer: SignedIn = await self._transport.call(REGISTER, request)
        return answer

    async def login(self, request: LoginRequest) -> SignedIn:
        answer: SignedIn = await self._transport.call(LOGIN, request)
        return answer

    async def refresh_token(self, request: RefreshTokenRequest) -> Tokens:
        answer: Tokens = await self._transport.call(REFRESH_TOKEN, request)
        return answer

    async def logout(self, request: LogoutRequest) -> Empty:
        answer: Empty = await self._transport.call(LOGOUT, request)
        return answer

    async def change_password(self, request: ChangePasswordRequest) -> Empty:
        answer: Empty = await self._transport.call(CHANGE_PASSWORD, request)
        return answer

    async def get_profile(self, request: GetProfileRequest) -> User:
        answer: User = await self._transport.call(GET_PROFILE, request)
        return answer

    async def update_profile(self, request: UpdateProfileRequest) -> User:
        answer: User = await self._transport.call(UPDATE_PROFILE, request)
        return answer

    async def set_avatar(self, request: SetAvatarRequest) -> User:
        answer: User = await self._transport.call(SET_AVATAR, request)
        return answer

    async def remove_avatar(self, request: RemoveAvatarRequest) -> User:
        answer: User = await self._transport.call(REMOVE_AVATAR, request)
        return answer

    async def get_user(self, request: GetUserRequest) -> User:
        answer: User = await self._transport.call(GET_USER, request)
        return answer

    async def create_user(self, request: CreateUserRequest) -> User:
        answer: User = await self._transport.call(CREATE_USER, request)
        return answer

    async def update_user(self, request: UpdateUserRequest) -> User:
        answer: User = await self._transport.call(UPDATE_USER, request)
        return answer

    async def grant_role(self, request: GrantRoleRequest) -> User:
        answer: User = await self._transport.call(GRANT_ROLE, request)
        return answer

    async def get_addresses(self, request: GetAddressesRequest) -> AddressList:
        answer: AddressList = await self._transport.call(GET_ADDRESSES, request)
        return answer

    async def add_address(self, request: AddAddressRequest) -> UserAddress:
        answer: UserAddress = await self._transport.call(ADD_ADDRESS, request)
        return answer

    async def get_address(self, request: GetAddressRequest) -> UserAddress:
        answer: UserAddress = await self._transport.call(GET_ADDRESS, request)
        return answer

    async def update_address(self, request: UpdateAddressRequest) -> UserAddress:
        answer: UserAddress = await self._transport.call(UPDATE_ADDRESS, request)
        return answer

    async def delete_address(self, request: DeleteAddressRequest) -> Empty:
        answer: Empty = await self._transport.call(DELETE_ADDRESS, request)
        return answer

    async def set_default_address(self, request: SetDefaultAddressRequest) -> UserAddress:
        answer: UserAddress = await self._transport.call(SET_DEFAULT_ADDRESS, request)
        return answer

    async def get_keys(self, request: GetKeysRequest) -> KeySet:
        answer: KeySet = await self._transport.call(GET_KEYS, request)
        return answer

    async def validate_token(self, request: ValidateTokenRequest) -> ValidatedToken:
        answer: ValidatedToken = await self._transport.call(VALIDATE_TOKEN, request)
        return answer

    async def get_contacts(self, request: GetContactsRequest) -> ContactList:
        answer: ContactList = await self._transport.call(GET_CONTACTS, request)
        return answer

    async def list_permissions(self, request: ListPermissionsRequest) -> PermissionList:
        answer: PermissionList = await self._transport.call(LIST_PERMISSIONS, request)
        return answer

    async def revoke_role(self, request: RevokeRoleRequest) -> User:
        answer: User = await self._transport.call(REVOKE_ROLE, request)
        return answer

    async def list_staff_roles(self, request: ListStaffRolesRequest) -> StaffRoleList:
        answer: StaffRoleList = await self._transport.call(LIST_STAFF_ROLES, request)
        return answer

    async def create_staff_role(self, request: CreateStaffRoleRequest) -> StaffRole:
        answer: StaffRole = await self._transport.call(CREATE_STAFF_ROLE, request)
        return answer

    async def update_staff_role(self, request: UpdateStaffRoleRequest) -> StaffRole:
        answer: StaffRole = await self._transport.call(UPDATE_STAFF_ROLE, request)
        return answer

    async def delete_staff_role(self, request: DeleteStaffRoleRequest) -> Empty:
        answer: Empty = await self._transport.call(DELETE_STAFF_ROLE, request)
        return answer

    async def assign_staff_role(self, request: AssignStaffRoleRequest) -> User:
        answer: User = await self._transport.call(ASSIGN_STAFF_ROLE, request)
        return answer

    async def withdraw_staff_role(self, request: WithdrawStaffRoleRequest) -> User:
        answer: User = await self._transport.call(WITHDRAW_STAFF_ROLE, request)
        return answer

    async def get_staff_permissions(self, request: GetStaffPermissionsRequest) -> StaffPermissions:
        answer: StaffPermissions = await self._transport.call(GET_STAFF_PERMISSIONS, request)
        return answer

    async def list_api_keys(self, request: ListApiKeysRequest) -> ApiKeyList:
        answer: ApiKeyList = await self._transport.call(LIST_API_KEYS, request)
        return answer

    async def create_api_key(self, request: CreateApiKeyRequest) -> NewApiKey:
        answer: NewApiKey = await self._transport.call(CREATE_API_KEY, request)
        return answer

    async def revoke_api_key(self, request: RevokeApiKeyRequest) -> Empty:
        answer: Empty = await self._transport.call(REVOKE_API_KEY, request)
        return answer

    async def check_api_key(self, request: CheckApiKeyRequest) -> CheckedApiKey:
        answer: CheckedApiKey = await self._transport.call(CHECK_API_KEY, request)
        return answer

    async def request_otp(self, request: RequestOtpRequest) -> OtpRequested:
        answer: OtpRequested = await self._transport.call(REQUEST_OTP, request)
        return answer

    async def verify_otp(self, request: VerifyOtpRequest) -> SignedIn:
        answer: SignedIn = await self._transport.call(VERIFY_OTP, request)
        return answer

    async def forgot_password(self, request: ForgotPasswordRequest) -> Empty:
        answer: Empty = await self._transport.call(FORGOT_PASSWORD, request)
        return answer

    async def reset_password(self, request: ResetPasswordRequest) -> Empty:
        answer: Empty = await self._transport.call(RESET_PASSWORD, request)
        return answer

    async def verify_email(self, request: VerifyEmailRequest) -> Empty:
        answer: Empty = await self._transport.call(VERIFY_EMAIL, request)
        return answer

    async def request_email_verification(self, request: RequestEmailVerificationRequest) -> Empty:
        answer: Empty = await self._transport.call(REQUEST_EMAIL_VERIFICATION, request)
        return answer

    async def change_email(self, request: ChangeEmailRequest) -> Empty:
        answer: Empty = await self._transport.call(CHANGE_EMAIL, request)
        return answer

    async def request_phone_verification(
        self, request: RequestPhoneVerificationRequest
    ) -> OtpRequested:
        answer: OtpRequested = await self._transport.call(REQUEST_PHONE_VERIFICATION, request)
        return answer

    async def verify_phone(self, request: VerifyPhoneRequest) -> Empty:
        answer: Empty = await self._transport.call(VERIFY_PHONE, request)
        return answer

    async def list_sessions(self, request: ListSessionsRequest) -> SessionList:
        answer: SessionList = await self._transport.call(LIST_SESSIONS, request)
        return answer

    async def revoke_session(self, request: RevokeSessionRequest) -> Empty:
        answer: Empty = await self._transport.call(REVOKE_SESSION, request)
        return answer

    async def step_up(self, request: StepUpRequest) -> SteppedUp:
        answer: SteppedUp = await self._transport.call(STEP_UP, request)
        return answer

    async def get_sign_in_methods(self, request: GetSignInMethodsRequest) -> SignInMethods:
        answer: SignInMethods = await self._transport.call(GET_SIGN_IN_METHODS, request)
        return answer

    async def enroll_totp(self, request: EnrollTotpRequest) -> TotpEnrollment:
        answer: TotpEnrollment = await self._transport.call(ENROLL_TOTP, request)
        return answer

    async def confirm_totp(self, request: ConfirmTotpRequest) -> RecoveryCodes:
        answer: RecoveryCodes = await self._transport.call(CONFIRM_TOTP, request)
        return answer

    async def remove_totp(self, request: RemoveTotpRequest) -> Empty:
        answer: Empty = await self._transport.call(REMOVE_TOTP, request)
        return answer

    async def renew_recovery_codes(self, request: RenewRecoveryCodesRequest) -> RecoveryCodes:
        answer: RecoveryCodes = await self._transport.call(RENEW_RECOVERY_CODES, request)
        return answer

    async def start_passkey(self, request: StartPasskeyRequest) -> PasskeyOptions:
        answer: PasskeyOptions = await self._transport.call(START_PASSKEY, request)
        return answer

    async def add_passkey(self, request: AddPasskeyRequest) -> Passkey:
        answer: Passkey = await self._transport.call(ADD_PASSKEY, request)
        return answer

    async def rename_passkey(self, request: RenamePasskeyRequest) -> Passkey:
        answer: Passkey = await self._transport.call(RENAME_PASSKEY, request)
        return answer

    async def remove_passkey(self, request: RemovePasskeyRequest) -> Empty:
        answer: Empty = await self._transport.call(REMOVE_PASSKEY, request)
        return answer

    async def start_passkey_sign_in(self, request: StartPasskeySignInRequest) -> PasskeyOptions:
        answer: PasskeyOptions = await self._transport.call(START_PASSKEY_SIGN_IN, request)
        return answer

    async def sign_in_with_passkey(self, request: SignInWithPasskeyRequest) -> SignedIn:
        answer: SignedIn = await self._transport.call(SIGN_IN_WITH_PASSKEY, request)
        return answer

    async def list_providers(self, request: ListProvidersRequest) -> ProviderList:
        answer: ProviderList = await self._transport.call(LIST_PROVIDERS, request)
        return answer

    async def start_provider_sign_in(
        self, request: StartProviderSignInRequest
    ) -> ProviderSignInStarted:
        answer: ProviderSignInStarted = await self._transport.call(START_PROVIDER_SIGN_IN, request)
        return answer

    async def finish_provider_sign_in(self, request: FinishProviderSignInRequest) -> SignedIn:
        answer: SignedIn = await self._transport.call(FINISH_PROVIDER_SIGN_IN, request)
        return answer

    async def ban_user(self, request: BanUserRequest) -> User:
        answer: User = await self._transport.call(BAN_USER, request)
        return answer

    async def reinstate_user(self, request: ReinstateUserRequest) -> User:
        answer: User = await self._transport.call(REINSTATE_USER, request)
        return answer

    async def list_ended_access(self, request: ListEndedAccessRequest) -> EndedAccessList:
        answer: EndedAccessList = await self._transport.call(LIST_ENDED_ACCESS, request)
        return answer

    async def reveal_code(self, request: RevealCodeRequest) -> RevealedCode:
        answer: RevealedCode = await self._transport.call(REVEAL_CODE, request)
        return answer

    async def get_address_rules(self, request: GetAddressRulesRequest) -> AddressRules:
        answer: AddressRules = await self._transport.call(GET_ADDRESS_RULES, request)
        return answer

    async def list_wishlists(self, request: ListWishlistsRequest) -> WishlistList:
        answer: WishlistList = await self._transport.call(LIST_WISHLISTS, request)
        return answer

    async def create_wishlist(self, request: CreateWishlistRequest) -> Wishlist:
        answer: Wishlist = await self._transport.call(CREATE_WISHLIST, request)
        return answer

    async def update_wishlist(self, request: UpdateWishlistRequest) -> Wishlist:
        answer: Wishlist = await self._transport.call(UPDATE_WISHLIST, request)
        return answer

    async def delete_wishlist(self, request: DeleteWishlistRequest) -> Empty:
        answer: Empty = await self._transport.call(DELETE_WISHLIST, request)
        return answer

    async def get_wishlist(self, request: GetWishlistRequest) -> Wishlist:
        answer: Wishlist = await self._transport.call(GET_WISHLIST, request)
        return answer

    async def add_to_wishlist(self, request: AddToWishlistRequest) -> Wishlist:
        answer: Wishlist = await self._transport.call(ADD_TO_WISHLIST, request)
        return answer

    async def remove_from_wishlist(self, request: RemoveFromWishlistRequest) -> Empty:
        answer: Empty = await self._transport.call(REMOVE_FROM_WISHLIST, request)
        return answer

    async def get_shared_wishlist(self, request: GetSharedWishlistRequest) -> SharedWishlist:
        answer: SharedWishlist = await self._transport.call(GET_SHARED_WISHLIST, request)
        return answer

    async def list_consent_texts(self, request: ListConsentTextsRequest) -> ConsentTextList:
        answer: ConsentTextList = await self._transport.call(LIST_CONSENT_TEXTS, request)
        return answer

    async def publish_consent_text(self, request: PublishConsentTextRequest) -> ConsentText:
        answer: ConsentText = await self._transport.call(PUBLISH_CONSENT_TEXT, request)
        return answer

    async def set_consent(self, request: SetConsentRequest) -> Consent:
        answer: Consent = await self._transport.call(SET_CONSENT, request)
        return answer

    async def list_consents(self, request: ListConsentsRequest) -> ConsentList:
        answer: ConsentList = await self._transport.call(LIST_CONSENTS, request)
        return answer

    async def request_export(self, request: RequestExportRequest) -> PersonExport:
        answer: PersonExport = await self._transport.call(REQUEST_EXPORT, request)
        return answer

    async def list_exports(self, request: ListExportsRequest) -> PersonExportList:
        answer: PersonExportList = await self._transport.call(LIST_EXPORTS, request)
        return answer

    async def download_export(self, request: DownloadExportRequest) -> File:
        answer: File = await self._transport.call(DOWNLOAD_EXPORT, request)
        return answer

    async def request_erasure(self, request: RequestErasureRequest) -> Erasure:
        answer: Erasure = await self._transport.call(REQUEST_ERASURE, request)
        return answer

    async def delete_user(self, request: DeleteUserRequest) -> Erasure:
        answer: Erasure = await self._transport.call(DELETE_USER, request)
        return answer

    async def request_guest_link(self, request: RequestGuestLinkRequest) -> Empty:
        answer: Empty = await self._transport.call(REQUEST_GUEST_LINK, request)
        return answer

    async def take_guest_data(self, request: TakeGuestDataRequest) -> File:
        answer: File = await self._transport.call(TAKE_GUEST_DATA, request)
        return answer

    async def erase_guest_data(self, request: EraseGuestDataRequest) -> ErasureList:
        answer: ErasureList = await self._transport.call(ERASE_GUEST_DATA, request)
        return answer

    async def forget_guests(self, request: ForgetGuestsRequest) -> ErasureList:
        answer: ErasureList = await self._transport.call(FORGET_GUESTS, request)
        return answer

    async def get_erasure(self, request: GetErasureRequest) -> Erasure:
        answer: Erasure = await self._transport.call(GET_ERASURE, request)
        return answer

    async def replay_erasures(self, request: ReplayErasuresRequest) -> ReplayedErasures:
        answer: ReplayedErasures = await self._transport.call(REPLAY_ERASURES, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


FIND_USERS = Method(
    service="souk.users.v1.UserService",
    name="FindUsers",
    python="find_users",
    request=FindUsersRequest,
    response=UserPage,
    http=(Http("GET", "/api/v1/admin/users"),),
    access=Access(roles=frozenset({"support", "admin"})),
    rate=Rate.READ,
    comment="Accounts, newest first, for operators.",
)
REGISTER = Method(
    service="souk.users.v1.UserService",
    name="Register",
    python="register",
    request=RegisterRequest,
    response=SignedIn,
    http=(Http("POST", "/api/v1/auth/register", body="*"),),
    access=Access(public=True),
    errors=(
        EmailTaken,
        PasswordRefused,
    ),
    rate=Rate.SIGN_IN,
    headers={"cart_token": "X-Cart-Token", "user_agent": "User-Agent"},
    comment="Opens an account and signs it in.",
)
LOGIN = Method(
    service="souk.users.v1.UserService",
    name="Login",
    python="login",
    request=LoginRequest,
    response=SignedIn,
    http=(Http("POST", "/api/v1/auth/login", body="*"),),
    access=Access(public=True),
    errors=(
        ProviderRequired,
        WrongCredentials,
        SecondFactorRequired,
    ),
    rate=Rate.SIGN_IN,
    headers={
        "cart_token": "X-Cart-Token",
        "user_agent": "User-Agent",
        "device_token": "X-Device-Token",
    },
    comment="Signs in with e-mail and password.",
)
REFRESH_TOKEN = Method(
    service="souk.users.v1.UserService",
    name="RefreshToken",
    python="refresh_token",
    request=RefreshTokenRequest,
    response=Tokens,
    http=(Http("POST", "/api/v1/auth/refresh", body="*"),),
    access=Access(public=True),
    errors=(RefreshTokenRefused,),
    rate=Rate.WRITE,
    comment=(
        "Exchanges a refresh token for a new pair. Tabs that do so together get "
        "the same pair; a token\nused again later ends its whole family."
    ),
)
LOGOUT = Method(
    service="souk.users.v1.UserService",
    name="Logout",
    python="logout",
    request=LogoutRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/logout", body="*"),),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    rate=Rate.WRITE,
    comment="Ends this session, or all of them.",
)
CHANGE_PASSWORD = Method(
    service="souk.users.v1.UserService",
    name="ChangePassword",
    python="change_password",
    request=ChangePasswordRequest,
    response=Empty,
    http=(
        Http("POST", "/api/v1/auth/change-password", body="*"),
        Http("POST", "/api/v1/users/change-password", body="*"),
    ),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(
        WrongCredentials,
        PasswordRefused,
    ),
    rate=Rate.SIGN_IN,
    comment="Changes the password and ends every other session.",
)
GET_PROFILE = Method(
    service="souk.users.v1.UserService",
    name="GetProfile",
    python="get_profile",
    request=GetProfileRequest,
    response=User,
    http=(Http("GET", "/api/v1/users/profile"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="The account of whoever asks.",
)
UPDATE_PROFILE = Method(
    service="souk.users.v1.UserService",
    name="UpdateProfile",
    python="update_profile",
    request=UpdateProfileRequest,
    response=User,
    http=(Http("PUT", "/api/v1/users/profile", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.WRITE,
    comment=(
        "Changes names, telephone number, language and time zone; absent fields stay as they are."
    ),
)
SET_AVATAR = Method(
    service="souk.users.v1.UserService",
    name="SetAvatar",
    python="set_avatar",
    request=SetAvatarRequest,
    response=User,
    http=(Http("PUT", "/api/v1/users/avatar", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        NotAPicture,
        PictureTooLarge,
        TooManyPictures,
    ),
    rate=Rate.UPLOAD,
    upload=Upload(
        field="file", name_field="file_name", content_type_field="content_type", max_bytes=10485760
    ),
    comment=(
        "Shows a picture of the signed-in person: uploaded, made anew and kept by"
        " media. The one before goes."
    ),
)
REMOVE_AVATAR = Method(
    service="souk.users.v1.UserService",
    name="RemoveAvatar",
    python="remove_avatar",
    request=RemoveAvatarRequest,
    response=User,
    http=(Http("DELETE", "/api/v1/users/avatar"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.WRITE,
    comment="Shows none any more.",
)
GET_USER = Method(
    service="souk.users.v1.UserService",
    name="GetUser",
    python="get_user",
    request=GetUserRequest,
    response=User,
    http=(Http("GET", "/api/v1/users/{user_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(UserNotFound,),
    rate=Rate.READ,
    comment="Any account, for support and admin; people see their own.",
)
CREATE_USER = Method(
    service="souk.users.v1.UserService",
    name="CreateUser",
    python="create_user",
    request=CreateUserRequest,
    response=User,
    http=(Http("POST", "/api/v1/users", body="*"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(EmailTaken,),
    rate=Rate.WRITE,
    comment=("Opens an account for somebody, who is sent a link by which to choose a password."),
)
UPDATE_USER = Method(
    service="souk.users.v1.UserService",
    name="UpdateUser",
    python="update_user",
    request=UpdateUserRequest,
    response=User,
    http=(Http("PUT", "/api/v1/users/{user_id}", body="*"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(
        UserNotFound,
        NotYourRank,
    ),
    rate=Rate.WRITE,
    comment=(
        "Changes what an account says of somebody, for staff; absent fields stay as they are."
    ),
)
GRANT_ROLE = Method(
    service="souk.users.v1.UserService",
    name="GrantRole",
    python="grant_role",
    request=GrantRoleRequest,
    response=User,
    http=(Http("POST", "/api/v1/users/{user_id}/roles", body="*"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(UserNotFound,),
    rate=Rate.WRITE,
    comment="Gives an account a role; giving it twice changes nothing.",
)
GET_ADDRESSES = Method(
    service="souk.users.v1.UserService",
    name="GetAddresses",
    python="get_addresses",
    request=GetAddressesRequest,
    response=AddressList,
    http=(Http("GET", "/api/v1/users/addresses"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="The addresses of whoever asks, the default first.",
)
ADD_ADDRESS = Method(
    service="souk.users.v1.UserService",
    name="AddAddress",
    python="add_address",
    request=AddAddressRequest,
    response=UserAddress,
    http=(Http("POST", "/api/v1/users/addresses", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(TooManyAddresses,),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Adds an address; the first of its type becomes the default.",
)
GET_ADDRESS = Method(
    service="souk.users.v1.UserService",
    name="GetAddress",
    python="get_address",
    request=GetAddressRequest,
    response=UserAddress,
    http=(Http("GET", "/api/v1/users/addresses/{address_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(AddressNotFound,),
    rate=Rate.READ,
)
UPDATE_ADDRESS = Method(
    service="souk.users.v1.UserService",
    name="UpdateAddress",
    python="update_address",
    request=UpdateAddressRequest,
    response=UserAddress,
    http=(Http("PUT", "/api/v1/users/addresses/{address_id}", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(AddressNotFound,),
    rate=Rate.WRITE,
    comment="Replaces an address.",
)
DELETE_ADDRESS = Method(
    service="souk.users.v1.UserService",
    name="DeleteAddress",
    python="delete_address",
    request=DeleteAddressRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/users/addresses/{address_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(AddressNotFound,),
    rate=Rate.WRITE,
)
SET_DEFAULT_ADDRESS = Method(
    service="souk.users.v1.UserService",
    name="SetDefaultAddress",
    python="set_default_address",
    request=SetDefaultAddressRequest,
    response=UserAddress,
    http=(Http("PUT", "/api/v1/users/addresses/{address_id}/default", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(AddressNotFound,),
    rate=Rate.WRITE,
    comment="Makes an address the default of its type.",
)
GET_KEYS = Method(
    service="souk.users.v1.UserService",
    name="GetKeys",
    python="get_keys",
    request=GetKeysRequest,
    response=KeySet,
    http=(Http("GET", "/.well-known/jwks.json"),),
    access=Access(public=True),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=300),
    comment="The keys that access tokens are signed with, as RFC 7517 writes them.",
)
VALIDATE_TOKEN = Method(
    service="souk.users.v1.UserService",
    name="ValidateToken",
    python="validate_token",
    request=ValidateTokenRequest,
    response=ValidatedToken,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Whether an access token is good, and whose it is.",
)
GET_CONTACTS = Method(
    service="souk.users.v1.UserService",
    name="GetContacts",
    python="get_contacts",
    request=GetContactsRequest,
    response=ContactList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="How to reach people: for mails about their own orders.",
)
LIST_PERMISSIONS = Method(
    service="souk.users.v1.UserService",
    name="ListPermissions",
    python="list_permissions",
    request=ListPermissionsRequest,
    response=PermissionList,
    http=(Http("GET", "/api/v1/permissions"),),
    access=Access(public=True),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=300),
    comment=("Everything that staff roles and API keys can be allowed to do; at most 1000."),
)
REVOKE_ROLE = Method(
    service="souk.users.v1.UserService",
    name="RevokeRole",
    python="revoke_role",
    request=RevokeRoleRequest,
    response=User,
    http=(Http("DELETE", "/api/v1/users/{user_id}/roles/{role}"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(
        UserNotFound,
        RoleMustStay,
    ),
    rate=Rate.WRITE,
    comment="Takes a role from an account; taking it twice changes nothing.",
)
LIST_STAFF_ROLES = Method(
    service="souk.users.v1.UserService",
    name="ListStaffRoles",
    python="list_staff_roles",
    request=ListStaffRolesRequest,
    response=StaffRoleList,
    http=(Http("GET", "/api/v1/staff-roles"),),
    access=Access(roles=frozenset({"support", "admin"})),
    rate=Rate.READ,
    comment="The staff roles there are, by name; at most 100.",
)
CREATE_STAFF_ROLE = Method(
    service="souk.users.v1.UserService",
    name="CreateStaffRole",
    python="create_staff_role",
    request=CreateStaffRoleRequest,
    response=StaffRole,
    http=(Http("POST", "/api/v1/staff-roles", body="*"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(
        UnknownPermission,
        StaffRoleNameTaken,
        TooManyStaffRoles,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Makes a staff role of some permissions.",
)
UPDATE_STAFF_ROLE = Method(
    service="souk.users.v1.UserService",
    name="UpdateStaffRole",
    python="update_staff_role",
    request=UpdateStaffRoleRequest,
    response=StaffRole,
    http=(Http("PUT", "/api/v1/staff-roles/{role_id}", body="*"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(
        UnknownPermission,
        StaffRoleNotFound,
        StaffRoleNameTaken,
    ),
    rate=Rate.WRITE,
    comment=("Renames a staff role and replaces its permissions, for everyone who holds it."),
)
DELETE_STAFF_ROLE = Method(
    service="souk.users.v1.UserService",
    name="DeleteStaffRole",
    python="delete_staff_role",
    request=DeleteStaffRoleRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/staff-roles/{role_id}"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(StaffRoleNotFound,),
    rate=Rate.WRITE,
    comment="Deletes a staff role; whoever held it does not any more.",
)
ASSIGN_STAFF_ROLE = Method(
    service="souk.users.v1.UserService",
    name="AssignStaffRole",
    python="assign_staff_role",
    request=AssignStaffRoleRequest,
    response=User,
    http=(Http("PUT", "/api/v1/users/{user_id}/staff-roles/{role_id}"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(
        UserNotFound,
        StaffRoleNotFound,
    ),
    rate=Rate.WRITE,
    comment="Gives somebody a staff role; giving it twice changes nothing.",
)
WITHDRAW_STAFF_ROLE = Method(
    service="souk.users.v1.UserService",
    name="WithdrawStaffRole",
    python="withdraw_staff_role",
    request=WithdrawStaffRoleRequest,
    response=User,
    http=(Http("DELETE", "/api/v1/users/{user_id}/staff-roles/{role_id}"),),
    access=Access(reserved=True, roles=frozenset({"admin"})),
    errors=(UserNotFound,),
    rate=Rate.WRITE,
    comment="Takes a staff role from somebody; taking it twice changes nothing.",
)
GET_STAFF_PERMISSIONS = Method(
    service="souk.users.v1.UserService",
    name="GetStaffPermissions",
    python="get_staff_permissions",
    request=GetStaffPermissionsRequest,
    response=StaffPermissions,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="What somebody's staff roles allow.",
)
LIST_API_KEYS = Method(
    service="souk.users.v1.UserService",
    name="ListApiKeys",
    python="list_api_keys",
    request=ListApiKeysRequest,
    response=ApiKeyList,
    http=(Http("GET", "/api/v1/auth/api-keys"),),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    rate=Rate.READ,
    comment="The API keys of whoever asks, without their secrets; at most 50.",
)
CREATE_API_KEY = Method(
    service="souk.users.v1.UserService",
    name="CreateApiKey",
    python="create_api_key",
    request=CreateApiKeyRequest,
    response=NewApiKey,
    http=(Http("POST", "/api/v1/auth/api-keys", body="*"),),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(
        UnknownPermission,
        TooManyApiKeys,
    ),
    rate=Rate.WRITE,
    comment="Makes an API key that acts for whoever makes it, within its scopes.",
)
REVOKE_API_KEY = Method(
    service="souk.users.v1.UserService",
    name="RevokeApiKey",
    python="revoke_api_key",
    request=RevokeApiKeyRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/auth/api-keys/{key_id}"),),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(ApiKeyNotFound,),
    rate=Rate.WRITE,
    comment="Ends an API key, everywhere within half a minute.",
)
CHECK_API_KEY = Method(
    service="souk.users.v1.UserService",
    name="CheckApiKey",
    python="check_api_key",
    request=CheckApiKeyRequest,
    response=CheckedApiKey,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Whose an API key is and what it may do.",
)
REQUEST_OTP = Method(
    service="souk.users.v1.UserService",
    name="RequestOtp",
    python="request_otp",
    request=RequestOtpRequest,
    response=OtpRequested,
    http=(Http("POST", "/api/v1/auth/otp/request", body="*"),),
    access=Access(public=True),
    rate=Rate.SIGN_IN,
    answer=Answer(status=202),
    headers={"device_token": "X-Device-Token"},
    comment=(
        "Sends a one-time code to sign in with. The answer is the same for an address nobody has."
    ),
)
VERIFY_OTP = Method(
    service="souk.users.v1.UserService",
    name="VerifyOtp",
    python="verify_otp",
    request=VerifyOtpRequest,
    response=SignedIn,
    http=(Http("POST", "/api/v1/auth/verify-otp", body="*"),),
    access=Access(public=True),
    errors=(
        ProviderRequired,
        CodeRefused,
        SecondFactorRequired,
    ),
    rate=Rate.SIGN_IN,
    headers={"cart_token": "X-Cart-Token", "user_agent": "User-Agent"},
    comment=("Signs in with a one-time code, or ends a sign-in that asked for the second factor."),
)
FORGOT_PASSWORD = Method(
    service="souk.users.v1.UserService",
    name="ForgotPassword",
    python="forgot_password",
    request=ForgotPasswordRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/forgot-password", body="*"),),
    access=Access(public=True),
    rate=Rate.SIGN_IN,
    comment=(
        "Sends a link to choose a new password. The answer is the same for an address nobody has."
    ),
)
RESET_PASSWORD = Method(
    service="souk.users.v1.UserService",
    name="ResetPassword",
    python="reset_password",
    request=ResetPasswordRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/reset-password", body="*"),),
    access=Access(public=True),
    errors=(
        CodeRefused,
        PasswordRefused,
    ),
    rate=Rate.SIGN_IN,
    comment="Sets a new password by the link of the mail, and ends every session.",
)
VERIFY_EMAIL = Method(
    service="souk.users.v1.UserService",
    name="VerifyEmail",
    python="verify_email",
    request=VerifyEmailRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/verify-email", body="*"),),
    access=Access(public=True),
    errors=(
        CodeRefused,
        EmailTaken,
    ),
    rate=Rate.SIGN_IN,
    comment=(
        "Proves by the link of the mail that an e-mail address is the account's, or makes it so."
    ),
)
REQUEST_EMAIL_VERIFICATION = Method(
    service="souk.users.v1.UserService",
    name="RequestEmailVerification",
    python="request_email_verification",
    request=RequestEmailVerificationRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/verify-email/request", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.SIGN_IN,
    comment="Sends the link again that verifies the account's e-mail address.",
)
CHANGE_EMAIL = Method(
    service="souk.users.v1.UserService",
    name="ChangeEmail",
    python="change_email",
    request=ChangeEmailRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/change-email", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    rate=Rate.SIGN_IN,
    comment=(
        "Sends a link to a new e-mail address; the account has it once the link was followed."
    ),
)
REQUEST_PHONE_VERIFICATION = Method(
    service="souk.users.v1.UserService",
    name="RequestPhoneVerification",
    python="request_phone_verification",
    request=RequestPhoneVerificationRequest,
    response=OtpRequested,
    http=(Http("POST", "/api/v1/auth/verify-phone/request", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    rate=Rate.SIGN_IN,
    answer=Answer(status=202),
    comment="Sends a code to a phone number, to verify it.",
)
VERIFY_PHONE = Method(
    service="souk.users.v1.UserService",
    name="VerifyPhone",
    python="verify_phone",
    request=VerifyPhoneRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/auth/verify-phone", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        CodeRefused,
        PhoneTaken,
    ),
    rate=Rate.SIGN_IN,
    comment="Makes the phone number the account's, so that one can sign in by it.",
)
LIST_SESSIONS = Method(
    service="souk.users.v1.UserService",
    name="ListSessions",
    python="list_sessions",
    request=ListSessionsRequest,
    response=SessionList,
    http=(Http("GET", "/api/v1/auth/sessions"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment=(
        "Where the account of whoever asks is signed in, or was until lately; the latest 100 first."
    ),
)
REVOKE_SESSION = Method(
    service="souk.users.v1.UserService",
    name="RevokeSession",
    python="revoke_session",
    request=RevokeSessionRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/auth/sessions/{session_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(SessionNotFound,),
    rate=Rate.WRITE,
    comment="Signs a session out.",
)
STEP_UP = Method(
    service="souk.users.v1.UserService",
    name="StepUp",
    python="step_up",
    request=StepUpRequest,
    response=SteppedUp,
    http=(Http("POST", "/api/v1/auth/step-up", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        WrongCredentials,
        CodeRefused,
        PasskeyRefused,
    ),
    rate=Rate.SIGN_IN,
    comment="Proves once more who somebody is, for what is asked for next.",
)
GET_SIGN_IN_METHODS = Method(
    service="souk.users.v1.UserService",
    name="GetSignInMethods",
    python="get_sign_in_methods",
    request=GetSignInMethodsRequest,
    response=SignInMethods,
    http=(Http("GET", "/api/v1/auth/methods"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="How the account of whoever asks can be entered.",
)
ENROLL_TOTP = Method(
    service="souk.users.v1.UserService",
    name="EnrollTotp",
    python="enroll_totp",
    request=EnrollTotpRequest,
    response=TotpEnrollment,
    http=(Http("POST", "/api/v1/auth/mfa/totp/enroll", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    rate=Rate.SIGN_IN,
    comment="Begins a second factor: a secret for an authenticator app.",
)
CONFIRM_TOTP = Method(
    service="souk.users.v1.UserService",
    name="ConfirmTotp",
    python="confirm_totp",
    request=ConfirmTotpRequest,
    response=RecoveryCodes,
    http=(Http("POST", "/api/v1/auth/mfa/totp/confirm", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(
        CodeRefused,
        TotpNotEnrolled,
    ),
    rate=Rate.SIGN_IN,
    comment=("Switches the second factor on by a first code, and shows recovery codes once."),
)
REMOVE_TOTP = Method(
    service="souk.users.v1.UserService",
    name="RemoveTotp",
    python="remove_totp",
    request=RemoveTotpRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/auth/mfa/totp"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(TotpNotEnrolled,),
    rate=Rate.WRITE,
    comment="Switches the second factor off.",
)
RENEW_RECOVERY_CODES = Method(
    service="souk.users.v1.UserService",
    name="RenewRecoveryCodes",
    python="renew_recovery_codes",
    request=RenewRecoveryCodesRequest,
    response=RecoveryCodes,
    http=(Http("POST", "/api/v1/auth/mfa/recovery-codes", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(TotpNotEnrolled,),
    rate=Rate.WRITE,
    comment="Makes new recovery codes; the old ones open nothing any more.",
)
START_PASSKEY = Method(
    service="souk.users.v1.UserService",
    name="StartPasskey",
    python="start_passkey",
    request=StartPasskeyRequest,
    response=PasskeyOptions,
    http=(Http("POST", "/api/v1/auth/passkeys/options", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(TooManyPasskeys,),
    rate=Rate.WRITE,
    comment="Begins a passkey: what the browser needs to make one.",
)
ADD_PASSKEY = Method(
    service="souk.users.v1.UserService",
    name="AddPasskey",
    python="add_passkey",
    request=AddPasskeyRequest,
    response=Passkey,
    http=(Http("POST", "/api/v1/auth/passkeys", body="*"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(
        PasskeyRefused,
        TooManyPasskeys,
    ),
    rate=Rate.WRITE,
    comment="Keeps the passkey that the browser made.",
)
RENAME_PASSKEY = Method(
    service="souk.users.v1.UserService",
    name="RenamePasskey",
    python="rename_passkey",
    request=RenamePasskeyRequest,
    response=Passkey,
    http=(Http("PUT", "/api/v1/auth/passkeys/{passkey_id}", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(PasskeyNotFound,),
    rate=Rate.WRITE,
    comment="Calls a passkey something else.",
)
REMOVE_PASSKEY = Method(
    service="souk.users.v1.UserService",
    name="RemovePasskey",
    python="remove_passkey",
    request=RemovePasskeyRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/auth/passkeys/{passkey_id}"),),
    access=Access(
        step_up=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(PasskeyNotFound,),
    rate=Rate.WRITE,
    comment="A passkey opens the account no longer.",
)
START_PASSKEY_SIGN_IN = Method(
    service="souk.users.v1.UserService",
    name="StartPasskeySignIn",
    python="start_passkey_sign_in",
    request=StartPasskeySignInRequest,
    response=PasskeyOptions,
    http=(Http("POST", "/api/v1/auth/passkeys/sign-in/options", body="*"),),
    access=Access(public=True),
    rate=Rate.SIGN_IN,
    comment="Begins a sign-in with whatever passkey the browser holds.",
)
SIGN_IN_WITH_PASSKEY = Method(
    service="souk.users.v1.UserService",
    name="SignInWithPasskey",
    python="sign_in_with_passkey",
    request=SignInWithPasskeyRequest,
    response=SignedIn,
    http=(Http("POST", "/api/v1/auth/passkeys/sign-in", body="*"),),
    access=Access(public=True),
    errors=(
        ProviderRequired,
        PasskeyRefused,
    ),
    rate=Rate.SIGN_IN,
    headers={"cart_token": "X-Cart-Token", "user_agent": "User-Agent"},
    comment="Signs in with a passkey, which is both factors in one.",
)
LIST_PROVIDERS = Method(
    service="souk.users.v1.UserService",
    name="ListProviders",
    python="list_providers",
    request=ListProvidersRequest,
    response=ProviderList,
    http=(Http("GET", "/api/v1/auth/oauth"),),
    access=Access(public=True),
    rate=Rate.READ,
    comment="The OpenID Connect providers that people may sign in with here.",
)
START_PROVIDER_SIGN_IN = Method(
    service="souk.users.v1.UserService",
    name="StartProviderSignIn",
    python="start_provider_sign_in",
    request=StartProviderSignInRequest,
    response=ProviderSignInStarted,
    http=(Http("GET", "/api/v1/auth/oauth/{provider}/start"),),
    access=Access(public=True),
    errors=(ProviderNotFound,),
    rate=Rate.SIGN_IN,
    answer=Answer(status=302),
    answer_headers={"location": "Location", "set_cookie": "Set-Cookie"},
    comment="Sends the browser to a provider, to sign in there.",
)
FINISH_PROVIDER_SIGN_IN = Method(
    service="souk.users.v1.UserService",
    name="FinishProviderSignIn",
    python="finish_provider_sign_in",
    request=FinishProviderSignInRequest,
    response=SignedIn,
    http=(Http("GET", "/api/v1/auth/oauth/{provider}/callback"),),
    access=Access(public=True),
    errors=(
        ProviderNotFound,
        ProviderRefused,
        SecondFactorRequired,
    ),
    rate=Rate.SIGN_IN,
    raw=Raw(body_field="body", headers_field="headers", query_field="query"),
    comment=(
        "Where the provider sends the browser back; an e-mail it has verified "
        "finds or opens the account."
    ),
)
BAN_USER = Method(
    service="souk.users.v1.UserService",
    name="BanUser",
    python="ban_user",
    request=BanUserRequest,
    response=User,
    http=(Http("POST", "/api/v1/users/{user_id}/ban", body="*"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(
        UserNotFound,
        NotYourRank,
    ),
    rate=Rate.WRITE,
    comment="Bars an account: all its access ends within a minute.",
)
REINSTATE_USER = Method(
    service="souk.users.v1.UserService",
    name="ReinstateUser",
    python="reinstate_user",
    request=ReinstateUserRequest,
    response=User,
    http=(Http("POST", "/api/v1/users/{user_id}/reinstate", body="*"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(
        UserNotFound,
        NotYourRank,
    ),
    rate=Rate.WRITE,
    comment="Lets an account back in; it must sign in anew.",
)
LIST_ENDED_ACCESS = Method(
    service="souk.users.v1.UserService",
    name="ListEndedAccess",
    python="list_ended_access",
    request=ListEndedAccessRequest,
    response=EndedAccessList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Whose access ended before their tokens did, the earliest first.",
)
REVEAL_CODE = Method(
    service="souk.users.v1.UserService",
    name="RevealCode",
    python="reveal_code",
    request=RevealCodeRequest,
    response=RevealedCode,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("A code that is to be sent, for whoever sends it; events only say that there is one."),
)
GET_ADDRESS_RULES = Method(
    service="souk.users.v1.UserService",
    name="GetAddressRules",
    python="get_address_rules",
    request=GetAddressRulesRequest,
    response=AddressRules,
    http=(Http("GET", "/api/v1/address-rules/{country}"),),
    access=Access(public=True),
    rate=Rate.READ,
    answer=Answer(max_age_seconds=86400),
    comment="How a country writes addresses: for forms.",
)
LIST_WISHLISTS = Method(
    service="souk.users.v1.UserService",
    name="ListWishlists",
    python="list_wishlists",
    request=ListWishlistsRequest,
    response=WishlistList,
    http=(Http("GET", "/api/v1/users/wishlists"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="The wishlists of whoever asks, the default one first; at most 20.",
)
CREATE_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="CreateWishlist",
    python="create_wishlist",
    request=CreateWishlistRequest,
    response=Wishlist,
    http=(Http("POST", "/api/v1/users/wishlists", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(TooManyWishlists,),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
)
UPDATE_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="UpdateWishlist",
    python="update_wishlist",
    request=UpdateWishlistRequest,
    response=Wishlist,
    http=(Http("PUT", "/api/v1/users/wishlists/{wishlist_id}", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(WishlistNotFound,),
    rate=Rate.WRITE,
    comment=(
        "Renames a wishlist, shares it by link or ends the sharing; absent fields stay as they are."
    ),
)
DELETE_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="DeleteWishlist",
    python="delete_wishlist",
    request=DeleteWishlistRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/users/wishlists/{wishlist_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(WishlistNotFound,),
    rate=Rate.WRITE,
)
GET_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="GetWishlist",
    python="get_wishlist",
    request=GetWishlistRequest,
    response=Wishlist,
    http=(
        Http("GET", "/api/v1/users/wishlist"),
        Http("GET", "/api/v1/users/wishlists/{wishlist_id}"),
    ),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(WishlistNotFound,),
    rate=Rate.READ,
    comment="A wishlist with its items.",
)
ADD_TO_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="AddToWishlist",
    python="add_to_wishlist",
    request=AddToWishlistRequest,
    response=Wishlist,
    http=(Http("POST", "/api/v1/users/wishlist", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        WishlistNotFound,
        WishlistFull,
    ),
    rate=Rate.WRITE,
    comment=("Puts something on a wishlist; what is on it already stays, with the new note."),
)
REMOVE_FROM_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="RemoveFromWishlist",
    python="remove_from_wishlist",
    request=RemoveFromWishlistRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/users/wishlist/{product_id}"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(WishlistNotFound,),
    rate=Rate.WRITE,
    comment="Takes something off a wishlist; what is not on it is off it.",
)
GET_SHARED_WISHLIST = Method(
    service="souk.users.v1.UserService",
    name="GetSharedWishlist",
    python="get_shared_wishlist",
    request=GetSharedWishlistRequest,
    response=SharedWishlist,
    http=(Http("GET", "/api/v1/wishlists/{share_token}"),),
    access=Access(public=True),
    errors=(WishlistNotFound,),
    rate=Rate.READ,
    comment="A wishlist by the link that its owner shared.",
)
LIST_CONSENT_TEXTS = Method(
    service="souk.users.v1.UserService",
    name="ListConsentTexts",
    python="list_consent_texts",
    request=ListConsentTextsRequest,
    response=ConsentTextList,
    http=(Http("GET", "/api/v1/consent-texts"),),
    access=Access(public=True),
    rate=Rate.READ,
    comment="The wordings in force that people may agree to: at most 100 kinds.",
)
PUBLISH_CONSENT_TEXT = Method(
    service="souk.users.v1.UserService",
    name="PublishConsentText",
    python="publish_consent_text",
    request=PublishConsentTextRequest,
    response=ConsentText,
    http=(Http("POST", "/api/v1/consent-texts", body="*"),),
    access=Access(roles=frozenset({"admin"})),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    answer=Answer(status=201),
    comment=(
        "Puts a new version of a wording in force; who agreed to an older one keeps having done so."
    ),
)
SET_CONSENT = Method(
    service="souk.users.v1.UserService",
    name="SetConsent",
    python="set_consent",
    request=SetConsentRequest,
    response=Consent,
    http=(Http("POST", "/api/v1/users/consents", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    errors=(
        ConsentTextNotFound,
        ConsentTextOutdated,
    ),
    rate=Rate.WRITE,
    comment="Agrees to a wording that was shown, or takes that back.",
)
LIST_CONSENTS = Method(
    service="souk.users.v1.UserService",
    name="ListConsents",
    python="list_consents",
    request=ListConsentsRequest,
    response=ConsentList,
    http=(Http("GET", "/api/v1/users/consents"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="Everything the caller has agreed to and taken back.",
)
REQUEST_EXPORT = Method(
    service="souk.users.v1.UserService",
    name="RequestExport",
    python="request_export",
    request=RequestExportRequest,
    response=PersonExport,
    http=(Http("POST", "/api/v1/users/exports", body="*"),),
    access=Access(
        reserved=True,
        step_up=True,
        roles=frozenset({"customer", "seller", "courier", "support", "admin"}),
    ),
    rate=Rate.WRITE,
    answer=Answer(status=202),
    comment=(
        "Asks for an archive of everything Souk knows of the caller; work goes on after the answer."
    ),
)
LIST_EXPORTS = Method(
    service="souk.users.v1.UserService",
    name="ListExports",
    python="list_exports",
    request=ListExportsRequest,
    response=PersonExportList,
    http=(Http("GET", "/api/v1/users/exports"),),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    rate=Rate.READ,
    comment="The caller's archives: at most 10, the latest first.",
)
DOWNLOAD_EXPORT = Method(
    service="souk.users.v1.UserService",
    name="DownloadExport",
    python="download_export",
    request=DownloadExportRequest,
    response=File,
    http=(Http("GET", "/api/v1/users/exports/{export_id}/archive"),),
    access=Access(
        reserved=True,
        step_up=True,
        roles=frozenset({"customer", "seller", "courier", "support", "admin"}),
    ),
    errors=(ExportNotFound,),
    rate=Rate.READ,
    comment="One of the caller's archives, a zip of JSON files and pictures.",
)
REQUEST_ERASURE = Method(
    service="souk.users.v1.UserService",
    name="RequestErasure",
    python="request_erasure",
    request=RequestErasureRequest,
    response=Erasure,
    http=(Http("POST", "/api/v1/users/erasure", body="*"),),
    access=Access(
        reserved=True,
        step_up=True,
        roles=frozenset({"customer", "seller", "courier", "support", "admin"}),
    ),
    errors=(ErasureMustWait,),
    rate=Rate.WRITE,
    answer=Answer(status=202),
    comment=(
        "Shuts the caller's account and takes everything that is theirs out of Souk, for good."
    ),
)
DELETE_USER = Method(
    service="souk.users.v1.UserService",
    name="DeleteUser",
    python="delete_user",
    request=DeleteUserRequest,
    response=Erasure,
    http=(Http("DELETE", "/api/v1/users/{user_id}"),),
    access=Access(
        reserved=True,
        step_up=True,
        roles=frozenset({"customer", "seller", "courier", "support", "admin"}),
    ),
    errors=(
        ErasureMustWait,
        UserNotFound,
    ),
    rate=Rate.WRITE,
    answer=Answer(status=202),
    comment=(
        "Does the same for an account by its id: one's own, or as an admin "
        "anybody's, who asked for it in\nanother way."
    ),
)
REQUEST_GUEST_LINK = Method(
    service="souk.users.v1.UserService",
    name="RequestGuestLink",
    python="request_guest_link",
    request=RequestGuestLinkRequest,
    response=Empty,
    http=(Http("POST", "/api/v1/guests/link", body="*"),),
    access=Access(public=True),
    rate=Rate.SIGN_IN,
    comment=(
        "Mails a link to whoever bought without an account, by which they take "
        "home what is known of\nthem, or have it erased. The answer is the same "
        "for an address nobody has bought with."
    ),
)
TAKE_GUEST_DATA = Method(
    service="souk.users.v1.UserService",
    name="TakeGuestData",
    python="take_guest_data",
    request=TakeGuestDataRequest,
    response=File,
    http=(Http("POST", "/api/v1/guests/archive", body="*"),),
    access=Access(public=True),
    errors=(CodeRefused,),
    rate=Rate.SIGN_IN,
    comment=("Everything Souk knows of a guest, by the link of the mail: a zip of JSON files."),
)
ERASE_GUEST_DATA = Method(
    service="souk.users.v1.UserService",
    name="EraseGuestData",
    python="erase_guest_data",
    request=EraseGuestDataRequest,
    response=ErasureList,
    http=(Http("POST", "/api/v1/guests/erasure", body="*"),),
    access=Access(public=True),
    errors=(
        CodeRefused,
        ErasureMustWait,
    ),
    rate=Rate.SIGN_IN,
    answer=Answer(status=202),
    comment=("Takes a guest out of Souk for good, by the link of the mail. Purchase by purchase."),
)
FORGET_GUESTS = Method(
    service="souk.users.v1.UserService",
    name="ForgetGuests",
    python="forget_guests",
    request=ForgetGuestsRequest,
    response=ErasureList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Guests whose time is over, by their checkouts.",
)
GET_ERASURE = Method(
    service="souk.users.v1.UserService",
    name="GetErasure",
    python="get_erasure",
    request=GetErasureRequest,
    response=Erasure,
    http=(Http("GET", "/api/v1/erasures/{erasure_id}"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(ErasureNotFound,),
    rate=Rate.READ,
    comment="How far an erasure is, with what each service answered.",
)
REPLAY_ERASURES = Method(
    service="souk.users.v1.UserService",
    name="ReplayErasures",
    python="replay_erasures",
    request=ReplayErasuresRequest,
    response=ReplayedErasures,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="After a restore: erases again whoever the journal says was erased since.",
)
EXPORT_PERSON = Method(
    service="souk.users.v1.UserService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.users.v1.UserService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

UserService.METHODS = (
    FIND_USERS,
    REGISTER,
    LOGIN,
    REFRESH_TOKEN,
    LOGOUT,
    CHANGE_PASSWORD,
    GET_PROFILE,
    UPDATE_PROFILE,
    SET_AVATAR,
    REMOVE_AVATAR,
    GET_USER,
    CREATE_USER,
    UPDATE_USER,
    GRANT_ROLE,
    GET_ADDRESSES,
    ADD_ADDRESS,
    GET_ADDRESS,
    UPDATE_ADDRESS,
    DELETE_ADDRESS,
    SET_DEFAULT_ADDRESS,
    GET_KEYS,
    VALIDATE_TOKEN,
    GET_CONTACTS,
    LIST_PERMISSIONS,
    REVOKE_ROLE,
    LIST_STAFF_ROLES,
    CREATE_STAFF_ROLE,
    UPDATE_STAFF_ROLE,
    DELETE_STAFF_ROLE,
    ASSIGN_STAFF_ROLE,
    WITHDRAW_STAFF_ROLE,
    GET_STAFF_PERMISSIONS,
    LIST_API_KEYS,
    CREATE_API_KEY,
    REVOKE_API_KEY,
    CHECK_API_KEY,
    REQUEST_OTP,
    VERIFY_OTP,
    FORGOT_PASSWORD,
    RESET_PASSWORD,
    VERIFY_EMAIL,
    REQUEST_EMAIL_VERIFICATION,
    CHANGE_EMAIL,
    REQUEST_PHONE_VERIFICATION,
    VERIFY_PHONE,
    LIST_SESSIONS,
    REVOKE_SESSION,
    STEP_UP,
    GET_SIGN_IN_METHODS,
    ENROLL_TOTP,
    CONFIRM_TOTP,
    REMOVE_TOTP,
    RENEW_RECOVERY_CODES,
    START_PASSKEY,
    ADD_PASSKEY,
    RENAME_PASSKEY,
    REMOVE_PASSKEY,
    START_PASSKEY_SIGN_IN,
    SIGN_IN_WITH_PASSKEY,
    LIST_PROVIDERS,
    START_PROVIDER_SIGN_IN,
    FINISH_PROVIDER_SIGN_IN,
    BAN_USER,
    REINSTATE_USER,
    LIST_ENDED_ACCESS,
    REVEAL_CODE,
    GET_ADDRESS_RULES,
    LIST_WISHLISTS,
    CREATE_WISHLIST,
    UPDATE_WISHLIST,
    DELETE_WISHLIST,
    GET_WISHLIST,
    ADD_TO_WISHLIST,
    REMOVE_FROM_WISHLIST,
    GET_SHARED_WISHLIST,
    LIST_CONSENT_TEXTS,
    PUBLISH_CONSENT_TEXT,
    SET_CONSENT,
    LIST_CONSENTS,
    REQUEST_EXPORT,
    LIST_EXPORTS,
    DOWNLOAD_EXPORT,
    REQUEST_ERASURE,
    DELETE_USER,
    REQUEST_GUEST_LINK,
    TAKE_GUEST_DATA,
    ERASE_GUEST_DATA,
    FORGET_GUESTS,
    GET_ERASURE,
    REPLAY_ERASURES,
    EXPORT_PERSON,
    ERASE_PERSON,
)
