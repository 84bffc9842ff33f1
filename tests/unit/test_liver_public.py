"""The public surface of the liver room: documented, one entry from `bonecast`, and no way past it."""

import inspect
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

import bonecast
from bonecast import liver
from bonecast.errors import InputError, InputErrors
from bonecast.liver import CasePerson, DrugUse, LabValue, LiverCase, SuspectDrug, assess, case_of

SRC = Path(bonecast.__file__).parent
EXAMPLE = Path(__file__).parents[2] / "examples" / "liver-case.toml"


@pytest.mark.parametrize("name", liver.__all__)
def test_every_public_name_has_its_parameters_results_and_an_example(name):
    item = getattr(liver, name)
    text = inspect.getdoc(item) or ""
    assert text
    parameters = getattr(item, "model_fields", None) or inspect.signature(item).parameters
    if parameters:
        assert "Parameters\n----------" in text
    if inspect.isfunction(item):
        assert "Examples\n--------\n>>> " in text
        assert "Returns\n-------" in text or item.__annotations__["return"] == "None"
    for parameter in parameters:
        assert re.search(rf"^(\w+, )*{parameter}(, \w+)* : ", text, re.MULTILINE), parameter


def reaching(folder: Path, pattern: str) -> list[str]:
    """Lines of the source under this folder that import past a room's front door."""
    return [
        f"{path.relative_to(SRC)}: {line.strip()}"
        for path in folder.rglob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if re.match(pattern, line)
    ]


def test_no_room_reaches_past_the_liver_and_the_liver_past_no_room():
    others = [folder for folder in SRC.iterdir() if folder.is_dir() and folder.name != "liver"]
    assert [
        line for folder in others for line in reaching(folder, r"\s*(from|import) bonecast\.liver\.")
    ] == []
    rooms = r"\s*(from|import) bonecast\.(patients|charts|drugs)\."
    assert reaching(SRC / "liver", rooms) == []


def test_the_assessment_of_a_file_is_one_row_with_its_score():
    row = bonecast.assess_liver(EXAMPLE).table().row(0, named=True)
    assert (row["person"], row["pattern"], row["rucam_total"]) == ("example-liver", "hepatocellular", 4)
    assert (row["rucam_low"], row["rucam_high"]) == (0, 5)


def test_a_case_without_a_drug_is_one_row_with_an_empty_score():
    value = LabValue(at="2026-02-10", test="ALT", value=400, unit="U/L", uln=40)
    row = assess(LiverCase(person=CasePerson(id="A"), values=(value,))).table().row(0, named=True)
    assert row["alt_peak_x"] == 10.0
    assert row["rucam_total"] is None


def faults_of(tables: dict) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        case_of(tables, "case.toml")
    return [str(fault) for fault in caught.value.faults]


def test_all_faults_of_a_case_file_are_reported_together_each_with_place_cause_and_fix():
    panel = {"date": "2026-02-10", "ALT": "400 U/L"}
    found = faults_of(
        {
            "person": {"id": "A", "sex": "woman", "age": "old"},
            "drug": {"name": "denosumb"},
            "doses": [
                {"drug": "denosumab", "amount": "much", "date": "2026-01-10"},
                {"drug": "Prolia", "amount": "1 mg"},
            ],
            "panels": [panel],
            "rucam": {"causes": {"HAV": "excludet", "HAX": "excluded"}, "codes": {"9": "H2_8D"}},
            "options": {"counting": "both"},
        }
    )
    expected = [
        "case.toml, person, sex: there is no choice called 'woman'; ",
        "case.toml, person, age: 'old' cannot be read; write years",
        "case.toml, drug, name: there is no drug called 'denosumb'; did you mean denosumab.",
        "case.toml, dose 1, amount: 'much' is not a number with its unit; write it like",
        "case.toml, dose 2: it is neither one dose nor a course; write date, or from and to.",
        "case.toml, panel 1, ALT: the ALT has no upper limit; add ALT",
        "case.toml, rucam, causes, HAV: there is no choice called 'excludet'; did you mean excluded",
        "case.toml, rucam, causes: there is no cause called 'HAX'; did you mean HAV",
        "case.toml, rucam, codes: there is no RUCAM item called '9'; known are 1, 2,",
        "case.toml, options, counting: there is no choice called 'both'; known are apart, either.",
    ]
    for text in expected:
        assert any(fault.startswith(text) for fault in found), (text, found)
    assert len(found) == len(expected)


def test_a_course_that_ends_before_it_begins_is_refused_in_a_file_and_in_python():
    course = {"drug": "denosumab", "amount": "60 mg", "from": "2026-02-10", "to": "2026-01-10"}
    assert "dose 1: it ends (2026-01-10) before it begins (2026-02-10)" in str(faults_of({"doses": [course]}))
    with pytest.raises(ValidationError, match="exchange the two days"):
        DrugUse(**course)


def test_a_case_cannot_be_changed_and_keeps_the_generic_name_of_its_drug():
    case = LiverCase(person=CasePerson(id="A"), drug=SuspectDrug(name="Prolia"))
    assert case.suspect == "denosumab"
    with pytest.raises(ValidationError, match="frozen"):
        case.drug = None


BONE = {"id": "X", "alt": "30", "alt_uln": "40", "alp": "390", "alp_uln": "130"}


@pytest.mark.parametrize(
    ("cells", "dili"),
    [
        ({}, "yes"),
        ({"bone_alp": "true"}, ""),
        ({"bone_alp": "true", "alp_origin": "bone"}, "no"),
        ({"alp_origin": "liver", "story": "bone metastasis; GGT normal"}, "yes"),
        ({"bone_alp": "false", "story": "bone metastasis; GGT normal"}, "yes"),
        ({"story": "bone metastasis; GGT normal"}, "no"),
    ],
)
def test_the_columns_of_a_table_come_before_its_words(cells, dili):
    tbl = {"tbl": "1.0", "tbl_uln": "1.2", "tbl_unit": "mg/dL"}
    assert liver.assess_case_table([{**BONE, **tbl, **cells}], "rows")[0]["dili"] == dili


@pytest.mark.parametrize(
    ("cells", "cause"), [({"bone_alp": "perhaps"}, "no answer"), ({"alp_origin": "gut"}, "gut")]
)
def test_a_wrong_origin_of_alp_in_a_table_is_refused(cells, cause):
    with pytest.raises(InputError, match=cause):
        liver.assess_case_table([{**BONE, **cells}], "rows")
