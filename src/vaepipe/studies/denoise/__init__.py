"""The study `denoise`: autoencoders, VAEs and classifiers of digits, and what denoises them."""
