"""The figures of the demo, computed from the packaged files; none of them stands in this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

import egovindex as ei

__all__ = ["Answers", "Explained", "Rebuilt", "answers_scored", "by_unit", "explained", "rebuilt"]

EGDI, CYBERLAW = "un-egdi-2024", "unctad-cyberlaw-2026"
COUNTRY = "KHM"
RULES = ("strict", "graded")
DIGITS = 4  # printed places of the published scores


# --- (a) EGDI rebuilt
@dataclass(frozen=True)
class Rebuilt:
    """The index computed from raw inputs, beside what was published.

    Parameters
    ----------
    result
        Computed from the corrected table.
    table
        One row per state: ``state, rank, score``, the parts, and ``published_rank, published_score``.
    difference
        Computed minus published, one column per part that is published.
    as_copied, difference_as_copied
        Both again, from the table as it was found.
    groups
        Class, its published size, the size computed, the size computed from the table as copied.
    corrections
        The inputs that were replaced.
    """

    result: ei.IndexResult
    table: pd.DataFrame
    difference: pd.DataFrame
    as_copied: pd.DataFrame
    difference_as_copied: pd.DataFrame
    groups: pd.DataFrame
    corrections: pd.DataFrame

    @property
    def other_rank(self) -> pd.DataFrame:
        """States whose rank is not the published one."""
        return self.table[self.table["rank"] != self.table["published_rank"]]

    @property
    def apart(self) -> float:
        """How far, at most, a state with another rank is from the one that has its published rank here."""
        score_at = self.table.drop_duplicates("rank").set_index("rank")["score"]
        other = self.other_rank
        return float((other["score"] - other["published_rank"].map(score_at)).abs().max())

    @property
    def other_digits(self) -> pd.DataFrame:
        """States whose score, rounded as printed, is not the printed one; largest difference first."""
        other = self.table["score"].round(DIGITS) != self.table["published_score"].round(DIGITS)
        size = self.difference[self.result.headline].abs()
        return self.table[other].loc[size[other].sort_values(ascending=False).index]


def rebuilt() -> Rebuilt:
    """EGDI from raw inputs, from the corrected table and from the table as copied."""
    index = ei.load_index(EGDI)
    data, copied = ei.sample(EGDI), ei.sample(EGDI, variant="as-copied")
    result, from_copied = ei.compute(index, data), ei.compute(index, copied)
    table, difference = _beside_published(result, data)
    as_copied, difference_as_copied = _beside_published(from_copied, copied)
    groups = pd.DataFrame(
        {
            "published": data["egdi_group"].str.removesuffix(" EGDI").str.capitalize().value_counts(),
            "computed": result.classes[index.headline].value_counts(),
            "as_copied": from_copied.classes[index.headline].value_counts(),
        }
    ).reindex(list(index.classes(index.headline) or ()))
    corrections = pd.DataFrame(data.attrs["corrections"])
    corrections["state"] = corrections["unit"].map(table["state"])
    return Rebuilt(result, table, difference, as_copied, difference_as_copied, groups, corrections)


def _beside_published(result: ei.IndexResult, data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Computed and published values by state, and their difference."""
    published = data.set_index(result.index.file.columns["unit"])
    scores, ranks = by_unit(result.scores), by_unit(result.ranks)
    top = result.headline
    parts = [top, *result.index.tree.branches[top].children]
    table = pd.DataFrame({"state": published["country"], "rank": ranks[top], "score": scores[top]})
    table = table.join(scores[parts[1:]])
    table["published_rank"], table["published_score"] = published["rank"], published[top.lower()]
    difference = pd.DataFrame({part: scores[part] - published[part.lower()] for part in parts[1:] + parts[:1]})
    return table.sort_values("rank", kind="stable"), difference


# --- (b) one score explained
@dataclass(frozen=True)
class Explained:
    """One country's score, taken apart.

    Parameters
    ----------
    unit, name, score, rank, of, band
        Who, and where it stands among how many.
    parts
        One row per sub-index: ``label, score, rank, share, adds``.
    indicators
        One row per indicator, largest addition first: ``label, value, best, adds, gap``. ``best`` is the
        value of the country that gets most from the indicator, ``gap`` how much more it gets.
    base, steps
        What no indicator can own; see :meth:`egovindex.IndexResult.contributions`.
    """

    unit: str
    name: str
    score: float
    rank: int
    of: int
    band: str
    parts: pd.DataFrame
    indicators: pd.DataFrame
    base: float
    steps: float


def explained(result: ei.IndexResult, data: pd.DataFrame, country: str = COUNTRY) -> Explained:
    """The headline score of one country by its parts and by its indicators."""
    index, top = result.index, result.headline
    unit = index.file.columns["unit"]
    raw = data.set_index(unit)
    scores, ranks, shares = by_unit(result.scores), by_unit(result.ranks), result.effective_weights()["share"]
    by_child = by_unit(result.contributions(top, by="child")).loc[country]
    by_leaf = by_unit(result.contributions(top))
    children = list(index.tree.branches[top].children)
    parts = pd.DataFrame(
        {
            "label": [index.labels[name] for name in children],
            "score": scores.loc[country, children],
            "rank": ranks.loc[country, children],
            "share": shares[children],
            "adds": by_child[children],
        },
        index=children,
    )
    leaves = [name for name in index.tree.leaves if name in by_leaf]
    headings = {name: index.file.columns.get(name, name) for name in leaves}
    best = by_leaf[leaves].idxmax()
    indicators = pd.DataFrame(
        {
            "label": [index.labels[name] for name in leaves],
            "value": [raw.loc[country, headings[name]] for name in leaves],
            "best": [raw.loc[best[name], headings[name]] for name in leaves],
            "adds": by_leaf.loc[country, leaves],
            "gap": by_leaf[leaves].max() - by_leaf.loc[country, leaves],
        },
        index=leaves,
    ).sort_values("adds", ascending=False)
    return Explained(
        unit=country,
        name=str(raw.loc[country, "country"]),
        score=float(scores[top].loc[country]),
        rank=int(ranks[top].loc[country]),
        of=int(ranks[top].notna().sum()),
        band=str(by_unit(result.classes).loc[country, top]),
        parts=parts,
        indicators=indicators,
        base=float(by_leaf["base"].loc[country]),
        steps=float(by_leaf["steps"].loc[country]),
    )


# --- (c) answers under two rules
@dataclass(frozen=True)
class Answers:
    """Categorical answers, scored by two rules.

    Parameters
    ----------
    index
        The index as it is packaged.
    areas
        Indicator and its label.
    answers
        One row per answer: how often it was ``given``, and its points under each rule.
    counts
        One row per score, highest first: countries under each rule.
    moved
        Countries that the second rule scores otherwise: ``country``, and the score under each rule.
    other_rank
        How many countries change rank.
    example
        The country that moves most: a row per area with ``label, answer``, and points under each rule.
    example_name, example_scores, example_ranks
        Its name, and where it stands under each rule.
    """

    index: ei.Index
    areas: Mapping[str, str]
    answers: pd.DataFrame
    counts: pd.DataFrame
    moved: pd.DataFrame
    other_rank: int
    example: pd.DataFrame
    example_name: str
    example_scores: Sequence[float]
    example_ranks: Sequence[int]


def answers_scored() -> Answers:
    """The cyberlaw answers of all countries under both rules."""
    index, data = ei.load_index(CYBERLAW), ei.sample(CYBERLAW)
    results = {rule: ei.compute(index.with_rules(rule), data) for rule in RULES}
    top = index.headline
    scores = pd.DataFrame({rule: result.scores[top].round(9) for rule, result in results.items()})
    ranks = pd.DataFrame({rule: result.ranks[top] for rule, result in results.items()})
    first, second = RULES
    rows = data.set_index(index.file.columns["unit"])
    headings = {leaf: index.file.columns.get(leaf, leaf) for leaf in index.tree.leaves}
    moved = scores[scores[first] != scores[second]].assign(country=rows["country"])
    counts = pd.DataFrame({rule: scores[rule].value_counts() for rule in RULES}).fillna(0).astype(int)
    example = str((scores[second] - scores[first]).idxmax())
    return Answers(
        index=index,
        areas={leaf: index.labels[leaf] for leaf in headings},
        answers=_answers(rows[list(headings.values())], {rule: results[rule].points for rule in RULES}),
        counts=counts.sort_index(ascending=False),
        moved=moved.sort_values([first, "country"], ascending=[False, True]),
        other_rank=int((ranks[first] != ranks[second]).sum()),
        example=pd.DataFrame(
            {
                "label": [index.labels[leaf] for leaf in headings],
                "answer": rows.loc[example, list(headings.values())].to_numpy(),
                **{rule: results[rule].points.loc[example, list(headings)].to_numpy() for rule in RULES},
            }
        ),
        example_name=str(rows.loc[example, "country"]),
        example_scores=[float(scores[rule].loc[example]) for rule in RULES],
        example_ranks=[int(ranks[rule].loc[example]) for rule in RULES],
    )


def _answers(given: pd.DataFrame, points: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """How often each answer was given, and what it was worth each time."""
    flat = pd.DataFrame({"answer": given.to_numpy().ravel()})
    for rule, table in points.items():
        flat[rule] = table.to_numpy().ravel()
    grouped = flat.groupby(["answer", *points], dropna=False).size().rename("given").reset_index()
    return grouped.sort_values([*points, "given"], ascending=False, ignore_index=True)


def by_unit(table: pd.DataFrame) -> pd.DataFrame:
    """A table of one period, labelled by unit alone."""
    return table.droplevel("period") if "period" in table.index.names else table
