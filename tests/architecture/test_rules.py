"""STYLE §6: rules that hold in every module, found by reading the source."""

import ast

from tests.architecture.source import SOURCE, escapes, functions, modules, name_of

WAITS = {"sleep", "timeout", "every"}
KERNEL_OWN = {"clock.py", "ids.py", "context.py"}
TIME_AND_CHANCE = {
    ("datetime", "now"), ("datetime", "utcnow"), ("time", "time"), ("uuid", "uuid4"),
    ("uuid", "uuid1"), ("date", "today"),
}  # fmt: skip


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def dotted(node):
    """`a.b.c` as ("b", "c"): the last two names."""
    if isinstance(node, ast.Attribute):
        owner = node.value
        before = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        return before, node.attr
    return "", getattr(node, "id", "")


def test_time_and_chance_come_from_the_kernel():
    wrong = []
    for path, tree in modules():
        if path.name in KERNEL_OWN and path.parent.name == "kernel":
            continue
        allowed = escapes(path, "time")
        for call in calls(tree):
            owner, name = dotted(call.func)
            if (
                (owner, name) in TIME_AND_CHANCE or owner == "random"
            ) and call.lineno not in allowed:
                wrong.append(f"{name_of(path)}:{call.lineno} {owner}.{name}")
    assert not wrong


def test_no_function_takes_a_transaction_and_a_client():
    wrong = []
    for path, tree in modules(SOURCE / "services"):
        for function in functions(tree):
            arguments = function.args.posonlyargs + function.args.args + function.args.kwonlyargs
            kinds = {ast.unparse(a.annotation) for a in arguments if a.annotation}
            takes_client = any("Client" in kind or kind.endswith("Service") for kind in kinds)
            if "Transaction" in kinds and takes_client:
                wrong.append(f"{name_of(path)}:{function.lineno} {function.name}")
    assert not wrong


def test_nobody_calls_commit():
    wrong = [
        f"{name_of(path)}:{call.lineno}"
        for path, tree in modules(SOURCE / "services")
        for call in calls(tree)
        if dotted(call.func)[1] in {"commit", "rollback"}
    ]
    assert not wrong


def test_no_float_touches_money():
    """Services that count money use no float: not as a type, a constant or a conversion."""
    wrong = []
    for service in ("pricing", "payments", "orders", "carts", "shipping"):
        for path, tree in modules(SOURCE / "services" / service):
            allowed = escapes(path, "float")
            for node in ast.walk(tree):
                is_float = (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (
                    isinstance(node, ast.Name) and node.id == "float"
                )
                if is_float and node.lineno not in allowed and not is_time(node, tree):
                    wrong.append(f"{name_of(path)}:{node.lineno}")
    assert not wrong


def is_time(node, tree):
    """Seconds may be fractions: arguments and constants whose name ends in seconds."""
    for holder in ast.walk(tree):
        names = []
        if isinstance(holder, ast.keyword):
            names = [holder.arg or ""]
        elif isinstance(holder, ast.Assign):
            names = [ast.unparse(target) for target in holder.targets]
        elif isinstance(holder, ast.AnnAssign | ast.arg):
            names = [
                ast.unparse(holder.target) if isinstance(holder, ast.AnnAssign) else holder.arg
            ]
        if any("second" in name.lower() for name in names) and node in ast.walk(holder):
            return True
        waits = isinstance(holder, ast.Call) and dotted(holder.func)[1] in WAITS
        if waits and node in ast.walk(holder):
            return True
    return False


def test_sql_that_writes_lives_in_stores_alone():
    words = ("insert into", "update ", "delete from", "for update")
    wrong = []
    for path, tree in modules(SOURCE / "services"):
        if "store" in str(path.relative_to(SOURCE)) or "sandbox" in str(path):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value.strip().lower()
                starts = text.startswith(words[:3]) and (
                    " set " in text or "values" in text or "where" in text
                )
                if starts or (text.startswith(("select", "with")) and words[3] in text):
                    wrong.append(f"{name_of(path)}:{node.lineno}")
    assert not wrong


def test_services_import_contracts_and_kernel_only():
    wrong = []
    for path, tree in modules(SOURCE / "services"):
        own = path.relative_to(SOURCE / "services").parts[0]
        for node in ast.walk(tree):
            module = (isinstance(node, ast.ImportFrom) and node.module) or ""
            if module.startswith("souk.services.") and module.split(".")[2] != own:
                wrong.append(f"{name_of(path)}:{node.lineno} {module}")
    assert not wrong
