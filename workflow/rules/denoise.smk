DENOISE = PARAMS.studies.denoise
denoise_figures_of = partial(figures, "Denoise")


rule denoise_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("denoise_describe", w, "studies.denoise.figures"),
    output:
        examples=denoise_figures_of(
            "Data",
            "results/denoise/data/{dataset}",
            "denoise/",
            ["examples"],
            dataset="{dataset}",
        ),
        description="results/denoise/data/{dataset}/description.json",
    log:
        "logs/results/denoise/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/denoise/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/denoise/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/denoise/data/{wildcards.dataset}"


rule denoise_figures:
    input:
        history="results/denoise/models/{variant}/history.csv",
        arrays="results/denoise/analyses/{variant}/arrays.safetensors",
        facts="results/denoise/analyses/{variant}/analysis.json",
        node=lambda w: node("denoise_figures", w, "studies.denoise.figures"),
    output:
        denoise_figures_of(
            "Variants",
            "results/denoise/figures/{variant}",
            "denoise/",
            ["architecture", "losses", "confusion", "pictures", "view"],
            variant="{variant}",
        ),
    log:
        "logs/results/denoise/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/denoise/figures/{variant}.tsv"
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/denoise/figures.py {wildcards.variant}"
        " results/denoise/models/{wildcards.variant} results/denoise/analyses/{wildcards.variant}"
        " results/denoise/figures/{wildcards.variant}"


rule denoise_methods:
    input:
        models=expand(rules.train.output, study="denoise", variant=DENOISE.variants),
        data=rules.prepare.output,
        judge=lambda w: judged_by(w.dataset),
        node=lambda w: node(
            "denoise_methods",
            w,
            "numerics",
            f"datasets.{w.dataset}",
            "studies.denoise.denoising",
            files=["requirements.txt"],
        ),
    output:
        facts="results/denoise/denoised/{dataset}/denoising.json",
        images="results/denoise/denoised/{dataset}/denoising.safetensors",
    log:
        "logs/results/denoise/denoised/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/denoise/denoised/{dataset}.tsv"
    threads: DENOISE.denoising.threads
    resources:
        gpu=claims_gpu(DENOISE.denoising.device),
    message:
        "Denoising images of {wildcards.dataset} by every method"
    shell:
        "python workflow/scripts/denoise/methods.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/judges/{wildcards.dataset}"
        " results/denoise/models results/denoise/denoised/{wildcards.dataset}"


rule denoise_compare:
    input:
        models=expand(rules.train.output, study="denoise", variant=DENOISE.variants),
        evaluations=expand(rules.evaluate.output, study="denoise", variant=DENOISE.variants),
        analyses=expand(rules.analyse.output, study="denoise", variant=DENOISE.variants),
        denoised=expand(rules.denoise_methods.output, dataset=DENOISE.datasets[0]),
        judge=judged_by(DENOISE.datasets[0]),
        node=lambda w: node(
            "denoise_compare",
            w,
            "numerics",
            "studies.denoise.datasets",
            "studies.denoise.variants",
            "studies.denoise.figures",
            "studies.denoise.comparison",
            files=["requirements.txt"],
        ),
    output:
        figures=denoise_figures_of(
            "Comparison",
            "results/denoise/comparison",
            "denoise/all_",
            ["reconstructions", "grids", "denoised", "levels", "map_curve"],
        ),
        table="results/denoise/comparison/comparison.json",
    log:
        "logs/results/denoise/comparison.log",
    benchmark:
        "logs/benchmarks/results/denoise/comparison.tsv"
    params:
        dataset=DENOISE.datasets[0],
    message:
        "Comparing the variants of the study denoise"
    shell:
        "python workflow/scripts/denoise/compare.py results/denoise/models"
        " results/denoise/evaluations results/denoise/analyses"
        " results/denoise/denoised/{params.dataset} results/judges/{params.dataset}"
        " results/denoise/comparison"


CHAPTERS["denoise"] = [
    *expand(rules.denoise_describe.output, dataset=DENOISE.datasets),
    *expand(rules.denoise_figures.output, variant=DENOISE.variants),
    *rules.denoise_compare.output,
]
