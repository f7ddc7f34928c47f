"""What a contract must not leave open; every finding names the file and the place."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from .contracts import OWN, Contracts, class_name, enum_values, enums_of, map_entry, short
from .fields import SCALARS
from .module import TAKEN
from .services import path_fields, routes_of

Findings = Iterator[tuple[Any, str]]
F = FieldDescriptor
NUMERIC = frozenset(set(SCALARS) - {F.TYPE_STRING, F.TYPE_BYTES, F.TYPE_BOOL})
LISTS = ("List", "Search", "Find")
RESERVED_IN_REFUSALS = frozenset(
    {"name", "title", "slug", "fields", "detail", "errors", "known", "args", "self", "rebuild"}
    | {"retry_after_seconds", "with_traceback", "add_note"}
)


def findings(contracts: Contracts, kernel_refusals: frozenset[str]) -> list[str]:
    """Everything that keeps the contracts from being generated."""
    found: list[str] = []
    names = kernel_refusals | {class_name(message) for message in contracts.refusals()}
    checks: list[tuple[Callable[..., Findings], tuple[Any, ...]]] = [
        (names_clash, (kernel_refusals,)), (services_are_one, ()), (types_are_known, ()),
        (rules_fit, ()), (refusals_are_sound, ()), (events_are_sound, ()), (enums_are_sound, ()),
    ]  # fmt: skip
    for check, more in checks:
        found += [f"{place(thing)}: {message}" for thing, message in check(contracts, *more)]
    for method in contracts.methods():
        for message in (*method_is_sound(contracts, method, names), *shapes_fit(contracts, method)):
            found.append(f"{place(method)}: {message}")
    return found


def place(thing: Any) -> str:
    file = thing.file if hasattr(thing, "file") else thing.containing_service.file
    return f"{file.name}: {thing.full_name.removeprefix(file.package + '.')}"


def names_clash(contracts: Contracts, kernel_refusals: frozenset[str]) -> Findings:
    refusals = Counter(class_name(message) for message in contracts.refusals())
    classes = Counter((short(m.file), class_name(m)) for m in contracts.messages())
    for message in contracts.messages():
        name = class_name(message)
        if name in TAKEN:
            yield message, f"{name} is a name that generated modules import; choose another"
        if classes[short(message.file), name] > 1:
            yield message, f"two messages of the package become the class {name}"
    for message in contracts.refusals():
        name = class_name(message)
        if refusals[name] > 1:
            yield message, f"another package has a refusal {name}; refusals are known by name"
        if name in kernel_refusals:
            yield message, f"the kernel has a refusal {name}; choose another name"


def services_are_one(contracts: Contracts) -> Findings:
    owners = Counter(short(service.file) for service in contracts.services())
    for service in contracts.services():
        if owners[short(service.file)] > 1:
            yield service, "a package holds one service"


def types_are_known(contracts: Contracts) -> Findings:
    for message in contracts.messages():
        for field in message.fields:
            for kind in value_types(field):
                is_option = short(kind.file) == "api" and kind is field.message_type
                if is_option or not (short(kind.file) or kind.full_name in OWN):
                    yield field, f"{kind.full_name} has no Python type; use one that has"
            if field.type == F.TYPE_FLOAT:
                yield field, "Python's numbers are double; a float would come back another one"
            entry = map_entry(field)
            if entry and entry.fields_by_name["key"].type != F.TYPE_STRING:
                yield field, "the keys of a map are text, as JSON has them"


def value_types(field: FieldDescriptor) -> list[Any]:
    if entry := map_entry(field):
        return value_types(entry.fields_by_name["value"])
    return [kind for kind in (field.message_type, field.enum_type) if kind]


def rules_fit(contracts: Contracts) -> Findings:
    for message in contracts.messages():
        for field in message.fields:
            rules = contracts.option(field, "rules")
            for rule in [rule.name for rule, _ in rules.ListFields()] if rules else []:
                if not fits(rule, field):
                    yield field, f"the rule {rule} says nothing about such a field"
            if rules and not field.is_repeated and not lone(rules):
                yield field, "uuid and email stand alone; only `required` goes with them"
            if rules and rules.pattern and not compiles(rules.pattern):
                yield field, f"the pattern {rules.pattern} is no regular expression"


def lone(rules: Any) -> bool:
    """uuid and email say it all: they bound the length and leave nothing to a pattern."""
    others = rules.pattern or rules.multiline or (rules.HasField("max_len") and rules.max_len < 254)
    return not (rules.uuid or rules.email) or not (others or (rules.uuid and rules.email))


def fits(rule: str, field: FieldDescriptor) -> bool:
    if rule == "required":
        return not field.containing_oneof or field.has_presence
    if rule in ("min_len", "max_len"):
        return field.is_repeated or field.type in (F.TYPE_STRING, F.TYPE_BYTES)
    if rule in ("uuid", "email", "multiline", "pattern"):
        return field.type == F.TYPE_STRING
    return field.type in NUMERIC


def compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def refusals_are_sound(contracts: Contracts) -> Findings:
    for message in contracts.refusals():
        comment = contracts.comment(message)
        if not comment:
            yield message, "its comment is what callers are told; write one"
        detail = comment.partition("\n\n")[0]
        for name in re.findall(r"{(\w*)[^}]*}", detail):
            if name not in message.fields_by_name:
                yield message, f"the comment speaks of {{{name}}}, which is no field"
        for field in message.fields:
            if field.name in RESERVED_IN_REFUSALS or keyword.iskeyword(field.name):
                yield field, "the name means something else in a refusal; choose another"
            own = field.message_type and field.message_type.full_name != "google.protobuf.Timestamp"
            if own or field.is_repeated:
                yield field, "fields of a refusal travel as text: text, numbers, enums or times"


def events_are_sound(contracts: Contracts) -> Findings:
    subjects = Counter(contracts.option(message, "subject") for message in contracts.events())
    for message in contracts.events():
        subject = contracts.option(message, "subject")
        aggregate = contracts.option(message, "aggregate")
        if not aggregate:
            yield message, "an event names its aggregate"
        elif aggregate not in message.fields_by_name:
            yield message, f"the aggregate {aggregate} is no field of the event"
        if subjects[subject] > 1:
            yield message, f"another event has the subject {subject}"
        if not re.fullmatch(rf"souk\.{short(message.file)}(\.[a-z0-9_]+)+", subject):
            yield message, f"the subject {subject!r} must begin with souk.{short(message.file)}."


def enums_are_sound(contracts: Contracts) -> Findings:
    for file in contracts.files:
        for enum in enums_of(file) if short(file) != "api" else []:
            if class_name(enum) in TAKEN:
                yield enum, f"{class_name(enum)} is a name that generated modules import"
            for name in enum_values(enum).values():
                if not name.upper().isidentifier():
                    yield enum, f"{name} is no name in Python"


def method_is_sound(
    contracts: Contracts, method: MethodDescriptor, refusals: frozenset[str]
) -> Iterator[str]:
    access = contracts.option(method, "access")
    if access is None or not access.ListFields():
        yield "say who may call it: option (souk.api.v1.access)"
    elif (access.public + access.internal + bool(access.roles)) > 1:
        yield "access is public, internal or by role; not two of them"
    if method.client_streaming:
        yield "requests do not stream"
    for error in contracts.option(method, "errors"):
        if error not in refusals:
            yield f"there is no refusal {error}"
    if routes_of(contracts, method):
        yield from routes_are_sound(contracts, method)
        for where in open_ids(contracts, method.input_type):
            yield f"{where} needs a rule: uuid, or a pattern"
    yield from list_is_bounded(contracts, method)


def routes_are_sound(contracts: Contracts, method: MethodDescriptor) -> Iterator[str]:
    for verb, path, body in routes_of(contracts, method):
        if verb not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            yield f"the verb {verb or '(none)'} is not supported"
        if body not in ("", "*"):
            yield 'the body is "*" or there is none'
        if body and verb in ("GET", "DELETE"):
            yield f"{verb} {path} has no body"
        for name in path_fields(path):
            field = method.input_type.fields_by_name.get(name)
            if field is None:
                yield f"{{{name}}} of {path} is no field of {method.input_type.name}"
            elif field.is_repeated or field.message_type:
                yield f"{{{name}}} of {path} must be one plain value"


def open_ids(
    contracts: Contracts, message: Descriptor, prefix: str = "", seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Ids without a rule: a bad one would become an error of the database."""
    for field in message.fields:
        where = f"{prefix}{field.name}"
        kind = None if map_entry(field) else field.message_type
        if kind and kind.full_name not in seen:
            yield from open_ids(contracts, kind, f"{where}.", seen | {message.full_name})
        is_id = re.search(r"(^|_)ids?$", field.name) and field.type == F.TYPE_STRING
        rules = contracts.option(field, "rules")
        if is_id and not (rules and (rules.uuid or rules.pattern)):
            yield where


def list_is_bounded(contracts: Contracts, method: MethodDescriptor) -> Iterator[str]:
    """A list takes page_size or limit, or says in its items, batch or comment how long it gets."""
    items = method.output_type.fields_by_name.get("items")
    if not method.name.startswith(LISTS) or items is None or not items.is_repeated:
        return
    said = f"{contracts.comment(method)} {contracts.comment(method.input_type)}"
    if re.search(r"\b(at most|fewer than) [\d,]+", said):
        return
    bounds = ((field, contracts.option(field, "rules")) for field in method.input_type.fields)
    for field, rules in [*bounds, (items, contracts.option(items, "rules"))]:
        if rules and field.name in ("page_size", "limit") and rules.HasField("lte"):
            return
        if rules and field.is_repeated and rules.HasField("max_len"):
            return
    yield "bound the list: page_size or limit with lte, max_len of items, or a comment `at most N`"


def shapes_fit(contracts: Contracts, method: MethodDescriptor) -> Iterator[str]:
    """The fields that answer, upload and raw name must exist."""
    request = method.input_type.fields_by_name
    for option in ("upload", "raw"):
        for rule, name in named_fields(contracts.option(method, option)):
            if name not in request:
                yield f"{option}.{rule} names {name}, which is no field of the request"
    answer = contracts.option(method, "answer")
    if answer is not None and answer.when_field:
        message: Descriptor | None = method.output_type
        for name in answer.when_field.split("."):
            field = message.fields_by_name.get(name) if message else None
            if field is None:
                yield f"answer.when_field names {answer.when_field}, which the response lacks"
                return
            message = field.message_type


def named_fields(option: Any) -> Iterator[tuple[str, str]]:
    for field, value in option.ListFields() if option is not None else ():
        if field.name.endswith("field"):
            yield field.name, value
