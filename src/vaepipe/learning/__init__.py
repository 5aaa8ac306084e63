"""Training: the loop, schedules, states to resume from."""
