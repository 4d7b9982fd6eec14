"""Random keys on the whole program: a few seconds by default, longer by `make soak`."""

import subprocess
import sys

import pytest

from tests.paths import ROOT
from tests.seeds import LONGER, seeds

SECONDS = 3


@pytest.mark.parametrize("kinds", ["", "county beside restless"])
@pytest.mark.parametrize("seed", seeds(1))
def test_random_keys_meet_no_fault(seed: int, kinds: str) -> None:
    command = [sys.executable, "-m", "tests.monkey", str(seed), str(SECONDS * LONGER), *kinds.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
