OBJECTS = PARAMS.studies.objects
objects_figures_of = partial(figures, "Objects")


rule objects_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("objects_describe", w, "studies.objects.figures"),
    output:
        examples=objects_figures_of(
            "Data",
            "results/objects/data/{dataset}",
            "objects/",
            ["examples"],
            dataset="{dataset}",
        ),
        description="results/objects/data/{dataset}/description.json",
    log:
        "logs/results/objects/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/objects/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/objects/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/objects/data/{wildcards.dataset}"


rule objects_figures:
    input:
        config="results/objects/models/{variant}/config.json",
        snapshots="results/objects/models/{variant}/snapshots.safetensors",
        test=f"data/processed/{OBJECTS.datasets[0]}/test.parquet",
        arrays="results/objects/analyses/{variant}/arrays.safetensors",
        facts="results/objects/analyses/{variant}/analysis.json",
        node=lambda w: node("objects_figures", w, "studies.objects.figures"),
    output:
        objects_figures_of(
            "Variants",
            "results/objects/figures/{variant}",
            "objects/",
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
        "logs/results/objects/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/objects/figures/{variant}.tsv"
    params:
        dataset=OBJECTS.datasets[0],
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/objects/figures.py {wildcards.variant}"
        " results/objects/models/{wildcards.variant} data/processed/{params.dataset}"
        " results/objects/analyses/{wildcards.variant}"
        " results/objects/figures/{wildcards.variant}"


rule objects_compare:
    input:
        models=expand(rules.train.output, study="objects", variant=OBJECTS.variants),
        evaluations=expand(rules.evaluate.output, study="objects", variant=OBJECTS.variants),
        analyses=expand(rules.analyse.output, study="objects", variant=OBJECTS.variants),
        judge=f"results/judges/{OBJECTS.datasets[0]}/judge.json",
        data=expand(rules.prepare.output, dataset=OBJECTS.datasets[0]),
        node=lambda w: node(
            "objects_compare",
            w,
            "studies.objects.datasets",
            "studies.objects.variants",
            "studies.objects.figures",
            "studies.objects.comparison",
        ),
    output:
        figures=objects_figures_of(
            "Comparison",
            "results/objects/comparison",
            "objects/all_",
            ["objectives", "measures", "reconstructions", "samples"],
        ),
        table="results/objects/comparison/comparison.json",
    log:
        "logs/results/objects/comparison.log",
    benchmark:
        "logs/benchmarks/results/objects/comparison.tsv"
    params:
        dataset=OBJECTS.datasets[0],
    message:
        "Comparing the variants of the study objects"
    shell:
        "python workflow/scripts/objects/compare.py results/objects/models"
        " results/objects/evaluations results/objects/analyses results/judges"
        " data/processed/{params.dataset} results/objects/comparison"


CHAPTERS["objects"] = [
    *expand(rules.objects_describe.output, dataset=OBJECTS.datasets),
    *expand(rules.objects_figures.output, variant=OBJECTS.variants),
    *rules.objects_compare.output,
]
