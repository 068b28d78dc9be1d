"""All checks of engines, one after the other; an engine that cannot be had here is said so, and
why.

    python -m tests.engines

Exit codes: 0 all that could be run is well, 1 something is not.
"""

import subprocess
import sys

from tests.engines.common import NOT_TO_BE_HAD, ROOT, SAME, say

CHECKS = ("again", "prism", "dataflow", "flink_own", "flink")
_OUTCOMES = {SAME: "passed", NOT_TO_BE_HAD: "not run"}


def main() -> int:
    """Run the checks and return the exit code."""
    codes = {}
    for name in CHECKS:
        say(f"== {name}")
        codes[name] = subprocess.run(
            [sys.executable, "-m", f"tests.engines.{name}"], cwd=ROOT
        ).returncode
    for name, code in codes.items():
        say(f"{name}: {_OUTCOMES.get(code, 'FAILED')}")
    return int(any(code not in _OUTCOMES for code in codes.values()))


if __name__ == "__main__":
    sys.exit(main())
