"""Kinds of model, chosen by name; each module has `build(body, outputs, config)`.

The decoder gives so many outputs of each pixel. `config` is a resolved configuration, with the
`shape` and the `classes` of the data set.
"""
