"""A Thunder with one fault: a proxy in front of an emulator, which changes what goes by."""
