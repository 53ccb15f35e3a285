"""The pages say what is true: their examples run, their links lead somewhere, and they leave nothing out.

A page is read from top to bottom in a folder of its own:

- a fenced block of Python with ``>>>`` runs as a doctest; all blocks of a page share their names;
- a ``code-block`` with a ``:caption:`` is written to a file of that name, so that the blocks below can read it;
- a ``console`` block runs each line that begins with ``$`` and compares what is printed. ``examples/`` stands in
  the folder as it does in a checkout.

Pages that Sphinx runs itself (``file_format: mystnb``) are left to Sphinx.
"""

from __future__ import annotations

import ast
import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

import egovindex as ei
from egovindex.spec.values import STEPS
from egovindex.spec.words import AGGREGATES

TOP = Path(__file__).resolve().parent.parent
DOCS = TOP / "docs"
MADE = (DOCS / "_generated", DOCS / "notebooks")  # by docs/conf.py
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS

FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=fence) *$", re.MULTILINE | re.DOTALL)
OPTIONS = re.compile(r"(?P<lines>(?::[\w\-]+:.*\n)+)\n?")
CAPTION = re.compile(r"^:caption: *(?P<name>\S+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")


def pages() -> list[Path]:
    written = [path for path in sorted(DOCS.rglob("*.md")) if not any(made in path.parents for made in MADE)]
    return [TOP / "README.md", TOP / "CONTRIBUTING.md", TOP / "SCOPE.md", TOP / "CHANGELOG.md", *written]


def named(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block: what it is of, its text, its first line in the page, and the file it stands for."""

    kind: str
    text: str
    line: int
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        info = found["info"].split()
        kind = (info[-1] if info[0] == "{code-block}" and len(info) > 1 else info[0]) if info else ""
        body, line = found["body"], text[: found.start("body")].count("\n") + 1
        caption = None
        if "{code-block}" in info and (options := OPTIONS.match(body)):
            caption = CAPTION.search(options["lines"])
            line, body = line + options[0].count("\n"), body[options.end() :]
        yield Block(kind, body, line, caption["name"] if caption else None)


def examples(page: Path) -> list[Block]:
    if "file_format: mystnb" in page.read_text(encoding="utf-8")[:300]:
        return []
    return [
        b for b in blocks(page) if (b.kind == "python" and ">>>" in b.text) or (b.kind == "console" and "$ " in b.text)
    ]


# --- the examples run


class Page:
    """One page, run from top to bottom."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: dict[str, object] = {"__name__": "__main__"}
        self.said: list[str] = []

    def run(self) -> None:
        for block in blocks(self.path):
            if block.file is not None:
                assert "/" not in block.file, f"{named(self.path)}:{block.line}: a file stands beside the page"
                Path(block.file).write_text(block.text, encoding="utf-8")
            elif block.kind == "python" and ">>>" in block.text:
                self.run_python(block)
            elif block.kind == "console":
                self.run_console(block)

    def run_python(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(
            block.text, self.names, named(self.path), named(self.path), block.line - 1
        )
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        test.globs = self.names  # get_doctest copies: what one block defines, the next one knows
        runner.run(test, out=self.said.append, clear_globs=False)

    def run_console(self, block: Block) -> None:
        checker = doctest.OutputChecker()
        for command, wanted in commands(block.text):
            found = in_a_shell(command)
            if not checker.check_output(wanted, found, FLAGS):
                self.said.append(f"line {block.line}: $ {command}\nExpected:\n{wanted}\nGot:\n{found}")


def commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what it prints; a backslash continues a command."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, rest = re.match(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", part, re.DOTALL).groups()
        yield command, rest


def in_a_shell(command: str) -> str:
    """What a command prints, on a terminal of 100 columns."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


# every command starts a process of its own, and a law is tried on many examples
LONG = {DOCS / "howto" / f"{name}.md" for name in ("command-line", "start-your-own", "test-your-index", "from-a-paper")}
LONG |= {DOCS / "howto" / "how-sure.md", DOCS / "howto" / "keep-and-cite.md", DOCS / "methods" / "doubts.md"}
LONG |= {DOCS / "packaged.md", DOCS / "methods" / "uncertainty.md"}
RUN = [pytest.param(p, id=named(p), marks=[pytest.mark.slow] if p in LONG else []) for p in pages() if examples(p)]


@pytest.mark.parametrize("page", RUN)
def test_examples_run(page, tmp_path, monkeypatch):
    console = any(block.kind == "console" for block in examples(page))
    if console and not (find_spec("typer") and find_spec("rich") and shutil.which("bash")):
        pytest.skip("the command line (extra cli) or bash is not there")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(TOP / "examples")
    run = Page(page)
    run.run()
    assert not run.said, f"{named(page)}\n" + "\n".join(run.said)


def test_an_example_that_is_wrong_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "TOP", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> 1 + 1\n3\n```\n\n```console\n$ echo one\ntwo\n```\n", encoding="utf-8")
    run = Page(page)
    run.run()
    assert "Expected:\n    3" in "".join(run.said)
    assert "Got:\none" in "".join(run.said)


# --- nothing is left out


@pytest.fixture(scope="module")
def prose() -> str:
    """The pages for users; decisions and the change log speak to developers."""
    apart = ("docs/decisions/", "CHANGELOG.md", "CONTRIBUTING.md")
    return "\n".join(page.read_text(encoding="utf-8") for page in pages() if not named(page).startswith(apart))


def code_in(prose: str) -> set[str]:
    """Every word that stands in code, in a line or in a block."""
    spans = [found["body"] for found in FENCE.finditer(prose)]
    spans += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCE.sub("", prose))
    return {word.strip(".-") for span in spans for word in re.findall(r"[\w.\-]+", span)}


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_step_is_explained(name):
    page = (DOCS / "methods/steps.md").read_text(encoding="utf-8")
    assert re.search(rf"^### `{name}\b", page, re.MULTILINE), "a heading of its own"


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_every_aggregate_is_explained(name):
    page = (DOCS / "methods/aggregates.md").read_text(encoding="utf-8")
    assert re.search(rf"^### `{name}`", page, re.MULTILINE), "a heading of its own"


def test_every_packaged_index_is_mentioned(prose):
    assert set(ei.list_indices().index) <= code_in(prose)


def test_every_public_name_is_mentioned(prose):
    public = {name for name in ei.__all__ if not name.startswith("_")}
    used = {part for word in code_in(prose) for part in word.split(".")}
    assert public - used == set()


def test_definitions_call_nothing_later_that_is_there():
    text = (DOCS / "definitions.md").read_text(encoding="utf-8")
    assert re.findall(r"^(\w[^\n]*)\n  \*Later\.\*", text, re.MULTILINE) == []


def test_the_api_page_lists_every_public_name():
    tree = ast.parse((DOCS / "conf.py").read_text(encoding="utf-8"))
    written = next(node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "PUBLIC")
    listed = [name for names in ast.literal_eval(written).values() for name in names]
    assert sorted(listed) == sorted(name for name in ei.__all__ if not name.startswith("_"))


# --- links


@pytest.mark.parametrize("page", pages(), ids=named)
def test_links_lead_somewhere(page):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    broken = []
    for found in LINK.finditer(text):
        target = found["target"].partition("#")[0]
        if not target or "://" in target:
            continue
        if target.startswith("notebooks/") or "/notebooks/" in target:  # a copy that docs/conf.py makes
            target = "../" * len(page.relative_to(TOP).parent.parts) + "notebooks/" + target.rpartition("/")[2]
        if target.startswith("_generated/"):  # docs/conf.py makes it
            if target.rpartition("/")[2] not in (DOCS / "conf.py").read_text(encoding="utf-8"):
                broken.append(target)
            continue
        if not (page.parent / target).exists():
            broken.append(target)
    assert broken == []
