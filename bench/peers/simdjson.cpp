// The main job by libcurl and simdjson: downloads a report of users, adds up
// tests and minutes by team and product, prints them sorted. What a competent
// C++ programmer writes who knows both libraries: one buffer, On-Demand (whose
// vector instructions are chosen when it is compiled), keys in the order in
// which they come.
//
// g++ -O3 -march=native -std=c++17 simdjson.cpp -o simdjson -lsimdjson -lcurl
// ./simdjson http://127.0.0.1:8000/report.json
#include <curl/curl.h>
#include <simdjson.h>

#include <algorithm>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

struct usage {
  std::string product;
  int64_t tests = 0;
  std::optional<int64_t> minutes;
};

// A team has few products: the fastest way to one is to look at each.
using team = std::vector<usage>;
using teams = std::unordered_map<std::string, team>;

usage &usage_of(team &team, std::string_view product) {
  for (usage &known : team)
    if (known.product == product) return known;
  team.push_back({std::string(product), 0, std::nullopt});
  return team.back();
}

struct body {
  std::string bytes;
  CURL *easy;
};

// The size is announced as a rule: one allocation then holds it all.
size_t take(char *bytes, size_t size, size_t count, void *user) {
  auto *to = static_cast<body *>(user);
  if (to->bytes.empty()) {
    curl_off_t length = -1;
    curl_easy_getinfo(to->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0)
      to->bytes.reserve(static_cast<size_t>(length) +
                        simdjson::SIMDJSON_PADDING);
  }
  to->bytes.append(bytes, size * count);
  return size * count;
}

bool download(const char *url, std::string *bytes) {
  CURL *easy = curl_easy_init();
  body to{{}, easy};
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 512L * 1024);
  curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &to);
  CURLcode code = curl_easy_perform(easy);
  curl_easy_cleanup(easy);
  *bytes = std::move(to.bytes);
  if (code != CURLE_OK) std::fprintf(stderr, "%s\n", curl_easy_strerror(code));
  return code == CURLE_OK;
}

void add_product(usage &to, simdjson::ondemand::object data) {
  for (auto field : data) {
    simdjson::ondemand::raw_json_string key = field.key();
    if (key == "tests_run")
      to.tests += int64_t(field.value());
    else if (key == "minutes_used")
      to.minutes = to.minutes.value_or(0) + int64_t(field.value());
  }
}

void add_user(teams &all, std::string &name, simdjson::ondemand::object user) {
  name = std::string_view(user["team"]);
  team &own = all[name];
  for (auto product : user["usage"]["product_data"].get_object())
    add_product(usage_of(own, std::string_view(product.unescaped_key())),
                product.value());
}

void print_team(const std::string &name, team &own) {
  std::sort(own.begin(), own.end(), [](const usage &a, const usage &b) {
    return a.product < b.product;
  });
  for (const usage &sum : own)
    std::printf("%s,%s,%" PRId64 ",%s\n", name.c_str(), sum.product.c_str(),
                sum.tests,
                sum.minutes ? std::to_string(*sum.minutes).c_str() : "");
}

void print(teams &all) {
  std::vector<std::string> names;
  for (const auto &[name, own] : all) names.push_back(name);
  std::sort(names.begin(), names.end());
  std::puts("team,product,tests,minutes");
  for (const std::string &name : names) print_team(name, all[name]);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: simdjson URL\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  std::string bytes;
  if (!download(argv[1], &bytes)) return 1;
  bytes.reserve(bytes.size() + simdjson::SIMDJSON_PADDING);
  try {
    simdjson::ondemand::parser parser;
    auto document = parser.iterate(bytes);
    teams all;
    std::string name;
    for (auto user : document["data"]["users"].get_array())
      add_user(all, name, user.get_object());
    print(all);
  } catch (const simdjson::simdjson_error &error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
