"""`facegate up` with certificates of an authority of one's own, and who asks its gateway."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from contract.stores.map_parser import load_store_map
from facegate import AsyncClient, Client, GatewayUnreachable
from facegate.cluster.certificate_folder import CertificateFolder
from tests import plain_http
from tests.facegate.cluster.up_process import Up
from tests.pictures import sample
from tests.ports import free_port


@pytest.mark.processes
def test_all_is_asked_by_tls_and_by_those_who_trust_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certs = tmp_path / "certs"
    up = Up(
        tmp_path,
        SSL_CERT_FILE=str(certs / "ca.crt"),
        FACEGATE_CLUSTER_TLS=str(certs),
        FACEGATE_TLS_CERTIFICATE=str(certs / "site/tls.crt"),
        FACEGATE_TLS_KEY=str(certs / "site/tls.key"),
        FACEGATE_KEYS="required",
    )
    up.write_map(f"west: 127.0.0.1:{free_port()}\n")
    CertificateFolder(certs, load_store_map(up.map), site=["localhost"]).issue(5, renew=False)
    up.url = f"https://localhost:{up.port}"
    trust = up.settings.pop("SSL_CERT_FILE")
    up.start()
    code, said = up.ends_with()
    assert (code, "SSL_CERT_FILE" in said) == (1, True), said
    up.close()

    up.settings["SSL_CERT_FILE"] = trust
    with up.running():
        assert up.first_line() == f"facegate ready {up.url}\n"
        command = [str(Path(sys.executable).parent / "facegate"), "stores", "--url", up.url]
        environment = {**os.environ, **up.settings, "FACEGATE_KEY_FILE": str(up.admin_key)}
        listed = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        assert (listed.returncode, "west" in listed.stdout) == (0, True), listed.stderr

        with pytest.raises(GatewayUnreachable, match="certificate"):
            Client(up.url, key=up.admin_key, retry_seconds=0).stores()
        with pytest.raises(httpx.TransportError):
            plain_http.get(f"http://127.0.0.1:{up.port}/healthz")

        monkeypatch.setenv("SSL_CERT_FILE", str(certs / "ca.crt"))
        with up.client() as client:
            assert client.recognize("west", sample("obama.jpg")).faces[0].match == "new"
        asyncio.run(_ask(up))


async def _ask(up: Up) -> None:
    async with AsyncClient(up.url, key=up.admin_key) as client:
        assert [store.store for store in await client.stores()] == ["west"]
