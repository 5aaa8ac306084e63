include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/letters.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/costs.smk"


rule all:
    default_target: True
    input:
        rules.report.output,
