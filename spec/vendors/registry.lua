-- The test vendors, by the first part of the path below which each plays. A vendor has
-- answer(path, quirks) and control (its part of /_control).
return {
  acme = require "vendors.acme",
  browserstack = require "vendors.browserstack",
  kinds = require "vendors.kinds",
  long = require "vendors.long",
  testmu = require "vendors.testmu",
  workato = require "vendors.workato",
}
