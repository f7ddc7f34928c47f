"""Finds the route of a request: fixed segments win over `{name}`, whatever their order."""

from __future__ import annotations

import re
from typing import Generic, TypeVar
from urllib.parse import unquote

from souk.kernel.refusals import MalformedRequest

T = TypeVar("T")
PARAMETER = re.compile(r"\{(\w+)\}")
Found = tuple[dict[str, T], list[str]]  # routes by verb, values of the parameters in order


class Node(Generic[T]):
    """What may follow a segment."""

    __slots__ = ("fixed", "parameter", "routes")

    def __init__(self) -> None:
        self.fixed: dict[str, Node[T]] = {}
        self.parameter: Node[T] | None = None
        self.routes: dict[str, T] = {}


class Router(Generic[T]):
    """Routes by path and verb. Paths without parameters cost one dictionary look-up."""

    def __init__(self) -> None:
        self._root: Node[T] = Node()
        self._whole: dict[str, Found[T]] = {}

    def add(self, verb: str, template: str, route: T) -> None:
        """Raises ValueError for a template that is not clear, or when the place is taken."""
        node = self._root
        for segment in template.removeprefix("/").split("/"):
            node = self._step(node, segment, template)
        if verb in node.routes:
            raise ValueError(f"{verb} {template}: there is a route already")
        node.routes[verb] = route
        if "{" not in template:
            self._whole[template] = (node.routes, [])

    def find(self, path: str, raw_path: bytes = b"") -> Found[T] | None:
        """The routes of a path by verb, and its parameters decoded; None when there are none.

        `raw_path` is the path as it was sent: an encoded slash belongs to its segment.
        """
        found = self._whole.get(path)
        if found is not None:
            return found
        encoded = b"%" in raw_path
        segments = (raw_path.decode("latin-1") if encoded else path)[1:].split("/")
        if encoded:
            segments = [decoded(segment) for segment in segments]
        values: list[str] = []
        routes = self._walk(self._root, segments, 0, values)
        return None if routes is None else (routes, values)

    def _walk(
        self, node: Node[T], segments: list[str], at: int, values: list[str]
    ) -> dict[str, T] | None:
        if at == len(segments):
            return node.routes or None
        segment = segments[at]
        fixed = node.fixed.get(segment)
        if fixed is not None:
            routes = self._walk(fixed, segments, at + 1, values)
            if routes is not None:
                return routes
        if node.parameter is None or not segment:
            return None
        values.append(segment)
        routes = self._walk(node.parameter, segments, at + 1, values)
        if routes is None:
            values.pop()
        return routes

    @staticmethod
    def _step(node: Node[T], segment: str, template: str) -> Node[T]:
        if PARAMETER.fullmatch(segment):
            node.parameter = node.parameter or Node()
            return node.parameter
        if "{" in segment or "}" in segment:
            raise ValueError(f"{template}: a parameter takes a whole segment")
        return node.fixed.setdefault(segment, Node())


def parameters_of(template: str) -> tuple[str, ...]:
    """The names in the braces, in order."""
    return tuple(PARAMETER.findall(template))


def decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise MalformedRequest(reason="The address is not percent-encoded UTF-8.") from None
