"""Is this installation sound? Versions, extras, packaged files, terminal, threads; nothing about the user."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import typer

import egovindex as ei
from egovindex.cli.faults import FILE, FINE, exit_code, guarded
from egovindex.cli.options import AsJson
from egovindex.cli.output import open_page, put
from egovindex.errors import EgovindexError, Fault, SpecError, listed

__all__ = ["doctor"]

_NEEDED = ("numpy", "pandas", "scipy")
_FOR_DEVELOPERS = ("dev", "docs", "notebook")
_EXTRA = re.compile(r"""^(?P<package>[\w.-]+).*;.*\bextra\s*==\s*["'](?P<extra>[\w.-]+)["']""")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    what
        Its name.
    state
        ``ok``, ``note`` (it works without) or ``error``.
    found
        What was found, and the way out.
    code
        Exit code that it asks for.
    """

    what: str
    state: str
    found: str
    code: int = FINE


@guarded
def doctor(as_json: AsJson = False) -> None:
    """Look whether this installation is sound.

    Versions, the extras with the line that installs a missing one, the packaged files and whether they load, the
    encoding of the terminal, the threads of the linear algebra. Nothing is said of the machine, the user or the
    environment. Ends with 0 if all is sound; a missing extra is a note.
    """
    found = [*_versions(), *_extras(), *_packaged(), _terminal(), _threads()]
    code = next((finding.code for finding in found if finding.code), FINE)
    if as_json:
        from egovindex.cli.save import json_text

        rows = [{key: value for key, value in asdict(finding).items() if key != "code"} for finding in found]
        put(json_text({"sound": code == FINE, "findings": rows}))
    else:
        page = open_page()
        page.head("sound" if code == FINE else "not sound: see the errors")
        rows_shown = [(finding.what, finding.state, finding.found) for finding in found]
        page.table(["what", "state", "found"], rows_shown, wrap=["found"])
    raise typer.Exit(code)


def _versions() -> Iterator[Finding]:
    yield Finding("egovindex", "ok", ei.__version__)
    yield Finding("Python", "ok", platform.python_version())
    for package in _NEEDED:
        version = _version(package)
        yield Finding(package, "ok", version) if version else Finding(package, "error", "not installed", FILE)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _extras() -> Iterator[Finding]:
    """Extras for users, by what the package itself says it needs."""
    try:
        requires = importlib.metadata.requires("egovindex") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding("extras", "note", "egovindex is imported from a folder and not installed; extras are not known")
        return
    packages: dict[str, list[str]] = {}
    for match in filter(None, map(_EXTRA.match, requires)):
        if match["extra"] not in _FOR_DEVELOPERS:
            packages.setdefault(match["extra"], []).append(match["package"])
    for extra, names in packages.items():
        versions = {name: _version(name) for name in names}
        lacking = [name for name, version in versions.items() if version is None]
        if lacking:
            yield Finding(
                f"extra {extra}", "note", f'{listed(lacking)} not installed: pip install "egovindex[{extra}]"'
            )
        else:
            yield Finding(f"extra {extra}", "ok", ", ".join(f"{name} {version}" for name, version in versions.items()))


def _packaged() -> Iterator[Finding]:
    """Whether every packaged index and weight set loads. Paths stay out: they may hold a user's name."""
    from egovindex.packaged import indicators_folder
    from egovindex.spec.load import packaged_indices, packaged_weights

    try:
        place = "in the package" if indicators_folder().parent.name == "_data" else "in a checkout"
        names = packaged_indices()
        sets = {name: packaged_weights(name) for name in names}
    except FileNotFoundError:
        yield Finding("packaged files", "error", "not found: install egovindex again", FILE)
        return
    faults: list[tuple[Fault, int]] = []
    for name in names:
        try:
            index = ei.load_index(name)
            for weights in sets[name]:
                index.with_weights(weights)
        except EgovindexError as error:
            faults += [(fault, exit_code(error)) for fault in error.faults]
    if not names:
        faults.append((Fault("none found: install egovindex again"), exit_code(SpecError("none"))))
    count = sum(map(len, sets.values()))
    if not faults:
        yield Finding("packaged files", "ok", f"{place}: {len(names)} indices and {count} weight sets, all load")
    for fault, code in faults:
        yield Finding("packaged files", "error", f"{place}: {fault}", code)


def _terminal() -> Finding:
    encoding = str(getattr(sys.stdout, "encoding", None) or "unknown").lower()
    if encoding.replace("-", "") == "utf8":
        return Finding("terminal", "ok", encoding)
    message = f"{encoding}: letters that it lacks are shown as ?; PYTHONUTF8=1 sets UTF-8. Files are UTF-8 in any case"
    return Finding("terminal", "note", message)


def _threads() -> Finding:
    import scipy.linalg  # noqa: F401 - it brings a linear algebra of its own
    from threadpoolctl import threadpool_info

    pools: list[dict[str, Any]] = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    told = ", ".join(f"{pool['internal_api']} {pool.get('version') or ''}".strip() for pool in pools)
    threads = max((int(pool["num_threads"]) for pool in pools), default=0)
    if not pools:
        return Finding("linear algebra", "note", "its threads are not known")
    more = "; OMP_NUM_THREADS=1 before the start is often quicker where others compute too" if threads > 1 else ""
    return Finding("linear algebra", "ok", f"{told}: {threads} thread{'s' if threads > 1 else ''}{more}")
