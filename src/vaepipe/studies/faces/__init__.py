"""The study `faces`: a large autoencoder of faces, changes of its latents, and anomalous images."""
