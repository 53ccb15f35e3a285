"""The public names with their signatures, as text: what a later version may not change in silence.

python tools/public_api.py            print it
python tools/public_api.py --renew    write tests/public_api.txt anew, and read the difference before committing
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

KEPT = Path(__file__).resolve().parents[1] / "tests" / "public_api.txt"
MODULES = ("egovindex", "egovindex.testing", "egovindex.plots")


def lines() -> Iterator[str]:
    """Every public name of the modules, then every command with its options."""
    for module in MODULES:
        yield f"# {module}"
        space = importlib.import_module(module)
        for name in sorted(space.__all__):
            yield from _of(name, getattr(space, name))
        yield ""
    yield "# command line"
    yield from _commands()


def _of(name: str, thing: Any) -> Iterator[str]:
    if name == "__version__":
        yield name
    elif inspect.isclass(thing):
        bases = [base.__name__ for base in thing.__bases__ if base.__module__.startswith("egovindex")]
        yield f"class {name}({', '.join(bases)})" if bases else f"class {name}"
        if not issubclass(thing, (BaseException, Enum)):
            yield f"    {name}{_signature(thing)}"
        for member in sorted(_members(thing)):
            yield f"    {_member(thing, member)}"
    elif callable(thing):
        yield f"{name}{_signature(thing)}"
    else:
        yield f"{name}: {type(thing).__name__}"


def _members(thing: type) -> set[str]:
    """Public members that the class or a class of ours above it defines."""
    ours = [one for one in thing.__mro__ if one.__module__.startswith("egovindex")]
    named = {name for one in ours for name in (*vars(one), *getattr(one, "__annotations__", {}))}
    return {name for name in named if not name.startswith("_")}


def _member(thing: type, name: str) -> str:
    found = inspect.getattr_static(thing, name, None)
    if isinstance(found, (staticmethod, classmethod)):
        return f".{name}{_signature(getattr(thing, name))}  # {type(found).__name__}"
    if inspect.isfunction(found):
        return f".{name}{_signature(found)}"
    return f".{name}"


def _signature(thing: Any) -> str:
    """Arguments and defaults; annotations are left to the type checker, since their text differs by version."""
    if hasattr(thing, "model_rebuild"):  # pydantic builds a model when it is first used
        thing.model_rebuild()
    try:
        found = inspect.signature(thing)
    except (ValueError, TypeError):
        return "(...)"
    plain = [one.replace(annotation=inspect.Parameter.empty) for one in found.parameters.values()]
    text = str(found.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def _commands() -> Iterator[str]:
    import typer.main

    from egovindex.cli.app import app

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[str]:
        below = getattr(command, "commands", {})
        shown = [_parameter(one) for one in command.params if not getattr(one, "hidden", False)]
        yield " ".join([*path, *sorted(shown)])
        for name in sorted(below):
            if not below[name].hidden:
                yield from walk(below[name], (*path, name))

    yield from walk(typer.main.get_command(app), ("egovindex",))


def _parameter(one: Any) -> str:
    if one.param_type_name == "argument":
        return f"<{one.name}>" if one.required else f"[{one.name}]"
    return "|".join((*one.opts, *one.secondary_opts))


def text() -> str:
    return "\n".join(lines()) + "\n"


def main() -> None:
    """Print or write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--renew", action="store_true", help="write tests/public_api.txt")
    if asked.parse_args().renew:
        KEPT.write_text(text(), encoding="utf-8")
    else:
        print(text(), end="")


if __name__ == "__main__":
    main()
