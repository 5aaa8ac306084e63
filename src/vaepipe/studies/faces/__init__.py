"""The study `faces`: fully connected autoencoders, and images that are no faces."""
