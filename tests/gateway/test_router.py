"""Finding the route of an address."""

from __future__ import annotations

import pytest

from souk.gateway.router import Router, parameters_of
from souk.kernel.refusals import MalformedRequest


def router(*templates: str) -> Router[str]:
    made: Router[str] = Router()
    for template in templates:
        made.add("GET", template, template)
    return made


def found(made: Router[str], path: str) -> tuple[str, list[str]] | None:
    seen = made.find(path, path.encode())
    return None if seen is None else (seen[0]["GET"], seen[1])


def test_a_fixed_segment_wins_over_a_parameter() -> None:
    made = router("/products/{id}", "/products/categories", "/orders/history", "/orders/{id}")
    assert found(made, "/products/categories") == ("/products/categories", [])
    assert found(made, "/products/7") == ("/products/{id}", ["7"])
    assert found(made, "/orders/history") == ("/orders/history", [])


def test_a_fixed_segment_that_leads_nowhere_is_taken_back() -> None:
    made = router("/orders/history/summary", "/orders/{id}/tracking", "/{a}/history/{b}/{c}")
    assert found(made, "/orders/history/summary") == ("/orders/history/summary", [])
    assert found(made, "/orders/history/tracking") == ("/orders/{id}/tracking", ["history"])
    assert found(made, "/orders/history/x/y") == ("/{a}/history/{b}/{c}", ["orders", "x", "y"])


def test_parameters_come_in_the_order_of_the_path() -> None:
    made = router("/shops/{shop_id}/orders/{order_id}/fulfill")
    assert found(made, "/shops/a/orders/b/fulfill") == (
        "/shops/{shop_id}/orders/{order_id}/fulfill",
        ["a", "b"],
    )
    assert parameters_of("/shops/{shop_id}/orders/{order_id}") == ("shop_id", "order_id")


@pytest.mark.parametrize(
    "path", ["/products/", "/products//", "//products", "/products/7/", "/", ""]
)
def test_an_empty_segment_is_nothing(path: str) -> None:
    assert found(router("/products", "/products/{id}"), path) is None


def test_parameters_are_percent_decoded_and_an_encoded_slash_stays_inside() -> None:
    made = router("/files/{name}/view")
    assert found(made, "/files/caf%C3%A9%20a%2Fb/view") == ("/files/{name}/view", ["café a/b"])


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(MalformedRequest):
        router("/files/{name}").find("/files/\ufffd", b"/files/%ff")


def test_routes_of_one_path_are_kept_by_verb() -> None:
    made: Router[str] = Router()
    made.add("GET", "/cart", "show")
    made.add("DELETE", "/cart", "clear")
    assert made.find("/cart") == ({"GET": "show", "DELETE": "clear"}, [])


def test_a_second_route_at_one_place_is_a_mistake() -> None:
    made = router("/products/{id}")
    with pytest.raises(ValueError, match="already"):
        made.add("GET", "/products/{slug}", "again")


def test_a_parameter_within_a_segment_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="whole segment"):
        router("/products/{id}.json")
