"""The trust pack on the server: open to read, and linked by every CDS card."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from bonecast.web import Settings, create_app


@pytest.mark.parametrize("accounts", [False, True])
def test_the_pack_is_open_to_everyone_who_reaches_the_server(tmp_path, accounts):
    app = create_app(Settings(f"sqlite:///{tmp_path}/b.db", worker=False, accounts=accounts))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        page = client.get("/trust", follow_redirects=False)
        assert page.status_code == 200
        assert 'id="source-attributes"' in page.text
        assert "script" not in page.headers["content-security-policy"]
        assert len(client.get("/trust.json").json()["source_attributes"]) == 31
