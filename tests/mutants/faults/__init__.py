"""The mutants, by what they are wrong about; importing this fills the table."""

from importlib import import_module

FAMILIES = (
    *("fields", "values", "envelope", "http", "websocket", "lifecycle", "lookup", "params", "designator"),
    *("events", "payloads", "robustness", "concurrency", "latency", "legal"),
)

for _name in FAMILIES:
    import_module(f"{__name__}.{_name}")
