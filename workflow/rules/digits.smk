DIGITS = PARAMS.studies.digits
digits_figures_of = partial(figures, "Digits")


rule digits_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("digits_describe", w, "studies.digits.figures"),
    output:
        examples=digits_figures_of(
            "Data",
            "results/digits/data/{dataset}",
            "digits/",
            ["examples"],
            dataset="{dataset}",
        ),
        description="results/digits/data/{dataset}/description.json",
    log:
        "logs/results/digits/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/digits/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/digits/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/digits/data/{wildcards.dataset}"


rule digits_figures:
    input:
        config="results/digits/models/{variant}/config.json",
        snapshots="results/digits/models/{variant}/snapshots.safetensors",
        test=f"data/processed/{DIGITS.datasets[0]}/test.parquet",
        arrays="results/digits/analyses/{variant}/arrays.safetensors",
        facts="results/digits/analyses/{variant}/analysis.json",
        node=lambda w: node("digits_figures", w, "studies.digits.figures"),
    output:
        digits_figures_of(
            "Variants",
            "results/digits/figures/{variant}",
            "digits/",
            [
                "architecture",
                "epochs",
                "latents",
                "confusion",
                "ring",
                "grid",
                "prior_samples",
                "kl_estimate",
                "gradient",
            ],
            variant="{variant}",
        ),
    log:
        "logs/results/digits/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/digits/figures/{variant}.tsv"
    params:
        dataset=DIGITS.datasets[0],
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/digits/figures.py {wildcards.variant}"
        " results/digits/models/{wildcards.variant} data/processed/{params.dataset}"
        " results/digits/analyses/{wildcards.variant}"
        " results/digits/figures/{wildcards.variant}"


rule digits_compare:
    input:
        models=expand(rules.train.output, study="digits", variant=DIGITS.variants),
        evaluations=expand(rules.evaluate.output, study="digits", variant=DIGITS.variants),
        analyses=expand(rules.analyse.output, study="digits", variant=DIGITS.variants),
        judge=f"results/judges/{DIGITS.datasets[0]}/judge.json",
        node=lambda w: node(
            "digits_compare",
            w,
            "studies.digits.datasets",
            "studies.digits.variants",
            "studies.digits.figures",
            "studies.digits.comparison",
        ),
    output:
        figures=digits_figures_of(
            "Comparison", "results/digits/comparison", "digits/all_", ["objectives", "measures"]
        ),
        table="results/digits/comparison/comparison.json",
    log:
        "logs/results/digits/comparison.log",
    benchmark:
        "logs/benchmarks/results/digits/comparison.tsv"
    message:
        "Comparing the variants of the study digits"
    shell:
        "python workflow/scripts/digits/compare.py results/digits/models"
        " results/digits/evaluations results/digits/analyses results/judges"
        " results/digits/comparison"


CHAPTERS["digits"] = [
    *expand(rules.digits_describe.output, dataset=DIGITS.datasets),
    *expand(rules.digits_figures.output, variant=DIGITS.variants),
    *rules.digits_compare.output,
]
