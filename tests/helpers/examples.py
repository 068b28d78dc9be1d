"""How many examples a property test tries, by the hypothesis profile in force (see
`tests/conftest.py`).
"""

from hypothesis import settings


def examples(count: int) -> int:
    """Return the count itself under the profile `ci`, a tenth of it under `quick`."""
    profile = settings()
    return max(1, count * profile.max_examples // 100)
