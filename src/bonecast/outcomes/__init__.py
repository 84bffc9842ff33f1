"""From a trajectory to what a clinician measures: endpoints, T-scores, reference ranges, fractures.

This room owns which model's output stands for which measurement, how a curve is anchored on measured values, the
published references that a value is compared with, the time to a threshold, treatment gaps, the summary of a strategy,
and the relation of BMD and turnover to fractures with its input. It does not know how a trajectory was computed.
"""

from bonecast.outcomes.anchoring import at_day, change_since
from bonecast.outcomes.clinic_baseline import ClinicBaseline, clinic_baseline
from bonecast.outcomes.endpoints import ENDPOINTS, Endpoint, endpoint
from bonecast.outcomes.fracture_course import FractureCourse
from bonecast.outcomes.fracture_forecast import (
    FRACTURE_OUTPUTS,
    KINDS,
    MONTHS,
    Fractures,
    figures_beside,
    fracture_course,
    fracture_outputs,
    fracture_profile,
    fractures_within,
    risk_ahead,
    turnover_ratio,
    with_rate_error,
)
from bonecast.outcomes.fracture_hazard import KINDS as FRACTURE_KINDS
from bonecast.outcomes.fracture_hazard import hazard
from bonecast.outcomes.fracture_history import recency
from bonecast.outcomes.fracture_parameters import fracture_parameter_set, fracture_parameters
from bonecast.outcomes.fracture_profile import Profile, population_means
from bonecast.outcomes.fracture_risk import FractureRisk, fracture_risk
from bonecast.outcomes.incidence import (
    FractureIncidence,
    clinic_parameter_set,
    countries,
    curve_rate,
    incidence,
    mean_incidence,
    published_incidence,
)
from bonecast.outcomes.levels import (
    Columns,
    endpoint_columns,
    first_scans,
    level_output,
    t_score_facts,
    with_error,
)
from bonecast.outcomes.observed import MeasuredOutput, measured_outputs
from bonecast.outcomes.published_rates import PublishedRate, published_rates
from bonecast.outcomes.ranges import (
    LEVELS,
    DateRange,
    QuantileRange,
    date_range_of,
    quantiles_by_day,
    range_of,
)
from bonecast.outcomes.reference_ranges import REFERENCE_RANGES, ReferenceRange
from bonecast.outcomes.strength import (
    STRENGTH_SITES,
    strength_change,
    strength_parameter_set,
    tbs_change,
)
from bonecast.outcomes.summary import (
    BMD_MONTHS,
    LOSS_MONTHS,
    LOW_CALCIUM,
    MARKER_MONTHS,
    NADIR_WINDOW_D,
    CalciumTest,
    Summary,
    next_denosumab_d,
    summarise,
)
from bonecast.outcomes.t_score import YOUNG_NORMALS, YoungNormal, t_score, young_normal
from bonecast.outcomes.threshold import (
    TimeToThreshold,
    first_above,
    first_loss,
    quantiles_of_days,
    time_to_threshold,
)
from bonecast.outcomes.treatment_gap import GAP_D, TreatmentGap, find_treatment_gap
from bonecast.outcomes.turnover import TURNOVER, time_above_reference

__all__ = [
    "BMD_MONTHS",
    "ENDPOINTS",
    "FRACTURE_KINDS",
    "FRACTURE_OUTPUTS",
    "GAP_D",
    "KINDS",
    "LEVELS",
    "LOSS_MONTHS",
    "LOW_CALCIUM",
    "MARKER_MONTHS",
    "MONTHS",
    "NADIR_WINDOW_D",
    "REFERENCE_RANGES",
    "STRENGTH_SITES",
    "TURNOVER",
    "YOUNG_NORMALS",
    "CalciumTest",
    "ClinicBaseline",
    "Columns",
    "DateRange",
    "Endpoint",
    "FractureCourse",
    "FractureIncidence",
    "FractureRisk",
    "Fractures",
    "MeasuredOutput",
    "Profile",
    "PublishedRate",
    "QuantileRange",
    "ReferenceRange",
    "Summary",
    "TimeToThreshold",
    "TreatmentGap",
    "YoungNormal",
    "at_day",
    "change_since",
    "clinic_baseline",
    "clinic_parameter_set",
    "countries",
    "curve_rate",
    "date_range_of",
    "endpoint",
    "endpoint_columns",
    "figures_beside",
    "find_treatment_gap",
    "first_above",
    "first_loss",
    "first_scans",
    "fracture_course",
    "fracture_outputs",
    "fracture_parameter_set",
    "fracture_parameters",
    "fracture_profile",
    "fracture_risk",
    "fractures_within",
    "hazard",
    "incidence",
    "level_output",
    "mean_incidence",
    "measured_outputs",
    "next_denosumab_d",
    "population_means",
    "published_incidence",
    "published_rates",
    "quantiles_by_day",
    "quantiles_of_days",
    "range_of",
    "recency",
    "risk_ahead",
    "strength_change",
    "strength_parameter_set",
    "summarise",
    "t_score",
    "t_score_facts",
    "tbs_change",
    "time_above_reference",
    "time_to_threshold",
    "turnover_ratio",
    "with_error",
    "with_rate_error",
    "young_normal",
]
