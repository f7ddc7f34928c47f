"""Begins a service: contract, folder and test, which pass `make check` as they are.

python tools/new_service.py loyalty
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from string import Template

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"[a-z][a-z0-9]{2,30}")
FILES = {
    "proto/souk/$name/v1/$name.proto": """syntax = "proto3";

// $Title: say in one sentence what it is for.
package souk.$name.v1;

import "google/api/annotations.proto";
import "souk/api/v1/options.proto";

// Say what it does for others.
service ${Title}Service {
  // The notes of whoever asks, newest first.
  rpc ListNotes(ListNotesRequest) returns (NotePage) {
    option (google.api.http) = {get: "/api/v1/$name/notes"};
    option (souk.api.v1.access) = {roles: [ROLE_CUSTOMER]};
  }

  // Keeps a note.
  rpc AddNote(AddNoteRequest) returns (${Title}Note) {
    option (google.api.http) = {post: "/api/v1/$name/notes" body: "*"};
    option (souk.api.v1.access) = {roles: [ROLE_CUSTOMER]};
    option (souk.api.v1.idempotent) = IDEMPOTENCY_OPTIONAL;
  }
}

message ${Title}Note {
  string id = 1;
  string text = 2;
}

message ListNotesRequest {
  int32 page = 1 [(souk.api.v1.rules) = {gte: 1, lte: 100000}];
  int32 page_size = 2 [(souk.api.v1.rules) = {gte: 1, lte: 100}];
}

message NotePage {
  repeated ${Title}Note items = 1;
  int32 page = 2;
  int32 page_size = 3;
}

message AddNoteRequest {
  string text = 1 [(souk.api.v1.rules) = {required: true, min_len: 1, max_len: 500}];
}
""",
    "proto/souk/$name/v1/events.proto": """syntax = "proto3";

// What $name tells the other services. Ids only, no people.
package souk.$name.v1;

import "souk/api/v1/options.proto";

message ${Title}NoteAdded {
  option (souk.api.v1.subject) = "souk.$name.note_added";
  option (souk.api.v1.aggregate) = "note_id";
  string note_id = 1;
}
""",
    "src/souk/services/$name/__init__.py": '''"""$Title: say in one sentence what it is for."""
''',
    "src/souk/services/$name/README.md": """# $Title

**Owns** notes.
**Answers** what somebody noted.
**Publishes** `${Title}NoteAdded`.
""",
    "src/souk/services/$name/migrations/0001_$name.sql": """create table notes (
    id uuid primary key,
    user_id uuid not null,
    text text not null check (length(text) between 1 and 500),
    created_at timestamptz not null
);
create index notes_of_a_user on notes (user_id, created_at desc);

-- down
drop table notes;
""",
    "src/souk/services/$name/store.py": '''\
"""Notes as rows: everything that writes or locks them."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.$name import ${Title}Note
from souk.kernel.database import Transaction

ADD = "insert into notes (id, user_id, text, created_at) values ($$1, $$2, $$3, $$4)"


async def add_note(
    tx: Transaction, note: ${Title}Note, *, user_id: str, now: datetime
) -> None:
    await tx.execute(ADD, note.id, user_id, note.text, now)
''',
    "src/souk/services/$name/queries.py": '''"""Notes, as they are asked for."""

from __future__ import annotations

from souk.contracts.$name import ${Title}Note
from souk.kernel.database import Queries

LIST = """
select id, text from notes where user_id = $$1 order by created_at desc limit $$2 offset $$3
"""


async def list_notes(
    db: Queries, user_id: str, *, limit: int, offset: int
) -> tuple[${Title}Note, ...]:
    return tuple(await db.fetch_as(${Title}Note, LIST, user_id, limit, offset))
''',
    "src/souk/services/$name/use_cases/__init__.py": '''"""What can be done with notes."""
''',
    "src/souk/services/$name/use_cases/add_note.py": '''"""Somebody keeps a note."""

from __future__ import annotations

from datetime import datetime

from souk.contracts.$name import ${Title}Note, ${Title}NoteAdded
from souk.kernel.database import Transaction
from souk.kernel.ids import new_id
from souk.services.$name import store


async def add_note(tx: Transaction, text: str, *, user_id: str, now: datetime) -> ${Title}Note:
    note = ${Title}Note(id=new_id(), text=text)
    await store.add_note(tx, note, user_id=user_id, now=now)
    tx.publish(${Title}NoteAdded(note_id=note.id))
    return note
''',
    "src/souk/services/$name/rpc.py": '''"""$Title, as the gateway and other services see it."""

from __future__ import annotations

from souk.contracts.$name import (
    AddNoteRequest,
    ListNotesRequest,
    NotePage,
    ${Title}Note,
    ${Title}Service,
)
from souk.kernel.clock import Clock
from souk.kernel.context import caller
from souk.kernel.database import Database
from souk.services.$name import queries
from souk.services.$name.use_cases.add_note import add_note


class ${Title}Rpc(${Title}Service):
    """Say what it does for others."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock

    async def list_notes(self, request: ListNotesRequest) -> NotePage:
        page, size = request.page or 1, request.page_size or 20
        items = await queries.list_notes(
            self.database, caller().user_id, limit=size, offset=(page - 1) * size
        )
        return NotePage(items=items, page=page, page_size=size)

    async def add_note(self, request: AddNoteRequest) -> ${Title}Note:
        return await self.database.once(
            ${Title}Note,
            request,
            add_note,
            request.text,
            user_id=caller().user_id,
            now=self.clock.now(),
        )
''',
    "src/souk/services/$name/wiring.py": '''"""How $name is put together."""

from __future__ import annotations

from souk.kernel.platform import Parts, Platform
from souk.services.$name.rpc import ${Title}Rpc


def build(platform: Platform) -> Parts:
    return Parts(rpc=${Title}Rpc(platform.database("$name"), platform.clock))
''',
    "tests/services/$name/test_notes.py": '''"""People keep notes of their own."""

import pytest

from souk.contracts.$name import AddNoteRequest, ListNotesRequest, ${Title}ServiceClient
from tests.support.hosting import hosted
from tests.support.people import as_, customer


@pytest.fixture
async def notes(servers):
    async with hosted("$name", servers) as host:
        yield host.client(${Title}ServiceClient)


async def test_everybody_sees_their_own(notes):
    with as_(customer()):
        added = await notes.add_note(AddNoteRequest(text="Milk"))
        assert (await notes.list_notes(ListNotesRequest())).items == (added,)
    with as_(customer()):
        assert (await notes.list_notes(ListNotesRequest())).items == ()
''',
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not NAME.fullmatch(arguments[0]):
        print("usage: python tools/new_service.py NAME   (3 to 31 lower-case letters or digits)")
        return 2
    (name,) = arguments
    words = {"name": name, "Title": name.capitalize()}
    files = {ROOT / Template(path).substitute(words): text for path, text in FILES.items()}
    if there := [path for path in files if path.exists()]:
        print(f"{there[0].relative_to(ROOT)} is there already")
        return 1
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text).substitute(words))
        print(f"  {path.relative_to(ROOT)}")
    return finished(name)


def finished(name: str) -> int:
    """Contracts are generated, imports sorted, and the picture drawn."""
    python = sys.executable
    own = [f"src/souk/services/{name}", f"tests/services/{name}"]
    for command in (
        [python, "tools/generate.py"],
        [python, "-m", "ruff", "check", "--quiet", "--fix", "--select", "I", *own],
        [python, "-m", "ruff", "format", "--quiet", *own],
    ):
        if (status := subprocess.run(command, cwd=ROOT, check=False).returncode) != 0:
            return status
    print(f"Begun. Try: make check && make test-service SERVICE={name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
