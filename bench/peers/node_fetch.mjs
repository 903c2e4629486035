// The main job by Node's own fetch and JSON.parse.
const response = await fetch(process.argv[2]);
if (!response.ok) throw new Error(`status ${response.status}`);
const report = await response.json();

const teams = new Map();
for (const user of report.data.users) {
  let team = teams.get(user.team);
  if (!team) teams.set(user.team, (team = new Map()));
  const data = user.usage.product_data;
  for (const product in data) {
    let usage = team.get(product);
    if (!usage) team.set(product, (usage = { tests: 0, minutes: "" }));
    usage.tests += data[product].tests_run;
    const minutes = data[product].minutes_used;
    if (minutes !== undefined) usage.minutes = (usage.minutes || 0) + minutes;
  }
}

const lines = ["team,product,tests,minutes"];
for (const name of [...teams.keys()].sort())
  for (const product of [...teams.get(name).keys()].sort()) {
    const { tests, minutes } = teams.get(name).get(product);
    lines.push([name, product, tests, minutes].join(","));
  }
console.log(lines.join("\n"));
