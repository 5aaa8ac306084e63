"""What the figures of the study `objects` are drawn from."""

from functools import partial

from vaepipe.generative import analysis

analyse = partial(analysis.analyse, "objects")
