"""The whole path in any order: load, re-weight, change answers, drop units, save, load, verify, simulate, resume,
compare, explain, bounds, contributions. After each step, nothing contradicts anything.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import egovindex as ei
from egovindex import testing
from tests.machine.model import (
    Kept,
    assert_contributions_add_up,
    assert_ranks_follow_scores,
    bytes_of,
    changed,
)
from tests.properties.against_reference import disagreement

N, ON = 1024, 2560  # draws before a stop and after it: whole chunks and a rest


class Machine(RuleBasedStateMachine):
    """A user at work; the library must agree with plain answers and weights at every moment."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="egovindex-machine-"))
        self.saved: dict[str, Kept] = {}
        self.kept: list[Kept] = []
        self.checkpoint: Kept | None = None

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # --- state
    def _is_now(self, index: ei.Index, table) -> None:
        """Compute; where the library refuses, the state stays as it was."""
        assert (told := disagreement(index, table)) is None, told
        try:
            result = ei.compute(index, table)
        except (ei.DataError, ei.MethodError):
            return
        self.now = Kept.of(result, table)
        self.kept.append(self.now)

    @property
    def index(self) -> ei.Index:
        return self.now.result.index

    @initialize(data=st.data())
    def begin(self, data) -> None:
        index = data.draw(testing.indices(max_indicators=5))
        table = data.draw(testing.tables(index, max_units=5))
        note(index.to_yaml())
        note(table.to_string())
        self.first = index
        self.now = Kept.of(ei.compute(index, table), table)
        self.kept.append(self.now)

    # --- what a user changes
    @rule(data=st.data())
    def re_weight(self, data) -> None:
        weights = data.draw(testing.weight_sets(self.index, zeros=True))
        self._is_now(self.index.with_weights(weights), self.now.table)

    @rule()
    def weights_as_at_first(self) -> None:
        self._is_now(self.first, self.now.table)

    def _other_answer(self, data):
        other = data.draw(testing.tables(self.index, min_units=2, max_units=3, scorable=False))
        columns = [name for name in self.now.table.columns if name in other.columns and name != "unit"]
        column = data.draw(st.sampled_from(columns))
        row = data.draw(st.integers(0, len(self.now.table) - 1))
        return row, column, other[column].iloc[0]

    @rule(data=st.data())
    def change_an_answer(self, data) -> None:
        self._is_now(self.index, changed(self.now.table, *self._other_answer(data)))

    @precondition(lambda self: len(self.now.table) > 2)
    @rule(data=st.data())
    def drop_a_unit(self, data) -> None:
        row = data.draw(st.integers(0, len(self.now.table) - 1))
        self._is_now(self.index, self.now.table.drop(index=self.now.table.index[row]))

    @rule(seed=st.integers(0, 9))
    def shuffle(self, seed) -> None:
        table = self.now.table.sample(frac=1, random_state=seed)
        before = self.now.result
        self._is_now(self.index, table)
        testing.assert_results_equal(before, self.now.result, tolerance=1e-9)

    # --- what a user asks
    @rule(data=st.data())
    def ask_what_if(self, data) -> None:
        row, column, answer = self._other_answer(data)
        for learn in ("nominal", "each_draw"):
            self._what_if(row, column, answer, learn)

    def _what_if(self, row, column, answer, learn) -> None:
        unit = self.now.table["unit"].iloc[row]
        table = changed(self.now.table, row, column, answer)
        try:
            found = ei.what_if(self.now.result, {(unit, column): answer}, learn=learn)
        except (ei.DataError, ei.MethodError):
            if learn == "each_draw":  # then a table with that answer must be refused too
                with pytest.raises((ei.DataError, ei.MethodError)):
                    ei.compute(self.index, table)
            return
        if learn == "each_draw" or not self.now.result.learned_values.values:
            testing.assert_results_equal(found.after, ei.compute(self.index, table))
        else:
            assert found.others.empty, "learned values were kept, and another unit's score moved"
        assert found.before is self.now.result

    @rule(back=st.integers(0, 5))
    def compare_with_an_earlier_result(self, back) -> None:
        earlier = self.kept[-1 - back % len(self.kept)].result
        if not set(earlier.plan.rows.units) & set(self.now.result.plan.rows.units):
            with pytest.raises(ei.MethodError, match="in common"):
                ei.compare(earlier, self.now.result)
            return
        found = ei.compare(earlier, self.now.result)
        node = self.index.headline
        for unit, line in found.units.iterrows():
            np.testing.assert_equal(line["score_a"], earlier.scores[node][unit])
            np.testing.assert_equal(line["score_b"], self.now.result.scores[node][unit])

    @rule(data=st.data())
    def explain_a_unit(self, data) -> None:
        node = data.draw(st.sampled_from(self.now.result.nodes))
        row = data.draw(st.integers(0, len(self.now.table) - 1))
        result = self.now.result
        found = ei.explain(result, result.plan.rows.units[row], node=node)
        assert found.text
        np.testing.assert_equal(found.score, result.scores[node].iloc[row])
        total, scale = found.contributions.sum(skipna=False), found.contributions.abs().max()
        np.testing.assert_allclose(total, found.score, rtol=0, atol=1e-12 * max(1.0, np.nan_to_num(scale)))

    @rule(kinds=st.sets(st.sampled_from(["unknown", "missing", "not_applicable"]), min_size=1))
    def ask_for_bounds(self, kinds) -> None:
        result = self.now.result
        try:
            found = ei.bounds(self.index, self.now.table, kinds=sorted(kinds))
        except ei.MethodError:
            return  # a number without limits, or a kind that this index does not know
        open_rows = np.zeros(len(result.plan.rows), dtype=bool)
        for where in found.opened.values():
            open_rows |= where
        for node in found.low:
            low, high = found.low[node], found.high[node]
            score = result.nominal.by_node[node]
            assert not (low > high).any()
            for end in (low, high):  # what is known stays where it is: learned values are kept
                np.testing.assert_allclose(end[~open_rows], score[~open_rows], rtol=1e-9, atol=1e-12)

    # --- what a user keeps
    @rule(name=st.sampled_from("ab"), kind=st.sampled_from(["csv", "parquet"]))
    def save(self, name, kind) -> None:
        folder = self.folder / name
        self.now.result.save(folder, format=kind, overwrite=True)
        first = bytes_of(folder)
        self.now.result.save(folder, format=kind, overwrite=True)
        assert bytes_of(folder) == first, "saved twice, other bytes"
        self.saved[name] = self.now

    @precondition(lambda self: self.saved)
    @rule(data=st.data())
    def load(self, data) -> None:
        name = data.draw(st.sampled_from(sorted(self.saved)))
        was, loaded = self.saved[name], ei.load_result(self.folder / name)
        testing.assert_results_equal(was.result, loaded)
        assert loaded.manifest == was.result.manifest
        assert loaded.index == was.result.index
        self.now = Kept.of(loaded, was.table)
        self.kept.append(self.now)

    # --- draws
    def _drawn(self, n: int, checkpoint: Path | None):
        doubt = ei.Doubt(weights=ei.within(0.25))
        try:
            return ei.simulate(self.index, self.now.table, doubt, n, rng=1, checkpoint=checkpoint, executor=1)
        except ei.MethodError:
            return None  # no weight matters to the headline, or no draw has scores

    @rule()
    def simulate_and_stop(self) -> None:
        path = self.folder / "run.npz"
        path.unlink(missing_ok=True)
        self.checkpoint = None
        if self._drawn(N, path) is not None:
            self.checkpoint = self.now

    @rule()
    def simulate_and_go_on_at_once(self) -> None:
        self.simulate_and_stop()
        if self.checkpoint is not None:
            self.resume()

    @precondition(lambda self: self.checkpoint is not None)
    @rule()
    def resume(self) -> None:
        path, begun = self.folder / "run.npz", self.checkpoint
        same_run = (
            begun.result.manifest.index_sha256 == self.now.result.manifest.index_sha256
            and begun.result.manifest.data_sha256 == self.now.result.manifest.data_sha256
        )
        held = path.read_bytes()
        if not same_run:
            with pytest.raises((ei.DataError, ei.MethodError)):  # another run, or nothing to draw at all
                ei.simulate(self.index, self.now.table, ei.Doubt(weights=ei.within(0.25)), ON, rng=1, checkpoint=path)
            assert path.read_bytes() == held
            return
        resumed, straight = self._drawn(ON, path), self._drawn(ON, None)
        assert resumed.rank_probabilities().equals(straight.rank_probabilities())
        assert resumed.score_intervals().equals(straight.score_intervals())
        assert resumed.summary.equals(straight.summary)
        self.checkpoint = None

    # --- at every moment
    @invariant()
    def earlier_results_stay_as_they_were(self) -> None:
        for kept in {id(one): one for one in (self.kept[0], *self.kept[-3:])}.values():
            kept.assert_unchanged()

    @invariant()
    def the_result_is_what_answers_and_weights_give(self) -> None:
        testing.assert_results_equal(self.now.result, ei.compute(self.index, self.now.table))

    @invariant()
    def ranks_follow_scores(self) -> None:
        assert_ranks_follow_scores(self.now.result)

    @invariant()
    def contributions_add_up(self) -> None:
        assert_contributions_add_up(self.now.result)

    @invariant()
    def what_is_saved_is_sound(self) -> None:
        for name in self.saved:
            found = ei.verify(self.folder / name)
            assert found.identical, found
        assert not list(self.folder.glob(".egovindex-*"))


FEW = settings(max_examples=max(8, settings.default.max_examples // 4), stateful_step_count=10)
TestMachine = Machine.TestCase
TestMachine.settings = FEW


@pytest.mark.slow
class TestLonger(Machine.TestCase):
    """The same, with more steps."""

    settings = settings(max_examples=settings.default.max_examples, stateful_step_count=12)
