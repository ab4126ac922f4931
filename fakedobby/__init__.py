"""A Dobby daemon without containers: the same D-Bus service, a simulated life behind it."""

__version__ = "0.1.0"
