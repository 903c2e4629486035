-- The test vendors, by the first part of the path below which each plays. A vendor has
-- answer(path, quirks) and control (its part of /_control).
return {
  testmu = require "vendors.testmu",
}
