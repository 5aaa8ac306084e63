"""What models are trained for, chosen by name; each module has a class `Objective`.

`vaepipe.learning.loop.Objective` says what the loop asks of it.
"""
