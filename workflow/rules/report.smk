rule report:
    input:
        data=[
            f"results/letters/data/{dataset}/{file}"
            for dataset in PARAMS.datasets.emnist
            for file in ("examples.svg", "summary.json")
        ],
        figures=[
            path
            for variant in LETTERS
            for path in expand(rules.letters_figures.output, variant=variant)
        ],
        comparison=rules.letters_compare.output,
        node=lambda w: node("report", w, "samples", "datasets", "studies", "variants", "report"),
        code=[str(path) for path in code_files()],
        requirements="requirements.txt",
    output:
        report=report(
            "results/report.pdf",
            caption="../report/captions/report.rst",
            category="Report",
            labels={"document": "report.pdf"},
        ),
    log:
        "logs/results/report.log",
    benchmark:
        "logs/benchmarks/results/report.tsv"
    message:
        "Typesetting results/report.pdf"
    shell:
        "python workflow/scripts/report.py results/report.pdf"
