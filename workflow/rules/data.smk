rule sample_emnist:
    input:
        node=lambda w: node("sample_emnist", w, f"samples.emnist.{w.sample}"),
        code=code("sample_emnist", "locks", "sample", "emnist", "handwriting", "glyphs", "progress"),
    output:
        expand("data/sample/{{sample}}/{file}", file=EMNIST_FILES),
    log:
        "logs/data/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/data/sample/{sample}.tsv"
    message:
        "Drawing the sample {wildcards.sample}"
    shell:
        "python workflow/scripts/sample_emnist.py {wildcards.sample} data/sample/{wildcards.sample}"


rule ingest_emnist:
    input:
        source=source,
        node=lambda w: node(
            "ingest_emnist",
            w,
            f"datasets.emnist.{w.dataset}.source",
            raw=[file for file in source(w) if file.startswith("data/raw/")],
        ),
        code=code("ingest_emnist", "locks", "ingest", "emnist", "images", "progress"),
    output:
        "data/interim/{dataset}/train.parquet",
        "data/interim/{dataset}/test.parquet",
    log:
        "logs/data/interim/{dataset}.log",
    benchmark:
        "logs/benchmarks/data/interim/{dataset}.tsv"
    message:
        "Reading the classes of {wildcards.dataset}"
    shell:
        "python workflow/scripts/ingest_emnist.py {wildcards.dataset} data/interim/{wildcards.dataset}"


rule corrupt:
    input:
        rules.ingest_emnist.output,
        node=lambda w: node("corrupt", w, f"datasets.emnist.{w.dataset}.corruption"),
        code=code("corrupt", "locks", "noise", "images", "progress"),
    output:
        "data/processed/{dataset}/train.parquet",
        "data/processed/{dataset}/test.parquet",
    log:
        "logs/data/processed/{dataset}.log",
    benchmark:
        "logs/benchmarks/data/processed/{dataset}.tsv"
    message:
        "Adding noise to {wildcards.dataset}"
    shell:
        "python workflow/scripts/corrupt.py {wildcards.dataset}"
        " data/interim/{wildcards.dataset} data/processed/{wildcards.dataset}"
