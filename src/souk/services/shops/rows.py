"""A shop as its row has it, and as the contract shows it."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from souk.contracts.common import Address, GeoPoint
from souk.contracts.shops import Shop, ShopApproval, ShopStatus
from souk.kernel.cursors import Place

COLUMNS = """id, slug, name, description, currency, status, address, latitude, longitude,
    created_at, logo_url, banner_url, approval, approval_note"""


class ShopRow(Struct, frozen=True, kw_only=True):
    id: str
    slug: str
    name: str
    description: str
    currency: str
    status: ShopStatus
    address: Address | None
    latitude: float | None
    longitude: float | None
    created_at: datetime
    logo_url: str
    banner_url: str
    approval: ShopApproval
    approval_note: str

    @property
    def place(self) -> Place:
        return Place(self.created_at, self.id)

    def view(self, *, is_public: bool = True) -> Shop:
        """The note is for the shop's people and operators."""
        return Shop(
            id=self.id,
            slug=self.slug,
            name=self.name,
            description=self.description,
            currency=self.currency,
            status=self.status,
            address=self.address,
            location=self._location(),
            created_at=self.created_at,
            logo_url=self.logo_url,
            banner_url=self.banner_url,
            approval=self.approval,
            approval_note="" if is_public else self.approval_note,
        )

    def _location(self) -> GeoPoint | None:
        if self.latitude is None or self.longitude is None:
            return None
        return GeoPoint(latitude=self.latitude, longitude=self.longitude)
