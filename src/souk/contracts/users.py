"""Users: accounts, sign-in, sessions, profiles and addresses.

Generated from souk/users/v1/users.proto, souk/users/v1/events.proto, souk/users/v1/roles.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.api import Role
from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    Event,
    Http,
    Idempotency,
    Int32,
    Int64,
    Method,
    Rate,
)
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Email, Instant, Uuid

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


class LoginRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=128)]
    cart_token: Annotated[
        str, Meta(max_length=100, description="A guest's cart, to be merged into the account's.")
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
    phone_number: Annotated[str, Meta(max_length=40, pattern="^[0-9+(). -]*$")] | None = None


class GetUserRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


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


class SignedIn(Struct, frozen=True, kw_only=True):
    user: User
    access_token: str = ""
    refresh_token: str = ""
    token_type: str = ""
    expires_in: Annotated[
        Int32, Meta(description="Seconds for which the access token is good.")
    ] = 0


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
        """Exchanges a refresh token for a new pair; a token used twice ends its whole family."""

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
        """Changes names and phone number; absent fields stay as they are."""

    @abstractmethod
    async def get_user(self, request: GetUserRequest) -> User:
        """Any account, for support and admin; people see their own."""

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

    async def get_user(self, request: GetUserRequest) -> User:
        answer: User = await self._transport.call(GET_USER, request)
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
    headers={"cart_token": "X-Cart-Token"},
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
    errors=(WrongCredentials,),
    rate=Rate.SIGN_IN,
    headers={"cart_token": "X-Cart-Token"},
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
    comment=("Exchanges a refresh token for a new pair; a token used twice ends its whole family."),
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
    comment="Changes names and phone number; absent fields stay as they are.",
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

UserService.METHODS = (
    FIND_USERS,
    REGISTER,
    LOGIN,
    REFRESH_TOKEN,
    LOGOUT,
    CHANGE_PASSWORD,
    GET_PROFILE,
    UPDATE_PROFILE,
    GET_USER,
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
)
