"""A recording served back, without a bus and without a Dobby: `thunderoci up --replay`."""
