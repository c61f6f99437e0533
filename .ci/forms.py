"""Holds what the hosting site reads of this repository to its rules: the citation, the
issue forms, the workflows and Dependabot. A mistake in one of them is not told by
anybody: the form is gone, the button says nothing.

The schema of the citation is the Citation File Format's own, version 1.2.0, by
S. Druskat and others, https://doi.org/10.5281/zenodo.5171937, under CC BY 4.0.
"""

import datetime
import json
import pathlib
import re
import sys

import yaml
from jsonschema import Draft7Validator

ROOT = pathlib.Path(__file__).parent.parent
GITHUB = ROOT / ".github"

# What GitHub's documentation lists, "Syntax for GitHub's form schema".
TYPES = {"markdown", "textarea", "input", "dropdown", "checkboxes", "upload"}
# A commit, and beside it which version that is.
PINNED = re.compile(r"uses: (\./\S+|\S+@[0-9a-f]{40} # v\d+(\.\d+)*)$")


def read(path):
    text = path.read_text(encoding="utf-8")
    return yaml.safe_load(text)


def plain(value):
    """Dates as the texts that they are in the schema."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def citation(of):
    schema = ROOT / ".ci" / "cff-1.2.0.schema.json"
    schema = json.loads(schema.read_text(encoding="utf-8"))
    errors = Draft7Validator(schema).iter_errors(plain(of))
    return [f"CITATION.cff: {error.json_path}: {error.message}" for error in errors]


def form(name, of):
    faults = [
        f"{name}: `{field}` is missing"
        for field in ("name", "description", "body")
        if not of.get(field)
    ]
    ids = [one["id"] for one in of.get("body", []) if "id" in one]
    if len(ids) != len(set(ids)):
        faults.append(f"{name}: an id is there twice")
    if all(one.get("type") == "markdown" for one in of.get("body", [])):
        faults.append(f"{name}: it asks nothing")
    for i, one in enumerate(of.get("body", [])):
        at = f"{name}: body[{i}]"
        attributes = one.get("attributes", {})
        if one.get("type") not in TYPES:
            faults.append(f"{at}: no type is called `{one.get('type')}`")
        # YAML takes a bare yes, no, on or off for a truth.
        texts = [one.get("id", ""), attributes.get("label", "")]
        if not all(isinstance(text, str) for text in texts):
            faults.append(f"{at}: its id or label is no text; quote it")
        needs = "value" if one.get("type") == "markdown" else "label"
        if not attributes.get(needs):
            faults.append(f"{at}: `{needs}` is missing")
        options = attributes.get("options", [])
        if one.get("type") in ("dropdown", "checkboxes"):
            texts = [o.get("label") if isinstance(o, dict) else o for o in options]
            are_texts = all(isinstance(text, str) for text in texts)
            if not texts or not are_texts or len(texts) != len(set(texts)):
                faults.append(f"{at}: options are texts, and no two alike")
    return faults


def workflow(name, text):
    faults = []
    of = yaml.safe_load(text)
    if of.get("permissions") != {"contents": "read"}:
        faults.append(f"{name}: at its top it may read the contents and nothing more")
    for line in text.splitlines():
        used = line.strip().removeprefix("- ")
        if used.startswith("uses:") and not PINNED.match(used):
            faults.append(f"{name}: `{used}` has no commit, with its version beside it")
    if "pull_request_target" in text:
        faults.append(f"{name}: pull_request_target gives strangers' code our rights")
    return faults


def dependabot(of):
    """Each kind of pin there is has somebody who moves it."""
    wanted = {
        "cargo": "Cargo.lock",
        "github-actions": ".github/workflows",
        "npm": "tests/browser/package-lock.json",
        "pip": ".ci/requirements.txt",
    }
    known = {update["package-ecosystem"] for update in of["updates"]}
    return [
        f"dependabot.yml: nobody moves the pins of {kind}"
        for kind, file in wanted.items()
        if (ROOT / file).exists() and kind not in known
    ]


def all_faults():
    faults = citation(read(ROOT / "CITATION.cff"))
    for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")):
        if path.name != "config.yml":
            faults += form(path.name, read(path))
    for path in sorted((GITHUB / "workflows").glob("*.yml")):
        faults += workflow(path.name, path.read_text(encoding="utf-8"))
    return faults + dependabot(read(GITHUB / "dependabot.yml"))


def can_fail():
    """Rules that let everything pass are none."""
    erratum = read(GITHUB / "ISSUE_TEMPLATE/erratum.yml")
    good = read(ROOT / "CITATION.cff")
    assert citation(dict(good, authors=[]))
    assert citation(dict(good, license="mine"))
    assert form("x", dict(erratum, body=erratum["body"] * 2))
    assert form("x", dict(erratum, name=""))
    assert form("x", dict(erratum, body=[{"type": "text", "id": True}]))
    assert workflow("x", "permissions: {contents: write}")
    assert workflow("x", "permissions: {contents: read}\nuses: a/b@v4\n")
    assert dependabot({"updates": []})


def main():
    can_fail()
    faults = all_faults()
    print("\n".join(faults) or "Citation, forms and workflows are as they must be.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
