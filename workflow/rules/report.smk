rule report:
    input:
        chapter=chapter,
        node=lambda w: node(
            "report",
            w,
            "numerics",
            "samples",
            "sources",
            "datasets",
            "judges",
            f"studies.{w.study}",
            "variants",
            "report",
            files=["requirements.txt"],
        ),
    output:
        report=report(
            "results/{study}/report.pdf",
            caption="../report/captions/report.rst",
            category="Reports",
            labels={"document": "report of {study}"},
        ),
    log:
        "logs/results/{study}/report.log",
    benchmark:
        "logs/benchmarks/results/{study}/report.tsv"
    message:
        "Typesetting the report of {wildcards.study}"
    shell:
        "python workflow/scripts/report.py {wildcards.study} results/{wildcards.study}/report.pdf"


rule full_report:
    input:
        chapters=[path for paths in CHAPTERS.values() for path in paths],
        reports=expand(rules.report.output, study=CHAPTERS),  # one target builds every document
        node=lambda w: node(
            "full_report",
            w,
            "numerics",
            "samples",
            "sources",
            "datasets",
            "judges",
            "studies",
            "variants",
            "report",
            files=["requirements.txt"],
        ),
    output:
        report=report(
            "results/report.pdf",
            caption="../report/captions/full_report.rst",
            category="Reports",
            labels={"document": "report of all studies"},
        ),
    log:
        "logs/results/report.log",
    benchmark:
        "logs/benchmarks/results/report.tsv"
    message:
        "Typesetting the report of all studies"
    shell:
        "python workflow/scripts/full_report.py results/report.pdf"
