"""What a real box says, written down by a proxy (`thunderoci record`) and served back (`thunderoci up --replay`)."""
