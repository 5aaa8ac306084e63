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

# The clone's code, at whose top all commands are typed; a name and a home for users of any number.
ENV PYTHONPATH=src LOGNAME=vaepipe HOME=/tmp
USER vaepipe
WORKDIR /work
CMD ["bash"]
