report: "workflow/report/captions/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/lookups.smk"
include: "workflow/rules/nodes.smk"
include: "workflow/rules/gpus.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/models.smk"
include: "workflow/rules/letters.smk"
include: "workflow/rules/digits.smk"
include: "workflow/rules/objects.smk"
include: "workflow/rules/denoise.smk"
include: "workflow/rules/cartoons.smk"
include: "workflow/rules/faces.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/costs.smk"
include: "workflow/rules/hooks.smk"


rule all:
    default_target: True
    input:
        rules.full_report.output,
