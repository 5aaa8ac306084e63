"""Kinds of model, chosen by name; each module has `build(body, shape, settings)`."""
