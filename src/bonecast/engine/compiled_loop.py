"""The integrator's loop as machine code: one for all models and numbers of lanes, kept on disk by numba."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from bonecast.engine.kernel_cache import cache_folder, contents_of, filling
from bonecast.engine.notices import notify

TEXTS = ("loop_parts.py", "loop.py")  # run in this order, in one module
_TEXT_TIME = 946_684_800  # numba asks when a text was changed: always in the first second of 2000
_loops: dict[str, Callable[..., None]] = {}


def compiled_loop(digest: str, texts: Mapping[str, bytes]) -> Callable[..., None]:
    """`loop.integrate`, from memory, from the disk, or compiled. The caller sees to it that one thread asks at a time.

    Parameters
    ----------
    digest : str
        Hash of everything that decides the code.
    texts : mapping of str to bytes
        The texts of the engine.

    Returns
    -------
    callable
    """
    if digest not in _loops:
        _loops[digest] = _loaded(digest, texts)
    return _loops[digest]


def _loaded(digest: str, texts: Mapping[str, bytes]) -> Callable[..., None]:
    home = cache_folder() / f"loop-{digest}"
    if contents_of(home) is not None:
        with suppress(Exception):  # whatever is wrong with it, it can be made again
            for name in TEXTS:  # a copy of the folder may have other times
                if (home / name).stat().st_mtime != _TEXT_TIME:
                    os.utime(home / name, (_TEXT_TIME, _TEXT_TIME))
            return _run(home, digest, texts)
    notify("compiling the integrator (once on this machine; takes several seconds)")
    with filling(home) as beside:
        for name in TEXTS:
            (beside / name).write_bytes(texts[name])
            os.utime(beside / name, (_TEXT_TIME, _TEXT_TIME))
        with without_collecting():
            return _run(beside, digest, texts)


def _run(home: Path, digest: str, texts: Mapping[str, bytes]) -> Callable[..., None]:
    """Run the texts of a folder with everything that they name; numba loads machine code, or makes it."""
    _load_numba_without_blas()
    from bonecast.engine.bindings import loop_calls

    module = ModuleType(f"bonecast_loop_{digest}")
    vars(module).update({"__file__": str(home / TEXTS[-1]), **loop_calls()})
    sys.modules[module.__name__] = module  # numba looks the module up when it loads machine code
    with _numba_cache_beside_the_text():
        for name in TEXTS:
            exec(compile(texts[name], str(home / name), "exec"), vars(module))
    return vars(module)["integrate"]


def _load_numba_without_blas() -> None:
    """Spare every first loop the 0.2 s in which numba loads SciPy's linear algebra to see whether it is there.

    numba needs it to compile `np.dot` and the like, which no loop has. The mark is taken away at once, so that numba
    and SciPy itself can load it later. Where other threads run, one of them may be loading SciPy: then all is loaded.
    """
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules or "numba.np.arraymath" in sys.modules or threading.active_count() > 1:
        return
    sys.modules[blas] = None  # type: ignore[assignment]  # an import of it fails, as where SciPy is missing
    try:
        import numba.np.arraymath  # noqa: F401
    finally:
        del sys.modules[blas]


@contextmanager
def without_collecting() -> Iterator[None]:
    """Compiling makes many objects that stay: looking through them again and again takes a fifth of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _numba_cache_beside_the_text() -> Iterator[None]:
    """Whatever NUMBA_CACHE_DIR says, machine code lies in the folder of its text."""
    from numba.core import config

    settings: Any = config  # its names are made when it is loaded
    chosen, settings.CACHE_DIR = settings.CACHE_DIR, ""
    try:
        yield
    finally:
        settings.CACHE_DIR = chosen
