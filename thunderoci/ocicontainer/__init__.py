"""The plugin org.rdk.OCIContainer, one module a generation of its API."""

from thunderoci.ocicontainer import entservices, rdkservices

CALLSIGN = rdkservices.OCIContainer.callsign
GENERATIONS = {"rdkservices": rdkservices.OCIContainer, "entservices": entservices.OCIContainer}
"""By the name of the profile."""

__all__ = ["CALLSIGN", "GENERATIONS"]
