"""Sphinx settings, and the pages that are made from the package: notebooks, API, spec reference.

`make docs` builds with -W: a warning is an error. Nothing is fetched from the network.
"""

from __future__ import annotations

import inspect
import shutil
from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert as mathml
from sphinx.errors import ConfigError

import egovindex
from egovindex.spec import reference

HERE = Path(__file__).resolve().parent
GENERATED = HERE / "_generated"

# The public names, in reading order. Has to be the same set as egovindex.__all__, see below.
PUBLIC = {
    "Packaged indices and data": ["list_indices", "load_index", "load_weights", "sample", "reproduce", "Reproduction"],
    "Questionnaires": ["list_instruments", "load_instrument", "Instrument"],
    "Responses": ["read_responses", "Responses", "detect", "load_binding", "Binding", "Pseudonyms"],
    "Coding": [
        "code", "Coded", "load_codebook", "Codebook", "Question", "Verdict", "coder_workbook", "read_coding",
        "agreement", "Agreement", "disputes", "open_items", "reconcile",
    ],
    "Verbs": ["read_table", "check", "schema", "compute"],
    "Comparing": ["compare", "Comparison", "what_if", "WhatIf", "score_unit", "UnitScore"],
    "Bounds": ["bounds", "Bounds"],
    "Explaining": ["explain", "Explanation", "peers", "chain"],
    "Objects": ["Index", "IndexResult", "WeightSet"],
    "What could have been chosen otherwise": ["Doubt", "load_doubt"],
    "Laws of weights": [
        "within", "between", "at_least", "simplex", "dirichlet", "ordered", "conditions", "experts", "schemes",
    ],
    "Laws of numbers and of what is in": [
        "uniform", "triangular", "normal", "choice", "monotone", "error", "leave_one_out",
    ],
    "Laws of coders": ["confusion", "disagreement", "confidence"],
    "How sure a ranking is": ["simulate", "Draws", "sobol", "Sobol", "one_at_a_time", "OneAtATime"],
    "How sure a ranking is, exactly": [
        "how_sure", "HowSure", "explain_robustness", "RobustnessExplained", "Statement", "rank_range", "RankRange",
        "dominance", "Dominance", "swap_radius", "SwapRadius", "rank_radius", "RankRadius", "class_radius",
        "ClassRadius", "weight_stability", "WeightStability", "win_probabilities", "WinProbabilities", "Certainty",
    ],
    "What would change a rank": ["levers", "Levers", "nearest_weights", "NearestWeights", "audit", "Audit"],
    "Draws of your own": ["evaluate", "Plan", "Scores", "Learned"],
    "Kept results": ["load_result", "verify"],
    "Errors": ["EgovindexError", "SpecError", "DataError", "CodingError", "MethodError", "Fault"],
}  # fmt: skip

project = "egovindex"
author = "egovindex developers"
project_copyright = "2026, egovindex developers"
version = release = egovindex.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_generated"]  # included by other pages
myst_enable_extensions = ["dollarmath", "deflist", "colon_fence"]
myst_heading_anchors = 3

# A notebook that fails, fails the build. Each runs in a folder of its own.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_merge_streams = True

napoleon_google_docstring = False
napoleon_use_ivar = True  # an Attributes section and the members of a class are not listed twice
napoleon_use_rtype = False
autodoc_typehints = "none"  # the docstrings give types, shapes and scales
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}

# Formulas become MathML, which browsers draw themselves: MathJax would be fetched from the network on each visit.
html_math_renderer = "mathml"

html_theme = "pydata_sphinx_theme"
html_title = "egovindex"
html_theme_options = {"show_prev_next": False, "secondary_sidebar_items": ["page-toc"], "show_toc_level": 2}
html_static_path = ["_static"]
html_css_files = ["page.css"]
html_show_sourcelink = False


def check_public_names() -> None:
    """The API page and egovindex.__all__ name the same things."""
    listed = [name for names in PUBLIC.values() for name in names]
    public = {name for name in egovindex.__all__ if not name.startswith("_")}
    faults = {
        "public, but not listed in docs/conf.py": sorted(public - set(listed)),
        "listed in docs/conf.py, but not in egovindex.__all__": sorted(set(listed) - public),
        "listed twice": sorted({name for name in listed if listed.count(name) > 1}),
    }
    if any(faults.values()):
        said = "; ".join(f"{what}: {', '.join(names)}" for what, names in faults.items() if names)
        raise ConfigError(f"API page: {said}")


def directive(name: str) -> str:
    thing = getattr(egovindex, name)
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, BaseException) else "autoclass"
    return "autofunction" if callable(thing) else "autodata"


def api_page() -> str:
    lines = []
    for title, names in PUBLIC.items():
        lines += [f"## {title}", "", "```{eval-rst}"]
        for name in names:
            lines += [f".. {directive(name)}:: egovindex.{name}", ""]
        lines += ["```", ""]
    return "\n".join(lines)


def inline_formula(writer, node) -> None:
    writer.body.append(mathml(node.astext()))
    raise SkipNode


def displayed_formula(writer, node) -> None:
    writer.body.append(f'<div class="formula">{mathml(node.astext(), display="block")}</div>\n')
    raise SkipNode


def setup(app) -> None:
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))


def write(name: str, text: str) -> None:
    """Write a generated file only where it changed: Sphinx rebuilds no more than it has to."""
    path = GENERATED / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def copy_notebooks() -> None:
    """Sphinx reads below docs/ only: bring ../notebooks here (git ignores the copies)."""
    source, target = HERE.parent / "notebooks", HERE / "notebooks"
    target.mkdir(exist_ok=True)
    wanted = {path.name for path in source.glob("*.md")}
    for stale in target.glob("*"):
        if stale.name not in wanted:
            stale.unlink()
    for name in wanted:
        shutil.copy2(source / name, target / name)


def draw_landing_picture() -> None:
    """The picture of the first page, drawn from the packaged data like any other."""
    from egovindex import plots

    result = egovindex.compute("un-egdi-2024", egovindex.sample("un-egdi-2024"))
    axes = plots.contributions(result, top=10, highlight=["KHM"], names="country")
    plots.save(axes, GENERATED / "landing.svg")


# Recipes that differ in kind; all packaged ones would take too long here.
RECIPES = [
    "un-egdi-parts-2024", "un-egdi-2024", "un-osi-2024", "undp-hdi-2022", "unctad-cyberlaw-2026", "msq-readiness-2022",
    "oxcgrt-2022", "wb-gtmi-parts-2022",
]  # fmt: skip


def laws_page() -> str:
    """Which recipe keeps which law, in its headline, on an invented table; the smallest counterexamples below."""
    import pandas as pd

    from egovindex import testing

    found = {name: testing.check_laws(name, n=1, raise_errors=False) for name in RECIPES}
    rows, told = [], []
    for law in testing.LAWS:
        cells = []
        for name, table in found.items():
            headline = egovindex.load_index(name).headline
            one = table[(table["law"] == law) & (table["node"] == headline)].iloc[0]
            applies = not pd.isna(one["holds"])
            broken = applies and not one["holds"]
            cells.append("no" if broken else "yes" if applies else "-")
            if broken and one["promised"]:
                raise ConfigError(f"laws: {law} fails for {name}: {one['detail']}")
            if broken:
                told.append(f"- `{name}`, `{law}`: {one['detail'].splitlines()[0]}.")
        rows.append([f"`{law}`", *cells])
    heads = ["law", *(f"`{name}`" for name in RECIPES)]
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(["| " + " | ".join(line) + " |" for line in lines] + ["", *told, ""])


check_public_names()
GENERATED.mkdir(exist_ok=True)
write("api.md", api_page())
write("spec-reference.md", reference.markdown())
write("laws.md", laws_page())
draw_landing_picture()
copy_notebooks()
