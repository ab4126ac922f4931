"""What a Thunder may do in another way than the emulator: none of it is a fault."""
