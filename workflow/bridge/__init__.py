"""What lets Snakemake and DVC share one working tree: node files, recording, adoption."""
