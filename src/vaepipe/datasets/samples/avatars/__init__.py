"""What the module `portraits` shows: the parts of an avatar, one file each, and how often.

A part is a list of filled polygons from far to near, in pixels of the picture around the middle of
the face, for a head of the standard width; eyes are above the origin, the chin below. Hair, eyes
and so on are chosen by name: see `attributes`.
"""
