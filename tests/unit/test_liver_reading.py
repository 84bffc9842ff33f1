"""What a case, a table of cases and a cohort refuse, and that they say where and what."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.errors import InputError, UnknownName
from bonecast.liver import assess, assess_case_table, assess_cohort, case_of, read_case, read_case_table

EXAMPLE = Path(__file__).parents[2] / "examples" / "liver-case.toml"
PERSON = '[person]\nid = "A"\nsex = "female"\nage = 70\n'
DRUG = '[drug]\nname = "Prolia"\n[[doses]]\ndrug = "denosumab"\namount = "60 mg"\ndate = 2026-01-10\n'
LIMITS = '[limits.lab]\nALT = "40 U/L"\nALP = "120 U/L"\nbilirubin = "1.2 mg/dL"\n'
PANEL = '[[panels]]\ndate = 2026-02-10\nALT = "400 U/L"\nALP = "100 U/L"\n'


def read(text: str, folder: Path):
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return assess(read_case(path))


def test_a_small_case_is_read(tmp_path: Path):
    made = read(PERSON + DRUG + LIMITS + PANEL, tmp_path)
    assert made.case.suspect == "denosumab"
    assert made.pattern == "hepatocellular"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LIMITS.replace("40 U/L", "0 U/L") + PANEL, r"limits, lab, ALT: '0 U/L' is zero"),
        (LIMITS.replace("40 U/L", "-4 U/L") + PANEL, r"limits, lab, ALT: '-4 U/L' is negative"),
        (LIMITS.replace('ALP = "120 U/L"\n', "") + PANEL, r"panel 1, ALP: the ALP has no upper limit"),
        (PANEL, r"panel 1, ALT: the ALT has no upper limit"),
        (
            LIMITS + PANEL + 'bilirubin = "1 mg/dL"\n"direct bilirubin" = "1.1 mg/dL"\n',
            "direct bilirubin .* exceeds",
        ),
        (LIMITS + PANEL + PANEL.replace("400", "401"), r"panel 2, ALT: the ALT of 2026-02-10 00:00 differs"),
        (
            LIMITS + PANEL.replace("2026-02-10", "2026-01-09"),
            r"panel 1: 2026-01-09 lies before the first dose",
        ),
        (LIMITS + PANEL + "baseline = true\n", "does not lie before the first dose"),
        (
            LIMITS + PANEL.replace("U/L", "mg/L"),
            r"ALT is not read in 'mg/L'; give it in U/L, ukat/L or nkat/L",
        ),
        (LIMITS + PANEL.replace("ALT =", "ALD ="), "there is no liver test called 'ALD'"),
        (LIMITS + PANEL.replace("date", "dates"), "date is missing"),
        (LIMITS + PANEL + 'lab = "other"\n', "there is no table of limits called 'other'"),
        (LIMITS + LIMITS.replace("lab", "lab2") + PANEL, "several laboratories and it names none"),
        (LIMITS + PANEL.replace('"400 U/L"', "400"), "this is not text"),
        (LIMITS + PANEL.replace('"400 U/L"', '"4000000 U/L"'), "cannot be a value of ALT"),
        (LIMITS + PANEL.replace('"400 U/L"', '"<50 U/L"'), "lies above the upper limit"),
        (LIMITS + PANEL + "[rucam.causes]\nHAX = 'excluded'\n", "there is no cause called 'HAX'"),
        (LIMITS + PANEL + "[rucam.codes]\n2 = 'C2_180D'\n", "is no choice of item 2"),
        (LIMITS + PANEL + "[facts]\nascites = 'no'\n", "facts, ascites"),
        (LIMITS + PANEL + "[reexposure]\ndate = 2026-01-10\n", "does not lie after a first exposure"),
        (LIMITS + PANEL + "[option]\n", "there is no table called 'option'"),
        (LIMITS, "there is no laboratory value"),
        (LIMITS + PANEL.replace("2026-02-10", "9999-12-31"), "9999-12-31 is no day of a patient's life"),
    ],
)
def test_bad_input_is_named_and_never_guessed(text, said, tmp_path: Path):
    with pytest.raises(InputError, match=said) as caught:
        read(PERSON + DRUG + text, tmp_path)
    assert "case.toml" in str(caught.value) or str(caught.value).startswith("case A, ")


def test_a_slip_in_a_drug_name_is_stated_and_an_unlisted_drug_is_taken(tmp_path: Path):
    with pytest.raises(InputError, match="denosumb"):
        read(PERSON + DRUG.replace('"denosumab"', '"denosumb"') + LIMITS + PANEL, tmp_path)
    other = DRUG.replace("Prolia", "flucloxacillin").replace("denosumab", "Flucloxacillin")
    assert read(PERSON + other + LIMITS + PANEL, tmp_path).case.suspect == "flucloxacillin"


def test_the_same_panel_twice_is_one_panel(tmp_path: Path):
    once, twice = (read(PERSON + DRUG + LIMITS + PANEL * n, tmp_path) for n in (1, 2))
    assert once.measured == twice.measured


def test_two_samples_of_one_day_are_distinguished_by_their_time(tmp_path: Path):
    later = PANEL.replace("400", "500") + 'time = "18:00"\n'
    assert read(PERSON + DRUG + LIMITS + PANEL + later, tmp_path).measured["alt_peak_x"] == 12.5


def test_a_csv_of_values_alone_is_a_case_without_a_drug(tmp_path: Path):
    path = tmp_path / "labs.csv"
    path.write_text("date,test,value,unit,uln\n2026-02-10,ALT,400,U/L,40\n2026-02-10,INR,1.1,,\n", "utf-8")
    made = assess(read_case(path))
    assert made.measured["alt_peak_x"] == 10.0
    assert (made.rucam, made.not_scored) == (None, "no drug is named")
    (tmp_path / "case.toml").write_text("labs = 'labs.csv'\n" + PERSON + DRUG, "utf-8")
    assert read_case(tmp_path / "case.toml").values[0].value == 400.0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-02-10,ALT,400,U/L,", "row 1, ALT: the ALT has no upper limit"),
        ("2026-02-10,ALT,400,U/L,0", "row 1, uln: '0' is zero"),
        ("10.02.2026,ALT,400,U/L,40", "is not a day"),
        ("2026-02-10,ALT,4oo,U/L,40", "is not a number"),
        ("2026-02-10,ALT,400,U/L", "another number of cells"),
    ],
)
def test_a_csv_of_values_names_its_faults(row, said, tmp_path: Path):
    (tmp_path / "labs.csv").write_text(f"date,test,value,unit,uln\n{row}\n", "utf-8")
    with pytest.raises(InputError, match=said):
        assess(read_case(tmp_path / "labs.csv"))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"alt": "400"}, r"row 1 \(X\): the ALT has no upper limit"),
        ({"alt": "400", "alt_uln": "0"}, "the upper limit of the ALT is 0"),
        ({"alt": "400", "alt_uln": "-40"}, "the upper limit of the ALT is -40"),
        ({"alt": "-4", "alt_uln": "40"}, "the ALT is -4"),
        ({"alt": "many", "alt_uln": "40"}, "'many' is not a number"),
        ({"alt_uln": "40"}, "alt_uln stands without alt"),
        ({"tbl": "3", "tbl_uln": "1.2"}, "the bilirubin has no unit"),
        ({"tbl": "3", "tbl_uln": "1.2", "tbl_unit": "g/L"}, "bilirubin is not read in 'g/L'"),
        ({"tbl": "3", "tbl_uln": "1.2", "tbl_unit": "mg/dL", "dbl": "4"}, "direct bilirubin .* exceeds"),
        ({"injury": "hepatic", "i1": "H1_STOP"}, "'hepatic' is no type of injury"),
        ({"injury": "hepatocellular", "i1": "C1_STOP"}, "i1: C1_STOP is no choice of item 1"),
        ({"injury": "hepatocellular", "i3p": "P3_NO"}, "leave it empty"),
    ],
)
def test_a_row_of_cases_that_cannot_be_used_is_named(cells, said):
    with pytest.raises(InputError, match=said):
        assess_case_table([{"id": "X", **cells}], "rows")


def test_a_table_of_cases_without_ids_or_with_one_twice_is_refused(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("alt,alt_uln\n400,40\n", "utf-8")
    with pytest.raises(InputError, match="no column id"):
        read_case_table(path, "rows.csv")
    with pytest.raises(InputError, match="stands above already"):
        assess_case_table([{"id": "X"}, {"id": "X"}], "rows")


GOOD = {"person": ["A", "A"], "date": ["2026-02-10"] * 2, "test": ["ALT", "ALP"], "value": ["400", "100"],
        "unit": ["U/L"] * 2, "uln": ["40", "120"]}  # fmt: skip


def cohort(folder: Path, **columns: list[str | None]) -> pl.DataFrame:
    pl.DataFrame({**GOOD, **columns}).write_csv(folder / "cohort.csv")
    return assess_cohort(folder / "cohort.csv")


def test_a_cohort_is_read_from_csv_and_from_parquet_alike(tmp_path: Path):
    found = cohort(tmp_path)
    typed = pl.DataFrame(GOOD).with_columns(
        pl.col("value", "uln").cast(pl.Float64), pl.col("date").str.to_date()
    )
    typed.write_parquet(tmp_path / "cohort.parquet")
    assert found.equals(assess_cohort(tmp_path / "cohort.parquet"))
    assert found.row(0, named=True)["R"] == 12.0


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"uln": ["40", None]}, "row 2: the ALP has no upper limit"),
        ({"uln": ["0", "120"]}, "row 1: the upper limit of the ALT is 0"),
        ({"value": ["4oo", "100"]}, "row 1, value: '4oo' cannot be read"),
        ({"date": ["2026-02-10", "10/02/2026"]}, "row 2, date: '10/02/2026' cannot be read"),
        ({"date": ["2026-02-10", None]}, "row 2: the ALP has no date"),
        ({"test": ["ALT", "ALX"]}, "row 2, test: there is no liver test called 'ALX'"),
        ({"test": ["ALT", "ALT"]}, "row 2: the ALT of 2026-02-10 00:00 differs from that of"),
        ({"unit": ["U/L", None]}, "row 2, unit: the ALP has no unit"),
        ({"person": ["A", None]}, "row 2: the ALP belongs to no person"),
        ({"start": ["2026-01-01", "2026-01-02"]}, "row 2, start: start of person A differs"),
        ({"starts": ["2026-01-01"] * 2}, "there is no column called 'starts'"),
    ],
)
def test_a_row_of_a_cohort_that_cannot_be_used_is_named(columns, said, tmp_path: Path):
    with pytest.raises(InputError, match=said):
        cohort(tmp_path, **columns)


def test_the_example_can_be_read_by_its_tables_too():
    import tomllib

    tables = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert case_of(tables, "example").id == read_case(EXAMPLE).id


WORDS = ["person", "drug", "doses", "limits", "panels", "facts", "rucam", "options", "labs", "reexposure", "id", "name",
         "date", "from", "to", "amount", "ALT", "ALP", "INR", "lab", "baseline", "causes", "codes", "HAV", "2",
         "onset", "injury", "sex", "age", "time", "convention"]  # fmt: skip
LEAVES = st.one_of(
    st.sampled_from(["40 U/L", "<1 U/L", "1.1", "denosumab", "60 mg", "excluded", "female", "H2_8D", "a"]),
    st.integers(-3, 100), st.floats(), st.booleans(), st.dates(), st.text(max_size=5),
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(WORDS), TREES, max_size=6), st.booleans())
def test_anything_in_is_an_assessment_or_an_input_error(tables, person):
    try:
        made = assess(case_of({**tables, **({"person": {"id": "A"}} if person else {})}, "case"))
    except InputError:
        return
    assert made.to_dict()["standing_line"]


def test_a_table_that_ends_with_a_lone_quote_is_refused_or_read(tmp_path: Path):
    rows = 'person,date,test,value,unit,uln\nP-1,2026-01-01,ALP,95,U/L,120\nP-2,2026-02-01,ALT,35,U/L,"'
    (tmp_path / "cohort.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(InputError):
        assess_cohort(tmp_path / "cohort.csv")


def test_a_suggested_name_is_printed_without_control_characters():
    said = str(UnknownName("design, comparison", "arm", "6 months late", ["\t6 months late"]))
    assert said.isprintable()
    assert "did you mean  6 months late" in said
