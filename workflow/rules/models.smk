rule train:
    input:
        data=processed,
        node=lambda w: node(
            "train",
            w,
            f"variants.{w.variant}",
            f"studies.{w.study}.model",
            f"studies.{w.study}.training",
        ),
        body=lambda w: f"src/vaepipe/bodies/{variant(w).body}.py",
        code=code(
            "train",
            "locks",
            "training",
            "objectives",
            "vae",
            "device",
            "gpus",
            "images",
            "progress",
        ),
        requirements="requirements.txt",
    output:
        model="results/{study}/models/{variant}/model.safetensors",
        config="results/{study}/models/{variant}/config.json",
        history="results/{study}/models/{variant}/history.csv",
    log:
        "logs/results/{study}/models/{variant}.log",
    benchmark:
        "logs/benchmarks/results/{study}/models/{variant}.tsv"
    threads: lambda w: getattr(PARAMS.studies, w.study).training.threads
    resources:
        gpu=lambda w: claimed_gpus(getattr(PARAMS.studies, w.study).training.device),
    params:
        dataset=lambda w: variant(w).dataset,
    message:
        "Training {wildcards.variant}"
    shell:
        "python workflow/scripts/train.py {wildcards.variant} data/processed/{params.dataset}"
        " results/{wildcards.study}/models/{wildcards.variant}"


rule evaluate:
    input:
        model=rules.train.output.model,
        config=rules.train.output.config,
        data=processed,
        node=lambda w: node(
            "evaluate",
            w,
            f"variants.{w.variant}.study",
            f"studies.{w.study}.evaluation",
        ),
        body=lambda w: f"src/vaepipe/bodies/{variant(w).body}.py",
        code=code(
            "evaluate",
            "locks",
            "evaluation",
            "summary",
            "objectives",
            "vae",
            "device",
            "gpus",
            "images",
        ),
        requirements="requirements.txt",
    output:
        metrics="results/{study}/evaluations/{variant}/metrics.json",
        seeds="results/{study}/evaluations/{variant}/seeds.json",
        arrays="results/{study}/evaluations/{variant}/arrays.safetensors",
    log:
        "logs/results/{study}/evaluations/{variant}.log",
    benchmark:
        "logs/benchmarks/results/{study}/evaluations/{variant}.tsv"
    threads: lambda w: getattr(PARAMS.studies, w.study).evaluation.threads
    resources:
        gpu=lambda w: claimed_gpus(getattr(PARAMS.studies, w.study).evaluation.device),
    params:
        dataset=lambda w: variant(w).dataset,
    message:
        "Evaluating {wildcards.variant} on the test split"
    shell:
        "python workflow/scripts/evaluate.py {wildcards.variant} data/processed/{params.dataset}"
        " results/{wildcards.study}/models/{wildcards.variant}"
        " results/{wildcards.study}/evaluations/{wildcards.variant}"
