"""What a network's output stands for, chosen by name; each module has a class `Likelihood`.

`outputs` is how many numbers it asks of each pixel; the first of all pixels come before the second.
Of the classes that `categorical` is of it asks one each, and there a class takes the pixels' place.
`log_density(target, output)` is log p(target | output) in nats, summed over the last dimension
(pixels); `mean(output)` is the image in [0, 1] that the output stands for.
"""
