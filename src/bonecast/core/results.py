"""Results that are a table: one column by name, to pandas, to a file. Every public result shares this code."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bonecast.core.files import atomic_write, check_file
from bonecast.errors import InputError, UnknownName

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import polars as pl

DIGITS = 10  # significant digits of a number in a CSV file


def write_table(table: pl.DataFrame, target: Path, decimals: int | None = None) -> None:
    """Write a table as Parquet or CSV, by the suffix of the file, which takes its name once it is complete.

    It is made in memory first: what the system says of a full disk is then one sentence, whichever format it is.

    Parameters
    ----------
    table : polars.DataFrame
        The table.
    target : Path
        A checked path (`check_file`).
    decimals : int, optional
        Of a number in CSV; as many as it has by default.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    made = io.BytesIO()
    if target.suffix.casefold() == ".parquet":
        table.write_parquet(made)
    else:
        table.write_csv(made, float_precision=decimals)
    with atomic_write(target) as beside:
        beside.write_bytes(made.getbuffer())


class TableResult:
    """A result that has a table.

    A subclass has `table`; it inherits columns by name, pandas frames and files.

    Examples
    --------
    >>> import polars as pl
    >>> class Levels(TableResult):
    ...     def table(self):
    ...         return pl.DataFrame({"time_d": [0.0, 7.0], "level": [1.0, 0.5]})
    >>> Levels()["level"].tolist()
    [1.0, 0.5]
    """

    def table(self) -> pl.DataFrame:
        """Return the result as a table.

        Returns
        -------
        polars.DataFrame
            One row for each case of the result.
        """
        raise NotImplementedError

    def __getitem__(self, name: str) -> np.ndarray:
        """One column of the table; `UnknownName` with the nearest names otherwise."""
        table = self.table()
        if name not in table.columns:
            raise UnknownName(type(self).__name__, "column", name, table.columns)
        return table[name].to_numpy()

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a pandas frame.

        Returns
        -------
        pandas.DataFrame
            Dates are datetimes.

        Raises
        ------
        InputError
            If pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            cause, hint = "pandas is not installed", "pip install 'bonecast[pandas]'"
            raise InputError("to_pandas", cause, hint) from None
        return pd.DataFrame({column.name: column.to_numpy() for column in self.table()})

    def to_csv(self, path: str | os.PathLike[str]) -> Path:
        """Write the table as CSV, numbers with ten significant digits.

        Parameters
        ----------
        path : str or path
            A file whose name ends with .csv; it takes this name once it is complete.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        import polars.selectors as cs

        target = check_file(path, (".csv",))
        write_table(self.table().with_columns(cs.float().round_sig_figs(DIGITS)), target)
        return target

    def to_parquet(self, path: str | os.PathLike[str]) -> Path:
        """Write the table as Parquet.

        Parameters
        ----------
        path : str or path
            A file whose name ends with .parquet; it takes this name once it is complete.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        InputError
            If the file cannot be written.
        """
        target = check_file(path, (".parquet",))
        write_table(self.table(), target)
        return target
