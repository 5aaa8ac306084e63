"""The study `cartoons`: a VAE of colour avatars, and what becomes of their attributes."""
