# The main job by Python and ijson with its parser in C: one user at a time.
import sys
import urllib.request

import ijson.backends.yajl2_c as ijson

teams = {}
with urllib.request.urlopen(sys.argv[1]) as response:
    for user in ijson.items(response, "data.users.item"):
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
