"""What the library rests on: known weaknesses, licences, and a list of versions without hosts or paths.

    python tools/audit.py

Known weaknesses are looked up by pip-audit, which needs the network; without it the check is skipped, and says so.
The rest needs none. Ends with 1 if something is wrong, with 0 otherwise.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
CORE, EXTRAS = "", ("cli", "excel", "parquet", "testing", "plot", "dask")

PERMISSIVE = re.compile(
    r"\b(?:MIT|MIT-0|MIT-CMU|HPND|BSD|0BSD|BSD-[23]-Clause|Apache|ISC|PSF|PSFL|PSF-2\.0|Zlib|CC0-1\.0|Unlicense|"
    r"Python Software Foundation|matplotlib)\b",
    re.IGNORECASE,
)
MPL = re.compile(r"\bMPL\b|Mozilla Public", re.IGNORECASE)
COPYLEFT = re.compile(r"\b(?:A|L)?GPL|GNU|\bEUPL|\bSSPL", re.IGNORECASE)
# GPL with the exception of the GCC runtime, and the LGPL of libquadmath: libraries that wheels carry along, told in
# their licence expression. What is linked with them is free of it.
RUNTIME = re.compile(r"(?:GPL|LGPL)[\w.-]*\s+WITH\s+GCC-exception-[\d.]+|GCC RUNTIME LIBRARY EXCEPTION", re.IGNORECASE)


def needed(name: str, extras: tuple[str, ...], seen: dict[str, Distribution] | None = None) -> dict[str, Distribution]:
    """The distributions that one needs with some extras, itself among them; what is not installed is left out."""
    seen = {} if seen is None else seen
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return seen
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen and not extras:
        return seen
    seen[key] = found
    for line in found.requires or ():
        asked = Requirement(line)
        wanted = (*extras, "")
        if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in wanted):
            below = re.sub(r"[-_.]+", "-", asked.name).lower()
            if below not in seen or asked.extras:
                needed(asked.name, tuple(asked.extras), seen)
    return seen


def licence_of(found: Distribution) -> str:
    """What a distribution says of its licence: the expression, the classifiers, or the first line of the text."""
    about = found.metadata
    said = about.get("License-Expression") or ""
    if not said:
        said = ", ".join(
            line.rpartition("::")[2].strip()
            for line in about.get_all("Classifier") or ()
            if line.startswith("License ::")
        )
    written = (about.get("License") or "").strip()
    return said or (written.splitlines()[0] if written else "")


def licence_faults() -> list[str]:
    """Distributions whose licence is not permissive; MPL is let pass where an extra brings it."""
    core = set(needed("egovindex", ()))
    faults = []
    for name, found in sorted(needed("egovindex", EXTRAS).items()):
        said = licence_of(found)
        bare = RUNTIME.sub("", said)
        if MPL.search(bare) and not COPYLEFT.search(bare):
            if name in core:
                faults.append(f"{name}: {said}, in the core; MPL only in extras")
        elif COPYLEFT.search(bare) or not PERMISSIVE.search(bare):
            faults.append(f"{name}: {said or 'says nothing'}")
    return faults


def constraint_faults(text: str) -> list[str]:
    """Lines of constraints.txt that are not a name and a version, with a marker at most."""
    plain = re.compile(r"[A-Za-z0-9._-]+==[0-9][\w.!+]*(?:; python_full_version [<>=]+ \"[\d.]+\")?")
    lines = [(at, line) for at, line in enumerate(text.splitlines(), start=1) if line and not line.startswith("#")]
    faults = [f"constraints.txt:{at}: {line}" for at, line in lines if not plain.fullmatch(line)]
    comments = [line for line in text.splitlines() if line.startswith("#")]
    return faults + [f"constraints.txt: {line}" for line in comments if re.search(r"://|/home|/work|@", line)]


def known_weaknesses() -> int | None:
    """What pip-audit ends with; ``None`` where it could not look."""
    if importlib.util.find_spec("pip_audit") is None:
        print("known weaknesses: SKIPPED, pip-audit is not installed (pip install pip-audit)")
        return None
    names = [
        f"{found.name}=={found.version}" for key, found in needed("egovindex", EXTRAS).items() if key != "egovindex"
    ]
    listing = ROOT / "build" / "audit.txt"
    listing.parent.mkdir(exist_ok=True)
    listing.write_text("\n".join(names) + "\n", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--no-deps",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "-r",
        str(listing),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told = done.stdout + done.stderr
    if re.search(r"ConnectionError|Max retries|NameResolution|ConnectTimeout|ServiceError|HTTPError|ProxyError", told):
        print("known weaknesses: SKIPPED, the service of pip-audit cannot be reached from here")
        return None
    print(told.strip())
    return done.returncode


def main() -> int:
    """Run every check."""
    licences = licence_faults()
    versions = constraint_faults((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    weak = known_weaknesses()
    print(f"licences: {len(needed('egovindex', EXTRAS))} distributions, {len(licences)} faults")
    print(f"constraints.txt: {len(versions)} faults")
    for fault in [*licences, *versions]:
        print(f"  {fault}")
    return int(bool(licences or versions or weak))


if __name__ == "__main__":
    sys.exit(main())
