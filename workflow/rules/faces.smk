FACES = PARAMS.studies.faces
faces_figures_of = partial(figures, "Faces")


rule faces_describe:
    input:
        rules.prepare.output,
        node=lambda w: node("faces_describe", w, "studies.faces.figures"),
    output:
        examples=faces_figures_of(
            "Data",
            "results/faces/data/{dataset}",
            "faces/",
            ["examples"],
            dataset="{dataset}",
        ),
        description="results/faces/data/{dataset}/description.json",
    log:
        "logs/results/faces/data/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/faces/data/{dataset}.tsv"
    message:
        "Describing the data set {wildcards.dataset}"
    shell:
        "python workflow/scripts/faces/describe.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} results/faces/data/{wildcards.dataset}"


rule faces_figures:
    input:
        history="results/faces/models/{variant}/history.csv",
        arrays="results/faces/analyses/{variant}/arrays.safetensors",
        facts="results/faces/analyses/{variant}/analysis.json",
        node=lambda w: node("faces_figures", w, "studies.faces.figures"),
    output:
        faces_figures_of(
            "Variants",
            "results/faces/figures/{variant}",
            "faces/",
            ["architecture", "losses", "changes", "blends"],
            variant="{variant}",
        ),
    log:
        "logs/results/faces/figures/{variant}.log",
    benchmark:
        "logs/benchmarks/results/faces/figures/{variant}.tsv"
    message:
        "Drawing the figures of {wildcards.variant}"
    shell:
        "python workflow/scripts/faces/figures.py {wildcards.variant}"
        " results/faces/models/{wildcards.variant} results/faces/analyses/{wildcards.variant}"
        " results/faces/figures/{wildcards.variant}"


rule faces_anomaly:
    input:
        models=expand(rules.train.output, study="faces", variant=FACES.variants),
        data=rules.prepare.output,
        foreign=f"data/processed/{FACES.anomaly.dataset}/test.parquet",
        node=lambda w: node(
            "faces_anomaly",
            w,
            "numerics",
            "studies.faces.anomaly",
            files=["requirements.txt"],
        ),
    output:
        facts="results/faces/anomaly/{dataset}/anomaly.json",
        scores="results/faces/anomaly/{dataset}/anomaly.safetensors",
    log:
        "logs/results/faces/anomaly/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/faces/anomaly/{dataset}.tsv"
    threads: FACES.anomaly.threads
    resources:
        gpu=claims_gpu(FACES.anomaly.device),
    params:
        foreign=FACES.anomaly.dataset,
    message:
        "Telling images of another data set from those of {wildcards.dataset}"
    shell:
        "python workflow/scripts/faces/anomaly.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset} data/processed/{params.foreign}"
        " results/faces/models results/faces/anomaly/{wildcards.dataset}"


rule faces_contrast:
    input:
        models=expand(rules.train.output, study="faces", variant=FACES.variants),
        data=rules.prepare.output,
        node=lambda w: node(
            "faces_contrast",
            w,
            "numerics",
            "studies.faces.contrast",
            files=["requirements.txt"],
        ),
    output:
        facts="results/faces/contrast/{dataset}/contrast.json",
        images="results/faces/contrast/{dataset}/contrast.safetensors",
    log:
        "logs/results/faces/contrast/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/faces/contrast/{dataset}.tsv"
    threads: FACES.contrast.threads
    resources:
        gpu=claims_gpu(FACES.contrast.device),
    message:
        "Contrasting an autoencoder and a VAE of {wildcards.dataset}"
    shell:
        "python workflow/scripts/faces/contrast.py {wildcards.dataset}"
        " data/processed/{wildcards.dataset}"
        " results/faces/models results/faces/contrast/{wildcards.dataset}"


rule faces_compare:
    input:
        models=expand(rules.train.output, study="faces", variant=FACES.variants),
        evaluations=expand(rules.evaluate.output, study="faces", variant=FACES.variants),
        analyses=expand(rules.analyse.output, study="faces", variant=FACES.variants),
        anomaly=expand(rules.faces_anomaly.output, dataset=FACES.datasets[0]),
        contrast=expand(rules.faces_contrast.output, dataset=FACES.datasets[0]),
        judge=f"results/judges/{FACES.datasets[0]}/judge.json",
        node=lambda w: node(
            "faces_compare",
            w,
            "studies.faces.datasets",
            "studies.faces.variants",
            "studies.faces.figures",
            "studies.faces.comparison",
        ),
    output:
        figures=faces_figures_of(
            "Comparison",
            "results/faces/comparison",
            "faces/all_",
            ["reconstructions", "roc", "extremes", "noise", "samples", "between", "equal"],
        ),
        table="results/faces/comparison/comparison.json",
    log:
        "logs/results/faces/comparison.log",
    benchmark:
        "logs/benchmarks/results/faces/comparison.tsv"
    params:
        dataset=FACES.datasets[0],
    message:
        "Comparing the variants of the study faces"
    shell:
        "python workflow/scripts/faces/compare.py results/faces/models"
        " results/faces/evaluations results/faces/analyses"
        " results/faces/anomaly/{params.dataset} results/faces/contrast/{params.dataset}"
        " results/judges/{params.dataset} results/faces/comparison"


CHAPTERS["faces"] = [
    *expand(rules.faces_describe.output, dataset=FACES.datasets),
    *expand(rules.faces_figures.output, variant=FACES.variants),
    *rules.faces_compare.output,
]
