"""Services as a base class to implement, a client to call and a table of methods."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor

from .contracts import Contracts, class_name, enum_values, short, snake
from .module import Module, literal, quoted

CONTRACT = "souk.kernel.contract"
FLAGS = ("public", "internal", "reserved", "step_up")
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def write_service(module: Module, service: ServiceDescriptor, refusals: dict[str, str]) -> None:
    """`refusals` says which module holds the refusal of a name."""
    module.use("abc", "ABC", "abstractmethod")
    module.use("typing", "ClassVar", "TYPE_CHECKING")
    module.use(CONTRACT, "Method")
    methods = list(service.methods)
    _write_base(module, service, methods)
    _write_client(module, service, methods)
    module.add("", "")
    for method in methods:
        module.add(f"{constant(method)} = Method(")
        module.add(*(f"    {row}," for row in rows(module, method, refusals)), ")")
    listed = ", ".join(constant(method) for method in methods)
    module.add("", f"{service.name}.METHODS = ({listed},)")


Methods = list[MethodDescriptor]


def _write_base(module: Module, service: ServiceDescriptor, methods: Methods) -> None:
    about = module.doc(service)
    module.add("", "", f"class {service.name}(ABC):", *about, *([""] if about else []))
    module.add(f'    NAME: ClassVar[str] = "{service.full_name}"')
    module.add("    METHODS: ClassVar[tuple[Method, ...]]")
    for method in methods:
        module.add("", "    @abstractmethod", f"    {signature(module, method)}")
        module.add(*(module.doc(method, " " * 8) or ["        ..."]))


def _write_client(module: Module, service: ServiceDescriptor, methods: Methods) -> None:
    module.add("", "", f"class {service.name}Client({service.name}):")
    module.add(f'    """Calls {service.name}, wherever it runs."""', "")
    module.add("    def __init__(self, transport: Transport) -> None:")
    module.add("        self._transport = transport")
    for method in methods:
        module.add("", f"    {signature(module, method)}")
        call = "self._transport.stream" if method.server_streaming else "await self._transport.call"
        answer = module.type_of(method.output_type)
        kind = f"AsyncIterator[{answer}]" if method.server_streaming else answer
        module.add(f"        answer: {kind} = {call}({constant(method)}, request)")
        module.add("        return answer")


def signature(module: Module, method: MethodDescriptor) -> str:
    request, response = module.type_of(method.input_type), module.type_of(method.output_type)
    name = snake(method.name)
    if method.server_streaming:
        module.use("collections.abc", "AsyncIterator")
        return f"def {name}(self, request: {request}) -> AsyncIterator[{response}]:"
    return f"async def {name}(self, request: {request}) -> {response}:"


def rows(module: Module, method: MethodDescriptor, refusals: dict[str, str]) -> Iterator[str]:
    """The arguments of a Method; what is as usual is left out."""
    contracts = module.contracts
    yield f'service="{method.containing_service.full_name}"'
    yield f'name="{method.name}"'
    yield f'python="{snake(method.name)}"'
    yield f"request={module.type_of(method.input_type)}"
    yield f"response={module.type_of(method.output_type)}"
    if method.server_streaming:
        yield "streams=True"
    routes = routes_of(contracts, method)
    if routes:
        http = module.use(CONTRACT, "Http")
        yield f"http=({' '.join(http + http_text(*route) + ',' for route in routes)})"
    yield f"access={access_text(module, method)}"
    if errors := contracts.option(method, "errors"):
        names = [module.use(refusals[x], x) if refusals[x] else x for x in dict.fromkeys(errors)]
        yield f"errors=({', '.join(names)},)"
    if idempotent := contracts.option_name(method, "idempotent"):
        kind = module.use(CONTRACT, "Idempotency")
        yield f"idempotent={kind}.{idempotent.upper()}"
    yield f"rate={module.use(CONTRACT, 'Rate')}.{rate_of(contracts, method)}"
    yield from shapes(module, method)
    if headers := headers_of(contracts, method.input_type):
        yield f"headers={mapping(headers)}"
    if told := headers_of(contracts, method.output_type):
        yield f"answer_headers={mapping(told)}"
    if comment := contracts.comment(method):
        yield f"comment={quoted(comment)}"


def shapes(module: Module, method: MethodDescriptor) -> Iterator[str]:
    """How the request or the answer differs from plain JSON."""
    for option, kind in (("answer", "Answer"), ("upload", "Upload"), ("raw", "Raw")):
        value = module.contracts.option(method, option)
        if value is not None:
            name = module.use(CONTRACT, kind)
            said = ", ".join(f"{field.name}={scalar(given)}" for field, given in value.ListFields())
            yield f"{option}={name}({said})"


def scalar(value: Any) -> str:
    if isinstance(value, str | bool | int):
        return literal(value) if isinstance(value, str) else repr(value)
    return f"({''.join(f'{scalar(each)}, ' for each in value)})"


def routes_of(contracts: Contracts, method: MethodDescriptor) -> list[tuple[str, str, str]]:
    """(verb, path, body) of the method's rule, then of its additional bindings."""
    rule = contracts.option(method, "google.api.http")
    if rule is None:
        return []
    return [route(each) for each in (rule, *rule.additional_bindings)]


def route(rule: Any) -> tuple[str, str, str]:
    verb = rule.WhichOneof("pattern") or ""
    return verb.upper(), getattr(rule, verb, ""), rule.body


def http_text(verb: str, path: str, body: str) -> str:
    return f'("{verb}", "{path}"' + (f', body="{body}")' if body else ")")


def path_fields(path: str) -> list[str]:
    """`/shops/{shop_id}/files/{name=**}` names shop_id and name."""
    return re.findall(r"{([^}=]+)", path)


def access_text(module: Module, method: MethodDescriptor) -> str:
    kind = module.use(CONTRACT, "Access")
    access = module.contracts.option(method, "access")
    names = enum_values(access.DESCRIPTOR.fields_by_name["roles"].enum_type)
    said = [f"{flag}=True" for flag in FLAGS if getattr(access, flag)]
    if access.roles:
        said.append(f"roles=frozenset({{{', '.join(literal(names[r]) for r in access.roles)}}})")
    return f"{kind}({', '.join(said)})"


def rate_of(contracts: Contracts, method: MethodDescriptor) -> str:
    if named := contracts.option_name(method, "rate"):
        return named.upper()
    routes = routes_of(contracts, method)
    return "READ" if routes and not WRITES & {verb for verb, *_ in routes} else "WRITE"


def headers_of(contracts: Contracts, message: Descriptor) -> dict[str, str]:
    """Field -> its header."""
    named = ((field.name, contracts.option(field, "header")) for field in message.fields)
    return {name: header for name, header in named if header}


def mapping(texts: dict[str, str]) -> str:
    return f"{{{', '.join(f'{literal(k)}: {literal(v)}' for k, v in texts.items())}}}"


def constant(method: MethodDescriptor) -> str:
    return snake(method.name).upper()


def homes_of_refusals(contracts: Contracts, package: str) -> dict[str, str]:
    """Refusal -> the module to import it from; "" where it is the package's own."""
    owners = {class_name(message): short(message.file) for message in contracts.refusals()}
    return {
        name: "" if owner == package else f"souk.contracts.{owner}"
        for name, owner in owners.items()
    }
