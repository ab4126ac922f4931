"""How long the property tests look."""

from hypothesis import HealthCheck, settings

# about 40 calls a run: 100,000 in all
settings.register_profile(
    "long",
    max_examples=2_700,
    stateful_step_count=40,
    deadline=None,
    # a long run is meant to be slow
    suppress_health_check=[HealthCheck.too_slow],
)
