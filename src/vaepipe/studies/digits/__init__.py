"""The study `digits`: a convolutional VAE on handwritten digits, and MMD in place of the KL."""
