"""What is measured on the test split, and what may be said about it."""
