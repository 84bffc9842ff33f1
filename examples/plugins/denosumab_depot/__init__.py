"""An invented example: denosumab released under the skin over 24 months. Every number in it is an assumption."""

from pathlib import Path

HERE = Path(__file__).parent
