"""What somebody typed: kept as it was, with what is wrong at each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from starlette.datastructures import UploadFile

from souk.kernel.refusals import InvalidRequest, Kind, Refusal
from souk.kernel.validation import read_values
from souk.web.phrases import Told

S = TypeVar("S", bound=Struct)
SECRET = ("password", "csrf")  # parts of names whose values are never shown again
VALUE_LENGTH_MAX = 60_000
WHOLE = "form"  # where what is wrong is about no field
# These say nothing about what was typed: they go on to the page that tells them.
ELSEWHERE = (Kind.UNAUTHENTICATED, Kind.NOT_ALLOWED, Kind.INTERNAL)


class Form:
    """Typed values by name; where a name comes several times, `all` has every one of them."""

    def __init__(self, pairs: Iterable[tuple[str, str | UploadFile]] = ()) -> None:
        # No keyboard types a NUL, and no database takes one.
        self.pairs = [
            (name, text.replace("\0", "")) for name, text in pairs if isinstance(text, str)
        ]
        self.files = [(name, value) for name, value in pairs if isinstance(value, UploadFile)]
        self.values: dict[str, str] = {}
        for name, value in self.pairs:
            self.values.setdefault(name, value)
        self.errors: dict[str, Told] = {}  # phrased where they are shown
        self.message: Told = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Form:
        return cls(list(values.items()))

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.pairs if each == name]

    def uploads(self, name: str) -> list[UploadFile]:
        """What was chosen; browsers send an empty file where nothing was."""
        return [file for each, file in self.files if each == name and file.filename]

    async def close(self) -> None:
        """Lets go of what was uploaded."""
        for _, file in self.files:
            await file.close()

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors or self.message)

    def shown(self, name: str) -> str:
        """What a page may say again; passwords are typed anew."""
        return "" if is_secret(name) else self.values.get(name, "")

    def read(self, kind: type[S], **given: Any) -> S:
        """A request from the fields of its own names, and `given`. Raises InvalidRequest."""
        fields = kind.__struct_fields__
        typed: dict[str, Any] = {name: self[name] for name in fields if name in self.values}
        for name in typed:
            if is_secret(name):  # a password may begin or end with a space
                typed[name] = self.values[name]
        return read_values(kind, typed | given)

    def refuse(self, refusal: Refusal, /, **at: str) -> Form:
        """Puts a refusal at its fields, or at the field that `at` names for it, or on top.

        Raises it again when it is not about what was typed.
        """
        if refusal.KIND in ELSEWHERE and refusal.name not in at:
            raise refusal
        if isinstance(refusal, InvalidRequest):
            for error in refusal.errors:
                self.blame(error.field.rpartition(".")[2] or WHOLE, error.message)
        elif field := at.get(refusal.name):
            self.blame(field, refusal)
        else:
            self.message = refusal
        return self

    def blame(self, field: str, message: Told) -> None:
        """Says what is wrong with a field, or with the whole; the first complaint counts."""
        if field == WHOLE:
            self.message = self.message or message
        else:
            self.errors.setdefault(field, message)


def in_order(errors: Mapping[str, Told], fields: Sequence[str]) -> dict[str, Told]:
    """Complaints in the order in which a page shows the fields."""
    place = {name: at for at, name in enumerate(fields)}
    return dict(sorted(errors.items(), key=lambda each: place.get(each[0], len(place))))


def is_secret(name: str) -> bool:
    return any(part in name for part in SECRET)
