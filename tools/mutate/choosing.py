"""Which tests are run for a mutant: those that reach its lines, of its own file and folder first, then the quickest."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from mutants import Mutant

LONGEST = 20.0  # seconds; a longer test judges no mutant


class Choosing:
    """Tests by line, within a budget of seconds."""

    def __init__(self, top: Path, lines: dict, budget: float) -> None:
        self.top, self.lines, self.budget = top, lines["lines"], budget
        self.tests = [(name, seconds) for name, seconds in lines["tests"]]

    def of(self, mutant: Mutant) -> list[str]:
        """Node ids, in the order in which they are run."""
        reached = self._reached(mutant)
        chosen, spent = [], 0.0
        for number in sorted(reached, key=lambda number: self._order(mutant, number)):
            name, seconds = self.tests[number]
            if seconds > LONGEST:
                continue
            if chosen and spent + seconds > self.budget:
                continue
            chosen.append(name)
            spent += seconds
        return chosen

    def _reached(self, mutant: Mutant) -> set[int]:
        of_file = self.lines.get(mutant.file, {})
        if mutant.outermost:
            spans = [(mutant.line, mutant.last_line), self._statement(mutant), self._function(mutant)]
            for first, last in spans:
                found = {test for line in range(first, last + 1) for test in of_file.get(str(line), ())}
                if found:
                    return found
            return set()
        using = {
            test
            for first, last in self._users(mutant)
            for line in range(first, last + 1)
            for test in of_file.get(str(line), ())
        }
        return using or {test for tests in of_file.values() for test in tests}

    def _order(self, mutant: Mutant, number: int) -> tuple[bool, bool, bool, float]:
        name, seconds = self.tests[number]
        path = Path(mutant.file)
        own_file = path.stem in name.split("::")[0]
        own_folder = f"tests/{path.parent.name}/" in name
        return (seconds > 1, not own_file, not own_folder, seconds)

    def _statement(self, mutant: Mutant) -> tuple[int, int]:
        inside = [
            n
            for n in _nodes(self.top / mutant.file)
            if isinstance(n, ast.stmt) and n.lineno <= mutant.line <= n.end_lineno
        ]
        smallest = min(inside, key=lambda n: n.end_lineno - n.lineno)
        return smallest.lineno, smallest.lineno

    def _function(self, mutant: Mutant) -> tuple[int, int]:
        inside = [
            n
            for n in _nodes(self.top / mutant.file)
            if isinstance(n, ast.FunctionDef) and n.lineno <= mutant.line <= n.end_lineno
        ]
        if not inside:
            return mutant.line, mutant.line
        smallest = min(inside, key=lambda n: n.end_lineno - n.lineno)
        return smallest.lineno + 1, smallest.end_lineno

    def _users(self, mutant: Mutant) -> list[tuple[int, int]]:
        """Functions that name what the statement at module level sets, or the function whose default it is."""
        nodes = _nodes(self.top / mutant.file)
        names: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.stmt) and node.lineno <= mutant.line <= node.end_lineno:
                if isinstance(node, ast.Assign | ast.AnnAssign):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    names |= {target.id for target in targets if isinstance(target, ast.Name)}
                elif isinstance(node, ast.FunctionDef):
                    return [(node.lineno + 1, node.end_lineno)]
        functions = [n for n in nodes if isinstance(n, ast.FunctionDef)]
        return [(f.lineno + 1, f.end_lineno) for f in functions if any(_names(n, names) for n in ast.walk(f))]


def _names(node: ast.AST, names: set[str]) -> bool:
    return (isinstance(node, ast.Name) and node.id in names) or (isinstance(node, ast.Attribute) and node.attr in names)


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
