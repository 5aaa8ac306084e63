"""Print the graph that DVC builds in the current folder, as JSON."""

import json
from pathlib import Path

from dvc.dependency import ParamsDependency
from dvc.repo import Repo

with Repo() as repo:
    nodes = [
        {
            "command": stage.cmd.split(),
            "inputs": sorted(
                {
                    str(Path(dep.fs_path).relative_to(repo.root_dir))
                    for dep in stage.deps
                    if not isinstance(dep, ParamsDependency)
                }
            ),
            "outputs": sorted(
                str(Path(out.fs_path).relative_to(repo.root_dir)) for out in stage.outs
            ),
            "params": sorted(
                key for dep in stage.deps if isinstance(dep, ParamsDependency) for key in dep.params
            ),
        }
        for stage in repo.index.stages
    ]
print(json.dumps(nodes))
