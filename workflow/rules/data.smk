rule sample_emnist:
    input:
        node=lambda w: node("sample_emnist", w, f"samples.emnist.{w.sample}"),
    output:
        expand("data/sample/{{sample}}/{file}", file=EMNIST_FILES),
    log:
        "logs/data/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/data/sample/{sample}.tsv"
    wildcard_constraints:
        sample=one_of(PARAMS.samples.emnist),
    message:
        "Drawing the sample {wildcards.sample}"
    shell:
        "python workflow/scripts/sample/emnist.py {wildcards.sample}"
        " data/sample/{wildcards.sample}"


rule sample_idx:
    input:
        node=lambda w: node("sample_idx", w, f"samples.idx.{w.sample}"),
    output:
        expand("data/sample/{{sample}}/{file}", file=IDX_FILES),
    log:
        "logs/data/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/data/sample/{sample}.tsv"
    wildcard_constraints:
        sample=one_of(PARAMS.samples.idx),
    message:
        "Drawing the sample {wildcards.sample}"
    shell:
        "python workflow/scripts/sample/idx.py {wildcards.sample} data/sample/{wildcards.sample}"


rule sample_cifar:
    input:
        node=lambda w: node("sample_cifar", w, f"samples.cifar.{w.sample}"),
    output:
        expand("data/sample/{{sample}}/{file}", file=CIFAR_FILES),
    log:
        "logs/data/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/data/sample/{sample}.tsv"
    wildcard_constraints:
        sample=one_of(PARAMS.samples.cifar),
    message:
        "Drawing the sample {wildcards.sample}"
    shell:
        "python workflow/scripts/sample/cifar.py {wildcards.sample} data/sample/{wildcards.sample}"


rule sample_images:
    input:
        node=lambda w: node("sample_images", w, f"samples.images.{w.sample}"),
    output:
        expand("data/sample/{{sample}}/{file}", file=IMAGES_FILES),
    log:
        "logs/data/sample/{sample}.log",
    benchmark:
        "logs/benchmarks/data/sample/{sample}.tsv"
    wildcard_constraints:
        sample=one_of(PARAMS.samples.images),
    message:
        "Drawing the sample {wildcards.sample}"
    shell:
        "python workflow/scripts/sample/images.py {wildcards.sample} data/sample/{wildcards.sample}"


rule ingest_emnist:
    input:
        source=lambda w: PARAMS.sources.emnist[w.source].files,
        node=lambda w: node(
            "ingest_emnist",
            w,
            f"sources.emnist.{w.source}",
            files=raw(PARAMS.sources.emnist[w.source].files),
        ),
    output:
        "data/interim/{source}/train.parquet",
        "data/interim/{source}/test.parquet",
    log:
        "logs/data/interim/{source}.log",
    benchmark:
        "logs/benchmarks/data/interim/{source}.tsv"
    wildcard_constraints:
        source=one_of(PARAMS.sources.emnist),
    message:
        "Reading the source {wildcards.source}"
    shell:
        "python workflow/scripts/ingest/emnist.py {wildcards.source} data/interim/{wildcards.source}"


rule ingest_idx:
    input:
        source=lambda w: PARAMS.sources.idx[w.source].files,
        node=lambda w: node(
            "ingest_idx",
            w,
            f"sources.idx.{w.source}",
            files=raw(PARAMS.sources.idx[w.source].files),
        ),
    output:
        "data/interim/{source}/train.parquet",
        "data/interim/{source}/test.parquet",
    log:
        "logs/data/interim/{source}.log",
    benchmark:
        "logs/benchmarks/data/interim/{source}.tsv"
    wildcard_constraints:
        source=one_of(PARAMS.sources.idx),
    message:
        "Reading the source {wildcards.source}"
    shell:
        "python workflow/scripts/ingest/idx.py {wildcards.source} data/interim/{wildcards.source}"


rule ingest_npz:
    input:
        source=lambda w: PARAMS.sources.npz[w.source].files,
        node=lambda w: node(
            "ingest_npz",
            w,
            f"sources.npz.{w.source}",
            files=raw(PARAMS.sources.npz[w.source].files),
        ),
    output:
        "data/interim/{source}/train.parquet",
        "data/interim/{source}/test.parquet",
    log:
        "logs/data/interim/{source}.log",
    benchmark:
        "logs/benchmarks/data/interim/{source}.tsv"
    wildcard_constraints:
        source=one_of(PARAMS.sources.npz),
    message:
        "Reading the source {wildcards.source}"
    shell:
        "python workflow/scripts/ingest/npz.py {wildcards.source} data/interim/{wildcards.source}"


rule ingest_cifar:
    input:
        source=lambda w: PARAMS.sources.cifar[w.source].files,
        node=lambda w: node(
            "ingest_cifar",
            w,
            f"sources.cifar.{w.source}",
            files=raw(PARAMS.sources.cifar[w.source].files),
        ),
    output:
        "data/interim/{source}/train.parquet",
        "data/interim/{source}/test.parquet",
    log:
        "logs/data/interim/{source}.log",
    benchmark:
        "logs/benchmarks/data/interim/{source}.tsv"
    wildcard_constraints:
        source=one_of(PARAMS.sources.cifar),
    message:
        "Reading the source {wildcards.source}"
    shell:
        "python workflow/scripts/ingest/cifar.py {wildcards.source} data/interim/{wildcards.source}"


rule ingest_arrays:
    input:
        source=lambda w: PARAMS.sources.arrays[w.source].files,
        node=lambda w: node(
            "ingest_arrays",
            w,
            f"sources.arrays.{w.source}",
            files=raw(PARAMS.sources.arrays[w.source].files),
        ),
    output:
        "data/interim/{source}/train.parquet",
        "data/interim/{source}/test.parquet",
    log:
        "logs/data/interim/{source}.log",
    benchmark:
        "logs/benchmarks/data/interim/{source}.tsv"
    wildcard_constraints:
        source=one_of(PARAMS.sources.arrays),
    message:
        "Reading the source {wildcards.source}"
    shell:
        "python workflow/scripts/ingest/arrays.py {wildcards.source} data/interim/{wildcards.source}"


rule ingest_images:
    input:
        source=lambda w: PARAMS.sources.images[w.source].files,
        node=lambda w: node(
            "ingest_images",
            w,
            f"sources.images.{w.source}",
            files=raw(PARAMS.sources.images[w.source].files),
        ),
    output:
        "data/interim/{source}/train.parquet",
        "data/interim/{source}/test.parquet",
    log:
        "logs/data/interim/{source}.log",
    benchmark:
        "logs/benchmarks/data/interim/{source}.tsv"
    wildcard_constraints:
        source=one_of(PARAMS.sources.images),
    message:
        "Reading the source {wildcards.source}"
    shell:
        "python workflow/scripts/ingest/images.py {wildcards.source} data/interim/{wildcards.source}"


rule prepare:
    input:
        lambda w: expand(rules.ingest_emnist.output, source=dataset(w).source),
        node=lambda w: node("prepare", w, f"datasets.{w.dataset}"),
    output:
        "data/processed/{dataset}/train.parquet",
        "data/processed/{dataset}/test.parquet",
    log:
        "logs/data/processed/{dataset}.log",
    benchmark:
        "logs/benchmarks/data/processed/{dataset}.tsv"
    params:
        source=lambda w: dataset(w).source,
    message:
        "Scaling {wildcards.dataset} and adding noise"
    shell:
        "python workflow/scripts/prepare.py {wildcards.dataset}"
        " data/interim/{params.source} data/processed/{wildcards.dataset}"
