import torch

from vaepipe.models.likelihoods.categorical import Likelihood


def test_the_log_density_is_that_of_the_named_class():
    logits = torch.tensor([[1.0, 3.0, -2.0], [0.0, 0.0, 0.0]], dtype=torch.double)
    labels = torch.tensor([1, 2])
    likelihood = Likelihood()
    shares = logits.exp() / logits.exp().sum(1, keepdim=True)
    assert torch.allclose(likelihood.mean(logits), shares)
    expected = torch.log(shares[[0, 1], labels])
    assert torch.allclose(likelihood.log_density(labels, logits), expected)
