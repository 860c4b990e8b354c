#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>

#include "services/common/telemetry/log.h"
#include "services/common/telemetry/metrics.h"
#include "services/common/telemetry/trace.h"

namespace zvon {
namespace {

// What `action` writes on standard error.
template <class Action>
std::string CaptureStderr(Action action) {
  int fds[2];
  REQUIRE(pipe(fds) == 0);
  int saved = dup(STDERR_FILENO);
  dup2(fds[1], STDERR_FILENO);
  action();
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(fds[1]);
  std::string text(65536, '\0');
  ssize_t n = read(fds[0], text.data(), text.size());
  close(fds[0]);
  text.resize(n > 0 ? static_cast<size_t>(n) : 0);
  return text;
}

}  // namespace

TEST_CASE("a log line is one JSON object, whatever bytes it is given") {
  StartLog("sample", "info");
  std::string line = CaptureStderr([] {
    LogInfo("call \"answered\"\n", {{"call_id", "a\\b"}, {"code", 200}, {"raw", "\xff\x01ж"}});
  });
  CHECK_THAT(line, Catch::StartsWith("{\"ts\":\"20"));
  CHECK_THAT(line, Catch::EndsWith("Z\",\"level\":\"info\",\"service\":\"sample\","
                                   "\"msg\":\"call \\\"answered\\\"\\n\",\"call_id\":\"a\\\\b\","
                                   "\"code\":200,\"raw\":\"\xef\xbf\xbd\\u0001ж\"}\n"));
}

TEST_CASE("lines below the level are not written") {
  StartLog("sample", "warning");
  CHECK(CaptureStderr([] { LogInfo("quiet"); }) == "");
  CHECK_FALSE(CaptureStderr([] { LogError("loud"); }).empty());
  StartLog("sample", "info");
}

TEST_CASE("metrics come out in Prometheus' text form") {
  Metrics metrics("sample");
  metrics.Counter("zvon_sample_calls_total", "Calls", {{"outcome", "answered"}}).Increment();
  metrics.Counter("zvon_sample_calls_total", "Calls", {{"outcome", "answered"}}).Increment();
  metrics.Histogram("zvon_sample_setup_seconds", "Set-up").Observe(0.003);
  std::string text = metrics.Serialize();
  CHECK_THAT(text, Catch::Contains("zvon_sample_calls_total{outcome=\"answered\"} 2") &&
                       Catch::Contains("zvon_sample_setup_seconds_bucket{le=\"0.005\"} 1") &&
                       Catch::Contains("zvon_build_info{service=\"sample\""));
}

TEST_CASE("a trace context survives its header") {
  RandomSource random = SeededRandom(3);
  TraceContext trace = NewTrace(random);
  auto parsed = ParseTrace(trace.ToHeader());
  REQUIRE(parsed);
  CHECK(parsed->trace_id == trace.trace_id);
  CHECK(parsed->span_id == trace.span_id);
  TraceContext child = ChildOf(trace, random);
  CHECK(child.trace_id == trace.trace_id);
  CHECK(child.span_id != trace.span_id);
}

TEST_CASE("only valid version 00 headers are taken") {
  const std::string good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
  REQUIRE(ParseTrace(good));
  CHECK_FALSE(ParseTrace(good)->sampled);
  CHECK_FALSE(ParseTrace(""));
  CHECK_FALSE(ParseTrace("01" + good.substr(2)));
  CHECK_FALSE(ParseTrace(good + "0"));
  CHECK_FALSE(ParseTrace("00-00000000000000000000000000000000-b7ad6b7169203331-01"));
  CHECK_FALSE(ParseTrace("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
  CHECK_FALSE(ParseTrace("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"));
}

}  // namespace zvon
