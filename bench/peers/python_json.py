# The main job by Python's own library: urllib and json.
import json
import sys
import urllib.request

with urllib.request.urlopen(sys.argv[1]) as response:
    report = json.load(response)

teams = {}
for user in report["data"]["users"]:
    team = teams.setdefault(user["team"], {})
    for product, data in user["usage"]["product_data"].items():
        usage = team.setdefault(product, [0, None])
        usage[0] += data["tests_run"]
        minutes = data.get("minutes_used")
        if minutes is not None:
            usage[1] = (usage[1] or 0) + minutes

print("team,product,tests,minutes")
for name, team in sorted(teams.items()):
    for product, (tests, minutes) in sorted(team.items()):
        print(name, product, tests, "" if minutes is None else minutes, sep=",")
