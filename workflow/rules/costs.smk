rule costs:
    input:
        rules.report.output,
        models=expand(rules.train.output, study="letters", variant=LETTERS),
        evaluations=expand(rules.evaluate.output, study="letters", variant=LETTERS),
        figures=expand(rules.letters_figures.output, variant=LETTERS),
        node=lambda w: node("costs", w, "samples", "datasets", "studies", "variants", "report"),
        code=code("costs", "costs", "report", "plotting"),
        text=["workflow/report/costs.typ", "workflow/report/template.typ"],
    output:
        "results/costs.pdf",
    log:
        "logs/results/costs.log",
    benchmark:
        "logs/benchmarks/results/costs.tsv"
    message:
        "Adding up what the nodes cost"
    shell:
        "python workflow/scripts/costs.py results/costs.pdf"
