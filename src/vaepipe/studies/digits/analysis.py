"""What the figures of the study `digits` are drawn from."""

from functools import partial

from vaepipe.generative import analysis

analyse = partial(analysis.analyse, "digits")
