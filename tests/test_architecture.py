"""Imports run one way, and no module uses another module's private names.

To add a module, add a line to ``MAY_IMPORT``. To loosen an arrow, write a page in docs/decisions
first.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import egovindex

SRC = Path(__file__).resolve().parents[1] / "src" / "egovindex"

BASE = {"errors", "packaged", "shown", "certainty"}
SPEC = BASE | {"spec"}
TABLES = SPEC | {"answers", "rows", "headings", "misspelt", "tables"}
PLAN = TABLES | {"kernels", "formulas", "columns", "carry", "points", "sight", "uncaught", "scoring", "levels"}
PLAN |= {"marks", "plan"}
EVALUATE = {"arguments", "blas", "coverage", "nodelines", "run", "stepping", "scores"}
SCORE = PLAN | EVALUATE | {"evaluate"}
INDEX = PLAN | {"instrument", "index", "loading"}
RESULT = SCORE | INDEX | {"classing", "beside", "files", "keep", "result"}
COMPUTE = RESULT | {"progress", "streams", "responses", "coding", "compute"}
LOOKUP = COMPUTE | {"lookup", "causes"}
VERBS = LOOKUP | {"samples", "verify", "compare", "whatif", "explain", "peers", "chain", "sensitivity", "analysis"}
OPEN = {"possible", "completions", "directions", "corners"}
VERBS |= {"published", "reproduce", "bounds"}
ROBUST = LOOKUP | OPEN | {"compare", "whatif", "sensitivity", "bounds", "readings"}
VERBS |= {"robustness"}
SHOW = VERBS | {"plots", "report"}

# A module or package directly under egovindex: what it may import from egovindex, besides itself.
# "" is egovindex/__init__.py. A line may stand here before its module is written.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "version": set(),
    "packaged": set(),
    "shown": set(),
    "certainty": {"errors"},
    "kernels": {"errors"},
    "spec": BASE,
    "answers": SPEC,
    "rows": BASE,
    "headings": SPEC,
    "misspelt": set(),
    "tables": SPEC | {"rows"},
    "progress": BASE,
    "streams": BASE,
    "responses": TABLES | {"formulas", "instrument", "files", "progress"},
    "coding": TABLES | {"formulas", "instrument", "files", "progress", "streams", "kernels", "responses"},
    "formulas": TABLES,
    "columns": TABLES | {"formulas"},
    "carry": TABLES | {"formulas", "columns"},
    "points": TABLES | {"formulas"},
    "sight": TABLES | {"formulas"},
    "uncaught": TABLES | {"formulas", "columns"},
    "scoring": TABLES | {"formulas", "columns", "carry", "points", "sight", "uncaught"},
    "levels": TABLES | {"formulas", "columns", "points"},
    "marks": TABLES | {"points"},
    "plan": PLAN - {"plan"},
    "stepping": PLAN,
    "scores": PLAN | {"nodelines", "stepping"},
    "blas": set(),
    "arguments": PLAN,
    "coverage": PLAN,
    "nodelines": PLAN,
    "run": PLAN | EVALUATE - {"run"},
    "evaluate": PLAN | EVALUATE,
    "contributions": SCORE,
    "instrument": SPEC,
    "index": PLAN | {"instrument"},
    "loading": PLAN | {"index"},
    "questionnaire": INDEX,
    "beside": set(),
    "files": BASE | {"beside"},
    "keep": SCORE | INDEX | {"beside", "files", "version"},
    "classing": SCORE,
    "result": SCORE | INDEX | {"classing", "files", "keep", "contributions"},
    "findings": SCORE | INDEX,
    "tableschema": PLAN,
    "compute": RESULT | {"findings", "tableschema", "questionnaire", "responses"},
    "samples": COMPUTE,
    "published": COMPUTE,
    "reproduce": COMPUTE | {"samples", "published"},
    "verify": COMPUTE,
    "lookup": RESULT,
    "compare": LOOKUP,
    "whatif": LOOKUP | {"compare"},
    "readings": PLAN,
    "explain": LOOKUP | {"readings"},
    "peers": LOOKUP,
    "chain": LOOKUP,
    "causes": RESULT,
    "possible": SPEC,
    "completions": INDEX | {"possible"},
    "directions": PLAN | {"completions"},
    "corners": SCORE | {"completions", "directions"},
    "bounds": LOOKUP | OPEN,
    "sensitivity": LOOKUP,
    "robustness": ROBUST,
    "analysis": COMPUTE,
    "plots": VERBS,
    "report": VERBS,
    "experimental": VERBS,
    "": SHOW | {"version"},
    "demo": SHOW | {""},
    "testing": SHOW | {""},
    "cli": SHOW | {"", "demo"},
    "__main__": {"cli"},
}

# Against the arrows, and only where the import runs on demand: inside a function, or for the type checker alone.
# `result.plot` and its like; see docs/decisions/0017-result-plot.md.
ON_DEMAND: dict[str, set[str]] = {
    "result": {"plots"},
    "sensitivity": {"plots"},
    "robustness": {"plots"},
    "cli": {"testing"},
}

# Arrays in, arrays out: what kernels may import from outside the standard library.
KERNELS_MAY_USE = {"numpy", "scipy"}

# `import egovindex` leaves these to the functions that need them.
HEAVY = ["scipy", "pandera", "pydantic", "hypothesis", "matplotlib", "typer", "rich", "openpyxl", "pyarrow"]


class Import(NamedTuple):
    """One imported module, and the name taken from it (None for ``import module``)."""

    module: str
    name: str | None
    bound: str  # what the file calls it
    line: int
    on_demand: bool = False  # inside a function, or under TYPE_CHECKING

    @property
    def path(self) -> str:
        return self.module if self.name is None else f"{self.module}.{self.name}"


def module_name(path: Path, root: Path = SRC) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST, module: str, *, is_package: bool) -> Iterator[Import]:
    """Every import of a file, also those inside functions and under TYPE_CHECKING."""
    late = {id(node) for part in ast.walk(tree) if runs_on_demand(part) for node in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield Import(alias.name, None, bound, node.lineno, id(node) in late)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            if node.level:
                parts = module.split(".")
                up = parts[: len(parts) - node.level + is_package]
                source = ".".join([*up, source] if source else up)
            for alias in node.names:
                yield Import(source, alias.name, alias.asname or alias.name, node.lineno, id(node) in late)


def runs_on_demand(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" and not node.orelse
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def group(module: str, name: str | None = None) -> str:
    """The line of ``MAY_IMPORT`` that a module belongs to: 'egovindex.spec.load' is in 'spec'.

    ``from egovindex import plan`` takes a module, ``from egovindex import Index`` a public name.
    """
    parts = module.split(".")
    if len(parts) > 1:
        return parts[1]
    return name if name in MAY_IMPORT else ""


def is_ours(module: str) -> bool:
    return module.partition(".")[0] == "egovindex"


def is_private(name: str | None) -> bool:
    return name is not None and name.startswith("_") and not name.startswith("__")


def wrong_arrows(source: str, module: str, *, is_package: bool = False) -> list[str]:
    here = group(module)
    found = []
    for taken in imports(ast.parse(source), module, is_package=is_package):
        if is_ours(taken.module):
            there = group(taken.module, taken.name)
            allowed = MAY_IMPORT[here] | (ON_DEMAND.get(here, set()) if taken.on_demand else set())
            if there != here and there not in allowed:
                found.append(f"{module}:{taken.line} imports egovindex.{there}")
        elif here == "kernels":
            top = taken.module.partition(".")[0]
            if top not in KERNELS_MAY_USE and top not in sys.stdlib_module_names:
                found.append(f"{module}:{taken.line} imports {top}")
    return found


def private_uses(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """Private names that a file takes from another module of ours.

    By import (``from egovindex.a import _b``) or through a module (``a._b``). A module with a
    private name may be used inside its own folder.
    """
    tree = ast.parse(source)
    folder = module if is_package else module.rpartition(".")[0]
    ours = [i for i in imports(tree, module, is_package=is_package) if is_ours(i.module)]
    found = []
    for taken in ours:
        rest = taken.path.removeprefix(f"{folder}.")
        first, _, below = rest.partition(".")
        own_module = rest != taken.path and is_module(f"{folder}.{first}")
        checked = below if own_module else taken.path
        if any(is_private(part) for part in checked.split(".")):
            found.append(f"{module}:{taken.line} uses {taken.path}")
    modules = {taken.bound for taken in ours if is_module(taken.path)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            owner = node.value
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if isinstance(owner, ast.Name) and owner.id in modules:
                found.append(f"{module}:{node.lineno} uses {ast.unparse(node)}")
    return found


def is_module(path: str) -> bool:
    file = SRC.parent.joinpath(*path.split("."))
    return file.is_dir() or file.with_suffix(".py").is_file()


FILES = sorted(SRC.rglob("*.py"))


def read(path: Path) -> tuple[str, str, bool]:
    return path.read_text(encoding="utf-8"), module_name(path), path.name == "__init__.py"


def test_there_are_files_to_check():
    assert SRC / "errors.py" in FILES
    assert SRC / "__init__.py" in FILES


def test_every_module_has_a_line_in_the_table():
    known = {module_name(path) for path in FILES}
    missing = {group(name) for name in known} - MAY_IMPORT.keys()
    assert not missing, f"add to MAY_IMPORT: {sorted(missing)}"


def test_the_table_has_no_circle_and_no_unknown_name():
    named = set().union(*MAY_IMPORT.values())
    assert named | ON_DEMAND.keys() | set().union(*ON_DEMAND.values()) <= MAY_IMPORT.keys()
    assert list(TopologicalSorter(MAY_IMPORT).static_order())  # raises CycleError


@pytest.mark.parametrize("nobody_imports", ["testing", "cli"])
def test_testing_and_cli_are_ends(nobody_imports):
    importers = {name for name, allowed in MAY_IMPORT.items() if nobody_imports in allowed}
    assert importers <= {"__main__"}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_follow_the_arrows(path):
    source, module, is_package = read(path)
    assert wrong_arrows(source, module, is_package=is_package) == []


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_private_name_of_another_module(path):
    source, module, is_package = read(path)
    assert private_uses(source, module, is_package=is_package) == []


# Negative controls: the checks above do find what they look for.


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("egovindex.plan", "import egovindex.compute"),
        ("egovindex.plan", "from egovindex.compute import compute"),
        ("egovindex.plan", "from egovindex import compute"),
        ("egovindex.plan", "import egovindex"),
        ("egovindex.spec.load", "from egovindex.index import Index"),
        ("egovindex.spec.load", "from ..index import Index"),
        ("egovindex.spec.load", "from .. import index"),
        ("egovindex.compute", "from egovindex import testing"),
        ("egovindex", "from egovindex import cli"),
        ("egovindex.kernels.rank", "from egovindex.spec import model"),
        ("egovindex.kernels.rank", "import pandas as pd"),
        ("egovindex.plan", "def f():\n    from egovindex.compute import compute"),
        ("egovindex.result", "from egovindex.plots.accessor import Plots"),
        ("egovindex.result", "if True:\n    from egovindex.plots.accessor import Plots"),
        ("egovindex.result", "def f():\n    from egovindex.compute import compute"),
        (
            "egovindex.plan",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import egovindex.compute",
        ),
    ],
)
def test_a_wrong_arrow_is_found(module, line):
    assert wrong_arrows(line, module, is_package=module == "egovindex")


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("egovindex.plan", "from egovindex.kernels import rank"),
        ("egovindex.plan", "import numpy as np, pandas as pd"),
        ("egovindex.spec.load", "from egovindex.spec.model import Node"),
        ("egovindex.spec.load", "from .model import Node"),
        ("egovindex.kernels.rank", "import math\nimport numpy as np\nfrom scipy import stats"),
        ("egovindex.cli", "import egovindex as ei"),
        ("egovindex.result", "def f():\n    from egovindex.plots.accessor import Plots"),
    ],
)
def test_a_right_arrow_passes(module, line):
    assert wrong_arrows(line, module) == []


@pytest.mark.parametrize(
    "line",
    [
        "from egovindex.errors import _helper",
        "from egovindex._hidden import thing",
        "from egovindex import errors\nerrors._helper()",
        "from egovindex import errors as e\ne._helper()",
        "import egovindex.errors as e\ne._helper()",
        "import egovindex.errors\negovindex.errors._helper()",
    ],
)
def test_a_private_name_is_found(line):
    assert private_uses(line, "egovindex.compute")


@pytest.mark.parametrize(
    "line",
    [
        "from egovindex.errors import helper",
        "from egovindex import __version__",
        "class A:\n    def f(self):\n        return self._x",
        "import numpy as np\nnp._private",
    ],
)
def test_public_names_and_own_fields_pass(line):
    assert private_uses(line, "egovindex.compute") == []


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(m.partition('.')[0] for m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_egovindex_is_light():
    # pandas brings pyarrow along where it is installed; only what comes on top of pandas is ours
    loaded = loaded_after("import egovindex") - loaded_after("import pandas")
    assert "egovindex" in loaded
    assert loaded.isdisjoint(HEAVY), f"imported at once: {sorted(loaded & set(HEAVY))}"


def test_draws_load_when_they_are_asked_for():
    # docs/decisions/0028-names-on-demand.md
    code = "import sys, egovindex; print([m for m in sys.modules if m.startswith('egovindex.sensitivity')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
    assert "scipy" not in loaded_after("import egovindex as ei; ei.simulate, ei.Doubt, ei.within")


def test_every_public_name_is_there():
    missing = [name for name in egovindex.__all__ if not hasattr(egovindex, name)]
    assert missing == []
    assert set(egovindex.__all__) - {"__version__"} <= set(dir(egovindex))
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        egovindex.simulat  # noqa: B018


def test_pictures_load_with_the_first_picture():
    statement = "import egovindex as ei; from egovindex import plots; "
    statement += "result = ei.compute('undp-hdi-2022', ei.sample('undp-hdi-2022')); result.plot.ranking"
    assert "matplotlib" not in loaded_after(statement)
    assert "matplotlib" in loaded_after(f"{statement}(top=1)")


def test_a_heavy_import_would_be_seen():
    assert "scipy" in loaded_after("import scipy")
