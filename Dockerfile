# The environment of requirements.txt for clusters: docs/container.md says how to build and use it.
# The project is not in it: jobs run in a clone that is mounted.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    # The clone may belong to another than who runs the container.
    && git config --system --add safe.directory '*' \
    && useradd --create-home --uid 1000 vaepipe

# Where pip finds torch's build beside PyPI, such as https://download.pytorch.org/whl/cpu.
ARG TORCH_INDEX
COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir --disable-pip-version-check \
    ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r /tmp/requirements.txt

# Of the clone, at whose top all commands are typed.
ENV PYTHONPATH=src
USER vaepipe
WORKDIR /work
CMD ["bash"]
