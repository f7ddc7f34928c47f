"""What clients of a marketplace expect to find: every route and method that must exist, does.

`tests/data/rest-surface.tsv` lists the routes of all services; a service is held to its own once it
is complete.
"""

import re
from pathlib import Path

import pytest

from souk import contracts
from tests.kernel.contract_values import services

ROUTES = Path(__file__).parents[1] / "data" / "rest-surface.tsv"
COMPLETE = ("users",)
METHODS = {
    "users": """
        Register Login Logout RefreshToken VerifyEmail ValidateToken GetUser CreateUser UpdateUser
        DeleteUser GetProfile UpdateProfile ChangePassword AddAddress GetAddresses UpdateAddress
        DeleteAddress AddToWishlist GetWishlist RemoveFromWishlist
    """,
}


def kept():
    return services()[: len(contracts.SERVICES)]


def shape(path):
    """A path whatever its fields are called."""
    return re.sub(r"\{[^}]*\}", "{}", path)


@pytest.mark.parametrize("service", COMPLETE)
def test_every_route_that_must_exist_does(service):
    there = {
        (rule.verb, shape(rule.path))
        for one in kept()
        for method in one.METHODS
        for rule in method.http
    }
    rows = [line.split("\t") for line in ROUTES.read_text().splitlines()[1:]]
    wanted = {(verb, shape(path)) for verb, path, owner, *_ in rows if owner == service}
    assert wanted
    assert wanted <= there


@pytest.mark.parametrize("service", COMPLETE)
def test_every_method_that_must_exist_does(service):
    (found,) = [one for one in kept() if one.METHODS[0].owner == service]
    there = {method.name for method in found.METHODS}
    assert set(METHODS[service].split()) <= there
