LETTERS = PARAMS.studies.letters.variants


rule letters_data:
    input:
        rules.corrupt.output,
        node=lambda w: node("letters_data", w, "studies.letters.figures"),
        code=code("letters_data", "letters", "plotting", "images"),
    output:
        examples=letters_results("Data", "data/{dataset}", ["examples"], dataset="{dataset}"),
        summary="results/letters/data/{dataset}/summary.json",
    log:
        "logs/results/letters/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/letters/data/{dataset}.tsv"
    message:
        "Showing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/letters_data.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/letters/data/{wildcards.dataset}"


rule letters_figures:
    input:
        history="results/letters/models/{variant}/history.csv",
        arrays="results/letters/evaluations/{variant}/arrays.safetensors",
        node=lambda w: node(
            "letters_figures",
            w,
            "studies.letters.figures",
            "studies.letters.evaluation.characters",
            "studies.letters.evaluation.traversal_span",
        ),
        code=code("letters_figures", "letters", "plotting"),
    output:
        letters_results(
            "Variants",
            "figures/{variant}",
            ["learning_curve", "reconstructions", "traversal", "prior_samples", "sheet"],
            variant="{variant}",
        ),
    log:
        "logs/results/letters/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/letters/figures/{variant}.tsv"
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/letters_figures.py {wildcards.variant}"
        " results/letters/models/{wildcards.variant}"
        " results/letters/evaluations/{wildcards.variant}"
        " results/letters/figures/{wildcards.variant}"


rule letters_compare:
    input:
        models=expand(rules.train.output, study="letters", variant=LETTERS),
        evaluations=expand(rules.evaluate.output, study="letters", variant=LETTERS),
        node=lambda w: node(
            "letters_compare",
            w,
            "studies.letters.variants",
            "studies.letters.figures",
            "studies.letters.comparison",
            "studies.letters.evaluation.characters",
        ),
        code=code("letters_compare", "letters", "comparison", "plotting"),
    output:
        figures=letters_results(
            "Comparison",
            "comparison",
            ["learning_curves", "reconstructions", "kl_per_latent"],
            caption="all_",
        ),
        table="results/letters/comparison/comparison.json",
    log:
        "logs/results/letters/comparison.log",
    benchmark:
        "logs/benchmarks/results/letters/comparison.tsv"
    message:
        "Comparing the variants of the study letters"
    shell:
        "python workflow/scripts/letters_compare.py"
        " results/letters/models results/letters/evaluations results/letters/comparison"
