"""Writes src/bonecast/trust/panel.csv: 200 invented people whose answers are compared between two releases.

The file stays as it is once it is written: a panel that changes compares nothing. This is how it came about.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np

PEOPLE, SEED = 200, 20261129
TODAY = dt.date(2026, 11, 1)
FACTS = {  # a fact and the share of people of whom it is true; all others are stated to be false
    "aff_confirmed": 0.02,
    "onj_external_history": 0.02,
    "oral_surgery_unhealed": 0.02,
    "glucocorticoid": 0.1,
    "diabetes": 0.12,
    "rheumatoid_arthritis": 0.05,
    "hypoparathyroidism": 0.01,
    "hypocalcaemia_predisposed": 0.03,
    "hypersensitivity_denosumab": 0.01,
    "chemotherapy": 0.03,
    "history_mi_stroke": 0.05,
    "vte_history": 0.04,
    "on_dialysis": 0.02,
    "hypocalcaemia_symptoms": 0.02,
    "thigh_or_groin_pain": 0.03,
    "new_back_pain": 0.04,
    "bone_malignancy": 0.02,
    "oesophageal_disorder": 0.05,
    "exit_plan_documented": 0.2,
}
COUNTRIES = ("GB", "US", "CA", "AU", "SE", "ES")
COLUMNS = (
    *(
        "id",
        "sex",
        "birth_date",
        "record_date",
        "country",
        "indication",
        "menopausal_status",
        "dental_status",
        "weight",
        "height",
    ),
    *("prior_vertebral_fractures", *FACTS, "doses", "measurements"),
)


def main() -> None:
    dice = np.random.default_rng(SEED)
    path = Path("src/bonecast/trust/panel.csv")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        for i in range(1, PEOPLE + 1):
            writer.writerow(row(i, dice))


def row(i: int, dice: np.random.Generator) -> dict[str, object]:
    """One person: never treated, on denosumab on time or late, after a bisphosphonate, or on 120 mg."""
    sex = "male" if dice.random() < 0.15 else "female"
    age = int(dice.integers(48, 91))
    doses, kind = history(dice)
    return {
        "id": f"P{i:03d}",
        "sex": sex,
        "birth_date": TODAY.replace(year=TODAY.year - age).isoformat(),
        "record_date": TODAY.isoformat(),
        "country": COUNTRIES[dice.integers(len(COUNTRIES))],
        "indication": "BONE_METS" if kind == "120" else "MALE_OP" if sex == "male" else "PMO",
        "menopausal_status": "na" if sex == "male" else "post",
        "dental_status": ("good", "no_recent_check", "ONJ_active")[dice.choice(3, p=(0.8, 0.17, 0.03))],
        "weight": f"{dice.normal(66, 11):.0f} kg",
        "prior_vertebral_fractures": int(dice.choice(4, p=(0.6, 0.2, 0.12, 0.08))),
        "height": f"{dice.normal(172 if sex == 'male' else 161, 6):.0f} cm",
        **{name: "true" if dice.random() < share else "false" for name, share in FACTS.items()},
        "doses": "; ".join(doses),
        "measurements": "; ".join(results(dice)),
    }


def history(dice: np.random.Generator) -> tuple[list[str], str]:
    """Doses up to today, and of what kind they are."""
    kind = ("none", "denosumab", "late", "after", "120")[dice.choice(5, p=(0.15, 0.4, 0.2, 0.15, 0.1))]
    if kind == "none":
        return [], kind
    if kind == "120":
        count = int(dice.integers(2, 20))
        return [f"denosumab 120 mg @ {TODAY - dt.timedelta(28 * k)}" for k in range(count, 0, -1)], kind
    count = int(dice.integers(1, 11))
    last = TODAY - dt.timedelta(int(dice.integers(195, 420) if kind == "late" else dice.integers(150, 195)))
    days = [last - dt.timedelta(int(182.6 * k)) for k in range(count - 1, -1, -1)]
    found = [f"denosumab 60 mg @ {day}" for day in days]
    if kind == "after":
        start, end = days[0] - dt.timedelta(1200), days[0] - dt.timedelta(60)
        found.insert(0, f"alendronate 70 mg every 1 week @ {start} to {end}")
    return found, kind


def results(dice: np.random.Generator) -> list[str]:
    """Laboratory results and a scan, some missing, some abnormal, some old."""
    day = TODAY - dt.timedelta(int(dice.choice([3, 10, 20, 45, 200], p=(0.3, 0.3, 0.2, 0.1, 0.1))))
    scan = TODAY - dt.timedelta(90)
    drawn = (
        (0.92, f"corrected calcium {np.clip(dice.normal(2.33, 0.12), 1.6, 2.9):.2f} mmol/L @ {day}"),
        (0.9, f"eGFR {np.clip(dice.normal(66, 22), 8, 110):.0f} mL/min/1.73m2 @ {day}"),
        (0.75, f"25-OH vitamin D {np.clip(dice.normal(68, 24), 12, 150):.0f} nmol/L @ {day}"),
        (0.5, f"CTX {np.clip(dice.lognormal(-1.6, 0.6), 0.03, 1.5):.2f} ng/mL @ {day}"),
        (0.8, f"lumbar spine BMD {np.clip(dice.normal(0.77, 0.09), 0.5, 1.05):.3f} g/cm2 @ {scan}"),
        (0.8, f"total hip BMD {np.clip(dice.normal(0.69, 0.08), 0.4, 0.95):.3f} g/cm2 @ {scan}"),
    )
    return [text for share, text in drawn if dice.random() < share]


if __name__ == "__main__":
    main()
