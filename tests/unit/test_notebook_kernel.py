"""A notebook's own kernel runs Bonecast: what it shows of results, and of a model that is being compiled."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # each starts Python again, and one compiles

Shown = list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Shown]]:
    """`execute(code)`: what a fresh kernel shows when it runs a cell; its cache of compiled models is empty."""
    manager = pytest.importorskip("jupyter_client.manager")
    pytest.importorskip("ipykernel")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BONECAST_CACHE", str(home / "cache"))
        patch.setenv("HOME", str(home))
        kernel = manager.KernelManager(transport="ipc")
        kernel.start_kernel()
    client = kernel.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)

    def run(code: str) -> Shown:
        messages: Shown = []
        reply = client.execute_interactive(
            code,
            timeout=300,
            output_hook=lambda m: messages.append((m["msg_type"], m["content"])),
        )
        assert reply["content"]["status"] == "ok", reply["content"]
        return [m for m in messages if m[0] not in ("status", "execute_input")]

    yield run
    client.stop_channels()
    kernel.shutdown_kernel(now=True)


def test_compiling_is_one_line_that_says_in_the_end_that_it_is_done(execute):
    run = "run = bc.simulate('choi-2025', 'denosumab 60 mg every 6 months x 2')"
    shown = execute(f"import bonecast as bc; {run}")
    assert [kind for kind, _ in shown] == ["display_data", "update_display_data", "update_display_data"]
    assert len({content["transient"]["display_id"] for _, content in shown}) == 1
    first, second, last = (content["data"]["text/plain"] for _, content in shown)
    assert first.startswith("bonecast: compiling choi-2025")
    assert second.startswith("bonecast: compiling the integrator")
    assert last.startswith("bonecast: compiled choi-2025 in ")
    assert "~" in last  # the home folder is not named
    assert execute(run) == []


def test_a_result_is_shown_as_a_card_and_a_chart_as_an_image(execute):
    execute("import bonecast as bc; run = bc.simulate('choi-2025', 'denosumab 60 mg every 6 months x 2')")
    ((kind, card),) = execute("run")
    assert kind == "execute_result"
    assert set(card["data"]) == {"text/html", "text/plain"}
    assert len(card["data"]["text/html"].encode()) < 10_000
    ((_, chart),) = execute("run.plot(['LS_BMD_pct_change'])")
    assert set(chart["data"]) == {"image/svg+xml", "text/plain"}


def test_without_a_notebook_nothing_is_shown_and_ipython_is_not_imported():
    code = (
        "import sys; from bonecast.engine.notices import notify; notify('a'); print('IPython' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_ipython_without_a_kernel_is_no_notebook(tmp_path: Path):
    code = (
        "from IPython.core.interactiveshell import InteractiveShell; InteractiveShell.instance();"
        "from bonecast.engine.notices import notify; notify('a')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"IPYTHONDIR": str(tmp_path), "PATH": ""},
    )
    assert "a" not in done.stdout + done.stderr
