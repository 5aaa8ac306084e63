"""What params.yaml may say of the study `digits`."""

from functools import partial
from typing import Literal

from vaepipe.config import generative
from vaepipe.config.generative import Report, Study

__all__ = ["Report", "Study", "Variant", "check"]


class Variant(generative.Variant):
    study: Literal["digits"]


check = partial(generative.check, "digits")
