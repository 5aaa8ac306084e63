"""The names that params.yaml may use, and what they stand for."""

from vaepipe.bodies import mlp
from vaepipe.objectives import KL, Bernoulli

BODIES = {"mlp": mlp.build}
LIKELIHOODS = {"bernoulli": Bernoulli}
REGULARISERS = {"kl": KL}
