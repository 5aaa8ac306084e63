LETTERS = PARAMS.studies.letters
letters_figures_of = partial(figures, "Letters")


rule letters_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("letters_describe", w, "studies.letters.figures"),
    output:
        examples=letters_figures_of(
            "Data",
            "results/letters/data/{dataset}",
            "letters/",
            ["examples"],
            dataset="{dataset}",
        ),
        description="results/letters/data/{dataset}/description.json",
    log:
        "logs/results/letters/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/letters/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/letters/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/letters/data/{wildcards.dataset}"


rule letters_baselines:
    input:
        data=rules.prepare.output,
        judge=lambda w: judged_by(w.dataset),
        node=lambda w: node(
            "letters_baselines",
            w,
            "numerics",
            "studies.letters.evaluation",
            "studies.letters.baselines",
            files=["requirements.txt"],
        ),
    output:
        "results/letters/baselines/{dataset}/baselines.json",
    log:
        "logs/results/letters/baselines/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/letters/baselines/{dataset}.tsv"
    threads: LETTERS.baselines.threads
    message:
        "Measuring the baselines of {wildcards.dataset}"
    shell:
        "python workflow/scripts/letters/baselines.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/judges/{wildcards.dataset}"
        " results/letters/baselines/{wildcards.dataset}"


rule letters_figures:
    input:
        history="results/letters/models/{variant}/history.csv",
        arrays="results/letters/analyses/{variant}/arrays.safetensors",
        facts="results/letters/analyses/{variant}/analysis.json",
        node=lambda w: node("letters_figures", w, "studies.letters.figures"),
    output:
        letters_figures_of(
            "Variants",
            "results/letters/figures/{variant}",
            "letters/",
            [
                "architecture",
                "learning_curve",
                "reconstructions",
                "traversal",
                "latents",
                "prior_samples",
                "nearest",
                "sheet",
            ],
            variant="{variant}",
        ),
    log:
        "logs/results/letters/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/letters/figures/{variant}.tsv"
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/letters/figures.py {wildcards.variant}"
        " results/letters/models/{wildcards.variant}"
        " results/letters/analyses/{wildcards.variant}"
        " results/letters/figures/{wildcards.variant}"


rule letters_compare:
    input:
        models=expand(rules.train.output, study="letters", variant=LETTERS.variants),
        evaluations=expand(rules.evaluate.output, study="letters", variant=LETTERS.variants),
        analyses=expand(rules.analyse.output, study="letters", variant=LETTERS.variants),
        baselines=expand(rules.letters_baselines.output, dataset=LETTERS.datasets),
        node=lambda w: node(
            "letters_compare",
            w,
            "studies.letters.datasets",
            "studies.letters.variants",
            "studies.letters.figures",
            "studies.letters.comparison",
        ),
    output:
        figures=letters_figures_of(
            "Comparison",
            "results/letters/comparison",
            "letters/all_",
            [
                "learning_curves",
                "reconstructions",
                "kl_per_latent",
                "rate_distortion",
                "noise_sweep",
            ],
        ),
        table="results/letters/comparison/comparison.json",
    log:
        "logs/results/letters/comparison.log",
    benchmark:
        "logs/benchmarks/results/letters/comparison.tsv"
    message:
        "Comparing the variants of the study letters"
    shell:
        "python workflow/scripts/letters/compare.py results/letters/models"
        " results/letters/evaluations results/letters/analyses results/letters/baselines"
        " results/letters/comparison"


CHAPTERS["letters"] = [
    *expand(rules.letters_describe.output, dataset=LETTERS.datasets),
    *expand(rules.letters_figures.output, variant=LETTERS.variants),
    *rules.letters_compare.output,
]
