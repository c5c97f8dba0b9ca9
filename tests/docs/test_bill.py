"""The bill of materials has every locked version with its hashes, and nothing that was not looked up is called safe."""

import json
import re

import pytest

from tests.support.audit import LOCK, bill, told


def test_control_25_the_bill_has_every_version_of_the_lock_with_its_hashes() -> None:
    lock = LOCK.read_text(encoding="utf-8")
    made = bill(lock)
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.MULTILINE)
    assert [(one["name"], one["version"]) for one in made["components"]] == pinned
    assert all(one["hashes"] for one in made["components"])
    assert {"prefect", "fastapi", "sqlalchemy"} <= {one["name"] for one in made["components"]}
    assert sum(len(one["hashes"]) for one in made["components"]) == len(set(re.findall(r"sha256:\w+", lock)))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    known = [one for one in made["components"] if one.get("licenses")]
    assert len(known) > len(pinned) / 2
    json.dumps(made)


def test_what_could_not_be_looked_up_is_not_called_safe(capsys: pytest.CaptureFixture[str]) -> None:
    safe = {"name": "a", "version": "1", "vulns": []}
    assert told([safe]) == 0
    assert "known to be unsafe: 0" in capsys.readouterr().out
    assert told([safe, {"name": "b", "skip_reason": "not reached"}]) == 0
    assert capsys.readouterr().out.startswith("NOT LOOKED UP: 1 of 2")
    assert told([safe, {"name": "c", "version": "2", "vulns": [{"id": "CVE-2026-1"}]}]) == 1
    assert "UNSAFE: c 2: CVE-2026-1" in capsys.readouterr().out
