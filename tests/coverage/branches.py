#!/usr/bin/python3
#
# branches.py FLOOR BUILD SOURCE...: what the programs below the folder BUILD,
# made with --coverage, have run of the sources: lines and branches of each and
# of all.  With --missing also each line with a branch that was never taken.
# Exits 1 below FLOOR percent of the branches.
#
# A source may be compiled several times, for a program and for a module; what
# any of them has run counts.  Arcs of exceptions are no branches of C.

import json
import pathlib
import subprocess
import sys


def documents(build):
    """gcov's reports, one for each object, whether it has run or not."""
    counts = sorted(str(path.resolve()) for path in build.rglob("*.gcno"))
    if not counts:
        sys.exit(f"branches.py: nothing below {build} counts")
    output = subprocess.run(
        ["gcov", "--json-format", "--branch-probabilities", "--stdout"]
        + counts, check=True, capture_output=True, text=True).stdout
    decoder = json.JSONDecoder()
    while output := output.lstrip():
        document, end = decoder.raw_decode(output)
        yield document
        output = output[end:]


def add(totals, file):
    """The counts of one object for one source."""
    lines, branches = totals
    for line in file["lines"]:
        place = (line["line_number"], line.get("function_name"))
        lines[place] = lines.get(place, 0) + line["count"]
        arcs = [arc for arc in line["branches"] if not arc["throw"]]
        for number, arc in enumerate(arcs):
            key = place + (number,)
            branches[key] = branches.get(key, 0) + arc["count"]


def percent(counts):
    taken = sum(1 for count in counts.values() if count > 0)
    return taken, len(counts), 100 * taken / max(len(counts), 1)


def show(name, lines, branches):
    print("%-32s lines %5.1f %%  branches %5d of %5d, %5.1f %%" % (
        (name, percent(lines)[2]) + percent(branches)))


def missing_show(source, branches):
    """The lines of a source with a branch that was never taken."""
    text = pathlib.Path(source).read_text().splitlines()
    for number in sorted({key[0] for key, n in branches.items() if n == 0}):
        print(f"{source}:{number}: {text[number - 1].strip()}")


def main(arguments):
    is_missing_shown = arguments[0] == "--missing"
    floor, build, *sources = arguments[is_missing_shown:]
    totals = {source: ({}, {}) for source in sources}
    for document in documents(pathlib.Path(build)):
        for file in document["files"]:
            if file["file"] in totals:
                add(totals[file["file"]], file)
    all_lines, all_branches = {}, {}
    for source, (lines, branches) in totals.items():
        show(source, lines, branches)
        all_lines.update({(source, key): n for key, n in lines.items()})
        all_branches.update({(source, key): n for key, n in branches.items()})
        if is_missing_shown:
            missing_show(source, branches)
    show("all", all_lines, all_branches)
    return percent(all_branches)[2] < float(floor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
