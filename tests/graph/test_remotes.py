"""Results travel by `dvc push` and `dvc pull`; the clone takes them for fresh in both engines."""

import boto3
import pytest
from moto.server import ThreadedMotoServer
from remote import assert_fresh_for_both, pulled


@pytest.fixture
def bucket(monkeypatch):
    """The address of an empty S3 bucket on this machine, and of its server."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="vaepipe")
    yield "s3://vaepipe/cache", endpoint
    server.stop()


def test_a_clone_pulls_from_s3_and_has_nothing_to_do(project, bucket):
    url, endpoint = bucket
    project.run("dvc", "remote", "add", "-d", "store", url)
    project.run("dvc", "remote", "modify", "store", "endpointurl", endpoint)
    assert_fresh_for_both(pulled(project))
