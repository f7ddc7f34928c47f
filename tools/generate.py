"""Writes src/souk/contracts from proto/; with --check it only tells what would change."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from contract_generator.build import ACCESS, ContractError, generate
from contract_generator.image import BufError, breaking, lint

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description="Generates souk.contracts from the .proto files.")
    parser.add_argument("--check", action="store_true", help="only say which files differ")
    parser.add_argument("--lint", action="store_true", help="run buf lint and nothing else")
    parser.add_argument(
        "--breaking", type=Path, metavar="DIR", help="compare with another checkout"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds proto/")
    parser.add_argument("--out", type=Path, help="where to write (default: src/souk/contracts)")
    chosen = parser.parse_args()
    out = chosen.out or chosen.root / "src" / "souk" / "contracts"
    try:
        if chosen.lint:
            lint(chosen.root)
            return 0
        if chosen.breaking:
            breaking(chosen.root, chosen.breaking)
            return 0
        files = generate(chosen.root)
        table = {ACCESS: files.pop(ACCESS)}
        wrong = bring_up_to_date(out, files, only_tell=chosen.check)
        docs = chosen.root / "docs"
        if chosen.out is None and docs.is_dir():
            wrong |= bring_up_to_date(docs, table, only_tell=chosen.check)
        return wrong
    except (BufError, ContractError) as error:
        print(error, file=sys.stderr)
        return 1


def bring_up_to_date(out: Path, files: dict[str, bytes], *, only_tell: bool) -> int:
    """Writes what differs and removes what no contract asks for; only tells of it if so asked."""
    there = {path.name: path for path in out.glob("*") if path.suffix in (".py", ".binpb")}
    there |= {name: out / name for name in files if (out / name).exists()}
    stale = [name for name in there if name not in files]
    changed = [n for n in files if n not in there or there[n].read_bytes() != files[n]]
    for name in sorted(changed):
        print(f"{'differs' if only_tell else 'wrote'}: {out / name}")
    for name in sorted(stale):
        print(f"{'not from a contract' if only_tell else 'removed'}: {out / name}")
    if only_tell:
        return 1 if changed or stale else 0
    out.mkdir(parents=True, exist_ok=True)
    for name in changed:
        (out / name).write_bytes(files[name])
    for name in stale:
        there[name].unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
