"""Against scipy's normal distribution."""

import torch
from scipy import stats

from vaepipe.models.likelihoods.centred_gaussian import Likelihood


def test_the_density_is_that_of_normal_pixels_around_outputs_brought_to_0_to_1():
    generator = torch.Generator().manual_seed(0)
    target = torch.rand(5, 7, generator=generator, dtype=torch.float64)
    output = 2 * torch.rand(3, 5, 7, generator=generator, dtype=torch.float64) - 1
    found = Likelihood(0.2).log_density(target, output)
    expected = stats.norm(((1 + output) / 2).numpy(), 0.2).logpdf(target.numpy()).sum(-1)
    torch.testing.assert_close(found, torch.from_numpy(expected))
    ends = torch.tensor([-1.0, 0.0, 1.0])
    assert Likelihood(0.2).mean(ends).tolist() == [0, 0.5, 1]
