"""What single values must look like: the tests and the words of validation.

msgspec refuses a wrong value fast, but stops at the first and speaks to programmers. A Shape
goes over plain values (as JSON has them) and names everything that is wrong; and it holds, on
decoded values, the rules that msgspec has no words for.
"""

from __future__ import annotations

import binascii
import math
import operator
import re
from datetime import datetime
from typing import Any

import msgspec
from msgspec import inspect

from souk.kernel.refusals import FieldError
from souk.kernel.rules import UUID

ERRORS_MAX = 100
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
WHOLE = re.compile(r"[+-]?[0-9]{1,19}", re.ASCII)
DECIMAL = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")
FLAGS = {"true": True, "1": True, "false": False, "0": False}
WORDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
COMPARE = {"ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt}


class Report:
    """Wrong fields, up to a number that still helps."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, path: str, message: str) -> None:
        if len(self.errors) < ERRORS_MAX:
            self.errors.append(FieldError(path, message))


class Shape:
    """What a value of one type must look like."""

    needs_test = False  # whether decoded values may still be wrong

    def is_sound(self, value: Any) -> bool:
        """Whether a decoded value keeps the rules that msgspec cannot hold."""
        return True

    def loosen(self, value: Any) -> Any:
        """The value that text stands for, as queries have nothing else; the text where for none."""
        return value

    def explain(self, value: Any, path: str, report: Report) -> None:
        """Reports everything that is wrong with a plain value."""


class Text(Shape):
    needs_test = True

    def __init__(self, kind: inspect.StrType, extra: dict[str, Any]) -> None:
        self._low, self._high = kind.min_length or 0, kind.max_length
        self._low_if_given = extra.get("given", {}).get("min_length", 0)
        self._pattern = re.compile(kind.pattern) if kind.pattern else None
        self._is_uuid = bool(kind.pattern and kind.pattern.endswith(UUID))
        self._is_email = bool(extra.get("email"))
        self._bad = (CONTROL_IN_LINES if extra.get("multiline") else CONTROL).search

    def is_sound(self, value: str) -> bool:
        # isprintable is ten times faster than the search, and mostly enough.
        if not value.isprintable() and self._bad(value):
            return False
        if not value:
            return True
        return len(value) >= self._low_if_given and (not self._is_email or is_email(value))

    def explain(self, value: Any, path: str, report: Report) -> None:
        if message := self._wrong(value):
            report.add(path, message)

    def _wrong(self, value: Any) -> str:
        if not isinstance(value, str):
            return "must be text"
        if not value:
            return "must not be empty" if self._low or not self._matches("") else ""
        if self._bad(value):
            return "must not contain control characters"
        if len(value) < max(self._low, self._low_if_given):
            return f"must be at least {many(max(self._low, self._low_if_given), 'character')}"
        if self._high is not None and len(value) > self._high:
            return f"must be at most {many(self._high, 'character')}"
        if self._is_email and not is_email(value):
            return "must be an e-mail address"
        if not self._matches(value):
            assert self._pattern is not None
            said = self._pattern.pattern.removeprefix("^$|")
            return "must be a UUID" if self._is_uuid else f"must match the pattern {said}"
        return ""

    def _matches(self, value: str) -> bool:
        return self._pattern is None or self._pattern.search(value) is not None


class Number(Shape):
    def __init__(self, kind: inspect.IntType | inspect.FloatType, extra: dict[str, Any]) -> None:
        self._is_whole = isinstance(kind, inspect.IntType)
        bounds = {name: getattr(kind, name) for name in ("ge", "gt", "le", "lt")}
        self._bounds = {name: bound for name, bound in bounds.items() if bound is not None}
        self._given: dict[str, int] = extra.get("given", {})
        self.needs_test = bool(self._given) or not self._is_whole

    def is_sound(self, value: float) -> bool:
        if not self._is_whole and not math.isfinite(value):
            return False
        return not value or all(COMPARE[name](value, self._given[name]) for name in self._given)

    def loosen(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if WHOLE.fullmatch(value):
            return int(value)
        return float(value) if not self._is_whole and DECIMAL.fullmatch(value) else value

    def explain(self, value: Any, path: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int if self._is_whole else int | float):
            report.add(path, "must be a whole number" if self._is_whole else "must be a number")
        elif isinstance(value, float) and not math.isfinite(value):
            report.add(path, "must be a number")
        else:
            bounds = {**self._bounds, **self._given} if value else self._bounds
            for name, bound in bounds.items():
                if not COMPARE[name](value, bound):
                    report.add(path, f"must be {WORDS[name]} {bound}")
                    return


class Flag(Shape):
    def loosen(self, value: Any) -> Any:
        return FLAGS.get(value.lower(), value) if isinstance(value, str) else value

    def explain(self, value: Any, path: str, report: Report) -> None:
        if not isinstance(value, bool):
            report.add(path, "must be true or false")


class Bytes(Shape):
    def __init__(self, kind: inspect.BytesType) -> None:
        self._low, self._high = kind.min_length or 0, kind.max_length

    def explain(self, value: Any, path: str, report: Report) -> None:
        try:
            data = binascii.a2b_base64(value, strict_mode=True) if isinstance(value, str) else value
        except ValueError:
            data = None
        if not isinstance(data, bytes):
            report.add(path, "must be base64 text")
        elif len(data) < self._low:
            short = "must not be empty" if self._low == 1 else f"must be at least {self._low} bytes"
            report.add(path, short)
        elif self._high is not None and len(data) > self._high:
            report.add(path, f"must be at most {many(self._high, 'byte')}")


class Moment(Shape):
    needs_test = True

    def is_sound(self, value: datetime) -> bool:
        # In the first and the last year another zone may be no year at all.
        return 1 < value.year < 9999

    def explain(self, value: Any, path: str, report: Report) -> None:
        try:
            read = msgspec.convert(value, datetime) if isinstance(value, str | datetime) else None
        except msgspec.ValidationError:
            read = None
        if read is None or read.tzinfo is None:
            report.add(path, "must be a time with its zone, such as 2026-01-31T12:00:00Z")
        elif not self.is_sound(read):
            report.add(path, "must be a time between the years 2 and 9998")


class Choice(Shape):
    def __init__(self, kind: inspect.EnumType) -> None:
        self._values = [member.value for member in kind.cls]

    def explain(self, value: Any, path: str, report: Report) -> None:
        if value not in self._values:
            report.add(path, f"must be one of: {', '.join(self._values)}")


def many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def is_email(value: str) -> bool:
    """Whether it reads as an address; nobody is asked whether it exists."""
    from email_validator import EmailNotValidError, validate_email

    try:
        # RFC 2606 keeps .test for trying things out, and mail to it goes nowhere.
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return True
