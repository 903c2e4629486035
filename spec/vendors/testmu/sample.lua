-- The figures of the documentation's sample answers, for human accounts; service accounts of
-- the sample organisation have used nothing.
return {
  type = "account-user",
  users = 12,
  products = {
    automation = { tests = 8450, duration_ms = 312540 },
    ["app-automation"] = { tests = 1200, duration_ms = 98400 },
    hyperexecute = { tests = 3100, duration_ms = 210000 },
    realtime = { tests = 540, duration_ms = 43200 },
    realdevice = { tests = 275, duration_ms = 22000 },
    smartui = { screenshots = 6800 },
  },
  rows = {
    automation = {
      { id = "67890", username = "johndoe", email = "john@example.com", tests = 3200,
        duration_ms = 120000 },
      { id = "67891", username = "janedoe", email = "jane@example.com", tests = 2100,
        duration_ms = 85000 },
    },
    smartui = {
      { id = "67890", username = "johndoe", email = "john@example.com", screenshots = 4200 },
    },
  },
}
