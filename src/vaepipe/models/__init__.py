"""Models, assembled from parts that params.yaml chooses by name.

A part is a module of `kinds`, `bodies`, `objectives` or `likelihoods`, and its name is the one in
params.yaml.
"""
