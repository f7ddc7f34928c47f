"""Shops: who sells, from where, and with whom.

Generated from souk/shops/v1/shops.proto, souk/shops/v1/events.proto; do not edit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from msgspec import Meta, Struct

from souk.contracts.common import (
    Address,
    ErasePersonRequest,
    ErasureReceipt,
    ExportPersonRequest,
    GeoPoint,
    PersonalData,
)
from souk.kernel.contract import Access, Empty, Event, Http, Idempotency, Int32, Int64, Method, Rate
from souk.kernel.refusals import Kind, Refusal
from souk.kernel.rules import Instant, Uuid

if TYPE_CHECKING:
    from souk.kernel.transport import Transport


class ShopStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


class ShopApproval(StrEnum):
    """What operators think of a shop. It may sell while it waits."""

    AWAITING = "awaiting"
    APPROVED = "approved"
    REFUSED = "refused"


class ShopRole(StrEnum):
    OWNER = "owner"
    STAFF = "staff"


class CreateShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=2, max_length=80)]
    description: Annotated[str, Meta(max_length=5000, extra={"multiline": True})] = ""
    currency: Annotated[
        str,
        Meta(
            min_length=1,
            pattern="^[A-Z]{3}$",
            description="ISO 4217; every price of the shop is in it.",
        ),
    ]
    address: Address | None = None
    location: GeoPoint | None = None
    logo_url: Annotated[
        str,
        Meta(
            max_length=2000,
            pattern="^((https?:/)?/.*)?$",
            description="Addresses, or paths of pictures that media keeps.",
        ),
    ] = ""
    banner_url: Annotated[str, Meta(max_length=2000, pattern="^((https?:/)?/.*)?$")] = ""


class Shop(Struct, frozen=True, kw_only=True):
    id: str = ""
    slug: str = ""
    name: str = ""
    description: str = ""
    currency: str = ""
    status: ShopStatus | None = None
    address: Address | None = None
    location: GeoPoint | None = None
    created_at: Instant | None = None
    logo_url: str = ""
    banner_url: str = ""
    approval: ShopApproval | None = None
    approval_note: Annotated[str, Meta(description="Why; for the shop's people and operators.")] = (
        ""
    )


class GetShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Annotated[
        str,
        Meta(min_length=1, pattern="^[a-z0-9-]{1,100}$", description="A shop's id or its slug."),
    ]


class ListShopsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    cursor: Annotated[str, Meta(max_length=500)] = ""
    q: Annotated[str, Meta(max_length=200, description="Text in the name.")] = ""


class ShopPage(Struct, frozen=True, kw_only=True):
    items: tuple[Shop, ...] = ()
    page: Int32 = 0
    page_size: Int32 = 0
    total: Int64 = 0
    next_cursor: str = ""


class UpdateShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    name: Annotated[str, Meta(min_length=2, max_length=80)] | None = None
    description: Annotated[str, Meta(max_length=5000, extra={"multiline": True})] | None = None
    address: Address | None = None
    location: GeoPoint | None = None
    is_paused: (
        Annotated[bool, Meta(description="A paused shop is seen but sells nothing.")] | None
    ) = None
    logo_url: Annotated[str, Meta(max_length=2000, pattern="^((https?:/)?/.*)?$")] | None = None
    banner_url: Annotated[str, Meta(max_length=2000, pattern="^((https?:/)?/.*)?$")] | None = None


class ListShopsToApproveRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    page: Annotated[int, Meta(ge=0, le=100_000)] = 0
    page_size: Annotated[int, Meta(ge=0, le=100)] = 0
    approval: Annotated[ShopApproval, Meta(description="Those that wait, when absent.")] | None = (
        None
    )
    shop_ids: Annotated[
        tuple[Uuid, ...], Meta(max_length=100, description="Only these, whatever was said of them.")
    ] = ()


class DecideShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    is_approved: bool
    note: Annotated[str, Meta(max_length=500, description="Why; the shop's people see it.")] = ""


class GetShopsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_ids: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class ShopList(Struct, frozen=True, kw_only=True):
    items: tuple[Shop, ...] = ()
    places: Annotated[
        tuple[ShopPlace, ...],
        Meta(description="What whoever asks is in them; of their own shops alone."),
    ] = ()


class ShopPlace(Struct, frozen=True, kw_only=True):
    """Somebody's place in a shop."""

    shop_id: str = ""
    role: ShopRole | None = None
    shop_role_id: Annotated[
        str,
        Meta(
            description=(
                "The role of the shop's own that they have; without one they may do all "
                "but the owner's."
            )
        ),
    ] = ""
    shop_role_name: str = ""
    permissions: tuple[str, ...] = ()


class VerifyMemberRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    user_id: Uuid
    permission: Annotated[
        str,
        Meta(
            max_length=100,
            description=(
                'What they are about to do: "catalog.update_product". Whoever has a role '
                "that does not list it is no member, as far as this goes."
            ),
        ),
    ] = ""


class CloseShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid


class ListShopRolesRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid


class CustomShopRole(Struct, frozen=True, kw_only=True):
    """A role that a shop has made for its people."""

    id: str = ""
    name: str = ""
    permissions: tuple[str, ...] = ()
    member_count: Int32 = 0


class ShopRoleList(Struct, frozen=True, kw_only=True):
    """At most 50."""

    items: tuple[CustomShopRole, ...] = ()


class CreateShopRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    name: Annotated[str, Meta(min_length=2, max_length=80)]
    permissions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class UpdateShopRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    shop_role_id: Uuid
    name: Annotated[str, Meta(min_length=2, max_length=80)]
    permissions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class DeleteShopRoleRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    shop_role_id: Uuid


class ListMembersRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid


class Member(Struct, frozen=True, kw_only=True):
    user_id: str = ""
    role: ShopRole | None = None
    shop_role_id: Annotated[
        str,
        Meta(
            description=(
                "Of staff: the role the shop made that says what they may do. Empty: "
                "everything but the owner's."
            )
        ),
    ] = ""
    joined_at: Instant | None = None
    first_name: Annotated[
        str,
        Meta(
            description=(
                "Of a list of members: how people are called and reached; empty while "
                "users cannot be asked."
            )
        ),
    ] = ""
    email: str = ""


class InviteMemberRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    shop_role_id: Annotated[Uuid, Meta(description="The role they get.")]


class Invitation(Struct, frozen=True, kw_only=True):
    token: Annotated[str, Meta(description="Kept as a hash alone: it cannot be shown again.")] = ""
    expires_at: Instant | None = None
    id: str = ""


class ListInvitationsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid


class OpenInvitation(Struct, frozen=True, kw_only=True):
    id: str = ""
    shop_role_id: str = ""
    expires_at: Instant | None = None


class InvitationList(Struct, frozen=True, kw_only=True):
    items: tuple[OpenInvitation, ...] = ()


class WithdrawInvitationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    invitation_id: Uuid


class GetInvitationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=200)]


class InvitationView(Struct, frozen=True, kw_only=True):
    shop_id: str = ""
    shop_name: str = ""
    shop_role_name: str = ""
    expires_at: Instant | None = None


class JoinShopRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    token: Annotated[str, Meta(min_length=1, max_length=200)]


class MemberList(Struct, frozen=True, kw_only=True):
    items: Annotated[
        tuple[Member, ...], Meta(description="The owner first, then by when they joined.")
    ] = ()


class SetMemberRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    member_id: Uuid
    shop_role_id: Annotated[Uuid, Meta(description="Of the same shop.")]


class RemoveMemberRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    shop_id: Uuid
    member_id: Uuid


class Membership(Struct, frozen=True, kw_only=True):
    is_member: bool = False
    role: ShopRole | None = None
    currency: str = ""
    shop_name: str = ""
    shop_status: ShopStatus | None = None


class ListOwnedShopsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    user_id: Uuid


class OwnedShops(Struct, frozen=True, kw_only=True):
    shop_ids: Annotated[tuple[str, ...], Meta(description="At most 1,000.")] = ()


class ListMyShopsRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most 100 shops a person."""

    page_size: Annotated[int, Meta(ge=0, le=100)] = 0


class ShopNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "There is no such shop."
    shop_id: str


class OwnersAlone(Refusal):
    KIND = Kind.NOT_ALLOWED
    DETAIL = "This is for the shop's owner."


class NotForShops(Refusal):
    KIND = Kind.INVALID
    DETAIL = (
        "{permission} is nothing that a shop's owner may do, and so nothing to be given to others."
    )
    permission: str


class ShopRoleNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "The shop has no such role."


class ShopRoleNameTaken(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The shop has a role of this name."


class ShopRoleInUse(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "Somebody has this role; give them another one first."


class TooManyShopRoles(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A shop may have at most {max} roles."
    max: int


class TooManyMembers(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "A shop may have at most {max} people."
    max: int


class OwnerMustStay(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "The owner stays, and as the owner."


class MemberNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "Nobody of this id works in the shop."


class InvitationNotFound(Refusal):
    KIND = Kind.NOT_FOUND
    DETAIL = "The invitation is wrong, was used before or has expired; ask for a new one."


class UnknownCurrency(Refusal):
    KIND = Kind.INVALID
    DETAIL = "{currency} is no currency of ISO 4217."
    currency: str


class TooManyShops(Refusal):
    KIND = Kind.CONFLICT
    DETAIL = "One person may open at most {max} shops."
    max: int


class ShopCreated(Event, frozen=True, kw_only=True):
    SUBJECT: ClassVar[str] = "souk.shops.created"
    AGGREGATE: ClassVar[str] = "shop_id"

    shop_id: str = ""
    owner_id: str = ""


class ShopUpdated(Event, frozen=True, kw_only=True):
    """A shop changed what it says of itself: others copy its name and whether it sells."""

    SUBJECT: ClassVar[str] = "souk.shops.updated"
    AGGREGATE: ClassVar[str] = "shop_id"

    shop_id: str = ""
    name: str = ""
    is_selling: bool = False


class MemberJoined(Event, frozen=True, kw_only=True):
    """Somebody accepted an invitation."""

    SUBJECT: ClassVar[str] = "souk.shops.member_joined"
    AGGREGATE: ClassVar[str] = "shop_id"

    shop_id: str = ""
    user_id: str = ""


class ShopPeopleChanged(Event, frozen=True, kw_only=True):
    """Who works in a shop, or what they may do there, is another thing now."""

    SUBJECT: ClassVar[str] = "souk.shops.people_changed"
    AGGREGATE: ClassVar[str] = "shop_id"

    shop_id: str = ""


class ShopService(ABC):
    """Shops and the people who work in them."""

    NAME: ClassVar[str] = "souk.shops.v1.ShopService"
    METHODS: ClassVar[tuple[Method, ...]]

    @abstractmethod
    async def create_shop(self, request: CreateShopRequest) -> Shop:
        """Opens a shop; its founder becomes a seller."""

    @abstractmethod
    async def get_shop(self, request: GetShopRequest) -> Shop:
        """A shop, by id or slug."""

    @abstractmethod
    async def list_shops(self, request: ListShopsRequest) -> ShopPage:
        """Shops that are open, newest first."""

    @abstractmethod
    async def update_shop(self, request: UpdateShopRequest) -> Shop:
        """Changes what a shop says of itself; absent fields stay as they are."""

    @abstractmethod
    async def close_shop(self, request: CloseShopRequest) -> Shop:
        """Closes a shop for good: it sells nothing from now on, and its orders go on to their
        end. For its
        owner and operators.
        """

    @abstractmethod
    async def list_shop_roles(self, request: ListShopRolesRequest) -> ShopRoleList:
        """The roles that a shop has made for its people, at most 50; for whoever works in it."""

    @abstractmethod
    async def create_shop_role(self, request: CreateShopRoleRequest) -> CustomShopRole:
        """Makes a role from permissions (those `for_shops` of ListPermissions). It can hold
        nothing that its shop's owner may not do.
        """

    @abstractmethod
    async def update_shop_role(self, request: UpdateShopRoleRequest) -> CustomShopRole:
        """Changes a role, for everybody who has it: in five seconds wherever membership is
        remembered.
        """

    @abstractmethod
    async def delete_shop_role(self, request: DeleteShopRoleRequest) -> Empty:
        """Drops a role that nobody has."""

    @abstractmethod
    async def list_members(self, request: ListMembersRequest) -> MemberList:
        """Who works in a shop, at most 100 people, and as what; for its owner and operators."""

    @abstractmethod
    async def invite_member(self, request: InviteMemberRequest) -> Invitation:
        """Makes a link by which somebody joins the shop: shown once, good for a week and for
        one person.
        """

    @abstractmethod
    async def list_invitations(self, request: ListInvitationsRequest) -> InvitationList:
        """Invitations that nobody has followed yet, the latest first, at most 100; for the
        shop's owner and
        operators.
        """

    @abstractmethod
    async def withdraw_invitation(self, request: WithdrawInvitationRequest) -> Empty:
        """Takes an invitation back; one that is gone stays gone."""

    @abstractmethod
    async def get_invitation(self, request: GetInvitationRequest) -> InvitationView:
        """What an invitation invites to, for whoever holds it."""

    @abstractmethod
    async def join_shop(self, request: JoinShopRequest) -> Shop:
        """Joins a shop by an invitation; whoever does becomes a seller."""

    @abstractmethod
    async def set_member(self, request: SetMemberRequest) -> Member:
        """Gives somebody who works in the shop another of its roles."""

    @abstractmethod
    async def remove_member(self, request: RemoveMemberRequest) -> Empty:
        """Somebody leaves a shop: sent by its owner, or of their own accord."""

    @abstractmethod
    async def list_shops_to_approve(self, request: ListShopsToApproveRequest) -> ShopPage:
        """Shops as operators see them, those that wait longest first."""

    @abstractmethod
    async def decide_shop(self, request: DecideShopRequest) -> Shop:
        """Says whether a shop may stand here; one that is refused is closed."""

    @abstractmethod
    async def get_shops(self, request: GetShopsRequest) -> ShopList:
        """Several shops at once; those that do not exist are left out."""

    @abstractmethod
    async def verify_member(self, request: VerifyMemberRequest) -> Membership:
        """Whether somebody may act for a shop, and as what."""

    @abstractmethod
    async def list_my_shops(self, request: ListMyShopsRequest) -> ShopList:
        """The shops somebody works in; at most 100."""

    @abstractmethod
    async def list_owned_shops(self, request: ListOwnedShopsRequest) -> OwnedShops:
        """The shops that are somebody's own, closed ones too."""

    @abstractmethod
    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        """Everything this service holds of somebody."""

    @abstractmethod
    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        """Takes somebody out of this service, once and for all; repeating it changes nothing."""


class ShopServiceClient(ShopService):
    """Calls ShopService, wherever it runs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create_shop(self, request: CreateShopRequest) -> Shop:
        answer: Shop = await self._transport.call(CREATE_SHOP, request)
        return answer

    async def get_shop(self, request: GetShopRequest) -> Shop:
        answer: Shop = await self._transport.call(GET_SHOP, request)
        return answer

    async def list_shops(self, request: ListShopsRequest) -> ShopPage:
        answer: ShopPage = await self._transport.call(LIST_SHOPS, request)
        return answer

    async def update_shop(self, request: UpdateShopRequest) -> Shop:
        answer: Shop = await self._transport.call(UPDATE_SHOP, request)
        return answer

    async def close_shop(self, request: CloseShopRequest) -> Shop:
        answer: Shop = await self._transport.call(CLOSE_SHOP, request)
        return answer

    async def list_shop_roles(self, request: ListShopRolesRequest) -> ShopRoleList:
        answer: ShopRoleList = await self._transport.call(LIST_SHOP_ROLES, request)
        return answer

    async def create_shop_role(self, request: CreateShopRoleRequest) -> CustomShopRole:
        answer: CustomShopRole = await self._transport.call(CREATE_SHOP_ROLE, request)
        return answer

    async def update_shop_role(self, request: UpdateShopRoleRequest) -> CustomShopRole:
        answer: CustomShopRole = await self._transport.call(UPDATE_SHOP_ROLE, request)
        return answer

    async def delete_shop_role(self, request: DeleteShopRoleRequest) -> Empty:
        answer: Empty = await self._transport.call(DELETE_SHOP_ROLE, request)
        return answer

    async def list_members(self, request: ListMembersRequest) -> MemberList:
        answer: MemberList = await self._transport.call(LIST_MEMBERS, request)
        return answer

    async def invite_member(self, request: InviteMemberRequest) -> Invitation:
        answer: Invitation = await self._transport.call(INVITE_MEMBER, request)
        return answer

    async def list_invitations(self, request: ListInvitationsRequest) -> InvitationList:
        answer: InvitationList = await self._transport.call(LIST_INVITATIONS, request)
        return answer

    async def withdraw_invitation(self, request: WithdrawInvitationRequest) -> Empty:
        answer: Empty = await self._transport.call(WITHDRAW_INVITATION, request)
        return answer

    async def get_invitation(self, request: GetInvitationRequest) -> InvitationView:
        answer: InvitationView = await self._transport.call(GET_INVITATION, request)
        return answer

    async def join_shop(self, request: JoinShopRequest) -> Shop:
        answer: Shop = await self._transport.call(JOIN_SHOP, request)
        return answer

    async def set_member(self, request: SetMemberRequest) -> Member:
        answer: Member = await self._transport.call(SET_MEMBER, request)
        return answer

    async def remove_member(self, request: RemoveMemberRequest) -> Empty:
        answer: Empty = await self._transport.call(REMOVE_MEMBER, request)
        return answer

    async def list_shops_to_approve(self, request: ListShopsToApproveRequest) -> ShopPage:
        answer: ShopPage = await self._transport.call(LIST_SHOPS_TO_APPROVE, request)
        return answer

    async def decide_shop(self, request: DecideShopRequest) -> Shop:
        answer: Shop = await self._transport.call(DECIDE_SHOP, request)
        return answer

    async def get_shops(self, request: GetShopsRequest) -> ShopList:
        answer: ShopList = await self._transport.call(GET_SHOPS, request)
        return answer

    async def verify_member(self, request: VerifyMemberRequest) -> Membership:
        answer: Membership = await self._transport.call(VERIFY_MEMBER, request)
        return answer

    async def list_my_shops(self, request: ListMyShopsRequest) -> ShopList:
        answer: ShopList = await self._transport.call(LIST_MY_SHOPS, request)
        return answer

    async def list_owned_shops(self, request: ListOwnedShopsRequest) -> OwnedShops:
        answer: OwnedShops = await self._transport.call(LIST_OWNED_SHOPS, request)
        return answer

    async def export_person(self, request: ExportPersonRequest) -> PersonalData:
        answer: PersonalData = await self._transport.call(EXPORT_PERSON, request)
        return answer

    async def erase_person(self, request: ErasePersonRequest) -> ErasureReceipt:
        answer: ErasureReceipt = await self._transport.call(ERASE_PERSON, request)
        return answer


CREATE_SHOP = Method(
    service="souk.shops.v1.ShopService",
    name="CreateShop",
    python="create_shop",
    request=CreateShopRequest,
    response=Shop,
    http=(Http("POST", "/api/v1/shops", body="*"),),
    access=Access(roles=frozenset({"customer", "seller", "support", "admin"})),
    errors=(
        UnknownCurrency,
        TooManyShops,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment="Opens a shop; its founder becomes a seller.",
)
GET_SHOP = Method(
    service="souk.shops.v1.ShopService",
    name="GetShop",
    python="get_shop",
    request=GetShopRequest,
    response=Shop,
    http=(Http("GET", "/api/v1/shops/{shop_id}"),),
    access=Access(public=True),
    errors=(ShopNotFound,),
    rate=Rate.READ,
    comment="A shop, by id or slug.",
)
LIST_SHOPS = Method(
    service="souk.shops.v1.ShopService",
    name="ListShops",
    python="list_shops",
    request=ListShopsRequest,
    response=ShopPage,
    http=(Http("GET", "/api/v1/shops"),),
    access=Access(public=True),
    rate=Rate.READ,
    comment="Shops that are open, newest first.",
)
UPDATE_SHOP = Method(
    service="souk.shops.v1.ShopService",
    name="UpdateShop",
    python="update_shop",
    request=UpdateShopRequest,
    response=Shop,
    http=(
        Http("PUT", "/api/v1/shops/{shop_id}", body="*"),
        Http("PUT", "/api/v1/shops/{shop_id}/profile", body="*"),
    ),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(ShopNotFound,),
    rate=Rate.WRITE,
    comment="Changes what a shop says of itself; absent fields stay as they are.",
)
CLOSE_SHOP = Method(
    service="souk.shops.v1.ShopService",
    name="CloseShop",
    python="close_shop",
    request=CloseShopRequest,
    response=Shop,
    http=(Http("POST", "/api/v1/shops/{shop_id}/close", body="*"),),
    access=Access(reserved=True, step_up=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
    ),
    rate=Rate.WRITE,
    comment=(
        "Closes a shop for good: it sells nothing from now on, and its orders go "
        "on to their end. For its\nowner and operators."
    ),
)
LIST_SHOP_ROLES = Method(
    service="souk.shops.v1.ShopService",
    name="ListShopRoles",
    python="list_shop_roles",
    request=ListShopRolesRequest,
    response=ShopRoleList,
    http=(Http("GET", "/api/v1/shops/{shop_id}/roles"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(ShopNotFound,),
    rate=Rate.READ,
    comment=("The roles that a shop has made for its people, at most 50; for whoever works in it."),
)
CREATE_SHOP_ROLE = Method(
    service="souk.shops.v1.ShopService",
    name="CreateShopRole",
    python="create_shop_role",
    request=CreateShopRoleRequest,
    response=CustomShopRole,
    http=(Http("POST", "/api/v1/shops/{shop_id}/roles", body="*"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
        NotForShops,
        ShopRoleNameTaken,
        TooManyShopRoles,
    ),
    idempotent=Idempotency.OPTIONAL,
    rate=Rate.WRITE,
    comment=(
        "Makes a role from permissions (those `for_shops` of ListPermissions). It"
        " can hold nothing that its shop's owner may not do."
    ),
)
UPDATE_SHOP_ROLE = Method(
    service="souk.shops.v1.ShopService",
    name="UpdateShopRole",
    python="update_shop_role",
    request=UpdateShopRoleRequest,
    response=CustomShopRole,
    http=(Http("PUT", "/api/v1/shops/{shop_id}/roles/{shop_role_id}", body="*"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
        NotForShops,
        ShopRoleNotFound,
        ShopRoleNameTaken,
    ),
    rate=Rate.WRITE,
    comment=(
        "Changes a role, for everybody who has it: in five seconds wherever "
        "membership is remembered."
    ),
)
DELETE_SHOP_ROLE = Method(
    service="souk.shops.v1.ShopService",
    name="DeleteShopRole",
    python="delete_shop_role",
    request=DeleteShopRoleRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/shops/{shop_id}/roles/{shop_role_id}"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
        ShopRoleNotFound,
        ShopRoleInUse,
    ),
    rate=Rate.WRITE,
    comment="Drops a role that nobody has.",
)
LIST_MEMBERS = Method(
    service="souk.shops.v1.ShopService",
    name="ListMembers",
    python="list_members",
    request=ListMembersRequest,
    response=MemberList,
    http=(Http("GET", "/api/v1/shops/{shop_id}/members"),),
    access=Access(roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
    ),
    rate=Rate.READ,
    comment=("Who works in a shop, at most 100 people, and as what; for its owner and operators."),
)
INVITE_MEMBER = Method(
    service="souk.shops.v1.ShopService",
    name="InviteMember",
    python="invite_member",
    request=InviteMemberRequest,
    response=Invitation,
    http=(Http("POST", "/api/v1/shops/{shop_id}/invitations", body="*"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
        ShopRoleNotFound,
        TooManyMembers,
    ),
    rate=Rate.WRITE,
    comment=(
        "Makes a link by which somebody joins the shop: shown once, good for a "
        "week and for one person."
    ),
)
LIST_INVITATIONS = Method(
    service="souk.shops.v1.ShopService",
    name="ListInvitations",
    python="list_invitations",
    request=ListInvitationsRequest,
    response=InvitationList,
    http=(Http("GET", "/api/v1/shops/{shop_id}/invitations"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
    ),
    rate=Rate.READ,
    comment=(
        "Invitations that nobody has followed yet, the latest first, at most 100;"
        " for the shop's owner and\noperators."
    ),
)
WITHDRAW_INVITATION = Method(
    service="souk.shops.v1.ShopService",
    name="WithdrawInvitation",
    python="withdraw_invitation",
    request=WithdrawInvitationRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/shops/{shop_id}/invitations/{invitation_id}"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
    ),
    rate=Rate.WRITE,
    comment="Takes an invitation back; one that is gone stays gone.",
)
GET_INVITATION = Method(
    service="souk.shops.v1.ShopService",
    name="GetInvitation",
    python="get_invitation",
    request=GetInvitationRequest,
    response=InvitationView,
    http=(Http("GET", "/api/v1/invitations/{token}"),),
    access=Access(public=True),
    errors=(InvitationNotFound,),
    rate=Rate.READ,
    comment="What an invitation invites to, for whoever holds it.",
)
JOIN_SHOP = Method(
    service="souk.shops.v1.ShopService",
    name="JoinShop",
    python="join_shop",
    request=JoinShopRequest,
    response=Shop,
    http=(Http("POST", "/api/v1/users/shops/join", body="*"),),
    access=Access(
        reserved=True, roles=frozenset({"customer", "seller", "courier", "support", "admin"})
    ),
    errors=(
        InvitationNotFound,
        TooManyMembers,
    ),
    rate=Rate.WRITE,
    comment="Joins a shop by an invitation; whoever does becomes a seller.",
)
SET_MEMBER = Method(
    service="souk.shops.v1.ShopService",
    name="SetMember",
    python="set_member",
    request=SetMemberRequest,
    response=Member,
    http=(Http("PUT", "/api/v1/shops/{shop_id}/members/{member_id}", body="*"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
        ShopRoleNotFound,
        OwnerMustStay,
        MemberNotFound,
    ),
    rate=Rate.WRITE,
    comment="Gives somebody who works in the shop another of its roles.",
)
REMOVE_MEMBER = Method(
    service="souk.shops.v1.ShopService",
    name="RemoveMember",
    python="remove_member",
    request=RemoveMemberRequest,
    response=Empty,
    http=(Http("DELETE", "/api/v1/shops/{shop_id}/members/{member_id}"),),
    access=Access(reserved=True, roles=frozenset({"seller", "support", "admin"})),
    errors=(
        ShopNotFound,
        OwnersAlone,
        OwnerMustStay,
        MemberNotFound,
    ),
    rate=Rate.WRITE,
    comment="Somebody leaves a shop: sent by its owner, or of their own accord.",
)
LIST_SHOPS_TO_APPROVE = Method(
    service="souk.shops.v1.ShopService",
    name="ListShopsToApprove",
    python="list_shops_to_approve",
    request=ListShopsToApproveRequest,
    response=ShopPage,
    http=(Http("GET", "/api/v1/admin/shops"),),
    access=Access(roles=frozenset({"support", "admin"})),
    rate=Rate.READ,
    comment="Shops as operators see them, those that wait longest first.",
)
DECIDE_SHOP = Method(
    service="souk.shops.v1.ShopService",
    name="DecideShop",
    python="decide_shop",
    request=DecideShopRequest,
    response=Shop,
    http=(Http("PUT", "/api/v1/admin/shops/{shop_id}/approval", body="*"),),
    access=Access(roles=frozenset({"support", "admin"})),
    errors=(ShopNotFound,),
    rate=Rate.WRITE,
    comment="Says whether a shop may stand here; one that is refused is closed.",
)
GET_SHOPS = Method(
    service="souk.shops.v1.ShopService",
    name="GetShops",
    python="get_shops",
    request=GetShopsRequest,
    response=ShopList,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Several shops at once; those that do not exist are left out.",
)
VERIFY_MEMBER = Method(
    service="souk.shops.v1.ShopService",
    name="VerifyMember",
    python="verify_member",
    request=VerifyMemberRequest,
    response=Membership,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Whether somebody may act for a shop, and as what.",
)
LIST_MY_SHOPS = Method(
    service="souk.shops.v1.ShopService",
    name="ListMyShops",
    python="list_my_shops",
    request=ListMyShopsRequest,
    response=ShopList,
    http=(Http("GET", "/api/v1/users/shops"),),
    access=Access(roles=frozenset({"customer", "seller", "courier", "support", "admin"})),
    rate=Rate.READ,
    comment="The shops somebody works in; at most 100.",
)
LIST_OWNED_SHOPS = Method(
    service="souk.shops.v1.ShopService",
    name="ListOwnedShops",
    python="list_owned_shops",
    request=ListOwnedShopsRequest,
    response=OwnedShops,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="The shops that are somebody's own, closed ones too.",
)
EXPORT_PERSON = Method(
    service="souk.shops.v1.ShopService",
    name="ExportPerson",
    python="export_person",
    request=ExportPersonRequest,
    response=PersonalData,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment="Everything this service holds of somebody.",
)
ERASE_PERSON = Method(
    service="souk.shops.v1.ShopService",
    name="ErasePerson",
    python="erase_person",
    request=ErasePersonRequest,
    response=ErasureReceipt,
    access=Access(internal=True),
    rate=Rate.WRITE,
    comment=("Takes somebody out of this service, once and for all; repeating it changes nothing."),
)

ShopService.METHODS = (
    CREATE_SHOP,
    GET_SHOP,
    LIST_SHOPS,
    UPDATE_SHOP,
    CLOSE_SHOP,
    LIST_SHOP_ROLES,
    CREATE_SHOP_ROLE,
    UPDATE_SHOP_ROLE,
    DELETE_SHOP_ROLE,
    LIST_MEMBERS,
    INVITE_MEMBER,
    LIST_INVITATIONS,
    WITHDRAW_INVITATION,
    GET_INVITATION,
    JOIN_SHOP,
    SET_MEMBER,
    REMOVE_MEMBER,
    LIST_SHOPS_TO_APPROVE,
    DECIDE_SHOP,
    GET_SHOPS,
    VERIFY_MEMBER,
    LIST_MY_SHOPS,
    LIST_OWNED_SHOPS,
    EXPORT_PERSON,
    ERASE_PERSON,
)
