"""The things that the module `things` shows: one file a class, and what classes share.

A thing is a list of filled polygons from far to near, about 100 long and facing right, where it
likes: `things` brings it into the picture. Outlines are written as rows of points.
"""
