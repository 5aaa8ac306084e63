"""The study `second`, which exists in tests alone: two variants on the data set of the letters."""
