"""Networks, chosen by name; each module has an encoder and a decoder.

`encoder(shape, outputs, …)` gives (n, outputs) for images (n, pixels);
`decoder(latent, shape, outputs, …)` gives (n, outputs * pixels) for latents (n, latent).
"""
