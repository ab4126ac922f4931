"""Measures how fast the emulator is, beside what the libraries under it cost on the same machine at the same time."""
