"""Pieces of figures that studies share. Arrays and tables in, SVG out; torch is not imported."""
