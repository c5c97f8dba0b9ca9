"""What we are made of and whether any of it is known to be unsafe: ``make audit``.

Writes ``dist/sbom.cdx.json``, a bill of materials in the format of CycloneDX, from the lock and what is installed; then
lets ``pip-audit`` look the lock up, where the network reaches that far, and says so where it does not.
"""

import argparse
import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCK, TARGET = ROOT / "requirements.txt", ROOT / "dist" / "sbom.cdx.json"
_PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+?))?\s*\\?$((?:\n\s+--hash=\S+(?: \\)?)+)", re.MULTILINE
)


def bill(lock: str) -> dict[str, Any]:
    """Return the bill of materials of a lock: every version with its hashes, and its licence where it is installed."""
    components = [_component(*found) for found in _PINNED.findall(lock)]
    own = metadata.version("sandwich")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": "sandwich", "name": "sandwich", "version": own},
        },
        "components": components,
        "dependencies": [{"ref": "sandwich", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _component(name: str, version: str, only_where: str, hashes: str) -> dict[str, Any]:
    address = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    made: dict[str, Any] = {
        "type": "library",
        "bom-ref": address,
        "name": name,
        "version": version,
        "purl": address,
        "hashes": [
            {"alg": "SHA-256", "content": one} for one in sorted(set(re.findall(r"sha256:([0-9a-f]{64})", hashes)))
        ],
    }
    if only_where:
        made["properties"] = [{"name": "sandwich:only-where", "value": only_where.strip()}]
    if licence := _licence(name):
        made["licenses"] = [{"license": {"name": licence}}]
    return made


def _licence(name: str) -> str:
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""  # for another kind of machine than this one
    classified = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License")]
    spelt = said.get("License-Expression") or said.get("License") or ""
    return spelt.splitlines()[0][:80] if spelt else ", ".join(classified)


def main() -> int:
    """Write the bill, then look the lock up; ends with 1 where something is known to be unsafe."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("python", help="a Python that has pip-audit")
    told_by = given.parse_args()
    made = bill(LOCK.read_text(encoding="utf-8"))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {len(made['components'])} components\n")
    command = [told_by.python, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off"]
    looked = subprocess.run(
        [*command, "--format=json", "--requirement", str(LOCK)], capture_output=True, text=True, check=False
    )
    try:
        found = json.loads(looked.stdout)["dependencies"]
    except ValueError:
        last = (looked.stderr.strip().splitlines() or ["no word"])[-1][:200]
        sys.stdout.write(f"NOT LOOKED UP: no list of known faults can be reached from here ({last}).\n")
        return 0
    return told(found)


def told(found: list[dict[str, Any]]) -> int:
    """Say what was found of each version; what could not be looked up is not called safe."""
    unsafe = [one for one in found if one.get("vulns")]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    for one in unsafe:
        names = ", ".join(fault["id"] for fault in one["vulns"])
        sys.stdout.write(f"UNSAFE: {one['name']} {one['version']}: {names}\n")
    if skipped:
        sys.stdout.write(f"NOT LOOKED UP: {len(skipped)} of {len(found)}; the list of known faults is not reached.\n")
    else:
        sys.stdout.write(f"Looked up: {len(found)}, known to be unsafe: {len(unsafe)}.\n")
    return int(bool(unsafe))


if __name__ == "__main__":
    sys.exit(main())
