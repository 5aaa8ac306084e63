"""What the built-in samples draw."""
