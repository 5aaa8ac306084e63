"""The study `letters`: a fully connected VAE on handwritten letters."""
