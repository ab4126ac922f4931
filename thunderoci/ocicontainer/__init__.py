"""The plugin org.rdk.OCIContainer, one module a generation of its API."""

from thunderoci.ocicontainer.rdkservices import OCIContainer

__all__ = ["OCIContainer"]
