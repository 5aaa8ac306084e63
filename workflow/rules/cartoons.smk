CARTOONS = PARAMS.studies.cartoons
cartoons_figures_of = partial(figures, "Cartoons")


rule cartoons_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("cartoons_describe", w, "studies.cartoons.figures"),
    output:
        examples=cartoons_figures_of(
            "Data",
            "results/cartoons/data/{dataset}",
            "cartoons/",
            ["examples"],
            dataset="{dataset}",
        ),
        description="results/cartoons/data/{dataset}/description.json",
    log:
        "logs/results/cartoons/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/cartoons/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/cartoons/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/cartoons/data/{wildcards.dataset}"


rule cartoons_figures:
    input:
        config="results/cartoons/models/{variant}/config.json",
        batches="results/cartoons/models/{variant}/batches.csv",
        snapshots="results/cartoons/models/{variant}/snapshots.safetensors",
        test=f"data/processed/{CARTOONS.datasets[0]}/test.parquet",
        arrays="results/cartoons/analyses/{variant}/arrays.safetensors",
        facts="results/cartoons/analyses/{variant}/analysis.json",
        node=lambda w: node("cartoons_figures", w, "studies.cartoons.figures"),
    output:
        cartoons_figures_of(
            "Variants",
            "results/cartoons/figures/{variant}",
            "cartoons/",
            [
                "architecture",
                "encoder",
                "decoder",
                "batch_losses",
                "epochs",
                "interpolations",
                "distances",
                "prior_samples",
                "reconstruction_estimate",
            ],
            variant="{variant}",
        ),
    log:
        "logs/results/cartoons/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/cartoons/figures/{variant}.tsv"
    params:
        dataset=CARTOONS.datasets[0],
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/cartoons/figures.py {wildcards.variant}"
        " results/cartoons/models/{wildcards.variant} data/processed/{params.dataset}"
        " results/cartoons/analyses/{wildcards.variant}"
        " results/cartoons/figures/{wildcards.variant}"


rule cartoons_attributes:
    input:
        models=expand(rules.train.output, study="cartoons", variant=CARTOONS.variants),
        data="data/processed/{dataset}/test.parquet",
        judge=lambda w: judged_by(w.dataset),
        node=lambda w: node(
            "cartoons_attributes",
            w,
            "numerics",
            "studies.cartoons.variants",
            "studies.cartoons.attributes",
            "studies.cartoons.claims",
            files=["requirements.txt"],
        ),
    output:
        "results/cartoons/attributes/{dataset}/attributes.json",
    log:
        "logs/results/cartoons/attributes/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/cartoons/attributes/{dataset}.tsv"
    threads: CARTOONS.attributes.threads
    resources:
        gpu=claims_gpu(CARTOONS.attributes.device),
    message:
        "Looking for attributes of {wildcards.dataset} in samples"
    shell:
        "python workflow/scripts/cartoons/attributes.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/judges/{wildcards.dataset}"
        " results/cartoons/models results/cartoons/attributes/{wildcards.dataset}"


rule cartoons_compare:
    input:
        models=expand(rules.train.output, study="cartoons", variant=CARTOONS.variants),
        evaluations=expand(rules.evaluate.output, study="cartoons", variant=CARTOONS.variants),
        analyses=expand(rules.analyse.output, study="cartoons", variant=CARTOONS.variants),
        attributes=expand(rules.cartoons_attributes.output, dataset=CARTOONS.datasets[0]),
        judge=f"results/judges/{CARTOONS.datasets[0]}/judge.json",
        data=f"data/processed/{CARTOONS.datasets[0]}/test.parquet",
        node=lambda w: node(
            "cartoons_compare",
            w,
            "studies.cartoons.variants",
            "studies.cartoons.figures",
            "studies.cartoons.comparison",
        ),
    output:
        figures=cartoons_figures_of(
            "Comparison",
            "results/cartoons/comparison",
            "cartoons/all_",
            ["losses", "reconstructions", "attributes"],
        ),
        table="results/cartoons/comparison/comparison.json",
    log:
        "logs/results/cartoons/comparison.log",
    benchmark:
        "logs/benchmarks/results/cartoons/comparison.tsv"
    params:
        dataset=CARTOONS.datasets[0],
    message:
        "Comparing the variants of the study cartoons"
    shell:
        "python workflow/scripts/cartoons/compare.py results/cartoons/models"
        " results/cartoons/evaluations results/cartoons/analyses"
        " results/cartoons/attributes/{params.dataset} results/judges/{params.dataset} data/processed/{params.dataset} results/cartoons/comparison"


CHAPTERS["cartoons"] = [
    *expand(rules.cartoons_describe.output, dataset=CARTOONS.datasets),
    *expand(rules.cartoons_figures.output, variant=CARTOONS.variants),
    *rules.cartoons_compare.output,
]
