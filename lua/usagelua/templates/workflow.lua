-- What `usagelua new workflow NAME` writes: a GitHub workflow for NAME.lua.
-- @name@ stands for the name, @secrets@ for the lines of its credentials.

local WORKFLOW <const> = [==[
# Runs @name@.lua on the first of each month, or when started by hand for a
# period of choice. The secrets below are set under Settings, Secrets, Actions.
name: "@name@"

on:
  schedule:
    - cron: "17 6 1 * *"
  workflow_dispatch:
    inputs:
      period:
        description: "2026-06, 2026-Q2, 2026-05-01..2026-06-15, last 30 days"
        default: last month

permissions:
  contents: read

concurrency:
  group: usagelua-@name@ # two runs at once would share a rate

jobs:
  report:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v4

      - name: Install usagelua
        run: |
          git clone --depth 1 https://github.com/usagelua/usagelua.git "$RUNNER_TEMP/usagelua"
          make -C "$RUNNER_TEMP/usagelua" deps all
          sudo make -C "$RUNNER_TEMP/usagelua" install

      # Report jobs not yet deleted at a vendor: the next run deletes them.
      - name: Restore the state
        uses: actions/cache/restore@v4
        with:
          path: ~/.local/state/usagelua
          key: usagelua-@name@-${{ github.run_id }}-${{ github.run_attempt }}
          restore-keys: usagelua-@name@-

      - name: Report
        run: usagelua @name@.lua --period "$PERIOD" --step-summary -o @name@.json -o @name@.html
        env:
          PERIOD: ${{ inputs.period || 'last month' }}
@secrets@

      - name: Save the state
        if: always()
        uses: actions/cache/save@v4
        with:
          path: ~/.local/state/usagelua
          key: usagelua-@name@-${{ github.run_id }}-${{ github.run_attempt }}

      # A failed budget is when the report is wanted most.
      - name: Keep the report
        if: always()
        uses: actions/upload-artifact@v4
        with:
          name: "@name@"
          path: |
            @name@.json
            @name@.html
          if-no-files-found: ignore
]==]

return { { path = ".github/workflows/@name@.yml", text = WORKFLOW } }
