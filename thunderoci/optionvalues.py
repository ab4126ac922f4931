"""What the texts of options mean, where several commands have them (no I/O)."""

import argparse


def seconds(text: str) -> float:
    """Return a time in seconds above 0; raises ArgumentTypeError for what is none."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give seconds above 0")
    return number
