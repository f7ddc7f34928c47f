"""What the services say to one another and to the world.

Generated from proto/; do not edit.
"""

# Where each service's base class is; a process imports only those it needs.
SERVICES: dict[str, str] = {
    "carts": "souk.contracts.carts:CartService",
    "catalog": "souk.contracts.catalog:CatalogService",
    "inventory": "souk.contracts.inventory:InventoryService",
    "media": "souk.contracts.media:MediaService",
    "notifications": "souk.contracts.notifications:NotificationService",
    "operations": "souk.contracts.operations:OperationsService",
    "orders": "souk.contracts.orders:OrderService",
    "payments": "souk.contracts.payments:PaymentService",
    "pricing": "souk.contracts.pricing:PricingService",
    "shipping": "souk.contracts.shipping:ShippingService",
    "shops": "souk.contracts.shops:ShopService",
    "users": "souk.contracts.users:UserService",
}
