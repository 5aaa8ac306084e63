from vaepipe.measures.verdicts import best, verdict


def measure(mean, std=1.0):
    return {"mean": mean, "std": std}


def test_verdict_needs_twice_the_spread_of_a_difference():
    spread = 2 * (3.0**2 + 4.0**2) ** 0.5
    baseline = measure(0.0, 4.0)
    assert verdict(measure(spread + 0.01, 3.0), baseline) == "better"
    assert verdict(measure(-spread - 0.01, 3.0), baseline) == "worse"
    assert verdict(measure(spread - 0.01, 3.0), baseline) == "unclear"
    assert verdict(measure(100.0, None), baseline) == "unknown"


def test_best_knows_which_way_is_up():
    measures = {
        "a": {"elbo": measure(-10), "mse": measure(0.2), "kl": measure(1)},
        "b": {"elbo": measure(-9), "mse": measure(0.3), "kl": measure(2)},
    }
    assert best(measures, "elbo") == "b"
    assert best(measures, "mse") == "a"
    assert best(measures, "kl") is None
