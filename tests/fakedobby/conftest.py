"""How long the property tests look."""

from hypothesis import HealthCheck, settings

# 2,500 runs of 40 calls
settings.register_profile(
    "long",
    max_examples=2_500,
    stateful_step_count=40,
    deadline=None,
    # a long run is meant to be slow
    suppress_health_check=[HealthCheck.too_slow],
)
