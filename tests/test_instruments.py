"""An index takes scales, labels, short names and evidence from the questionnaire it names, and keeps them."""

from __future__ import annotations

import copy
import pickle

import pandas as pd
import pytest

import egovindex as ei
from egovindex.spec import instruments

FORM = """\
instrument: towns-form
title: Digital municipality form
language: en
answers:
  status: {adopted: [Yes, 2], drafted: [Draft, 1], none: [No, 0]}
  channel: {portal: [], app: [], phone: []}
  law: {act: [A], decree: [D], none: [N]}
columns: {staff: t05}
items:
  t01: {label: Is there a rule on open data?, answers: status, evidence: t02, required: true}
  t02: {label: Where can it be read?, kind: link, ask_if: t01 is adopted}
  t03: {label: Channels, kind: many, answers: channel}
  t04: {label: Rule on privacy, answers: status, coded_as: law, same_as: old-form/I-4}
  t05: {number: 7, kind: number}
"""
INDEX = """\
index: towns
instrument: towns-form
columns: {unit: town}
nothing: skip
points:
  status: {adopted: 1, drafted: 0.5, none: 0}
  ticked: {yes: 1, no: 0}
indicators:
  t01: {points: status}
  t03.portal, t03.app, t03.phone: {points: ticked}
nodes:
  top: {of: {t01: 1, share: 1}}
  share: {of: [t03.portal, t03.app, t03.phone]}
"""
DATA = pd.DataFrame(
    {
        "town": ["Ashby", "Brook", "Cole"],
        "t01": ["Yes", "draft", 0],
        "t03.portal": ["yes", "yes", "no"],
        "t03.app": ["yes", "no", "no"],
        "t03.phone": ["no", "no", "no"],
    }
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "towns-form.yaml").write_text(FORM, encoding="utf-8")
    (tmp_path / "towns.yaml").write_text(INDEX, encoding="utf-8")
    return tmp_path


@pytest.fixture
def towns(folder):
    return ei.load_index(folder / "towns.yaml")


def made(folder, text: str, name: str = "mine") -> ei.Index:
    path = folder / f"{name}.yaml"
    path.write_text(f"index: {name}\n{text}", encoding="utf-8")
    return ei.load_index(path)


def refused(call) -> list[ei.Fault]:
    with pytest.raises(ei.SpecError) as caught:
        call()
    return list(caught.value.faults)


# --- the merged file is complete


def test_scores_are_those_worked_out_by_hand(towns):
    scores = ei.compute(towns, DATA).scores["top"]
    assert scores.tolist() == pytest.approx([(1 + 2 / 3) / 2, (0.5 + 1 / 3) / 2, 0])


def test_an_index_holds_the_instrument_it_names(towns, tmp_path):
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    (alone / "towns.yaml").write_text(towns.to_yaml(), encoding="utf-8")
    again = ei.load_index(alone / "towns.yaml")
    assert again == towns
    assert again.document()["instrument"]["towns-form"]["items"]["t01"]["evidence"] == "t02"
    assert ei.compute(again, DATA).scores.equals(ei.compute(towns, DATA).scores)


def test_each_line_says_where_it_was_written(towns):
    lines = {line.split(":")[0].strip(): line.rpartition("# ")[2] for line in towns.to_yaml(origins=True).splitlines()}
    assert lines["t05"] == "towns-form.yaml:14"
    assert towns.origins["instrument", "towns-form"] == towns.origins["instrument",]


def test_what_comes_from_the_instrument_is_not_written_twice(towns):
    document = towns.document()
    assert "answers" not in document
    assert document["columns"] == {"unit": "town"}
    assert set(towns.file.answers) == {"status", "channel", "law", "yes_no"}
    assert towns.file.columns["staff"] == "t05"


def test_an_instrument_may_stand_in_the_index_itself(folder, towns):
    body = FORM.partition("\n")[2].replace("t05: {number: 7, kind: number}", "t05..t06: {number: 7, kind: number}")
    text = INDEX.partition("\n")[2].replace(
        "instrument: towns-form\n", "instrument:\n  towns-form:\n" + "".join(f"    {x}\n" for x in body.splitlines())
    )
    mine = made(folder, text)
    assert list(mine.items["item"]) == ["t01", "t02", "t03", "t04", "t05", "t06"]
    assert ei.compute(mine, DATA).scores.equals(ei.compute(towns, DATA).scores)


def test_copies_carry_what_was_taken(towns):
    for twin in (pickle.loads(pickle.dumps(towns.file)), copy.deepcopy(towns.file), copy.copy(towns.file)):
        assert twin == towns.file
        assert twin.taken == towns.file.taken
        assert twin.answers == towns.file.answers


def test_a_table_of_edges_carries_the_instrument(towns):
    assert ei.Index.from_frame(towns.to_frame()) == towns


def test_a_kept_result_needs_no_file_of_the_instrument(folder, towns):
    ei.compute(towns, DATA).save(folder / "kept")
    (folder / "towns-form.yaml").unlink()
    assert ei.verify(folder / "kept").identical
    assert ei.load_result(folder / "kept").index == towns


# --- where it is looked for


def test_beside_the_index_before_the_packaged(folder, towns, tmp_path, monkeypatch):
    packaged = tmp_path / "packaged"
    packaged.mkdir()
    other = FORM.replace("Is there a rule", "Was there a rule")
    (packaged / "towns-form.yaml").write_text(other, encoding="utf-8")
    monkeypatch.setattr(instruments, "indicators_folder", lambda: packaged)
    assert ei.load_index(folder / "towns.yaml") == towns
    (folder / "towns-form.yaml").unlink()
    assert ei.load_index(folder / "towns.yaml").labels["t01"] == "Was there a rule on open data?"
    assert ei.list_instruments().loc["towns-form"].tolist() == ["Digital municipality form", "", "en", 5]
    assert ei.load_instrument("towns-form").id == "towns-form"


def test_an_unknown_one_is_suggested(folder):
    (fault,) = refused(lambda: made(folder, "instrument: town-form\nindicators: {t01: {}}\nnodes: {top: {of: [t01]}}"))
    assert (fault.file, fault.line, fault.check) == ("mine.yaml", 2, "unknown_instrument")
    assert (
        'there is no instrument "town-form" beside this file, nor packaged; did you mean "towns-form"?' in fault.message
    )
    (fault,) = refused(lambda: ei.load_instrument("towns-form"))
    assert 'there is no packaged instrument "towns-form"' in fault.message
    assert "give its path" in fault.message


def test_faults_of_the_instrument_stand_in_its_file(folder):
    (folder / "towns-form.yaml").write_text(FORM.replace("evidence: t02", "evidence: t2"), encoding="utf-8")
    (fault,) = refused(lambda: ei.load_index(folder / "towns.yaml"))
    assert str(fault) == ('towns-form.yaml:10: t01: evidence "t2" is no item of this instrument; did you mean "t02"?')


# --- laid over


def test_a_variant_inherits_the_instrument_or_names_its_own(folder, towns):
    variant = made(folder, "like: towns\nnodes: {top: {aggregate: min}}")
    assert variant.file.instrument == towns.file.instrument
    second = FORM.replace("towns-form", "second-form").replace("drafted: [Draft, 1]", "drafted: [Draft, 3]")
    (folder / "second-form.yaml").write_text(second, encoding="utf-8")
    other = made(folder, "like: towns\ninstrument: second-form", "other")
    assert list(other.file.instrument) == ["second-form"]
    assert other.file.answers["status"]["drafted"] == ("Draft", "3")


def test_an_instrument_is_laid_over_and_removed_in_python(folder, towns):
    form = ei.load_instrument(folder / "towns-form.yaml")
    without = towns.with_(instrument=None)
    assert without.file.instrument is None
    assert dict(without.file.answers) == {}
    assert without.with_(instrument=form) == towns
    (fault,) = refused(lambda: towns.with_(instrument="nowhere"))
    assert str(fault).startswith('with_(...): instrument: there is no packaged instrument "nowhere"')


# --- scales


def test_the_index_spells_its_own_scale_of_the_same_name(towns):
    french = towns.with_(answers={"status": {"adopted": ["Oui"], "drafted": [], "none": ["Non"]}})
    assert french.file.answers["status"]["adopted"] == ("Oui",)
    assert list(french.document()["answers"]) == ["status"]
    back = french.with_(answers={"status": None})
    assert back.file.answers["status"]["adopted"] == ("Yes", "2")
    data = DATA.assign(t01=["Oui", "drafted", "Non"])
    assert ei.compute(french, data).points["t01"].tolist() == [1, 0.5, 0]


@pytest.mark.parametrize(
    ("indicator", "scale", "label"),
    [
        ("t01: {}", "status", "Is there a rule on open data?"),
        ("rule: {from: t01}", "status", "Is there a rule on open data?"),
        ("rule: {from: t01, label: Open data}", "status", "Open data"),
        ("t01: {from: Question 1}", "status", "Is there a rule on open data?"),
        ("rule: {from: [t01, t04]}", "status", "Is there a rule on open data?"),
        ("t04.law: {}", "law", "Rule on privacy (law)"),
        ("t03.app: {}", "yes_no", "Channels (app)"),
        ("t05: {}", None, "t05"),
        ("people: {from: staff}", None, "people"),
        ("t01: {answers: law}", "law", "Is there a rule on open data?"),
        ("half: {from: t05 / 2}", None, "half"),
        ("another: {}", None, "another"),
    ],
)
def test_an_indicator_takes_scale_and_label_of_the_item_it_reads(folder, indicator, scale, label):
    mine = made(
        folder,
        f"instrument: towns-form\nindicators:\n  {indicator}\nnodes: {{top: {{of: [{indicator.split(':')[0]}]}}}}",
    )
    (leaf,) = mine.tree.leaves.values()
    assert (leaf.scale, leaf.label) == (scale, label)


def test_defaults_of_the_index_come_before_the_item(folder):
    text = "instrument: towns-form\ndefaults: {indicators: {answers: law}}\n"
    text += "indicators: {t01: {}}\nnodes: {top: {of: [t01]}}"
    assert made(folder, text).tree.leaves["t01"].scale == "law"


def test_codes_that_shift_between_editions_earn_the_same(folder, towns):
    # 1 was drafted and 2 adopted; now 1 is adopted and 2 drafted
    second = (
        FORM.replace("towns-form", "second-form").replace("[Yes, 2]", "[Yes, 1]").replace("[Draft, 1]", "[Draft, 2]")
    )
    (folder / "second-form.yaml").write_text(second, encoding="utf-8")
    later = made(folder, "like: towns\ninstrument: second-form")
    old, new = DATA.assign(t01=[2, 1, 0]), DATA.assign(t01=[1, 2, 0])
    assert ei.compute(towns, old).scores.equals(ei.compute(later, new).scores)
    assert not ei.compute(towns, new).scores.equals(ei.compute(later, new).scores)


def test_a_named_map_may_serve_items_on_several_scales(folder):
    text = (
        "instrument: towns-form\npoints: {any: {adopted: 1, drafted: 0.5, none: 0, act: 1, decree: 0.5}}\n"
        "defaults: {indicators: {points: any}}\nindicators: {t01: {}, t04.law: {}}\nnodes: {top: {of: [t01, t04.law]}}"
    )
    assert {leaf.scale for leaf in made(folder, text).tree.leaves.values()} == {"status", "law"}
    (fault,) = refused(lambda: made(folder, text.replace("decree:", "statute:")))
    assert '"statute" is not a category of scale "status" and "law"' in fault.message


# --- choices


@pytest.mark.parametrize(
    ("node", "wanted"),
    [
        ("{of: [t03.portal, t03.app, t03.phone]}", [2 / 3, 1 / 3, 0]),
        ("{of: {t03.portal: 2, t03.app: 1, t03.phone: 1}}", [3 / 4, 1 / 2, 0]),
        ("{of: [t03.portal, t03.app, t03.phone], aggregate: sum}", [2, 1, 0]),
        ("{of: [t03.portal, t03.app, t03.phone], aggregate: sum, steps: [cap 1]}", [1, 1, 0]),
        ("{of: [t03.portal, t03.app, t03.phone], aggregate: max}", [1, 1, 0]),
        ("{of: [t03.portal, t03.app, t03.phone], aggregate: min}", [0, 0, 0]),
    ],
)
def test_choices_become_a_share_a_count_any_or_all(towns, node, wanted):
    from egovindex.spec.strictyaml import read_yaml

    mine = towns.with_(nodes={"share": read_yaml(node).data})
    assert ei.compute(mine, DATA).scores["share"].tolist() == pytest.approx(wanted)


# --- evidence, identity


def test_evidence_is_an_attribute_of_the_answers(folder, towns):
    assert towns.tree.leaves["t01"].attributes == {"evidence": "t02"}
    assert towns.tree.leaves["t03.app"].attributes == {}
    renamed = towns.with_(columns={"t02": "Link to the rule"})
    assert renamed.tree.leaves["t01"].attributes == {"evidence": "Link to the rule"}
    read = towns.with_(indicators={"t02": {"from": "Q2", "points": {"else": 1}}})
    assert read.tree.leaves["t01"].attributes == {"evidence": "Q2"}


STRICT = {"strict": {"points": {"status": {"answer is adopted and evidence is missing": 0}}}}


def test_a_yes_without_evidence_may_earn_nothing(towns):
    strict = towns.with_(rules=STRICT).with_rules("strict")
    data = DATA.assign(t01=["Yes", "Yes", "Draft"], t02=["https://ashby.example", None, None])
    assert ei.compute(strict, data).points["t01"].tolist() == [1, 0, 0.5]
    assert ei.compute(towns, data).points["t01"].tolist() == [1, 1, 0.5]
    elsewhere = strict.with_(columns={"t02": "Link"})
    assert ei.compute(elsewhere, data.rename(columns={"t02": "Link"})).points["t01"].tolist() == [1, 0, 0.5]


def test_evidence_that_the_data_lack_is_an_error_where_points_ask_for_it(towns):
    strict = towns.with_(rules=STRICT).with_rules("strict")
    with pytest.raises(ei.DataError, match='t01: its points ask for "evidence", and the data has no column t02'):
        ei.compute(strict, DATA)


def test_the_items_of_an_index_are_a_table(towns):
    items = towns.items
    assert list(items.columns) == [
        "instrument", "item", "number", "section", "label", "kind", "answers", "required", "evidence", "same_as",
    ]  # fmt: skip
    assert items.set_index("item").loc["t04", "same_as"] == "old-form/I-4"
    assert items["required"].tolist() == [True, False, False, False, False]
    assert items["kind"].tolist() == ["one", "link", "many", "one", "number"]
    assert ei.load_index("un-egdi-2024").items.empty


# --- two instruments


TWO = """\
instrument: [towns-form, other-form]
nothing: skip
points: {status: {adopted: 1, drafted: 0.5, none: 0}}
indicators:
  a: {from: towns-form/t01, points: status}
  b: {from: other-form/t01, points: status}
  c: {from: t09, points: status}
nodes: {top: {of: [a, b, c]}}
"""


@pytest.fixture
def two(folder):
    other = "instrument: other-form\nanswers: {status: {adopted: [J], none: [X], drafted: []}}\n"
    other += "items: {t01: {answers: status, evidence: t09}, t09: {answers: status}}"
    (folder / "other-form.yaml").write_text(other, encoding="utf-8")
    return made(folder, TWO, "two")


def test_items_and_scales_of_one_name_are_called_by_their_instrument(two):
    assert [leaf.scale for leaf in two.tree.leaves.values()] == [
        "towns-form/status",
        "other-form/status",
        "other-form/status",
    ]
    assert {"towns-form/t01", "other-form/t01", "t09", "t02"} <= set(two.file.taken.items)
    assert [leaf.attributes.get("evidence") for leaf in two.tree.leaves.values()] == ["t02", "t09", None]


def test_a_heading_with_a_slash_is_an_item_and_no_formula(two):
    data = pd.DataFrame({"unit": ["Ashby"], "towns-form/t01": ["Draft"], "other-form/t01": ["J"], "t09": ["x"]})
    assert ei.compute(two, data).points.iloc[0].tolist() == [0.5, 1, 0]
    assert {"towns-form/t01", "other-form/t01"} <= set(ei.schema(two).columns)
    assert not {"towns-form", "t01"} & set(ei.schema(two).columns)
    assert "unused_column" not in set(ei.check(two, data)["check"])


# --- shown


def test_an_instrument_shows_itself(folder):
    form = ei.load_instrument(folder / "towns-form.yaml")
    assert repr(form).splitlines()[0] == "<Instrument towns-form> Digital municipality form"
    assert "5 items" in repr(form)
    assert form._repr_html_().startswith("<b>&lt;Instrument")
    assert ei.load_instrument(form) is form
    (folder / "again").mkdir()
    (folder / "again" / "towns-form.yaml").write_text(form.to_yaml(), encoding="utf-8")
    again = ei.load_instrument(folder / "again" / "towns-form.yaml")
    assert again == form
    assert hash(again) == hash(form)
    assert form != form.file


def test_a_table_of_items_parts_names_by_semicolons(folder):
    text = "instrument: cells\nanswers: {legal: {act: []}, practice: {runs: []}}\nitems: |\n"
    text += "  id, coded_as, match\n  q1, legal; practice, open data\n"
    (folder / "cells.yaml").write_text(text, encoding="utf-8")
    item = ei.load_instrument(folder / "cells.yaml").file.items["q1"]
    assert item.coded_as == ("legal", "practice")
    assert item.match == ("open data",)


def test_a_line_that_asks_for_evidence_is_passed_over_where_the_form_asks_for_none():
    items = {
        "q1": {"kind": "one", "answers": "yes_no", "evidence": "q2"},
        "q2": {"kind": "link"},
        "q3": {"kind": "one"},
    }
    form = {
        "answers": {"yes_no": {"yes": [], "no": []}},
        "items": {**items, "q3": {"kind": "one", "answers": "yes_no"}},
    }
    proven = {"answer is yes and evidence is missing": 0, "yes": 1, "no": 0}
    base = ei.Index.from_frame(pd.DataFrame({"id": ["top", "q1", "q3"], "in": [None, "top", "top"]}), index="demo")
    index = base.with_(
        instrument={"form": form}, points={"proven": proven}, defaults={"indicators": {"points": "proven"}}
    )
    data = pd.DataFrame({"unit": ["A", "B"], "q1": ["yes", "yes"], "q2": ["a link", None], "q3": ["yes", "no"]})
    result = ei.compute(index, data)
    assert result.points.to_numpy().tolist() == [[1, 1], [0, 0]]
    (note,) = [note for note in result.plan.notes if note.check == "no_such_attribute"]
    assert note.message.startswith('q3: its form asks for no evidence, so that lines which ask for "evidence"')
