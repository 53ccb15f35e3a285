"""pytest plugin: ``pytest --egovindex-laws my-index.yaml`` tries the laws of a composite index, one test each.

A module of its own, beside the package: pytest loads it in every run, and it must cost nothing where the option
is not used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LawItem", "LawsOfIndex", "pytest_addoption", "pytest_collection_modifyitems"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the group egovindex."""
    group = parser.getgroup("egovindex", "laws of composite indices")
    group.addoption(
        "--egovindex-laws",
        action="append",
        default=[],
        metavar="INDEX",
        help="Try the laws of an index: a YAML file, or the name of a packaged one. May be repeated.",
    )
    group.addoption(
        "--egovindex-laws-data",
        action="append",
        default=[],
        metavar="TABLE",
        help="On this table instead of invented ones; if repeated, one for each index, in the same order.",
    )
    group.addoption(
        "--egovindex-laws-n", type=int, default=10, metavar="N", help="Invented tables, or rounds on the one given."
    )
    group.addoption("--egovindex-laws-rng", type=int, default=0, metavar="SEED", help="Seed of all that is drawn.")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each law of each index, before -k and -m choose."""
    indices, tables = config.getoption("--egovindex-laws"), config.getoption("--egovindex-laws-data")
    if len(tables) not in (0, 1, len(indices)):
        told = f"--egovindex-laws-data is given {len(tables)} times for {len(indices)} --egovindex-laws"
        raise pytest.UsageError(f"{told}: give one table for each index, one for all, or none")
    here = config.invocation_params.dir
    for at, index in enumerate(indices):
        table = None if not tables else here / tables[at if len(tables) > 1 else 0]
        path = here / index
        given: Path | str = path if path.is_file() else index
        parent = LawsOfIndex.from_parent(
            session, name=f"egovindex-laws::{index}", nodeid=f"egovindex-laws::{index}", given=given, table=table
        )
        items.extend(parent.collect())


class LawsOfIndex(pytest.Collector):
    """One index, with a test for each law."""

    def __init__(self, *, given: Path | str, table: Path | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.given = given
        self.table = table

    def collect(self) -> Iterator[LawItem]:
        """The tests."""
        from egovindex.testing import LAWS

        for law in LAWS:
            yield LawItem.from_parent(self, name=law)


class LawItem(pytest.Item):
    """One law of one index."""

    parent: LawsOfIndex

    def runtest(self) -> None:
        """Try the law; skipped where it applies to no node."""
        from egovindex.testing import check_laws

        of = self.parent
        options = {
            "n": self.config.getoption("--egovindex-laws-n"),
            "rng": self.config.getoption("--egovindex-laws-rng"),
        }
        found = check_laws(of.given, self.name, data=of.table, **options)
        if found["holds"].isna().all():
            why = dict.fromkeys(found["detail"])
            pytest.skip(f"{self.name} does not apply: {next(iter(why), 'the index has no nodes')}")
        unpromised = found[(found["holds"] == False).fillna(value=False)]  # noqa: E712 - a nullable boolean
        for node, detail in zip(unpromised["node"], unpromised["detail"], strict=True):
            self.add_report_section("call", "not promised", f"{self.name} of {node}: {detail}\n")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What does not hold, without a traceback of the library's own."""
        from egovindex.errors import EgovindexError

        if isinstance(excinfo.value, (AssertionError, EgovindexError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """What stands above a failure."""
        return Path(self.parent.given), None, f"{self.name} of {self.parent.given}"
