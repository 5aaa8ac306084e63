"""Kinds of model, chosen by name; each module has `build(body, config)`.

`config` is a resolved configuration, with the `shape` and the `classes` of the data set.
"""
