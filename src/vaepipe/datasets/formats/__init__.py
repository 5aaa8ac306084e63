"""File formats of data sets, one module each, which reads and writes."""
