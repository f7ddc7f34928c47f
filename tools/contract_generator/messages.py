"""Enums, structs, refusals and events as Python classes."""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, EnumDescriptor, OneofDescriptor

from .contracts import class_name, enum_values
from .fields import FieldText, python_name
from .module import Module, docstring, quoted


def write_enum(module: Module, enum: EnumDescriptor) -> None:
    module.use("enum", "StrEnum")
    module.add("", "", f"class {class_name(enum)}(StrEnum):")
    about = module.doc(enum)
    module.add(*about, *([""] if about else []))
    names = enum_values(enum)
    for value in enum.values:
        if value.number:
            comment = module.contracts.comment_of_value(enum, value.name)
            module.add(*(f"    # {line}" for line in comment.splitlines()))
            name = names[value.number]
            module.add(f'    {name.upper()} = "{name}"')


def write_message(module: Module, message: Descriptor) -> None:
    if module.contracts.option(message, "error"):
        write_refusal(module, message)
    elif module.contracts.option(message, "subject") is not None:
        write_event(module, message)
    else:
        write_struct(module, message)


def write_struct(module: Module, message: Descriptor) -> None:
    module.use("msgspec", "Struct")
    strict = (
        ", forbid_unknown_fields=True" if message.full_name in module.contracts.requests else ""
    )
    module.add("", "", f"class {class_name(message)}(Struct, frozen=True, kw_only=True{strict}):")
    body = module.doc(message)
    fields = [f"    {FieldText(field, module).line()}" for field in message.fields]
    oneofs = [line for oneof in message.oneofs for line in write_oneof(module, oneof)]
    if oneofs:
        oneofs = ["", "    def __post_init__(self) -> None:", *oneofs]
    gap = [""] if body and fields else []
    module.add(*([*body, *gap, *fields, *oneofs] or ["    pass"]))


def write_oneof(module: Module, oneof: OneofDescriptor) -> list[str]:
    if len(oneof.fields) == 1 and oneof.name.startswith("_"):  # how proto3 says `optional`
        return []
    module.use("souk.kernel.contract", "at_most_one")
    names = [(field.name, python_name(field.name)) for field in oneof.fields]
    members = ", ".join(f"{name}=self.{python}" for name, python in names)
    return [f'        at_most_one("{oneof.name}", {members})']


def write_refusal(module: Module, message: Descriptor) -> None:
    module.use("souk.kernel.refusals", "Kind", "Refusal")
    kind = module.contracts.option_name(message, "error").upper()
    detail, about = detail_of(module.contracts.comment(message))
    module.add("", "", f"class {class_name(message)}(Refusal):")
    lines = docstring(about, "    ")
    module.add(*lines, *([""] if lines else []))
    module.add(f"    KIND = Kind.{kind}", f"    DETAIL = {quoted(detail)}")
    module.add(*(f"    {FieldText(field, module).plain_line()}" for field in message.fields))


def detail_of(comment: str) -> tuple[str, str]:
    """The first paragraph is told to the caller; what follows is for the reader of the code."""
    detail, _, about = comment.partition("\n\n")
    return " ".join(detail.split()), about.strip()


def write_event(module: Module, message: Descriptor) -> None:
    module.use("souk.kernel.contract", "Event")
    module.use("typing", "ClassVar")
    module.add("", "", f"class {class_name(message)}(Event, frozen=True, kw_only=True):")
    about = module.doc(message)
    subject = module.contracts.option(message, "subject")
    aggregate = module.contracts.option(message, "aggregate")
    module.add(*about, *([""] if about else []))
    module.add(f'    SUBJECT: ClassVar[str] = "{subject}"')
    module.add(f'    AGGREGATE: ClassVar[str] = "{aggregate}"', "")
    module.add(*(f"    {FieldText(field, module).line()}" for field in message.fields))
