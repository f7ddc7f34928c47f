"""What services say no with has words of the pages' own, in every language."""

import ast
from importlib import import_module
from pkgutil import iter_modules

import pytest

from souk import contracts
from souk.kernel.refusals import Refusal
from souk.kernel.values import WORDS
from souk.web.languages import NAMES, tongue_for
from souk.web.phrases import forms_of, is_known, is_phrased, phrase
from tests.architecture.source import SOURCE, modules

# What no page's form can bring about: its fields are text, files and what there is to choose from.
FOR_PROGRAMS = {
    "must be text", "must be base64 text", "must be true or false", "must be a list",
    "must be an object", "is not a known field",
    "is given by the address or a header", "is not one that a list gave",
    # Orders make payments, the API makes promotions and refunds.
    "must be 7", "was used for another refund", "must be in 7", "must not be negative",
    "is less than its parts", "must add up to the amount", "must name each order once",
    "must be after starts_at",
    "must be 7 7",  # at least, at most …: tried one by one
}  # fmt: skip
# Rows of a sheet and providers of sign-ins are told of in English.
ELSEWHERE = ("services/catalog/shopify/", "services/users/providers/", "kernel/audit/")

for module in iter_modules(contracts.__path__):  # whose refusals are known from then on
    import_module(f"{contracts.__name__}.{module.name}")
PHRASED = [kind for kind in Refusal.known.values() if is_phrased(kind)]


def told() -> dict[str, str]:
    """Whatever is told as a reason, or as what is wrong with a field, and where."""
    found: dict[str, str] = {}
    for place in ("kernel", "services"):
        for path, tree in modules(SOURCE / place):
            name = path.relative_to(SOURCE).as_posix()
            for node in ast.walk(tree):
                said = reasons(node) if isinstance(node, ast.Call) else []
                if not name.startswith(ELSEWHERE):
                    said += complaints(node)
                found |= dict.fromkeys(said, name)
    return found


def complaints(node: ast.AST) -> list[str]:
    """Of a field, or of what keeps somebody from leaving."""
    if isinstance(node, ast.Return) and node.value:  # as the kernel's values say it
        return [text for text in texts(node.value) if text.startswith("must ")]
    if not isinstance(node, ast.Call):
        return []
    said = texts(node.args[1]) if name_of(node) in ("FieldError", "add") and node.args[1:] else []
    if name_of(node) == "ValueError" and node.args:
        said += [text for text in texts(node.args[0]) if text.startswith("must ")]
    for word in node.keywords:
        if word.arg in ("what", "advice", "obstacle"):
            said += [text.replace("{count}", "7") for text in texts(word.value)]
    return [text for text in said if " " in text]


def reasons(call: ast.Call) -> list[str]:
    kind = Refusal.known.get(name_of(call))
    if kind not in PHRASED:
        return []
    return [text for word in call.keywords if word.arg == "reason" for text in texts(word.value)]


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def texts(node: ast.AST) -> list[str]:
    """What an expression may say; 7 stands for what differs."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return ["".join(map(part_of, node.values))]
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    return []


def part_of(part: ast.AST) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    shown = part.value if isinstance(part, ast.FormattedValue) else part
    is_count = isinstance(shown, ast.Call) and name_of(shown) == "many"
    return f"7 {texts(shown.args[1])[0]}s" if is_count else "7"


def test_whatever_services_tell_people_has_a_phrase():
    found = told()
    assert len(found) > 60

    found |= {f"must be {word} 7": "kernel/values.py" for word in WORDS.values()}
    missing = {text: place for text, place in found.items() if not is_known(text)}

    assert missing.keys() - FOR_PROGRAMS == set(), "say these in souk/web/sayings.py"
    assert FOR_PROGRAMS - missing.keys() == set(), "nobody says these any more"


@pytest.mark.parametrize("language", sorted(NAMES.keys() - {"en"}))
def test_every_refusal_is_phrased_in_every_language(language):
    tongue = tongue_for(language, "")
    for kind in PHRASED:
        for count in (1, 5):
            refusal = kind.__new__(kind)
            for name, hint in kind.__annotations__.items():
                setattr(refusal, name, count if hint == "int" or hint is int else "x")
            said = phrase(refusal, tongue)
            assert said not in (refusal.detail, *forms_of(kind)), f"{kind.__name__} is in English"
            assert "{" not in said
