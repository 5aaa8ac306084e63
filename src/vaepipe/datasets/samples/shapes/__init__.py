"""The things that the module `things` shows: one file a class, and what classes share.

A thing is a list of filled polygons from far to near. It faces right, in units of its own: `things`
brings it into the picture. These files are not formatted, so that outlines are rows of points.
"""
