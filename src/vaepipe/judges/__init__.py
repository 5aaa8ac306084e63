"""The judge of a data set: a classifier of its clean images that measures are taken by."""
