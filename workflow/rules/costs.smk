rule costs:
    input:
        rules.full_report.output,
        node=lambda w: node("costs", w, "report.title"),
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
