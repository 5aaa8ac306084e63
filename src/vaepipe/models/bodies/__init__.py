"""Networks, chosen by name; each module has `encoder(shape, outputs, …)`, `decoder(latent, …)`."""
