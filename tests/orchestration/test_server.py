"""Prefect's server: on loopback, behind its own login, and a plain sentence when it is not there."""

import dataclasses
from pathlib import Path

import httpx
import pytest

from models.text import Language
from sandwich.orchestration.server import Prefect, PrefectServer, PrefectUnreachable
from tests.support.prefect import free_port


@pytest.mark.asyncio
async def test_control_01_prefect_answers_who_has_the_secret(prefect: Prefect) -> None:
    await prefect.answers()
    async with httpx.AsyncClient() as nobody:
        elsewhere = {"Origin": "https://elsewhere.example"}
        refused = await nobody.get(f"{prefect.api_url}/admin/version", headers=elsewhere)
        assert refused.status_code == 401
        assert "access-control-allow-origin" not in refused.headers
        assert (await nobody.post(f"{prefect.api_url}/flow_runs/filter", json={})).status_code in {401, 403}
    wrong = dataclasses.replace(prefect, secret="another secret")
    with pytest.raises(PrefectUnreachable, match="it refuses our secret"):
        await wrong.answers()


def test_control_01_the_secret_is_on_no_command_line_and_the_port_on_loopback_only(prefect: Prefect) -> None:
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert any(str(prefect.port).encode() in command for command in commands)
    assert not [command for command in commands if prefect.secret.encode() in command]
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {line[1] for line in listening if line[3] == "0A" and int(line[1].split(":")[1], 16) == prefect.port}
    assert {address.split(":")[0] for address in addresses} == {"0100007F"}


@pytest.mark.asyncio
async def test_where_nothing_answers_a_sentence_says_so(tmp_path: Path) -> None:
    absent = Prefect(folder=tmp_path, port=free_port(), secret="s")
    with pytest.raises(PrefectUnreachable) as caught:
        await absent.answers()
    assert str(caught.value) == (
        f"Prefect does not answer at http://127.0.0.1:{absent.port}/api (ConnectError). "
        "Answers are kept, but nothing new is sent until it does."
    )
    assert caught.value.to(Language.DUTCH).startswith("Prefect antwoordt niet op http://127.0.0.1:")


@pytest.mark.asyncio
async def test_a_port_in_use_is_said_before_anything_is_started(prefect: Prefect, tmp_path: Path) -> None:
    other = Prefect(folder=tmp_path / "prefect", port=prefect.port, secret="s")
    with pytest.raises(PrefectUnreachable, match=f"port {prefect.port} is in use already"):
        await PrefectServer.start(other)
    assert not other.folder.exists()
