"""Small changes of Python source, one at a time: what a mutant is, and which are made.

Left alone, because no test of behaviour could or should see them: docstrings, annotations, `__all__`, decorators,
f-strings, what is said in an error or a warning, names of types, and `strict=` of `zip`, which only guards.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
CALCULATED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.BitXor: ast.BitAnd, ast.MatMult: ast.Mult,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
PAIRS = [
    ("min", "max"), ("any", "all"), ("minimum", "maximum"), ("floor", "ceil"), ("argmin", "argmax"), ("lower", "upper"),
    ("nanmin", "nanmax"), ("fmin", "fmax"), ("startswith", "endswith"), ("lstrip", "rstrip"), ("append", "extend"),
    ("logical_and", "logical_or"), ("isnan", "isfinite"), ("zeros", "ones"), ("cumsum", "cumprod"),
]  # fmt: skip
CALLED = {a: b for pair in PAIRS for a, b in (pair, pair[::-1])} | {"sorted": "list"}
SPEAKS = re.compile(
    r"^(Fault|\w*Error|\w*Warning|warn|listed|did_you_mean|cast|TypeVar|field|Field|Refusal|log|info|debug)$"
)
WORD = re.compile(r"[A-Za-z_][\w.-]*")


@dataclass(frozen=True)
class Mutant:
    """One change of one file: where it stands, what it says, and how it is made in the tree it was found in."""

    file: str  # from the top of the repository
    function: str  # dotted name of the innermost named function or class, "" at module level
    outermost: str  # the function whose code is replaced, "" where the module must be read anew
    line: int
    last_line: int
    text: str  # the source line
    change: str  # before and after, shortened
    number: int  # position among the mutants of the file
    again: int  # how many mutants of the same text and change stand before it
    apply: Callable[[], None]

    @property
    def key(self) -> str:
        """Name that stays when lines elsewhere change."""
        told = "\0".join((self.file, self.function, self.text, self.change, str(self.again)))
        return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()


def mutants_of(path: Path, top: Path) -> tuple[ast.Module, list[Mutant]]:
    """Tree of one file and its mutants; `apply` of one of them changes that tree, so take a fresh one for each."""
    source = path.read_text(encoding="utf-8")
    finder = _Finder(path.relative_to(top).as_posix(), source)
    tree = ast.parse(source)
    finder.body(tree.body)
    return tree, finder.found


class _Finder:
    def __init__(self, file: str, source: str) -> None:
        self.file, self.lines = file, source.splitlines()
        self.found: list[Mutant] = []
        self.names: list[tuple[str, bool]] = []  # name, is a function
        self.seen: dict[tuple[str, ...], int] = {}
        self.guards: set[int] = set()  # keywords that are left alone

    # ------------------------------------------------------------------------------------------ statements

    def body(self, statements: list[ast.stmt]) -> None:
        for place, statement in enumerate(statements):
            self.statement(statements, place, statement)

    def statement(self, among: list[ast.stmt], place: int, node: ast.stmt) -> None:  # noqa: C901, PLR0912
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.definition(node)
            case ast.Import() | ast.ImportFrom() | ast.Global() | ast.Nonlocal() | ast.Pass():
                pass
            case ast.Expr(value=ast.Constant()):
                pass  # docstring
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.Assign(targets=[ast.Name(id="__all__" | "__slots__")]):
                pass
            case ast.Raise():
                self.drop(among, place, node)
            case ast.Expr():
                if not (isinstance(node.value, ast.Call) and _called(node.value) in {"warn", "info", "debug"}):
                    self.drop(among, place, node)
                    self.expression(node, "value")
            case ast.Assign():
                if self.in_function and not _is_none(node.value):
                    self.swap(node, "value", ast.Constant(None))
                for target in node.targets:
                    self.inside(target)
                self.expression(node, "value")
            case ast.AnnAssign():
                if node.value is not None:
                    self.expression(node, "value")
            case ast.AugAssign():
                self.operator(node, node, CALCULATED)
                self.inside(node.target)
                self.expression(node, "value")
            case ast.Return():
                if node.value is not None and not _is_none(node.value):
                    self.swap(node, "value", ast.Constant(None))
                    self.expression(node, "value")
            case ast.Break():
                self.put(among, place, node, ast.Continue())
            case ast.Continue():
                self.put(among, place, node, ast.Break())
            case _:
                self.inside(node)

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        function = not isinstance(node, ast.ClassDef)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for values in (node.args.defaults, node.args.kw_defaults):
                for place, value in enumerate(values):
                    if value is not None:
                        self.value(values, place, value)
        self.names.append((node.name, function))
        self.body(node.body)
        self.names.pop()

    @property
    def in_function(self) -> bool:
        return any(function for _, function in self.names)

    # ----------------------------------------------------------------------------------------- expressions

    def inside(self, node: ast.AST) -> None:
        """Everything below a node that is not itself changed as a whole."""
        for name, held in ast.iter_fields(node):
            if name in {"annotation", "returns", "decorator_list", "ctx", "op", "ops"}:
                continue
            if isinstance(held, list):
                if held and isinstance(held[0], ast.stmt):
                    self.body(held)
                    continue
                for place, item in enumerate(held):
                    if isinstance(item, ast.expr):
                        self.value(held, place, item)
                    elif isinstance(item, ast.AST) and id(item) not in self.guards:
                        self.inside(item)
            elif isinstance(held, ast.expr):
                self.expression(node, name)
            elif isinstance(held, ast.AST):
                self.inside(held)
        if isinstance(node, ast.comprehension):
            for place, test in enumerate(node.ifs):
                self.negated(node.ifs, place, test)

    def expression(self, owner: ast.AST, name: str) -> None:
        node = getattr(owner, name)
        if name == "test":
            self.negated(owner, name, node)
        self.value(owner, name, node)

    def value(self, owner: object, place: str | int, node: ast.expr) -> None:  # noqa: C901
        match node:
            case ast.JoinedStr() | ast.Lambda(body=ast.Constant()):
                return
            case ast.Subscript(value=ast.Name(id="Literal" | "OneOf" | "Annotated")):
                return
            case ast.Constant():
                self.constant(owner, place, node)
                return
            case ast.Compare():
                for at, operator in enumerate(node.ops):
                    other = COMPARED[type(operator)]()
                    self.add(
                        node,
                        _one(node.ops, at, other),
                        _with(node, lambda at=at, other=other: _one(node.ops, at, other)),
                    )
            case ast.BinOp():
                if not _text(node.left) and not _text(node.right):
                    self.operator(node, node, CALCULATED)
            case ast.BoolOp():
                other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
                self.add(node, _one(node, "op", other), _with(node, lambda: _one(node, "op", other)))
            case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
                if not isinstance(node.operand, ast.Constant) or not isinstance(node.op, ast.USub):
                    self.swap(owner, place, node.operand)
            case ast.Call():
                if SPEAKS.match(_called(node)):
                    return
                self.call(node)
        self.inside(node)

    def constant(self, owner: object, place: str | int, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.swap(owner, place, ast.Constant(not value))
        elif isinstance(value, int | float):
            self.swap(owner, place, ast.Constant(value + 1))
        elif isinstance(value, str) and WORD.fullmatch(value):
            self.swap(owner, place, ast.Constant(f"XX{value}"))

    def call(self, node: ast.Call) -> None:
        name = _called(node)
        if name in CALLED:
            part = "id" if isinstance(node.func, ast.Name) else "attr"
            self.add(
                node, _one(node.func, part, CALLED[name]), _with(node, lambda: _one(node.func, part, CALLED[name]))
            )
        if name == "zip":
            self.guards |= {id(keyword) for keyword in node.keywords if keyword.arg == "strict"}
        for keyword in node.keywords:
            if keyword.arg and id(keyword) not in self.guards:
                without = [other for other in node.keywords if other is not keyword]
                self.add(
                    node, _one(node, "keywords", without), _with(node, lambda w=without: _one(node, "keywords", w))
                )

    def negated(self, owner: object, place: str | int, node: ast.expr) -> None:
        if not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
            self.swap(owner, place, ast.UnaryOp(ast.Not(), node))

    def operator(self, node: ast.AST, owner: ast.AST, table: dict) -> None:
        other = table[type(owner.op)]()
        self.add(node, _one(owner, "op", other), _with(node, lambda: _one(owner, "op", other)))

    # ---------------------------------------------------------------------------------------------- adding

    def swap(self, owner: object, place: str | int, new: ast.expr) -> None:
        old = owner[place] if isinstance(place, int) else getattr(owner, place)
        shown = owner if isinstance(owner, ast.Return | ast.Assign) else None
        change = (_source(old), _source(new))
        if isinstance(owner, ast.keyword):
            change = (f"{owner.arg}={change[0]}", f"{owner.arg}={change[1]}")
        self.note(shown or old, _one(owner, place, new), *change)

    def put(self, among: list[ast.stmt], place: int, node: ast.stmt, new: ast.stmt) -> None:
        self.note(node, _one(among, place, new), _source(node), _source(new))

    def drop(self, among: list[ast.stmt], place: int, node: ast.stmt) -> None:
        self.put(among, place, node, ast.Pass())

    def add(self, node: ast.AST, apply: Callable[[], None], shown: tuple[str, str]) -> None:
        self.note(node, apply, *shown)

    def note(self, node: ast.AST, apply: Callable[[], None], before: str, after: str) -> None:
        names = [name for name, _ in self.names]
        text, change = self.lines[node.lineno - 1].strip(), f"{before} => {after}"
        same = (*names, "", text, change)
        self.seen[same] = self.seen.get(same, -1) + 1
        first = next((place for place, (_, function) in enumerate(self.names) if function), None)
        self.found.append(
            Mutant(
                self.file,
                ".".join(names),
                "" if first is None else ".".join(names[: first + 1]),
                node.lineno,
                node.end_lineno or node.lineno,
                text,
                change,
                len(self.found),
                self.seen[same],
                apply,
            )
        )


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _source(node: ast.AST) -> str:
    told = " ".join(ast.unparse(node).split())
    return told if len(told) <= 90 else told[:60] + " ... " + told[-25:]


def _one(owner: object, place: str | int, new: object) -> Callable[[], Callable[[], None]]:
    """Change that puts a new thing at one place; calling it returns how to undo it."""

    def apply() -> Callable[[], None]:
        old = owner[place] if isinstance(place, int) else getattr(owner, place)
        _set(owner, place, new)
        return lambda: _set(owner, place, old)

    return apply


def _set(owner: object, place: str | int, new: object) -> None:
    if isinstance(place, int):
        owner[place] = new
    else:
        setattr(owner, place, new)


def _with(node: ast.AST, change: Callable[[], Callable[[], Callable[[], None]]]) -> tuple[str, str]:
    """Source of a node before and after a change that is undone again."""
    before = _source(node)
    undo = change()()
    after = _source(node)
    undo()
    return before, after


def walk_sources(folders: list[Path]) -> Iterator[Path]:
    """Python files of folders and files, sorted."""
    for folder in folders:
        yield from sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]
