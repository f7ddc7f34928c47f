"""What users hold of people: all that says who somebody is."""

from __future__ import annotations

from souk.kernel.personal_data import Holding

ERASE_ACCOUNT = """
with key as (
    delete from person_keys where person = $1
)
update users set email = '', email_key = 'erased:' || id, password_hash = '', first_name = '',
                 last_name = '', phone_number = '', locale = '', time_zone = '',
                 phone_key = null, roles = '{}',
                 is_active = false, email_verified = false, has_second_factor = false,
                 version = version + 1, erased_at = now(), updated_at = now()
where id = $1 and erased_at is null
"""
ERASE_SESSIONS = """
with tokens as (
    delete from refresh_tokens
    where session_id in (select id from sessions where user_id = $1)
)
delete from sessions where user_id = $1
"""
KEPT_CONSENTS = """
select count(*)::int as kept, max(at) + interval '3 years' as kept_until
from consents where user_id = $1
"""


def owned(part: str, table: str, columns: str, *, by: str = "id") -> Holding:
    """Rows that are somebody's alone."""
    return Holding(
        part=part,
        # Names of ours are all that is put into these texts.
        export=f"select {columns} from {table} where user_id = $1 order by {by}",  # noqa: S608
        erase=f"delete from {table} where user_id = $1",  # noqa: S608
    )


HOLDINGS = (
    Holding(
        part="account",
        export="select id, email, first_name, last_name, phone_number, locale, time_zone, roles,"
        " is_active, email_verified, has_second_factor, created_at, updated_at"
        " from users where id = $1 order by id",
        erase=ERASE_ACCOUNT,
        under_way="select count(*) from users"
        " where id = $1 and roles && array['support', 'admin', 'staff', 'courier']",
        obstacle="They hold rights of staff",
        advice="Have them taken back first.",
    ),
    owned(
        "addresses",
        "addresses",
        "id, type, name, street_1, street_2, city, state, postal_code, country, phone, is_default,"
        " created_at",
    ),
    Holding(
        part="sessions",
        export="select id, device, address, country, created_at, last_used_at, ended_at"
        " from sessions where user_id = $1 order by id",
        erase=ERASE_SESSIONS,
    ),
    owned("passkeys", "passkeys", "id, name, created_at, last_used_at"),
    owned(
        "providers",
        "provider_accounts",
        "provider, issuer, subject, linked_at",
        by="issuer, subject",
    ),
    owned("api_keys", "api_keys", "id, name, prefix, scopes, created_at, last_used_at, revoked_at"),
    owned("challenges", "challenges", "id, purpose, created_at, expires_at, used_at"),
    owned("authenticator", "totp_secrets", "confirmed_at", by="confirmed_at"),
    owned("authenticator_proposals", "totp_proposals", "proposed_at", by="proposed_at"),
    owned("recovery_codes", "recovery_codes", "used_at", by="used_at"),
    owned("staff_roles", "staff_members", "staff_role_id", by="staff_role_id"),
    owned("exports", "exports", "id, requested_at, ready_at, expires_at"),
    Holding(
        part="wishlist_items",
        export="select list.name, product_id, variant_id, note, added_at"
        " from wishlist_items join wishlists as list on list.id = wishlist_id"
        " where user_id = $1 order by wishlist_items.id",
    ),
    owned("wishlists", "wishlists", "id, name, is_default, created_at"),
    Holding(
        part="consents",
        export="select kind, version, is_given, at from consents where user_id = $1"
        " order by at, id",
        duty="proof_of_consent",
        kept=KEPT_CONSENTS,
    ),
)
