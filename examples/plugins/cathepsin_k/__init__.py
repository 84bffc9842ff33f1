"""An invented example: an inhibitor of cathepsin K by mouth. Every number in it is an assumption."""

from pathlib import Path

HERE = Path(__file__).parent
