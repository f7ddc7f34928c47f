"""What every contract must say, whatever the service."""

import fnmatch
import importlib
import re
from typing import get_args, get_type_hints

import msgspec
import pytest

from souk.contracts import SERVICES
from souk.kernel.contract import Event, Idempotency, Method
from tests.architecture.source import SOURCE

MOVES_MONEY = {
    "PlaceOrder", "CreateRefund",
}  # fmt: skip
CARRIES_ITS_OWN_KEY = {  # internal methods keyed by an id in the request
    "ProcessPayment": "checkout_id",
    "CapturePayment": "payment_id",
    "RefundPayment": "refund_id",
    "VoidPayment": "checkout_id",
    "ReserveStock": "hold_id",
    "CommitStock": "hold_id",
    "ReleaseStock": "hold_id",
    "Restock": "restock_id",
    "RedeemPromoCode": "checkout_id",
    "GiveBackPromoCode": "checkout_id",
    "CreateShipment": "shipment_id",
}


def services():
    for place in SERVICES.values():
        module, _, name = place.partition(":")
        yield getattr(importlib.import_module(module), name)


def methods() -> list[Method]:
    return [method for service in services() for method in service.METHODS]


def named(method: Method) -> str:
    return f"{method.service}/{method.name}"


@pytest.mark.parametrize("method", methods(), ids=named)
def test_access_is_declared(method):
    access = method.access
    assert access.public + bool(access.roles) + access.internal == 1


@pytest.mark.parametrize("method", methods(), ids=named)
def test_internal_methods_have_no_route(method):
    assert not (method.access.internal and method.http)


def test_what_moves_money_requires_a_key():
    by_name = {method.name: method for method in methods()}
    for name in MOVES_MONEY:
        assert by_name[name].idempotent is Idempotency.REQUIRED
    for name, field in CARRIES_ITS_OWN_KEY.items():
        assert field in by_name[name].request.__struct_fields__


@pytest.mark.parametrize("method", methods(), ids=named)
def test_a_list_that_pages_has_a_limit(method):
    hints = get_type_hints(method.request, include_extras=True)
    if "page_size" in hints:
        bounds = [m for m in get_args(hints["page_size"]) if isinstance(m, msgspec.Meta)]
        assert any(meta.le is not None and meta.le <= 100 for meta in bounds)


def test_no_two_methods_share_a_route():
    seen = {}
    for method in methods():
        for rule in method.http:
            key = (rule.verb, re.sub(r"\{[^}]+\}", "{}", rule.path))
            assert key not in seen, f"{key}: {named(method)} and {seen[key]}"
            seen[key] = named(method)


def events():
    modules = {place.partition(":")[0] for place in SERVICES.values()}
    for name in sorted(modules):
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, type) and issubclass(value, Event) and value is not Event:
                yield value


@pytest.mark.parametrize("event", list(events()), ids=lambda e: e.SUBJECT)
def test_an_event_is_published_by_the_service_that_owns_it(event):
    owner = event.SUBJECT.split(".")[1]
    folder = SOURCE / "services" / owner
    text = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    assert re.search(rf"\b{event.__name__}\(", text), f"{owner} never publishes {event.__name__}"


@pytest.mark.parametrize("method", methods(), ids=named)
def test_what_empties_kept_answers_is_an_event(method):
    subjects = [event.SUBJECT for event in events()]
    for pattern in method.answer.emptied_by:
        assert method.answer.max_age_seconds, "nothing is kept that could be emptied"
        assert fnmatch.filter(subjects, pattern.replace(">", "*")), f"{pattern} is no event"


@pytest.mark.parametrize("event", list(events()), ids=lambda e: e.SUBJECT)
def test_events_carry_ids_not_people(event):
    personal = {
        "email",
        "name",
        "first_name",
        "last_name",
        "phone",
        "address",
        "shipping_address",
        "street_1",
    }
    fields = set(event.__struct_fields__)
    if event.SUBJECT.startswith("souk.shops."):
        fields.discard("name")  # a shop's public name is no person's
    assert not fields & personal


def test_every_struct_can_be_described():
    """msgspec finds contradicting bounds only on first use, so every struct is used here."""
    kinds = [kind for method in methods() for kind in (method.request, method.response)]
    msgspec.json.schema_components([*kinds, *events()])
