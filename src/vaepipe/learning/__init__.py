"""Training: the loop, the optimiser, schedules, states to resume from."""
