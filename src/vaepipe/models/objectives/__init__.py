"""What models are trained for, chosen by name; each module has a class `Objective`.

`vaepipe.learning.steps.Objective` says what is asked of it.
"""
