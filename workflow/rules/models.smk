rule train:
    input:
        data=processed,
        node=lambda w: node(
            "train",
            w,
            "numerics",
            f"datasets.{variant(w).dataset}",
            f"variants.{w.variant}",
            f"studies.{w.study}.model",
            f"studies.{w.study}.training",
            files=["requirements.txt"],
        ),
    output:
        model="results/{study}/models/{variant}/model.safetensors",
        config="results/{study}/models/{variant}/config.json",
        history="results/{study}/models/{variant}/history.csv",
        batches="results/{study}/models/{variant}/batches.csv",
        snapshots="results/{study}/models/{variant}/snapshots.safetensors",
    log:
        "logs/results/{study}/models/{variant}.log",
    benchmark:
        "logs/benchmarks/results/{study}/models/{variant}.tsv"
    threads: threads_of("training")
    resources:
        gpu=claimed_gpus("training"),
    params:
        dataset=lambda w: variant(w).dataset,
    message:
        "Training {wildcards.variant}"
    shell:
        "python workflow/scripts/train.py {wildcards.variant} data/processed/{params.dataset}"
        " results/{wildcards.study}/models/{wildcards.variant}"


rule judge:
    input:
        data=rules.prepare.output,
        node=lambda w: node(
            "judge", w, "numerics", f"judges.{w.dataset}", files=["requirements.txt"]
        ),
    output:
        model="results/judges/{dataset}/model.safetensors",
        facts="results/judges/{dataset}/judge.json",
        history="results/judges/{dataset}/history.csv",
    log:
        "logs/results/judges/{dataset}.log",
    benchmark:
        "logs/benchmarks/results/judges/{dataset}.tsv"
    threads: lambda w: judge(w).threads
    resources:
        gpu=lambda w: claims_gpu(judge(w).device),
    message:
        "Training the judge of {wildcards.dataset}"
    shell:
        "python workflow/scripts/judge.py {wildcards.dataset} data/processed/{wildcards.dataset}"
        " results/judges/{wildcards.dataset}"


rule evaluate:
    input:
        model=rules.train.output.model,
        config=rules.train.output.config,
        data=processed,
        judge=lambda w: judged_by(variant(w).dataset),
        node=lambda w: node(
            "evaluate",
            w,
            "numerics",
            f"datasets.{variant(w).dataset}",
            f"variants.{w.variant}.study",
            f"variants.{w.variant}.dataset",
            f"studies.{w.study}.evaluation",
            files=["requirements.txt"],
        ),
    output:
        metrics="results/{study}/evaluations/{variant}/metrics.json",
        seeds="results/{study}/evaluations/{variant}/seeds.json",
        images="results/{study}/evaluations/{variant}/images.safetensors",
        sweep="results/{study}/evaluations/{variant}/noise_sweep.json",
    log:
        "logs/results/{study}/evaluations/{variant}.log",
    benchmark:
        "logs/benchmarks/results/{study}/evaluations/{variant}.tsv"
    threads: threads_of("evaluation")
    resources:
        gpu=claimed_gpus("evaluation"),
    params:
        dataset=lambda w: variant(w).dataset,
    message:
        "Evaluating {wildcards.variant} on the test split"
    shell:
        "python workflow/scripts/evaluate.py {wildcards.variant} data/processed/{params.dataset}"
        " results/judges/{params.dataset}"
        " results/{wildcards.study}/models/{wildcards.variant}"
        " results/{wildcards.study}/evaluations/{wildcards.variant}"


rule analyse:
    input:
        model=rules.train.output.model,
        config=rules.train.output.config,
        data=processed,
        node=lambda w: node(
            "analyse",
            w,
            "numerics",
            f"variants.{w.variant}.study",
            f"studies.{w.study}.analysis",
            files=["requirements.txt"],
        ),
    output:
        arrays="results/{study}/analyses/{variant}/arrays.safetensors",
        facts="results/{study}/analyses/{variant}/analysis.json",
    log:
        "logs/results/{study}/analyses/{variant}.log",
    benchmark:
        "logs/benchmarks/results/{study}/analyses/{variant}.tsv"
    threads: threads_of("analysis")
    resources:
        gpu=claimed_gpus("analysis"),
    params:
        dataset=lambda w: variant(w).dataset,
    message:
        "Analysing {wildcards.variant} for the figures of {wildcards.study}"
    shell:
        "python workflow/scripts/analyse.py {wildcards.variant} data/processed/{params.dataset}"
        " results/{wildcards.study}/models/{wildcards.variant}"
        " results/{wildcards.study}/analyses/{wildcards.variant}"
