"""Pieces of params.yaml that belong to no study."""
