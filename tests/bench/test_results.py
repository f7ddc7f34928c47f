"""Results are kept, found again, shown and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import tables
from bench.__main__ import main
from bench.machine import Machine
from bench.results import Limit, NoResult, Record, Result, chosen, keep
from bench.runs import Figure, Times
from bench.scenarios import together

HERE = Machine(processor="P", cores=2, memory_gib=4.0, system="S", python="3.11")


def figure(name: str, per_second: float, **fields: float) -> Figure:
    return Figure(
        name=name, title=f"the {name}", shoppers=64, per_second=per_second, p50_ms=1.0, errors=0,
        **{"p99_ms": 20.0, "cpu_ms": 0.5, **fields},  # type: ignore[arg-type]
    )  # fmt: skip


def record(commit: str, *figures: Figure, at: str = "2026-01-02T03:04:05+00:00") -> Record:
    limits = {"list": Limit(bare=figure("bare list", 5000.0), postgres_per_second=9000.0)}
    shape = Result(shape=together(2), figures=list(figures), limits=limits, idle_memory_mb=300.0)
    return Record(
        at=at, commit=commit, machine=HERE, products=1000, times=Times(), results=[shape],
        layers={"encode": 5.0},
    )  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    keep(record("aaa1", figure("list", 2000.0), figure("add", 100.0)), path)
    keep(record("bbb2", figure("list", 3000.0, p99_ms=10.0, cpu_ms=0.25)), path)
    keep(record("bbb2", figure("list", 4000.0), figure("text", 70.0)), path)
    return path


def test_a_result_is_found_by_number_commit_and_file(file: Path) -> None:
    def rate(name: str) -> float:
        return chosen(name, file).results[0].figures[0].per_second

    assert [rate(name) for name in ("0", "-3", "-1", "2")] == [2000.0, 2000.0, 4000.0, 4000.0]
    assert rate("aaa") == 2000.0
    assert rate("bbb2") == 4000.0
    assert rate(str(file)) == 4000.0


@pytest.mark.parametrize("name", ["ccc", "7", "-9", "", "no/such.jsonl"])
def test_a_result_that_is_not_there_is_refused_with_those_that_are(file: Path, name: str) -> None:
    with pytest.raises(NoResult) as refused:
        chosen(name, file)
    assert repr(name) in str(refused.value)
    assert "  0  aaa1, 2026-01-02T03:04:05+00:00" in str(refused.value)


def test_two_results_stand_side_by_side_with_ratios(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--results", str(file), "compare", "aaa1", "1"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    listed = next(line for line in lines if "list" in line and "bare" not in line)
    numbers = ["2,000", "3,000", "1.50", "20.0", "10.0", "0.50", "0.25", "0.50"]
    assert listed[-8:] == numbers
    added = next(line for line in lines if "add" in line)
    assert added[-8:] == ["100", "-", "-", "20.0", "-", "0.50", "-", "-"]
    assert next(line for line in lines if "encode" in line)[1:] == ["5.0", "5.0", "µs", "1.00"]


def test_results_that_should_not_be_compared_are_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = record("ddd4", figure("list", 1.0))
    other.products = 1_000_000
    keep(other, file)
    assert main(["--results", str(file), "compare", "0", "-1"]) == 0
    assert "Beware: their products are not the same." in capsys.readouterr().out


def test_what_cannot_be_compared_is_one_sentence(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text(file.read_text() + "{}\n")
    for results, a in ((file, "nothing"), (broken, "0"), (tmp_path / "none.jsonl", "0")):
        assert main(["--results", str(results), "compare", a, "-1"]) == 1
        said = capsys.readouterr()
        assert said.err.startswith("bench: ")
        assert "Traceback" not in said.err
    assert main(["--results", str(file), "compare", str(broken), "0"]) == 1
    assert "line 4 is no result" in capsys.readouterr().err


def test_a_document_takes_the_tables_between_its_marks(file: Path, tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n")
    for _ in range(2):
        assert main(["--results", str(file), "show", "-1", "--into", str(document)]) == 0
    text = document.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| the list | 4,000 | 1.0 | 20.0 | 0 | 0.50 |" in text
    assert "| list: PostgreSQL alone | 9,000 |" in text
    assert "idle 300 MB" in text
    document.write_text("no marks")
    assert main(["--results", str(file), "show", "--into", str(document)]) == 1
    assert document.read_text() == "no marks"


def test_every_line_of_a_table_has_as_many_cells_as_its_head(file: Path) -> None:
    text = tables.markdown(chosen("-1", file))
    of_figures = [line for line in text.splitlines() if line.startswith("| ")][:6]
    assert len({line.count("|") for line in of_figures}) == 1
