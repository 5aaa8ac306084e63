import torch

from vaepipe.measures.latents import active_units, informative_latents


def test_active_units_counts_means_that_vary():
    codes = torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 0.1], [2.0, 1.0, 0.0]])
    assert active_units(codes, 0.01) == 1
    assert active_units(codes, 0.001) == 2


def test_informative_latents_have_a_kl_above_the_threshold():
    assert informative_latents(torch.tensor([2.0, 0.1, 0.11, 0.0]), 0.1) == 2
