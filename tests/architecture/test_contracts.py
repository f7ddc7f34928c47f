"""The contract generator: what it writes, and what it refuses to write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

from souk.kernel.contract import (
    Access,
    Answer,
    Empty,
    Event,
    File,
    Http,
    Idempotency,
    Method,
    Rate,
    Raw,
    Upload,
)
from souk.kernel.money import Money
from souk.kernel.refusals import Kind, NotAllowed, Refusal
from tests.architecture.scratch import BAZAAR, ROOT, bazaar, bazaar_pool, generated, proto_tree
from tools.contract_generator.build import ContractError, generate

HEAD = """\
syntax = "proto3";
package souk.bazaar.v1;
import "google/api/annotations.proto";
import "google/protobuf/duration.proto";
import "souk/api/v1/options.proto";
import "souk/common/v1/common.proto";
"""
UUID = "[(souk.api.v1.rules).uuid = true]"
PUBLIC = "option (souk.api.v1.access) = {public: true};"


def method(options: str, request: str = "", response: str = "", name: str = "Ask") -> str:
    """A contract of one method."""
    return (
        f"{HEAD} service BazaarService {{"
        f" rpc {name}({name}Request) returns (Reply) {{ {options} }} }}"
        f" message {name}Request {{ {request} }} message Reply {{ {response} }}"
    )


def refused(root: Path, text: str) -> list[str]:
    with pytest.raises(ContractError) as error:
        generate(proto_tree(root, text))
    return str(error.value).splitlines()


REFUSAL = "option (souk.api.v1.error) = ERROR_KIND_CONFLICT;"
GET = 'option (google.api.http) = {get: "/a/{order_id}"};'
POST = 'option (google.api.http) = {post: "/a" body: "*"};'


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (method(""), "BazaarService.Ask: say who may call it"),
        (method("option (souk.api.v1.access) = {public: true internal: true};"),
         "BazaarService.Ask: access is public, internal or by role; not two of them"),
        (method(f'{PUBLIC} option (souk.api.v1.errors) = "Nothing";'),
         "BazaarService.Ask: there is no refusal Nothing"),
        (method(f"{PUBLIC} {GET}"),
         "BazaarService.Ask: {order_id} of /a/{order_id} is no field of AskRequest"),
        (method(f"{PUBLIC} {GET}", f"repeated string order_id = 1 {UUID};"),
         "BazaarService.Ask: {order_id} of /a/{order_id} must be one plain value"),
        (method(f"{PUBLIC} {POST}", "string shop_id = 1;"),
         "BazaarService.Ask: shop_id needs a rule: uuid, or a pattern"),
        (method(f"{PUBLIC} {POST}", "repeated string variant_ids = 1;"),
         "BazaarService.Ask: variant_ids needs a rule: uuid, or a pattern"),
        (method(f"{PUBLIC} {POST}", "repeated Line lines = 1; message Line { string id = 1; }"),
         "BazaarService.Ask: lines.id needs a rule: uuid, or a pattern"),
        (method(PUBLIC, "", "repeated string items = 1;", "ListOrders"),
         "BazaarService.ListOrders: bound the list"),
        (method(PUBLIC, "int32 page_size = 1;", "repeated string items = 1;", "ListOrders"),
         "BazaarService.ListOrders: bound the list"),
        (method(f'{PUBLIC} option (google.api.http) = {{get: "/a" body: "*"}};'),
         "BazaarService.Ask: GET /a has no body"),
        (method(f'{PUBLIC} option (google.api.http) = {{put: "/a" body: "b"}};', "string b = 1;"),
         'BazaarService.Ask: the body is "*" or there is none'),
        (method(f'{PUBLIC} option (souk.api.v1.upload) = {{field: "content"}};'),
         "BazaarService.Ask: upload.field names content, which is no field of the request"),
        (method(f'{PUBLIC} option (souk.api.v1.answer) = {{when_field: "a.b"}};'),
         "BazaarService.Ask: answer.when_field names a.b, which the response lacks"),
        (method(PUBLIC).replace("(AskRequest)", "(stream AskRequest)"),
         "BazaarService.Ask: requests do not stream"),
        (method(PUBLIC) + "service OtherService {}", "BazaarService: a package holds one service"),
        (HEAD + 'message A {option (souk.api.v1.subject) = "souk.bazaar.a";}',
         "A: an event names its aggregate"),
        (HEAD + 'message A {option (souk.api.v1.subject) = "souk.bazaar.a"; '
         'option (souk.api.v1.aggregate) = "b";}', "A: the aggregate b is no field of the event"),
        (HEAD + 'message A {option (souk.api.v1.subject) = "souk.orders.a"; '
         'option (souk.api.v1.aggregate) = "b"; string b = 1;}',
         "A: the subject 'souk.orders.a' must begin with souk.bazaar."),
        (HEAD + "message A {option (souk.api.v1.error) = ERROR_KIND_CONFLICT;}",
         "A: its comment is what callers are told; write one"),
        (HEAD + "// No {thing}.\nmessage A {option (souk.api.v1.error) = ERROR_KIND_CONFLICT;}",
         "A: the comment speaks of {thing}, which is no field"),
        (HEAD + f"// No.\nmessage A {{{REFUSAL} string name = 1;}}",
         "A.name: the name means something else in a refusal; choose another"),
        (HEAD + f"// No.\nmessage A {{{REFUSAL} repeated string b = 1;}}",
         "A.b: fields of a refusal travel as text: text, numbers, enums or times"),
        (HEAD + "// No.\nmessage NotAllowed {option (souk.api.v1.error) = ERROR_KIND_NOT_ALLOWED;}",
         "NotAllowed: the kernel has a refusal NotAllowed; choose another name"),
        (HEAD + "message Struct {}", "Struct: Struct is a name that generated modules import"),
        (HEAD + "message AB {} message A { message B {} }",
         "AB: two messages of the package become the class AB"),
        (HEAD + "message A {google.protobuf.Duration b = 1;}",
         "A.b: google.protobuf.Duration has no Python type; use one that has"),
        (HEAD + "message A {souk.api.v1.Access b = 1;}",
         "A.b: souk.api.v1.Access has no Python type; use one that has"),
        (HEAD + "message A {float b = 1;}", "A.b: Python's numbers are double"),
        (HEAD + "message A {map<int32, string> b = 1;}", "A.b: the keys of a map are text"),
        (HEAD + "message A {bool b = 1 [(souk.api.v1.rules).max_len = 1];}",
         "A.b: the rule max_len says nothing about such a field"),
        (HEAD + 'message A {string b = 1 [(souk.api.v1.rules).pattern = "("];}',
         "A.b: the pattern ( is no regular expression"),
        (HEAD + "message A {string b = 1 [(souk.api.v1.rules) = {uuid: true, max_len: 5}];}",
         "A.b: uuid and email stand alone; only `required` goes with them"),
        (HEAD + "enum A {A_UNSPECIFIED = 0; A_1ST = 1;}", "A: 1st is no name in Python"),
    ],
)  # fmt: skip
def test_what_is_left_open_is_refused(tmp_path: Path, text: str, finding: str) -> None:
    findings = refused(tmp_path, text)
    assert any(line.startswith(f"souk/bazaar/v1/bazaar.proto: {finding}") for line in findings), (
        findings
    )


def test_every_finding_is_told_at_once(tmp_path: Path) -> None:
    text = method("", "float a = 1;", "bool b = 1 [(souk.api.v1.rules).email = true];")
    assert len(refused(tmp_path, text)) == 3


def second_package(root: Path, name: str, text: str) -> None:
    folder = root / f"proto/souk/{name}/v1"
    folder.mkdir(parents=True)
    (folder / f"{name}.proto").write_text(text.replace("souk.bazaar.v1", f"souk.{name}.v1"))


def test_one_name_for_two_refusals_is_refused(tmp_path: Path) -> None:
    text = HEAD + "// Gone.\nmessage Gone {option (souk.api.v1.error) = ERROR_KIND_NOT_FOUND;}"
    root = proto_tree(tmp_path, text)
    second_package(root, "attic", text)
    with pytest.raises(ContractError, match="another package has a refusal Gone"):
        generate(root)


def test_a_refusal_of_another_package_is_imported_from_there(tmp_path: Path) -> None:
    gone = "// Gone.\nmessage Gone {option (souk.api.v1.error) = ERROR_KIND_NOT_FOUND;}"
    root = proto_tree(tmp_path, method(f'{PUBLIC} option (souk.api.v1.errors) = "Gone";'))
    second_package(root, "attic", HEAD + gone)
    files = generate(root)
    assert b"from souk.contracts.attic import Gone\n" in files["bazaar.py"]
    assert b"errors=(Gone,)" in files["bazaar.py"]


def test_packages_that_need_one_another_are_refused(tmp_path: Path) -> None:
    asks = f'{PUBLIC} option (souk.api.v1.errors) = "%s";'
    gone = "\n// Gone.\nmessage %s {option (souk.api.v1.error) = ERROR_KIND_NOT_FOUND;}"
    root = proto_tree(tmp_path, method(asks % "AtticGone") + gone % "BazaarGone")
    attic = method(asks % "BazaarGone") + gone % "AtticGone"
    second_package(root, "attic", attic.replace("BazaarService", "AtticService"))
    with pytest.raises(ContractError, match="these packages import one another: attic, bazaar"):
        generate(root)


def test_messages_become_frozen_structs_with_their_rules() -> None:
    stall, request = bazaar().Stall(), bazaar().OpenStallRequest
    assert (stall.id, stall.state, stall.opened_at, stall.goods) == ("", None, None, ())
    with pytest.raises(AttributeError):
        stall.id = "x"
    required = {f.name for f in msgspec.structs.fields(request) if f.required}
    assert required == {"bazaar_id", "name", "seats", "rent", "opens_at", "state"}
    hints = get_type_hints(request)
    assert hints["rent"] is Money
    assert hints["opens_at"] is datetime
    assert hints["goods"] == tuple[bazaar().Good, ...]


def test_what_a_request_reaches_refuses_unknown_fields_and_answers_do_not() -> None:
    module = bazaar()
    for kind in (module.OpenStallRequest, module.OpenStallRequestCash, module.Good):
        assert kind.__struct_config__.forbid_unknown_fields
    assert not module.Stall.__struct_config__.forbid_unknown_fields
    assert not module.StallOpened.__struct_config__.forbid_unknown_fields


def test_enums_are_short_lower_case_text() -> None:
    assert [state.value for state in bazaar().StallState] == ["open", "closed"]
    assert bazaar().GoodSize.SMALL == "small"


def test_an_error_message_becomes_a_refusal_told_in_its_comment() -> None:
    refusal = bazaar().StallIsTaken(number=7, until=datetime(2026, 1, 31, tzinfo=UTC))
    assert isinstance(refusal, Refusal)
    assert refusal.KIND is Kind.CONFLICT
    assert refusal.detail == "Stall 7 is taken until 2026-01-31 00:00:00+00:00."
    assert refusal.owner is None
    back = Refusal.rebuild(
        "StallIsTaken", {"number": "7", "until": "2026-01-31T00:00:00Z"}, Kind.CONFLICT.code
    )
    assert back.fields == refusal.fields


def test_an_event_message_becomes_an_event() -> None:
    event = bazaar().StallOpened
    assert issubclass(event, Event)
    assert (event.SUBJECT, event.AGGREGATE) == ("souk.bazaar.stall_opened", "stall_id")


def test_a_oneof_takes_one() -> None:
    with pytest.raises(msgspec.ValidationError, match="payment: give only one of card_token, cash"):
        msgspec.convert(OPEN | {"card_token": "abcd", "cash": {}}, bazaar().OpenStallRequest)


OPEN: dict[str, Any] = {
    "bazaar_id": "0190f1d2-0000-7000-8000-000000000000",
    "name": "Spices",
    "seats": 1,
    "rent": {"amount": 1, "currency": "USD"},
    "opens_at": "2026-01-31T12:00:00Z",
    "state": "open",
}


def test_the_table_of_methods_says_all_that_the_contract_says() -> None:
    module = bazaar()
    by_name: dict[str, Method] = {each.name: each for each in module.BazaarService.METHODS}
    opening = by_name["OpenStall"]
    assert opening.http == (
        Http("POST", "/api/v1/bazaars/{bazaar_id}/stalls", body="*"),
        Http("PUT", "/api/v1/bazaars/{bazaar_id}/stalls/own", body="*"),
    )
    assert opening.access == Access(roles=frozenset({"seller", "admin"}))
    assert opening.errors == (module.StallIsTaken, NotAllowed)
    assert opening.idempotent is Idempotency.REQUIRED
    assert opening.rate is Rate.WRITE
    assert opening.headers == {"cart_token": "X-Cart-Token"}
    assert opening.comment == "Opens a stall."
    assert opening.answer == Answer(
        status=201, when_field="state", when_value="closed", when_status=202
    )
    picture = by_name["PutPicture"]
    assert picture.upload == Upload("content", "name", "kind", 1000)
    assert (picture.rate, picture.response) == (Rate.UPLOAD, File)
    hook = by_name["TakeHook"]
    assert hook.raw == Raw("body", "headers", "query")
    assert hook.response is Empty
    assert by_name["WatchStall"].streams
    assert by_name["ListStalls"].rate is Rate.READ
    assert (by_name["Rename"].rate, by_name["Rename"].http) == (Rate.WRITE, ())
    assert by_name["Rename"].access == Access(internal=True)


class Echo:
    """A transport that answers with what it was asked."""

    async def call(self, method: Method, request: Any) -> Any:
        return method, request

    async def stream(self, method: Method, request: Any) -> AsyncIterator[Any]:
        yield method, request


async def test_the_client_calls_and_streams_over_its_transport() -> None:
    module = bazaar()
    client = module.BazaarServiceClient(Echo())
    rename = module.RenameRequest(name="x")
    assert await client.rename(rename) == (module.RENAME, rename)
    watch = module.WatchStallRequest(stall_id="x")
    assert [each async for each in client.watch_stall(watch)] == [(module.WATCH_STALL, watch)]


def test_a_service_must_be_implemented_whole() -> None:
    with pytest.raises(TypeError, match="abstract"):
        type("Half", (bazaar().BazaarService,), {})()


def test_rules_and_comments_reach_the_json_schema() -> None:
    (schema,), parts = msgspec.json.schema_components([bazaar().OpenStallRequest])
    fields = parts["OpenStallRequest"]["properties"]
    assert schema["$ref"].endswith("OpenStallRequest")
    assert fields["bazaar_id"]["format"] == "uuid"
    assert fields["name"]["description"] == "What the sign says."
    assert (fields["seats"]["minimum"], fields["seats"]["maximum"]) == (1, 12)


def test_descriptors_hold_the_shape_without_the_comments() -> None:
    assert bazaar_pool().FindServiceByName("souk.bazaar.v1.BazaarService")
    assert b"Opens a stall." not in generated()["descriptors.binpb"]


def test_generating_twice_gives_the_same(tmp_path: Path) -> None:
    assert generate(proto_tree(tmp_path, BAZAAR.read_text())) == generated()


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | environment
    )


def test_committed_contracts_are_what_the_generator_writes() -> None:
    done = run(ROOT / "tools/generate.py", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_difference_is_named(tmp_path: Path) -> None:
    out = tmp_path / "contracts"
    shutil.copytree(ROOT / "src/souk/contracts", out, ignore=shutil.ignore_patterns("__pycache__"))
    with (out / "common.py").open("a") as file:
        file.write("# mine\n")
    (out / "left_over.py").write_text('"""No contract\'s."""\n')
    done = run(ROOT / "tools/generate.py", "--check", "--out", out)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"differs: {out / 'common.py'}",
        f"not from a contract: {out / 'left_over.py'}",
    ]
    assert run(ROOT / "tools/generate.py", "--out", out).returncode == 0
    assert run(ROOT / "tools/generate.py", "--check", "--out", out).returncode == 0


def test_contracts_pass_the_lint_of_buf() -> None:
    done = run(ROOT / "tools/generate.py", "--lint")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_lost_field_breaks_the_contract(tmp_path: Path) -> None:
    before = proto_tree(tmp_path / "before", BAZAAR.read_text())
    text = BAZAAR.read_text().replace("string motto = 3", "string device = 3")
    after = proto_tree(tmp_path / "after", text)
    done = run(ROOT / "tools/generate.py", "--root", after, "--breaking", before)
    assert done.returncode == 1
    assert "motto" in done.stderr
    assert run(ROOT / "tools/generate.py", "--root", before, "--breaking", before).returncode == 0


def test_generated_code_is_formatted_and_strictly_typed(tmp_path: Path) -> None:
    source = tmp_path / "scratch_typed.py"
    source.write_bytes(generated()["bazaar.py"])
    formatted = run("-m", "ruff", "format", "--isolated", "--line-length", "100", "--check", source)
    assert formatted.returncode == 0, formatted.stdout
    config = ["--config-file", ROOT / "pyproject.toml", "--cache-dir", tmp_path / "cache"]
    typed = run("-m", "mypy", *config, source, MYPYPATH=str(ROOT / "src"))
    assert typed.returncode == 0, typed.stdout
