SECOND = PARAMS.studies.second


rule second_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("second_describe", w, "studies.second.datasets"),
    output:
        "results/second/data/{dataset}/description.json",
    log:
        "logs/results/second/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/second/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/second/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/second/data/{wildcards.dataset}"


rule second_figures:
    input:
        "results/second/analyses/{variant}/arrays.safetensors",
        "results/second/analyses/{variant}/analysis.json",
        node=lambda w: node("second_figures", w, "studies.second.figures"),
    output:
        figures(
            "Second",
            "Variants",
            "results/second/figures/{variant}",
            "second/",
            ["samples"],
            variant="{variant}",
        ),
    log:
        "logs/results/second/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/second/figures/{variant}.tsv"
    message:
        "Drawing the figure of {wildcards.variant}"
    shell:
        "python workflow/scripts/second/figures.py {wildcards.variant}"
        " results/second/analyses/{wildcards.variant} results/second/figures/{wildcards.variant}"


rule second_compare:
    input:
        models=expand(rules.train.output, study="second", variant=SECOND.variants),
        evaluations=expand(rules.evaluate.output, study="second", variant=SECOND.variants),
        node=lambda w: node("second_compare", w, "studies.second.variants"),
    output:
        "results/second/comparison/comparison.json",
    log:
        "logs/results/second/comparison.log",
    benchmark:
        "logs/benchmarks/results/second/comparison.tsv"
    message:
        "Comparing the variants of the study second"
    shell:
        "python workflow/scripts/second/compare.py results/second/models"
        " results/second/evaluations results/second/comparison"


CHAPTERS["second"] = [
    *expand(rules.second_describe.output, dataset=SECOND.datasets),
    *expand(rules.second_figures.output, variant=SECOND.variants),
    *rules.second_compare.output,
]
