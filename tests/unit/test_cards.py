"""Reading parameters and spread: what is refused, what is kept."""

from __future__ import annotations

import pytest

from bonecast.models import read_parameters, read_variability

CARDS = """
[about]
source = "s"
mark = "published"
population = "adults"

[source.s]
text = "A paper"
doi = "10.1/x"

[parameter.k]
meaning = "a rate"
value = 2
unit = "1/h"
range = [1.0, 3.0]

[parameter.V]
meaning = "a volume"
value = 14.5
unit = "L"
mark = "recalled"
population = "children"
is_not = "a clearance"
"""

SPREAD = """
[source.s]
text = "A paper"

[factor.k]
parameters = ["k", "V"]
sd = 0.3
source = "s"
mark = "assumption"
note = "none"
truncate = 2.0

[factor.W]
parameters = ["W"]
sd = 0.1
source = "s"
mark = "published"
note = "none"

[[correlation]]
factors = ["k", "W"]
value = 0.4
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "file.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_card_takes_source_mark_and_population_of_its_file_unless_it_has_its_own(written):
    parameter_set = read_parameters(written(CARDS))
    k, V = parameter_set.parameters["k"], parameter_set.parameters["V"]
    assert (k.value, k.source, k.mark, k.population, k.range) == (2.0, "s", "published", "adults", (1.0, 3.0))
    assert (V.mark, V.population, V.is_not) == ("recalled", "children", "a clearance")
    assert parameter_set.values() == {"k": 2.0, "V": 14.5}
    assert parameter_set.sources["s"].doi == "10.1/x"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('mark = "published"', 'mark = "guessed"'),
        ('source = "s"', 'source = "t"'),
        ('unit = "1/h"', 'unit = ""'),
        ('population = "adults"', ""),
    ],
)
def test_card_without_unit_source_mark_or_population_is_refused(written, old, new):
    with pytest.raises(
        ValueError, match=r"parameter k: (a known mark and a source|unit and population) must be given"
    ):
        read_parameters(written(CARDS.replace(old, new)))


def test_value_outside_its_own_range_is_refused(written):
    with pytest.raises(ValueError, match="parameter k: the value lies outside its own range"):
        read_parameters(written(CARDS.replace("value = 2", "value = 4")))


def test_spread_keeps_factors_truncation_and_correlation(written):
    spread = read_variability(written(SPREAD))
    first, second = spread.factors
    assert (first.parameters, first.sd, first.truncate) == (("k", "V"), 0.3, 2.0)
    assert second.truncate is None
    assert spread.correlations == {("k", "W"): 0.4}


def test_factor_with_an_unknown_mark_or_source_is_refused(written):
    for old, new in (('mark = "assumption"', 'mark = "guessed"'), ('source = "s"', 'source = "t"')):
        with pytest.raises(ValueError, match="factor k: a known mark and a source must be given"):
            read_variability(written(SPREAD.replace(old, new)))


def test_correlation_of_an_unknown_factor_is_refused(written):
    with pytest.raises(ValueError, match="correlation of an unknown factor k, X"):
        read_variability(written(SPREAD.replace('["k", "W"]', '["k", "X"]')))
