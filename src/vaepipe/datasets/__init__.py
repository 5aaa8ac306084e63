"""From files to images: formats, the Parquet files between nodes, noise, downloads."""
