"""Holds records of format 2 against the schema that is published with them.

The book's own reader checks more, and gives better messages; this shows that the
schema says what is true to somebody who has nothing of ours but the schema.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator

ROOT = pathlib.Path(__file__).parent.parent


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def main():
    schema = read(ROOT / "results" / "record.schema.json")
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    # One in which nothing is absent, and all that there are.
    whole = next(ROOT.glob("press/src/store/snapshots/*.json"))
    faults = []
    count = 0
    for path in [whole, *sorted(ROOT.glob("results/*/*.json"))]:
        record = read(path)
        if record["format"] != 2:
            continue
        count += 1
        name = path.relative_to(ROOT)
        for error in validator.iter_errors(record):
            faults.append(f"{name}: {error.json_path}: {error.message}")
    # What would let everything pass is no schema.
    for name in read(whole):
        damaged = dict(read(whole), **{name: None})
        if validator.is_valid(damaged):
            faults.append(f"results/record.schema.json: `{name}` may be anything")
    print("\n".join(faults) or f"{count} of format 2 are as the schema says.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
