"""aa_table.py FOLDER TABLE: ask the profiles in FOLDER what TABLE says of them.

	PROFILE yes|no P PATH		it allows all of P to the file, or none;
					~ is a user's home
	PROFILE has CAPABILITY...	it has all of these
	PROFILE lacks CAPABILITY...	it has none of these
"""

import sys

import aa_policy

HOME = "/home" + "/somebody"


def check(profile, verb, words):
    if verb == "has":
        return set(words) <= set(profile.capabilities)
    if verb == "lacks":
        return not set(words) & set(profile.capabilities)
    permissions, path = words
    path = path.replace("~", HOME)
    if verb == "yes":
        return profile.allows(path, permissions)
    return not any(profile.allows(path, letter) for letter in permissions)


def main():
    folder, table = sys.argv[1:]
    with open(table, encoding="utf-8") as file:
        lines = [line.split() for line in file]
    for line in lines:
        if line and line[0] != "#":
            name, verb, *words = line
            profile = aa_policy.Profile(f"{folder}/{name}")
            said = "ok  " if check(profile, verb, words) else "FAIL"
            print(f"{said} apparmor:", *line)


main()
