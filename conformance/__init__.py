"""Conformance suite for Thunder's plugin ``org.rdk.OCIContainer``: it knows a URL and the specification, no more."""

__version__ = "0.1.0"
